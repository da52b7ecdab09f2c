"""What breaks an organisation's policy: one function for each setting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from cleanrooms_ml_handlers.model import real_number, shown
from cleanrooms_ml_handlers.spec import ResourceSpec

from .kinds import POLICY_PROPERTY
from .places import Place, at, places
from .policy import Policy
from .principals import UnreadablePolicy, admitted, document, is_among
from .template import ABSENT, Resource, is_unknown

ANALYSIS_TEMPLATE = "AWS::CleanRooms::AnalysisTemplate"
NATIVE_PREFIX = "AWS::CleanRoomsML::"
SYNTHETIC_DATA = "SyntheticDataParameters"
_SYNTHETIC = (SYNTHETIC_DATA, "MlSyntheticDataParameters")
# The native types whose data can be encrypted; the other two hold none.
_NATIVE_WITH_KEY = ("AWS::CleanRoomsML::ConfiguredModelAlgorithm",)

# Where something is wrong, and what.
Found: TypeAlias = Iterator[tuple[str, str]]

_NOT_KNOWN = "is known only at deployment, so that it cannot be checked"


@dataclass(frozen=True)
class Subject:
    """A resource to judge.

    Attributes:
        resource: The resource.
        kind: Its kind; None for a native type.
        request: The API request that it makes; for a native type its properties.
    """

    resource: Resource
    kind: ResourceSpec | None
    request: Mapping[str, Any]

    def places(self, *wanted: str) -> Iterator[Place]:
        """Every place of a member in the request of one of our kinds."""
        return places(self.kind, self.request, *wanted) if self.kind else iter(())


def _at_most(found: Iterator[Place], most: float, unit: str = "") -> Found:
    for place in found:
        value = real_number(place.value) if isinstance(place.value, str) else place.value
        if place.is_unknown:
            yield place.path, f"{_NOT_KNOWN}; allowed at most {most}{unit}"
        elif isinstance(value, int | float) and value > most:
            yield place.path, f"is {shown(value)}; allowed at most {most}{unit}"


def retention(policy: Policy, subject: Subject) -> Found:
    """Data that is kept too long."""
    assert policy.max_retention_days is not None
    return _at_most(subject.places("retentionInDays"), policy.max_retention_days, " days")


def tags(policy: Policy, subject: Subject) -> Found:
    """Tags that are missing."""
    if subject.kind is None:
        native = subject.resource.type.startswith(NATIVE_PREFIX)
        return _missing_tags(policy, at(subject.request, ("Tags",))) if native else iter(())
    return _missing_tags(policy, subject.places("tags"))


def _missing_tags(policy: Policy, found: Iterator[Place]) -> Found:
    for place in found:
        keys, is_certain = _keys(place)
        for key in policy.required_tags:
            if key not in keys:
                problem = f"has no tag {shown(key)}" if is_certain else _NOT_KNOWN
                yield place.path, f"{problem}; required are {', '.join(policy.required_tags)}"


def _keys(place: Place) -> tuple[set[str], bool]:
    """The keys of tags, and whether there are no others."""
    if place.is_unknown:
        return set(), False
    if isinstance(place.value, Mapping):
        return {key for key, item in place.value.items() if item is not None}, True
    items = place.value if isinstance(place.value, list) else []
    keys = [item.get("Key") if isinstance(item, Mapping) and not is_unknown(item) else None for item in items]
    return {key for key in keys if isinstance(key, str)}, None not in keys and not any(map(is_unknown, keys))


def encryption_key(policy: Policy, subject: Subject) -> Found:
    """Data that is not encrypted with a key of the account."""
    found = subject.places("kmsKeyArn")
    if subject.resource.type in _NATIVE_WITH_KEY:
        found = at(subject.request, ("KmsKeyArn",))
    for place in found:
        if place.is_around:
            yield place.path, f"{_NOT_KNOWN}; a KMS key is required"
        elif place.value is ABSENT or place.value == "":
            yield place.path, "is missing; a KMS key is required"


def analysis_template(policy: Policy, subject: Subject) -> Found:
    """Queries that are no analysis templates."""
    for place in subject.places("sqlParameters", "queryString"):
        if place.is_around:
            yield place.path, f"{_NOT_KNOWN}; only analysis templates are allowed"
        elif place.value is not ABSENT:
            yield place.path, "is given as SQL; only analysis templates are allowed"


def seed_in_output(policy: Policy, subject: Subject) -> Found:
    """Seeds that land in the output."""
    for place in subject.places("includeSeedInOutput"):
        if place.is_unknown:
            yield place.path, f"{_NOT_KNOWN}; allowed is false"
        elif place.value is True:
            yield place.path, "is true; allowed is false"


def shared_metrics(policy: Policy, subject: Subject) -> Found:
    """Metrics that must not be shared."""
    return _one_of(subject.places("sharedAudienceMetrics", "[]"), policy.shared_audience_metrics or ())


def worker_types(policy: Policy, subject: Subject) -> Found:
    """Workers of other types."""
    return _one_of(subject.places("worker", "type"), policy.allowed_worker_types or ())


def _one_of(found: Iterator[Place], allowed: tuple[str, ...]) -> Found:
    for place in found:
        if place.is_unknown:
            yield place.path, f"{_NOT_KNOWN}; allowed are {', '.join(allowed)}"
        elif place.value is not ABSENT and place.value not in allowed:
            yield place.path, f"is {shown(place.value)}; allowed are {', '.join(allowed)}"


def workers(policy: Policy, subject: Subject) -> Found:
    """Too many workers."""
    assert policy.max_workers is not None
    return _at_most(subject.places("worker", "number"), policy.max_workers)


def epsilon(policy: Policy, subject: Subject) -> Found:
    """Synthetic data that is too close to the people behind it."""
    assert policy.max_epsilon is not None
    return _at_most(_synthetic(subject, "Epsilon"), policy.max_epsilon)


def attack_score(policy: Policy, subject: Subject) -> Found:
    """Synthetic data that may be too recognizable."""
    assert policy.max_membership_inference_attack_score is not None
    name = "MaxMembershipInferenceAttackScore"
    return _at_most(_synthetic(subject, name), policy.max_membership_inference_attack_score)


def _synthetic(subject: Subject, name: str) -> Iterator[Place]:
    is_template = subject.resource.type == ANALYSIS_TEMPLATE
    return at(subject.request, (*_SYNTHETIC, name)) if is_template else iter(())


def principals(policy: Policy, subject: Subject) -> Found:
    """Whom a resource policy must not let in."""
    allowed = policy.allowed_principals or ()
    words = ", ".join(allowed) or "none"
    for place in subject.places(POLICY_PROPERTY):
        if place.value is ABSENT:
            continue
        try:
            found = list(admitted(document(place.value)))
        except UnreadablePolicy as error:
            yield place.path, f"{error}, so that it cannot be checked; allowed principals are {words}"
            continue
        for path, who in found:
            if who is None:
                yield f"{place.path}.{path}", f"{_NOT_KNOWN}; allowed principals are {words}"
            elif not is_among(who, allowed):
                yield f"{place.path}.{path}", f"is {shown(who)}; allowed principals are {words}"
