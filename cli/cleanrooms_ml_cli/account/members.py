"""What two requests differ in, member by member, without what AWS marks as not to be shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .handlers import ResourceSpec, ServiceModel, service_model, shown
from .intrinsics import Unknown

ABSENT = object()
HIDDEN = "(not shown: sensitive)"
_LONGEST_CHARS = 120


@dataclass(frozen=True)
class Difference:
    """A member with two values.

    Attributes:
        path: Where it is in the request.
        before, after: Its values for readers; empty where there is none.
    """

    path: str
    before: str
    after: str

    @property
    def member(self) -> str:
        """The member of the request itself that it is in."""
        return self.path.split(".")[0].split("[")[0]

    def __str__(self) -> str:
        if self.before == self.after:
            return f"{self.path}: changed, {self.before}"
        return f"{self.path}: {self.before or '(none)'} -> {self.after or '(none)'}"


def differences(
    spec: ResourceSpec, before: Mapping[str, Any], after: Mapping[str, Any], *, asked_only: bool = False
) -> list[Difference]:
    """The members in which two requests differ, at any depth.

    Args:
        spec: The kind.
        before: A create request.
        after: Another one.
        asked_only: Whether members that only `after` has are of no interest.
    """
    model = service_model(spec.service)
    shape = model.operations[spec.create].input or ""
    hidden = frozenset({spec.document_field} if spec.document_field else ())
    return list(_Walk(model, hidden, asked_only).of(shape, "", before, after, is_hidden=False))


@dataclass(frozen=True)
class _Walk:
    model: ServiceModel
    hidden: frozenset[str]
    asked_only: bool

    def of(self, shape: str, path: str, before: Any, after: Any, *, is_hidden: bool) -> Iterator[Difference]:
        """The differences below a path."""
        if before == after or (self.asked_only and (before is ABSENT or isinstance(before, Unknown))):
            return
        is_hidden = is_hidden or path in self.hidden or (bool(shape) and self.model.is_sensitive(shape))
        definition = self.model.shapes.get(shape, {})
        if isinstance(before, Mapping) and isinstance(after, Mapping) and not is_hidden:
            members = definition.get("members", {})
            for key in [*before, *(key for key in after if key not in before)]:
                below = members.get(key, definition.get("value", {})).get("shape", "")
                step = f"{path}.{key}" if path else key
                yield from self.of(below, step, before.get(key, ABSENT), after.get(key, ABSENT), is_hidden=is_hidden)
        elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after) and not is_hidden:
            below = definition.get("member", {}).get("shape", "")
            for index, (left, right) in enumerate(zip(before, after, strict=True)):
                yield from self.of(below, f"{path}[{index}]", left, right, is_hidden=is_hidden)
        else:
            yield Difference(path, self._shown(before, shape, is_hidden), self._shown(after, shape, is_hidden))

    def _shown(self, value: Any, shape: str, is_hidden: bool) -> str:
        if value is ABSENT:
            return ""
        secret = bool(shape) and any(True for _ in self.model.sensitive_texts(shape, value))
        if is_hidden or secret:
            return HIDDEN
        text = value.reference if isinstance(value, Unknown) else str(shown(value))
        return text if len(text) <= _LONGEST_CHARS else f"{text[:_LONGEST_CHARS]}…"
