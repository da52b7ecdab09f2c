"""Templates as CloudFormation reads them: references, dependencies, and scalars that become strings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

NO_VALUE = {"Ref": "AWS::NoValue"}

# Finds the value of a Ref (attribute None) or of a Fn::GetAtt.
Lookup = Callable[[str, str | None], Any]


def reference(value: Any) -> tuple[str, str | None] | None:
    """The logical id and the attribute that a value refers to; None if it is no reference."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    if "Ref" in value:
        return value["Ref"], None
    if "Fn::GetAtt" in value:
        target = value["Fn::GetAtt"]
        logical_id, attribute = target.split(".", 1) if isinstance(target, str) else target
        return logical_id, attribute
    return None


def referred(value: Any) -> Iterator[str]:
    """The logical ids that a value refers to, at any depth."""
    found = reference(value)
    if found is not None:
        if not found[0].startswith("AWS::"):
            yield found[0]
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from referred(item)
    elif isinstance(value, list):
        for item in value:
            yield from referred(item)


def needs(template: Mapping[str, Any]) -> dict[str, set[str]]:
    """What each resource has to wait for."""
    result = {}
    for logical_id, resource in template["Resources"].items():
        depends = resource.get("DependsOn", [])
        result[logical_id] = {
            *referred(resource.get("Properties", {})),
            *([depends] if isinstance(depends, str) else depends),
        }
        missing = result[logical_id] - set(template["Resources"])
        assert not missing, f"{logical_id} refers to {missing}, which the template lacks"
    return result


def resolve(value: Any, lookup: Lookup) -> Any:
    """A value with its references replaced and its scalars as strings."""
    found = reference(value)
    if found is not None:
        return stringified(lookup(*found))
    if isinstance(value, Mapping):
        if "Fn::Join" in value:
            separator, parts = value["Fn::Join"]
            return separator.join(resolve(part, lookup) for part in parts)
        return {key: resolve(item, lookup) for key, item in value.items() if item != NO_VALUE}
    if isinstance(value, list):
        return [resolve(item, lookup) for item in value if item != NO_VALUE]
    return stringified(value)


def stringified(value: Any) -> Any:
    """A value as custom resources get it: every scalar is a string."""
    assert value is not None, "CloudFormation takes no null"
    if isinstance(value, Mapping):
        return {key: stringified(item) for key, item in value.items()}
    if isinstance(value, list):
        return [stringified(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return real(value)
    return str(value)


def real(value: float) -> str:
    """A number with a point as Java writes it: 0.8, 1.0E-4, 2.0E7."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    mantissa, exponent = f"{value:e}".split("e")
    mantissa = mantissa.rstrip("0")
    return f"{mantissa}{'0' if mantissa.endswith('.') else ''}E{int(exponent)}"
