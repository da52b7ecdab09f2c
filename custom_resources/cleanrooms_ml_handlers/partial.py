"""Texts of which only parts are known before deployment, such as an ARN with a reference in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, reduce

from .dialect import bmp, pattern

# Comparing longer texts with a pattern would take a synth too long; their length is still checked.
_MOST_CHARS = 4096
_ATOM = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|.", re.DOTALL)
_QUANTIFIER = re.compile(r"[*+?]|\{(\d+)(,?)(\d*)\}")
_SIMPLE = {"*": (0, None), "+": (1, None), "?": (0, 1)}

# Adds the states that lead to the given one, and returns the first of them.
_Fragment = Callable[[int], int]


@dataclass(frozen=True)
class PartialText:
    """A text with unknown text between each two of its parts.

    Attributes:
        parts: What is known, in order; may have empty strings.
    """

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return "${…}".join(self.parts)

    @property
    def known_chars(self) -> int:
        """How many characters it has at least."""
        return sum(map(len, self.parts))

    def may_match(self, text: str) -> bool:
        """Whether some text in place of what is unknown makes it match a pattern of the service model."""
        return self.known_chars > _MOST_CHARS or _accepts(text, self.parts)


class _Automaton:
    """A pattern as states: the character that a state reads, None for none, and the states after it.

    Lookaheads and anchors count as satisfied.
    """

    def __init__(self, text: str) -> None:
        self._text = bmp(text)
        self._at = 0
        self._states: list[tuple[re.Pattern[str] | None, tuple[int, ...]]] = [(None, ())]
        self._start = self._choice()(0)

    def accepts(self, parts: Sequence[str]) -> bool:
        """Whether it accepts the parts with any text between each two of them."""
        current = self._closure([self._start])
        for number, part in enumerate(parts):
            if number and not (number > 1 and not parts[number - 1]):
                current = self._reachable(current)
            for char in part:
                current = self._closure(self._after(current, char))
        return 0 in current

    def _after(self, current: Iterable[int], char: str) -> Iterable[int]:
        for state in current:
            reads, targets = self._states[state]
            if reads is not None and reads.fullmatch(char):
                yield from targets

    def _closure(self, states: Iterable[int]) -> set[int]:
        return self._spread(states, lambda reads: reads is None)

    def _reachable(self, states: Iterable[int]) -> set[int]:
        return self._spread(states, lambda _: True)

    def _spread(self, states: Iterable[int], follows: Callable[[object], bool]) -> set[int]:
        found: set[int] = set()
        pending = list(states)
        while pending:
            state = pending.pop()
            if state not in found:
                found.add(state)
                reads, targets = self._states[state]
                pending += targets if follows(reads) else ()
        return found

    # -- reading the pattern -------------------------------------------------------------------------------

    def _add(self, reads: re.Pattern[str] | None, *targets: int) -> int:
        self._states.append((reads, targets))
        return len(self._states) - 1

    def _choice(self) -> _Fragment:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return lambda after: self._add(None, *(option(after) for option in options))

    def _sequence(self) -> _Fragment:
        items: list[_Fragment] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            items.append(self._repeated())
        return lambda after: reduce(lambda then, item: item(then), reversed(items), after)

    def _repeated(self) -> _Fragment:
        atom = self._atom()
        found = _QUANTIFIER.match(self._text, self._at)
        if not found:
            return atom
        self._at = found.end()
        low, high = _SIMPLE.get(found[0]) or _counts(found)

        def build(after: int) -> int:
            start = after
            if high is None:
                start = self._add(None)
                self._states[start] = (None, (atom(start), after))
            for _ in range((high or low) - low):
                start = self._add(None, atom(start), after)
            for _ in range(low):
                start = atom(start)
            return start

        return build

    def _atom(self) -> _Fragment:
        if self._take("("):
            is_lookahead = self._take("?!") or self._take("?=")
            self._take("?:")
            inner = self._choice()
            self._take(")")
            return (lambda after: after) if is_lookahead else inner
        if self._take("^") or self._take("$"):
            return lambda after: after
        atom = _ATOM.match(self._text, self._at)
        assert atom
        self._at = atom.end()
        return lambda after: self._add(pattern(atom[0]), after)

    def _take(self, text: str) -> bool:
        is_next = self._text.startswith(text, self._at)
        self._at += len(text) if is_next else 0
        return is_next


def _counts(found: re.Match[str]) -> tuple[int, int | None]:
    low = int(found[1])
    if not found[2]:
        return low, low
    return low, int(found[3]) if found[3] else None


# Many requests have the same role or key.
@lru_cache(maxsize=1024)
def _accepts(text: str, parts: tuple[str, ...]) -> bool:
    return _automaton(text).accepts(parts)


@cache
def _automaton(text: str) -> _Automaton:
    return _Automaton(text)
