"""Templates in YAML, with the short forms of CloudFormation's functions."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

from cleanrooms_ml_policy.reading import UnreadableTemplate, read_text

from .yaml_bounds import YamlBounds

try:
    import yaml
except ModuleNotFoundError as error:
    raise UnreadableTemplate(
        "PyYAML is not installed; install it with: pip install 'cdk-cleanrooms-ml[cli]'"
    ) from error

# libyaml is about ten times as fast, but not available everywhere.
_FAST: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TIMESTAMP, _INT, _TEXT = (f"tag:yaml.org,2002:{name}" for name in ("timestamp", "int", "str"))
# No number of a request has a tenth of it. Python takes minutes for one in base 60, and shows none of 4300 digits.
_MOST_DIGITS = 256


class _Loader(_FAST):  # type: ignore[misc, valid-type]
    """Reads YAML as CloudFormation does: dates are strings, and duplicate keys are errors."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {name!r} is there twice", key.start_mark)
            if name is not None:
                seen.add(name)
        self.flatten_mapping(node)
        # As in JSON, every key is text: 1, 1.0 and true would be the same key.
        node.value = [(_as_text(key), value) for key, value in node.value]
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        if len(node.value) > _MOST_DIGITS:
            problem = f"a number has more than {_MOST_DIGITS} digits"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        number: int = super().construct_yaml_int(node)
        return number


def _as_text(key: yaml.Node) -> yaml.Node:
    return yaml.ScalarNode(_TEXT, key.value, key.start_mark) if isinstance(key, yaml.ScalarNode) else key


def _function(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    """`!Ref x` as {"Ref": "x"}, `!GetAtt a.b` as {"Fn::GetAtt": ["a", "b"]}, `!Sub …` as {"Fn::Sub": …}."""
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _function)
_Loader.add_constructor(_INT, _Loader.construct_yaml_int)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def load_yaml(path: Path) -> object:
    """The content of a YAML file.

    Raises:
        UnreadableTemplate: It cannot be read, or it is larger than a template can be, also by its aliases.
    """
    text = read_text(path)
    try:
        # Events come one by one; composing the document is what costs memory.
        bounds = YamlBounds(path)
        for event in yaml.parse(text, _FAST):
            bounds.add(event)
        return yaml.load(text, _Loader)  # noqa: S506 (a safe loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise UnreadableTemplate(f"{path}{line}: is not YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableTemplate(f"{path}: is not YAML: {error}") from None
