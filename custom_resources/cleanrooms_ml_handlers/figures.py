"""The figures in an answer of the service: the results of a run, and what quality gates look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .spec import ResourceSpec, Threshold

_FOLDS: Mapping[str, Callable[[list[Any]], Any]] = {"min": min, "sum": sum}


def keyed(spec: ResourceSpec, answer: Any) -> dict[str, object]:
    """The results of which there is one for each key, by the names of their attributes."""
    return {
        each.attribute(name, item.get(each.key, {})): item[each.figure]
        for name, each in spec.keyed_attributes.items()
        for item in values(answer, each.items)
        if item.get(each.figure) is not None
    }


def figure_name(threshold: Threshold) -> str:
    """The name of the figure; for the items of a list the name of the list."""
    return next(part for part in reversed(threshold.figure.split(".")) if part != "score").removesuffix("[]")


def values(answer: Any, path: str) -> list[Any]:
    """The values at a path.

    "[]" means every item of a list; "[min]" and "[sum]" the least and the sum of what the rest of the path finds there.
    """
    part, _, rest = path.partition(".")
    name, _, fold = part.removesuffix("]").partition("[")
    below = answer.get(name) if isinstance(answer, Mapping) else None
    if below is None:
        return []
    items = below if part.endswith("]") else [below]
    found = [value for item in items for value in (values(item, rest) if rest else [item])]
    return [_FOLDS[fold](found)] if fold and found else found


def first(answer: Any, path: str) -> object:
    """The value at a path for Fn::GetAtt; an empty string if the service returns none."""
    found = values(answer, path)
    if not found:
        return ""
    # The service returns counts as doubles: 33 is the same number as 33.0 and reads better.
    return int(found[0]) if isinstance(found[0], float) and found[0].is_integer() else found[0]
