"""Every rule that a finding can have, with its reason and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from cleanrooms_ml_handlers.identity import OWNERSHIP_TAG_KEY
from cleanrooms_ml_handlers.problem import ID_PREFIX
from cleanrooms_ml_handlers.rules import CROSS_REQUEST_RULES, HARD, SOFT, analysis_rule
from cleanrooms_ml_handlers.rules.cross_request import NOT_KNOWN, WHOLE_DAYS
from cleanrooms_ml_handlers.rules.in_flight import IN_FLIGHT
from cleanrooms_ml_handlers.rules.rule import Rule, RuleSet

from .finding import Severity
from .kinds import KINDS
from .late import LATE_RULES
from .organization_policy import ORGANIZATION_RULES
from .template import LOOP, MAX_BRANCHES

FAULT = f"{ID_PREFIX}fault"
UNREADABLE = f"{ID_PREFIX}unreadable"
NOT_CHECKED = f"{ID_PREFIX}not-checked"
UNKNOWN_KIND = f"{ID_PREFIX}kind"
TAKEN_TAG = f"{ID_PREFIX}tag-mark"

# Constructs are checked against these at synth; in a template such values may be parameters.
_NOT_OF_TEMPLATES = (NOT_KNOWN.id, WHOLE_DAYS.id, *(rule.id for rule in analysis_rule.RULES))


@dataclass(frozen=True)
class Entry:
    """A rule as documentation and reports show it.

    Attributes:
        id: The stable id.
        limit: What is allowed.
        reason: Why.
        fix: What to do; a sentence.
        setting: The setting that turns it on; empty if it is always on.
        severity: The severity of its findings.
    """

    id: str
    limit: str
    reason: str
    fix: str
    setting: str = ""
    severity: Severity = Severity.ERROR


_MODEL_REASON = "It is in the service model; the service answers with a ValidationException."

MODEL_ENTRIES = (
    Entry(f"{ID_PREFIX}required", "required fields are present", _MODEL_REASON, "Add the field."),
    Entry(f"{ID_PREFIX}unknown", "fields are those of the API", _MODEL_REASON, "Correct its name or remove it."),
    Entry(f"{ID_PREFIX}type", "string, number, list or map, as in the API", _MODEL_REASON, "Use the type of the API."),
    Entry(f"{ID_PREFIX}enum", "one of the values of the API", _MODEL_REASON, "Choose one of the values."),
    Entry(f"{ID_PREFIX}range", "numbers are within their range", _MODEL_REASON, "Choose a number within the range."),
    Entry(f"{ID_PREFIX}length", "strings are within their length", _MODEL_REASON, "Shorten or lengthen the string."),
    Entry(f"{ID_PREFIX}count", "lists and maps are within their size", _MODEL_REASON, "Add or remove entries."),
    Entry(f"{ID_PREFIX}pattern", "strings match their pattern", _MODEL_REASON, "Match the pattern."),
    Entry(f"{ID_PREFIX}union", "exactly one of several fields", _MODEL_REASON, "Keep the one that you mean."),
)

OWN_ENTRIES = (
    Entry(
        UNKNOWN_KIND,
        "types that begin with `Custom::CleanRoomsML-` name a kind of resource",
        "The deployment would fail, because the library has no such resource.",
        "Correct the type.",
    ),
    Entry(
        TAKEN_TAG,
        f"no tag `{OWNERSHIP_TAG_KEY}`, and at most 49 others",
        "This ownership tag, or a generated name, identifies the resources that the library may delete.",
        "Choose another key, or remove a tag.",
    ),
    Entry(
        NOT_CHECKED,
        f"no loops (`{LOOP}`) with Clean Rooms ML resources; at most {MAX_BRANCHES} branches of conditions in each",
        "CloudFormation expands loops at deployment, and checking each branch takes time.",
        "Check the processed template, or use fewer conditions.",
    ),
    Entry(
        UNREADABLE,
        "templates, including nested ones, can be read",
        "A template that cannot be read is not checked.",
        "Synthesize the app again.",
        severity=Severity.FATAL,
    ),
    Entry(
        FAULT,
        "no fault of the check itself",
        "A fault of the check must not pass as a clean app.",
        "Report it with its message.",
        severity=Severity.FATAL,
    ),
)


def documented_entries() -> Iterator[Entry]:
    """The rules that AWS documents outside its service model, and cross-request rules; each once."""
    by_id: dict[str, Entry] = {}
    for rule in _of_our_kinds(HARD):
        by_id.setdefault(rule.id, Entry(rule.id, _subject(rule.field, rule.limit), rule.reason, rule.fix))
    for each in (*CROSS_REQUEST_RULES, *LATE_RULES):
        if each.id not in _NOT_OF_TEMPLATES and not each.is_advice:
            by_id[each.id] = Entry(each.id, f"{each.field}: {each.limit}", each.reason, each.fix)
    yield from by_id.values()


def _of_our_kinds(rules: RuleSet) -> Iterator[Rule]:
    """The rules that apply to custom resources; those of native types are checked by their constructs only."""
    reached = {shape for kind in KINDS.values() for shape, _ in rules.finder(kind.service).paths(kind.create)}
    return (rule for rule in rules if not reached.isdisjoint(rule.shapes))


def organization_entries() -> Iterator[Entry]:
    """The rules of an organization's policy."""
    for rule in ORGANIZATION_RULES:
        limit = f"{rule.about}: {rule.limit}"
        yield Entry(rule.id, limit, rule.reason, f"{rule.fix}.", setting=rule.setting)


def advice_entries() -> Iterator[Entry]:
    """The rules that are advice."""
    by_id: dict[str, Entry] = {}
    for rule in _of_our_kinds(SOFT):
        limit = _subject(rule.field, rule.limit)
        by_id.setdefault(rule.id, Entry(rule.id, limit, rule.reason, rule.fix, severity=Severity.WARNING))
    for each in (
        *(each for each in (*CROSS_REQUEST_RULES, *LATE_RULES) if each.is_advice and each.id not in _NOT_OF_TEMPLATES),
        IN_FLIGHT,
    ):
        limit = f"{each.field}: {each.limit}"
        by_id[each.id] = Entry(each.id, limit, each.reason, each.fix, severity=Severity.WARNING)
    yield from by_id.values()


@cache
def entries() -> Mapping[str, Entry]:
    """Every rule by its id."""
    groups = (organization_entries(), documented_entries(), MODEL_ENTRIES, OWN_ENTRIES, advice_entries())
    return {entry.id: entry for group in groups for entry in group}


def fix_of(rule: str) -> str:
    """What to do about a violation of a rule; empty if the rule is unknown."""
    entry = entries().get(rule)
    return entry.fix.removesuffix(".") if entry else ""


def _subject(field: str, limit: str) -> str:
    return f"`{field}` {limit}" if field else limit
