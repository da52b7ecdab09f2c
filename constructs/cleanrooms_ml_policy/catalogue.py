"""Every rule that a finding can name: why it is there, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from cleanrooms_ml_handlers.identity import OWNERSHIP_TAG_KEY
from cleanrooms_ml_handlers.problem import ID_PREFIX
from cleanrooms_ml_handlers.rules import CROSS_REQUEST_RULES, HARD, SOFT
from cleanrooms_ml_handlers.rules.cross_request import NOT_KNOWN, WHOLE_DAYS
from cleanrooms_ml_handlers.rules.in_flight import IN_FLIGHT
from cleanrooms_ml_handlers.rules.rule import Rule, RuleSet

from .finding import Severity
from .kinds import KINDS
from .organisation import ORGANIZATION_RULES

FAULT = f"{ID_PREFIX}fault"
UNREADABLE = f"{ID_PREFIX}unreadable"
NOT_CHECKED = f"{ID_PREFIX}not-checked"
UNKNOWN_KIND = f"{ID_PREFIX}kind"
TAKEN_TAG = f"{ID_PREFIX}tag-mark"

# Constructs are judged by these before there is a template; a template may leave such values to a parameter.
_NOT_OF_TEMPLATES = (NOT_KNOWN.id, WHOLE_DAYS.id)


@dataclass(frozen=True)
class Entry:
    """A rule, for readers.

    Attributes:
        id: Stable.
        limit: What is allowed.
        reason: Why.
        fix: What to do; a sentence.
        setting: The setting that turns it on; empty where it is always on.
        severity: How bad a finding of it is.
    """

    id: str
    limit: str
    reason: str
    fix: str
    setting: str = ""
    severity: Severity = Severity.ERROR


_MODEL_REASON = "The service model states it; the service answers a ValidationException."

MODEL_ENTRIES = (
    Entry(f"{ID_PREFIX}required", "required fields are there", _MODEL_REASON, "Give the field."),
    Entry(f"{ID_PREFIX}unknown", "fields are those of the API", _MODEL_REASON, "Correct its name or drop it."),
    Entry(f"{ID_PREFIX}type", "text, number, list or map, as the API says", _MODEL_REASON, "Give the type asked for."),
    Entry(f"{ID_PREFIX}enum", "one of the values that the API knows", _MODEL_REASON, "Choose one of the values."),
    Entry(f"{ID_PREFIX}range", "numbers lie between two bounds", _MODEL_REASON, "Choose a number in between."),
    Entry(f"{ID_PREFIX}length", "texts have so many characters", _MODEL_REASON, "Shorten or lengthen the text."),
    Entry(f"{ID_PREFIX}count", "lists and maps have so many entries", _MODEL_REASON, "Add or drop entries."),
    Entry(f"{ID_PREFIX}pattern", "texts match a pattern", _MODEL_REASON, "Write it as the pattern says."),
    Entry(f"{ID_PREFIX}union", "exactly one of several fields", _MODEL_REASON, "Keep the one that you mean."),
)

OWN_ENTRIES = (
    Entry(
        UNKNOWN_KIND,
        "types that begin with `Custom::CleanRoomsML-` name a kind of resource",
        "The deployment would fail: no one makes such a resource.",
        "Correct the type.",
    ),
    Entry(
        TAKEN_TAG,
        f"no tag `{OWNERSHIP_TAG_KEY}`, and room for it beside a fixed name",
        "The library knows its resources by this tag or by a name that it made, and deletes nothing else.",
        "Choose another key, or drop a tag.",
    ),
    Entry(
        NOT_CHECKED,
        "no loops (`Fn::ForEach`) with Clean Rooms ML resources",
        "CloudFormation unrolls them at deployment; nothing in them can be checked before.",
        "Check the processed template.",
    ),
    Entry(
        UNREADABLE,
        "templates, nested ones too, can be read",
        "What cannot be read cannot be checked.",
        "Synthesize the app again.",
        severity=Severity.FATAL,
    ),
    Entry(
        FAULT,
        "the check itself works",
        "A fault of the check must not look like a clean app.",
        "Report it with the message.",
        severity=Severity.FATAL,
    ),
)


def documented_entries() -> Iterator[Entry]:
    """The rules that AWS documents beside its model, and those about several resources; each once."""
    by_id: dict[str, Entry] = {}
    for rule in _of_our_kinds(HARD):
        by_id.setdefault(rule.id, Entry(rule.id, _subject(rule.field, rule.limit), rule.reason, rule.fix))
    for across in CROSS_REQUEST_RULES:
        if across.id not in _NOT_OF_TEMPLATES:
            by_id[across.id] = Entry(across.id, f"{across.field}: {across.limit}", across.reason, across.fix)
    yield from by_id.values()


def _of_our_kinds(rules: RuleSet) -> Iterator[Rule]:
    """The rules that a custom resource can break; those of native types are checked by their constructs alone."""
    reached = {shape for kind in KINDS.values() for shape, _ in rules.finder(kind.service).paths(kind.create)}
    return (rule for rule in rules if not reached.isdisjoint(rule.shapes))


def organization_entries() -> Iterator[Entry]:
    """The rules of an organisation."""
    for rule in ORGANIZATION_RULES:
        limit = f"{rule.about}: {rule.limit}"
        yield Entry(rule.id, limit, rule.reason, f"{rule.fix}.", setting=rule.setting)


def advice_entries() -> Iterator[Entry]:
    """What is advice only."""
    by_id: dict[str, Entry] = {}
    for rule in _of_our_kinds(SOFT):
        limit = _subject(rule.field, rule.limit)
        by_id.setdefault(rule.id, Entry(rule.id, limit, rule.reason, rule.fix, severity=Severity.WARNING))
    limit = f"{IN_FLIGHT.field}: {IN_FLIGHT.limit}"
    by_id[IN_FLIGHT.id] = Entry(IN_FLIGHT.id, limit, IN_FLIGHT.reason, IN_FLIGHT.fix, severity=Severity.WARNING)
    yield from by_id.values()


@cache
def entries() -> Mapping[str, Entry]:
    """Every rule by its id."""
    groups = (organization_entries(), documented_entries(), MODEL_ENTRIES, OWN_ENTRIES, advice_entries())
    return {entry.id: entry for group in groups for entry in group}


def fix_of(rule: str) -> str:
    """What to do about a rule; empty for one that is not known."""
    entry = entries().get(rule)
    return entry.fix.removesuffix(".") if entry else ""


def _subject(field: str, limit: str) -> str:
    return f"`{field}` {limit}" if field else limit
