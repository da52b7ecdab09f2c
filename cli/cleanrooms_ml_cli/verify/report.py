"""What was seen, as text and as JSON. Neither names anything of the account."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .assumptions import Assumption
from .seen import Seen

Found = Sequence[tuple[Assumption, Seen | None]]

_DISTRIBUTION = "cdk-cleanrooms-ml"


def as_text(found: Found) -> str:
    """A paragraph for each assumption."""
    seen = sum(1 for _, one in found if one is not None and one.side)
    count = f"{len(found)} assumptions, {seen} seen" if len(found) > 1 else "1 assumption"
    return "\n\n".join([*("\n".join(_lines(one, what)) for one, what in found), count])


def _lines(one: Assumption, seen: Seen | None) -> Iterator[str]:
    yield f"{one.name}: {one.question}"
    if seen is not None:
        yield f"    seen: {f'{seen.side} ({seen.evidence})' if seen.side else f'nothing: {seen.evidence}'}"
    yield f"    the library: {one.library}"
    if seen is not None and seen.side in one.values:
        default = " as it does by default" if seen.side == one.values[0] else ""
        yield f"    the sandbox plays it{default}: cleanrooms-ml sandbox up --assume {one.name}={seen.side}"
    if one.look and seen is None:
        yield "    to try: --account, which costs nothing"
    if one.run and not (seen and seen.side):
        yield f"    to try: --account --try {one.name}, for {one.price}"
    if one.why_not:
        yield f"    not tried: {one.why_not}"


def as_json(found: Found) -> dict[str, Any]:
    """The same for programs, and for an issue."""
    return {"version": _version(), "assumptions": list(_objects(found))}


def _objects(found: Iterable[tuple[Assumption, Seen | None]]) -> Iterator[dict[str, Any]]:
    for one, seen in found:
        yield {
            "name": one.name,
            "question": one.question,
            "seen": seen.side if seen else "",
            "evidence": seen.evidence if seen else one.why_not,
            "library": one.library,
            "assume": f"{one.name}={seen.side}" if seen and seen.side in one.values else "",
            "price": str(one.price),
        }


def _version() -> str:
    try:
        return importlib.metadata.version(_DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return ""
