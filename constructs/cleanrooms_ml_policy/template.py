"""CloudFormation templates: their resources, and which of their values are known before deployment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cleanrooms_ml_handlers.identity import is_asset
from cleanrooms_ml_handlers.partial import PartialText

from .unknown import is_placeholder, partial

PATH_METADATA = "aws:cdk:path"
# Paths of values that are newer than the service model, for which the user of the library vouches.
NEWER_VALUES_METADATA = "cleanrooms-ml:newer-values"
LOOP = "Fn::ForEach"
# Branches of conditions in one resource, each of which means one more check of it.
MAX_BRANCHES = 256
_FUNCTION = "Fn::"
_IF = "Fn::If"
_NO_VALUE = {"Ref": "AWS::NoValue"}
# In Fn::Sub; ${!Name} is literal text. None has the beginning of another one in it: what never ends is read once.
_VARIABLE = re.compile(r"\$\{[^!}](?:(?!\$\{)[^}])*\}")
# CloudFormation accepts templates of 1 MB, and no property is longer. A separator can be as long as all else together.
MAX_TEXT_CHARS = 1_000_000
# The dict first: asking an abstract class is slow, and large templates have millions of values.
_MAPPINGS: Final = (dict, Mapping)
# What represents the unknown items of Fn::Join.
_UNKNOWN = "${Unknown}"


class _Absent:
    """The type of ABSENT: no value, where None may be a value."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()


def is_unknown(value: object) -> bool:
    """Whether a value is known only at deployment: an intrinsic function, or text in an S3 object."""
    if isinstance(value, str):
        return is_placeholder(value)
    if not isinstance(value, _MAPPINGS):
        return False
    for key in value:
        if isinstance(key, str) and key.startswith(_FUNCTION):
            return True
    return "Ref" in value if len(value) == 1 else is_asset(value)


def has_unknown(value: object) -> bool:
    """Whether any part of a value is known only at deployment."""
    if is_unknown(value):
        return True
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    return isinstance(value, list) and any(has_unknown(item) for item in value)


def without_absent(value: Any) -> Any:
    """The value without the members and items that CloudFormation removes: AWS::NoValue."""
    if isinstance(value, Mapping):
        return {
            # A branch that removes a value is kept: see `possibilities`.
            key: item if key == _IF else without_absent(item)
            for key, item in value.items()
            if item != _NO_VALUE
        }
    if isinstance(value, list):
        return [without_absent(item) for item in value if item != _NO_VALUE]
    return value


def possibilities(value: Any) -> Iterator[Any]:
    """The possible values: each branch of its conditions. ABSENT where a branch removes it."""
    condition = value.get(_IF) if isinstance(value, Mapping) and len(value) == 1 else None
    if isinstance(condition, list) and len(condition) == 3:
        for branch in condition[1:]:
            yield from possibilities(branch)
    else:
        yield ABSENT if value == _NO_VALUE or value is None else value


def decided(value: Any) -> Iterator[Any]:
    """The value with one of its conditions resolved: each condition in turn, each of its branches."""
    if isinstance(value, Mapping) and _IF in value:
        for branch in possibilities(value):
            if branch is not value:
                yield branch
                yield from decided(branch)
    elif isinstance(value, Mapping):
        # Copied for a condition alone: a template can have a hundred thousand other values.
        for key, item in value.items():
            for one in decided(item):
                rest = {name: other for name, other in value.items() if name != key}
                yield rest if one is ABSENT else {**value, key: one}
    elif isinstance(value, list):
        for index, item in enumerate(value):
            for one in decided(item):
                yield [*value[:index], *([] if one is ABSENT else [one]), *value[index + 1 :]]


def as_text(value: object) -> str | None:
    """The value as text, with placeholders as in Fn::Sub for unknown parts; None if it is not text."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    function, argument = next(iter(value.items()))
    if function == "Ref":
        return f"${{{argument}}}"
    if function == "Fn::GetAtt":
        name = ".".join(map(str, argument)) if isinstance(argument, list) else argument
        return f"${{{name}}}" if isinstance(name, str) else None
    if function == "Fn::Sub":
        return argument if isinstance(argument, str) else None
    if function == "Fn::Join" and isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], list):
        return _joined(str(argument[0]), map(as_text, argument[1]))
    return None


def as_far_as_known(value: Any) -> Any:
    """The value with partial texts instead of texts of which only parts are known before deployment."""
    if isinstance(value, str):
        return partial(value)
    if isinstance(value, list):
        return [as_far_as_known(item) for item in value]
    if not isinstance(value, _MAPPINGS):
        return value
    if is_unknown(value):
        text = _with_variables(value)
        found = value if text is None else partial(text, _VARIABLE)
        return PartialText(tuple(_literal(part) for part in found.parts)) if isinstance(found, PartialText) else value
    return {key: as_far_as_known(item) for key, item in value.items()}


def _with_variables(value: Mapping[str, Any]) -> str | None:
    """The text of Fn::Sub and Fn::Join with a variable for each unknown part; None for other functions."""
    if len(value) != 1:
        return None
    [(function, argument)] = value.items()
    if function == "Fn::Sub":
        text = argument[0] if isinstance(argument, list) and argument else argument
        return text if isinstance(text, str) else None
    if function != "Fn::Join" or not isinstance(argument, list) or len(argument) != 2:
        return None
    separator, parts = argument
    if not isinstance(separator, str) or not isinstance(parts, list):
        return None
    return _joined(separator, (part.replace("${", "${!") if isinstance(part, str) else _UNKNOWN for part in parts))


def _joined(separator: str, parts: Iterable[str | None]) -> str | None:
    """The parts in one text; None if one is not text, or if it would be longer than any text can be."""
    found, chars = list[str](), 0
    for part in parts:
        if part is None:
            return None
        found.append(part)
        chars += len(separator) + len(part)
        if chars > MAX_TEXT_CHARS:
            return None
    return separator.join(found)


def _literal(text: str) -> str:
    return text.replace("${!", "${")


def target(value: object) -> str | None:
    """The logical id that a value refers to."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    function, argument = next(iter(value.items()))
    if function == "Ref":
        return str(argument)
    if function == "Fn::GetAtt":
        # A broken template may have anything here.
        first = argument[0] if isinstance(argument, list) and argument else argument
        return first.split(".")[0] if isinstance(first, str) else None
    return None


@dataclass(frozen=True)
class Resource:
    """A resource of a template.

    Attributes:
        logical_id: Its logical id.
        type: Its CloudFormation type.
        properties: Its properties without AWS::NoValue; a broken template may have anything here.
        construct_path: Its path in the CDK app; empty if the template does not have it.
        newer_values: Paths of values that are known to be newer than the service model.
    """

    logical_id: str
    type: str
    properties: Any = field(repr=False)
    construct_path: str = ""
    newer_values: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """What a message calls it: its path in the CDK app, or its logical id."""
        return self.construct_path.removesuffix("/Resource") or self.logical_id


def resources(template: Mapping[str, Any]) -> dict[str, Resource]:
    """The resources of a template by logical id, without loops."""
    found = {}
    entries = template.get("Resources")
    for logical_id, entry in entries.items() if isinstance(entries, Mapping) else ():
        if not isinstance(entry, Mapping) or not isinstance(entry.get("Type"), str):
            continue
        metadata = entry.get("Metadata")
        path = metadata.get(PATH_METADATA) if isinstance(metadata, Mapping) else None
        properties = without_absent(entry.get("Properties") or {})
        path = path if isinstance(path, str) else ""
        newer = metadata.get(NEWER_VALUES_METADATA) if isinstance(metadata, Mapping) else None
        newer = tuple(map(str, newer)) if isinstance(newer, list) else ()
        found[logical_id] = Resource(logical_id, entry["Type"], properties, path, newer)
    return found
