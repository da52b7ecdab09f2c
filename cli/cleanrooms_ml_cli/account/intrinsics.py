"""CloudFormation's functions: a template's values as far as they can be known before, or after, a deployment."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

NO_VALUE = object()
_PLACEHOLDER = re.compile(r"\$\{(!?)([^{}]+)\}")
_DYNAMIC_REFERENCE = "{{resolve:"


class Unknown(str):
    """A text that represents a value that only a deployment knows; equal texts represent equal values.

    Attributes:
        reference: What it refers to, for readers.
    """

    reference: str

    def __new__(cls, text: str, reference: str = "") -> Unknown:
        created = super().__new__(cls, text)
        created.reference = reference or text
        return created


def has_unknown(value: Any) -> bool:
    """Whether a resolved value has a part that only a deployment knows."""
    if isinstance(value, Unknown):
        return True
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    return isinstance(value, list) and any(has_unknown(item) for item in value)


# The value of a Ref (attribute None) or of a Fn::GetAtt.
Lookup = Callable[[str, str | None], Any]


class Intrinsics:
    """Resolves the values of one template.

    Args:
        template: The template.
        lookup: Knows resources, parameters and pseudo parameters.
        exports: Knows the values that other stacks export.
    """

    def __init__(
        self,
        template: Mapping[str, Any],
        lookup: Lookup,
        exports: Callable[[str], Any] = lambda name: Unknown(f"${{Fn::ImportValue {name}}}"),
    ) -> None:
        self._conditions: Mapping[str, Any] = template.get("Conditions") or {}
        self._mappings: Mapping[str, Any] = template.get("Mappings") or {}
        self._lookup = lookup
        self._exports = exports
        self._functions: Mapping[str, Callable[[Any], Any]] = {
            "Ref": lambda name: self._lookup(str(name), None),
            "Fn::GetAtt": self._attribute,
            "Fn::Join": self._join,
            "Fn::Sub": self._sub,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::If": self._if,
            "Fn::FindInMap": self._find_in_map,
            "Fn::ImportValue": lambda name: self._exports(str(self.resolve(name))),
            "Fn::ToJsonString": lambda value: self._text(json.dumps(self.resolve(value)), self.resolve(value)),
        }

    def resolve(self, value: Any) -> Any:
        """A value with its functions carried out; what cannot be known is `Unknown`."""
        if isinstance(value, Mapping):
            if len(value) == 1:
                name, argument = next(iter(value.items()))
                if name in self._functions:
                    return self._functions[name](argument)
                if name.startswith("Fn::"):
                    return Unknown(json.dumps(value, sort_keys=True))
            items = {key: self.resolve(item) for key, item in value.items()}
            return {key: item for key, item in items.items() if item is not NO_VALUE}
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NO_VALUE]
        if isinstance(value, str) and _DYNAMIC_REFERENCE in value:
            return Unknown(value)
        return value

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template holds; one that cannot be known counts as holding."""
        return self._is_true(self._conditions.get(condition, True))

    # -- functions -------------------------------------------------------------------------------------------------

    def _attribute(self, argument: Any) -> Any:
        logical_id, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return self._lookup(str(logical_id), str(self.resolve(attribute)))

    def _join(self, argument: Any) -> Any:
        separator, parts = argument
        items = self.resolve(parts)
        if not isinstance(items, list):
            return Unknown(f"{items}")
        texts = [str(stringified(item)) for item in items]
        return self._text(str(separator).join(texts), items, str(separator).join(map(_read, items)))

    def _sub(self, argument: Any) -> Any:
        text, own = (argument, {}) if isinstance(argument, str) else (argument[0], self.resolve(argument[1]))
        used: list[Any] = []

        def written(match: re.Match[str], form: Callable[[Any], str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            logical_id, _, attribute = name.partition(".")
            used.append(own[name] if name in own else self._lookup(logical_id, attribute or None))
            return form(used[-1])

        sent = _PLACEHOLDER.sub(lambda match: written(match, lambda value: str(stringified(value))), text)
        return self._text(sent, used, _PLACEHOLDER.sub(lambda match: written(match, _read), text))

    def _select(self, argument: Any) -> Any:
        index, items = self.resolve(argument)
        if isinstance(items, list) and not isinstance(index, Unknown) and int(index) < len(items):
            return items[int(index)]
        return Unknown(f"{items}[{index}]")

    def _split(self, argument: Any) -> Any:
        separator, text = self.resolve(argument)
        parts = str(text).split(str(separator))
        return [Unknown(part) for part in parts] if isinstance(text, Unknown) else parts

    def _if(self, argument: Any) -> Any:
        condition, yes, no = argument
        return self.resolve(yes if self.holds(str(condition)) else no)

    def _find_in_map(self, argument: Any) -> Any:
        name, first, second = (self.resolve(part) for part in argument[:3])
        try:
            return self._mappings[name][first][second]
        except (KeyError, TypeError):
            return Unknown(json.dumps({"Fn::FindInMap": [name, first, second]}))

    def _is_true(self, condition: Any) -> bool:
        if not isinstance(condition, Mapping) or len(condition) != 1:
            return bool(condition)
        name, argument = next(iter(condition.items()))
        if name == "Condition":
            return self.holds(str(argument))
        if name == "Fn::Equals":
            left, right = (stringified(self.resolve(part)) for part in argument)
            return bool(left == right)
        if name == "Fn::Not":
            return not self._is_true(argument[0])
        if name in ("Fn::And", "Fn::Or"):
            return (all if name == "Fn::And" else any)(self._is_true(part) for part in argument)
        return True

    @staticmethod
    def _text(text: str, parts: Any, reference: str = "") -> str:
        return Unknown(text, reference) if has_unknown(parts) else text


def _read(value: Any) -> str:
    """A part of a text as readers know it."""
    return value.reference if isinstance(value, Unknown) else str(stringified(value))


def stringified(value: Any) -> Any:
    """A value as CloudFormation hands it to a custom resource: every scalar is a string."""
    if isinstance(value, Mapping):
        return {key: stringified(item) for key, item in value.items()}
    if isinstance(value, list):
        return [stringified(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def references(value: Any) -> Iterator[tuple[tuple[str | int, ...], str, str | None]]:
    """Every Ref and Fn::GetAtt that is a whole value: its path, the logical id and the attribute."""
    if isinstance(value, Mapping):
        if len(value) == 1 and ("Ref" in value or "Fn::GetAtt" in value):
            target = value.get("Ref", value.get("Fn::GetAtt"))
            if "Ref" in value:
                yield (), str(target), None
            elif isinstance(target, list) and len(target) == 2:
                yield (), str(target[0]), str(target[1])
            return
        for key, item in value.items():
            yield from (((key, *path), name, attribute) for path, name, attribute in references(item))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from (((index, *path), name, attribute) for path, name, attribute in references(item))
