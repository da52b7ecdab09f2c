"""What a rule is, and where in a request it applies: wherever a shape of the service model occurs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from ..model import ServiceModel, service_model
from ..problem import Entry, Path


@dataclass(frozen=True)
class Source:
    """Where a rule comes from.

    Attributes:
        title: The page, or whose decision it is.
        url: The page's address; empty for a decision of this library.
    """

    title: str
    url: str = ""

    @classmethod
    def guide(cls, page: str, title: str) -> Source:
        """A page of the user guide."""
        return cls(f"User guide, {title}", f"https://docs.aws.amazon.com/clean-rooms/latest/userguide/{page}.html")

    @classmethod
    def api(cls, name: str, *, inferred: bool = False) -> Source:
        """A page of the API reference."""
        title = f"API reference, {name}{' (inferred)' if inferred else ''}"
        return cls(title, f"https://docs.aws.amazon.com/cleanrooms-ml/latest/APIReference/API_{name}.html")


@dataclass(frozen=True, slots=True)
class Place:
    """A value of a wanted shape within a request."""

    shape: str
    value: Any
    path: Path
    skip: Callable[[object], bool]

    def known(self, name: str) -> Any:
        """A member's value; None if it is absent, empty or not known yet."""
        item = self.value.get(name)
        return None if _is_nothing(item) or self.skip(item) else item

    def has(self, name: str) -> bool:
        """Whether a member is there for certain."""
        return self.known(name) is not None

    def may_have(self, name: str) -> bool:
        """Whether a member is there, or may turn out to be."""
        return not _is_nothing(self.value.get(name))


def _is_nothing(item: object) -> bool:
    """Whether a member says nothing: an empty query is no query."""
    return item is None or item == ""


# Where something is wrong, and what.
Finding: TypeAlias = tuple[Path, str]


@dataclass(frozen=True)
class Rule:
    """A limit that the service model leaves out.

    Attributes:
        id: Stable: users acknowledge by it.
        shapes: The shapes of the model on which it hangs.
        field: The member that it concerns, for the docs; empty for the whole shape.
        limit: What is allowed.
        reason: Why.
        fix: What to do.
        source: Who says so.
        judge: Finds what breaks it at one place.
        kind: The type that a value needs for `judge` to read it; the model's own check names any other.
    """

    id: str
    shapes: tuple[str, ...]
    field: str
    limit: str
    reason: str
    fix: str
    source: Source
    judge: Callable[[Place], Iterator[Finding]]
    kind: type | tuple[type, ...] = Mapping


class Finder:
    """Finds the values of some shapes in requests, without looking where they cannot be."""

    def __init__(self, model: ServiceModel, wanted: Iterable[str]) -> None:
        self._model = model
        self._wanted = frozenset(wanted)
        self._members = {name: dict(_below(shape)) for name, shape in model.shapes.items()}
        reaching = set(self._wanted & model.shapes.keys())
        grown = True
        while grown:
            above = {name for name, below in self._members.items() if reaching & set(below.values())} - reaching
            reaching |= above
            grown = bool(above)
        self._reaching = frozenset(reaching)

    def places(self, operation: str, request: Mapping[str, Any], skip: Callable[[object], bool]) -> Iterator[Place]:
        """Every value of a wanted shape; among them those not known yet."""
        shape = self._model.operations[operation].input
        if shape in self._reaching:
            yield from self._places(shape, request, None, skip)

    def paths(self, operation: str) -> Iterator[tuple[str, Path]]:
        """Every place at which a wanted shape may occur in an operation's input: the shape and its path."""
        shape = self._model.operations[operation].input
        pending: list[tuple[str, Path, frozenset[str]]] = [(shape, None, frozenset())] if shape else []
        while pending:
            name, path, above = pending.pop()
            if name in self._wanted:
                yield name, path
            for member, below in self._members[name].items():
                if below in self._reaching and below not in above:
                    pending.append((below, (path, member), above | {name}))

    def _places(self, shape: str, value: object, path: Path, skip: Callable[[object], bool]) -> Iterator[Place]:
        if shape in self._wanted:
            yield Place(shape, value, path, skip)
        if skip(value):
            return
        below = self._members[shape]
        if isinstance(value, Mapping):
            in_map = below.get("{}")
            for name, item in value.items():
                child = in_map or below.get(name)
                if child in self._reaching and item is not None:
                    yield from self._places(child, item, (path, Entry(name, hidden=False) if in_map else name), skip)
        elif isinstance(value, list | tuple) and below.get("[]") in self._reaching:
            for index, item in enumerate(value):
                yield from self._places(below["[]"], item, (path, index), skip)


def _below(shape: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The shapes right below a shape, each by its member's name, "[]" or "{}"."""
    for name, member in shape.get("members", {}).items():
        yield name, member["shape"]
    if "member" in shape:
        yield "[]", shape["member"]["shape"]
    if "value" in shape:
        yield "{}", shape["value"]["shape"]


class RuleSet:
    """Rules, by the shapes on which they hang."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._by_shape: dict[str, tuple[Rule, ...]] = {}
        for rule in self.rules:
            for shape in rule.shapes:
                self._by_shape[shape] = (*self._by_shape.get(shape, ()), rule)
        self.finder = cache(self._finder)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def at(self, shape: str) -> tuple[Rule, ...]:
        """The rules that hang on a shape."""
        return self._by_shape.get(shape, ())

    def judge(
        self, service: str, operation: str, request: Mapping[str, Any], skip: Callable[[object], bool]
    ) -> Iterator[tuple[Rule, Finding]]:
        """What breaks each rule."""
        for place in self.finder(service).places(operation, request, skip):
            for rule in self._by_shape[place.shape]:
                if isinstance(place.value, rule.kind) and not skip(place.value):
                    for finding in rule.judge(place):
                        yield rule, finding

    def _finder(self, service: str) -> Finder:
        return Finder(service_model(service), self._by_shape)
