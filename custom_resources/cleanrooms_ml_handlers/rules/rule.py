"""Rules, and the occurrences in a request to which they apply: all values of a shape of the service model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from ..model import ServiceModel, service_model
from ..problem import Entry, Path


@dataclass(frozen=True)
class Source:
    """The source of a rule.

    Attributes:
        title: The page, or who decided it.
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
class Occurrence:
    """A value of a shape within a request."""

    shape: str
    value: Any
    path: Path
    skip: Callable[[object], bool]

    def known(self, name: str) -> Any:
        """A member's value; None if it is absent, empty or not known yet."""
        item = self.value.get(name)
        return None if _is_nothing(item) or self.skip(item) else item

    def has(self, name: str) -> bool:
        """Whether a member is certainly present."""
        return self.known(name) is not None

    def may_have(self, name: str) -> bool:
        """Whether a member is present, or unknown and possibly present."""
        return not _is_nothing(self.value.get(name))


def _is_nothing(item: object) -> bool:
    """Whether a member is absent or empty: an empty query is no query."""
    return item is None or item == ""


# The path of what is wrong, and the message.
Finding: TypeAlias = tuple[Path, str]


@dataclass(frozen=True)
class Rule:
    """A limit that the service model leaves out.

    Attributes:
        id: Stable: users acknowledge by it.
        shapes: The shapes of the model to which it applies.
        field: The member that it concerns, for the docs; empty for the whole shape.
        limit: What is allowed.
        reason: Why.
        fix: What to do.
        source: Where it is documented.
        check: Yields what breaks the rule at one occurrence.
        kind: The type of value that `check` accepts; the model's own check reports any other.
        source_elsewhere: Where it is documented for other services than Clean Rooms ML. Default: there, too.
    """

    id: str
    shapes: tuple[str, ...]
    field: str
    limit: str
    reason: str
    fix: str
    source: Source
    check: Callable[[Occurrence], Iterator[Finding]]
    kind: type | tuple[type, ...] = Mapping
    source_elsewhere: Source | None = None

    def source_for(self, service: str) -> Source:
        """Where it is documented for requests to a service, by its name in boto3."""
        return (service != "cleanroomsml" and self.source_elsewhere) or self.source


@dataclass(frozen=True)
class CrossRequestRule:
    """A rule about more than one request, for the docs; `Rule` describes the fields.

    Attributes:
        is_advice: Whether it is a warning.
    """

    id: str
    field: str
    limit: str
    reason: str
    fix: str
    source: Source
    is_advice: bool = False


def exactly_one_of(at: Occurrence, first: str, second: str, *, what_to_do: str) -> Iterator[Finding]:
    """Yields a finding unless one of two members is present and the other is not."""
    if at.has(first) and at.has(second):
        yield at.path, f"has both {first} and {second}; exactly one of them is allowed. {what_to_do}"
    elif not at.may_have(first) and not at.may_have(second):
        yield at.path, f"has neither {first} nor {second}; exactly one of them is needed. {what_to_do}"


def items(at: Occurrence, name: str) -> list[dict[str, Any]] | None:
    """The items of a list of structures; None if they are not all known."""
    found = at.known(name)
    if found is None:
        return []
    if not isinstance(found, list | tuple) or not all(isinstance(item, dict) for item in found):
        return None
    return list(found)


def known_members(at: Occurrence, structures: list[dict[str, Any]], name: str) -> list[Any] | None:
    """The values of one member of structures; None if they are not all known."""
    values = [item.get(name) for item in structures]
    return None if any(value is None or at.skip(value) for value in values) else values


def repeated(names: list[str]) -> list[str]:
    """The names that occur more than once."""
    return [name for name, count in Counter(names).items() if count > 1]


class Finder:
    """Finds the values of some shapes in requests, and skips what cannot contain them."""

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

    def occurrences(
        self, operation: str, request: Mapping[str, Any], skip: Callable[[object], bool]
    ) -> Iterator[Occurrence]:
        """Every value of a wanted shape, unknown values included."""
        shape = self._model.operations[operation].input
        if shape in self._reaching:
            yield from self._occurrences(shape, request, None, skip)

    def paths(self, operation: str) -> Iterator[tuple[str, Path]]:
        """Every path in an operation's input at which a wanted shape may occur: the shape and the path."""
        shape = self._model.operations[operation].input
        pending: list[tuple[str, Path, frozenset[str]]] = [(shape, None, frozenset())] if shape else []
        while pending:
            name, path, above = pending.pop()
            if name in self._wanted:
                yield name, path
            for member, below in self._members[name].items():
                if below in self._reaching and below not in above:
                    pending.append((below, (path, member), above | {name}))

    def _occurrences(
        self, shape: str, value: object, path: Path, skip: Callable[[object], bool]
    ) -> Iterator[Occurrence]:
        if shape in self._wanted:
            yield Occurrence(shape, value, path, skip)
        if skip(value):
            return
        below = self._members[shape]
        if isinstance(value, Mapping):
            in_map = below.get("{}")
            for name, item in value.items():
                child = in_map or below.get(name)
                if child in self._reaching and item is not None:
                    step = Entry(name, hidden=False) if in_map else name
                    yield from self._occurrences(child, item, (path, step), skip)
        elif isinstance(value, list | tuple) and below.get("[]") in self._reaching:
            for index, item in enumerate(value):
                yield from self._occurrences(below["[]"], item, (path, index), skip)


def _below(shape: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The shapes directly below a shape, each by its member's name, "[]" or "{}"."""
    for name, member in shape.get("members", {}).items():
        yield name, member["shape"]
    if "member" in shape:
        yield "[]", shape["member"]["shape"]
    if "value" in shape:
        yield "{}", shape["value"]["shape"]


class RuleSet:
    """Rules, by the shapes to which they apply."""

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
        """The rules that apply to a shape."""
        return self._by_shape.get(shape, ())

    def check(
        self, service: str, operation: str, request: Mapping[str, Any], skip: Callable[[object], bool]
    ) -> Iterator[tuple[Rule, Finding]]:
        """What breaks the rules."""
        for at in self.finder(service).occurrences(operation, request, skip):
            for rule in self._by_shape[at.shape]:
                if isinstance(at.value, rule.kind) and not skip(at.value):
                    for finding in rule.check(at):
                        yield rule, finding

    def _finder(self, service: str) -> Finder:
        return Finder(service_model(service), self._by_shape)
