"""Bounds of a YAML document, known from its events before anything is built of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cleanrooms_ml_policy.reading import MAX_DEPTH, UnreadableTemplate, too_deep

# A template of 1 MB has fewer: each takes a line or a dozen bytes.
MAX_VALUES = 200_000
_START, _END = ("MappingStartEvent", "SequenceStartEvent"), ("MappingEndEvent", "SequenceEndEvent")


@dataclass(slots=True)
class _Open:
    """A list or map that has not ended yet: its anchor, and how many values it has so far and how deep they are."""

    anchor: str | None
    values: int = 1
    depth: int = 1


@dataclass
class YamlBounds:
    """Counts values and depth, each alias and merge as what it refers to.

    Attributes:
        path: The file, for messages.
    """

    path: Path
    _open: list[_Open] = field(default_factory=list)
    _anchors: dict[str, _Open] = field(default_factory=dict)
    _total: int = 0

    def add(self, event: Any) -> None:
        """Takes the next event.

        Raises:
            UnreadableTemplate: The document is too large or too deep, or an alias is inside what it refers to.
        """
        kind = type(event).__name__
        if kind in _START:
            self._open.append(_Open(event.anchor))
            if event.anchor is not None:
                self._anchors[event.anchor] = self._open[-1]
            self._bound(1, len(self._open))
        elif kind in _END:
            self._count(self._open.pop())
        elif kind == "ScalarEvent":
            scalar = _Open(event.anchor, depth=0)
            if event.anchor is not None:
                self._anchors[event.anchor] = scalar
            self._bound(1, len(self._open))
            self._count(scalar)
        elif kind == "AliasEvent" and event.anchor in self._anchors:
            target = self._anchors[event.anchor]
            if any(target is one for one in self._open):
                raise UnreadableTemplate(f"{self.path}: the alias *{event.anchor} contains itself")
            self._bound(target.values, len(self._open) + target.depth)
            self._count(target)

    def _count(self, ended: _Open) -> None:
        if self._open:
            self._open[-1].values += ended.values
            self._open[-1].depth = max(self._open[-1].depth, 1 + ended.depth)

    def _bound(self, values: int, depth: int) -> None:
        self._total += values
        if self._total > MAX_VALUES:
            raise UnreadableTemplate(f"{self.path}: has more than {MAX_VALUES} values, each alias counted as its value")
        if depth > MAX_DEPTH:
            raise UnreadableTemplate(too_deep(self.path))
