"""Templates in YAML, with the short forms of CloudFormation's functions."""

from __future__ import annotations

import math
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from cleanrooms_ml_policy.reading import UnreadableTemplate

try:
    import yaml
except ModuleNotFoundError as error:
    raise UnreadableTemplate("to read YAML, install the extra: pip install 'cdk-cleanrooms-ml[cli]'") from error

# libyaml is some ten times as fast, and not everywhere.
_FAST: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# A template ends at 1 MB: CloudFormation would take no larger one, and nobody could look through it.
_MOST_VALUES = 1_000_000
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class _Loader(_FAST):  # type: ignore[misc, valid-type]
    """Reads YAML as CloudFormation does: dates are texts, and no key is there twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {name!r} is there twice", key.start_mark)
            if name is not None:
                seen.add(name)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping


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
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def load_yaml(path: Path) -> object:
    """What a YAML file holds.

    Raises:
        UnreadableTemplate: It cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            value = yaml.load(file, _Loader)  # noqa: S506 (a safe loader)
        size = _size(value, {})
    except OSError as error:
        raise UnreadableTemplate(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnreadableTemplate(f"{path}: is not UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise UnreadableTemplate(f"{path}{line}: is no YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableTemplate(f"{path}: is no YAML: {error}") from None
    if size > _MOST_VALUES:
        raise UnreadableTemplate(f"{path}: is no template: its aliases stand for more than {_MOST_VALUES} values")
    return value


def _size(value: object, known: dict[int, float]) -> float:
    """How many values there are, each alias counted as what it stands for; infinite if one stands for itself."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = math.inf  # until it is known: only what holds itself meets this
        below = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_size(item, known) for item in below)
    return known[id(value)]
