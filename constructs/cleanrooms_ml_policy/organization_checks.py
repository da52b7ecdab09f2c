"""The checks of an organization's policy: one function for each setting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from cleanrooms_ml_handlers.model import real_number, shown
from cleanrooms_ml_handlers.shared_names import NATIVE_PREFIX
from cleanrooms_ml_handlers.spec import ResourceSpec

from .kinds import POLICY_PROPERTY
from .members import Member, at, members
from .policy import Policy
from .principals import UnreadablePolicy, admitted, document, is_among
from .template import ABSENT, Resource, is_unknown

ANALYSIS_TEMPLATE = "AWS::CleanRooms::AnalysisTemplate"
SYNTHETIC_DATA = "SyntheticDataParameters"
_SYNTHETIC = (SYNTHETIC_DATA, "MlSyntheticDataParameters")
# The native types with data to encrypt; the other two hold none.
_NATIVE_WITH_KEY = ("AWS::CleanRoomsML::ConfiguredModelAlgorithm",)

# The path and the message of each violation.
Violations: TypeAlias = Iterator[tuple[str, str]]

_NOT_KNOWN = "is known only at deployment, so it cannot be checked"


@dataclass(frozen=True)
class Subject:
    """A resource to check.

    Attributes:
        resource: The resource.
        kind: Its kind; None for a native type.
        request: The API request that creates it; for a native type its properties.
    """

    resource: Resource
    kind: ResourceSpec | None
    request: Mapping[str, Any]

    def members(self, *wanted: str) -> Iterator[Member]:
        """The members of the request whose path ends in the given names; none for a native type."""
        return members(self.kind, self.request, *wanted) if self.kind else iter(())


def _at_most(found: Iterator[Member], most: float, unit: str = "") -> Violations:
    for member in found:
        value = real_number(member.value) if isinstance(member.value, str) else member.value
        if member.is_unknown:
            yield member.path, f"{_NOT_KNOWN}; allowed at most {most}{unit}"
        elif isinstance(value, int | float) and value > most:
            yield member.path, f"is {shown(value)}; allowed at most {most}{unit}"


def retention(policy: Policy, subject: Subject) -> Violations:
    """Data is kept no longer than allowed."""
    assert policy.max_retention_days is not None
    return _at_most(subject.members("retentionInDays"), policy.max_retention_days, " days")


def tags(policy: Policy, subject: Subject) -> Violations:
    """Every required tag is present."""
    if subject.kind is None:
        native = subject.resource.type.startswith(NATIVE_PREFIX)
        return _missing_tags(policy, at(subject.request, ("Tags",))) if native else iter(())
    return _missing_tags(policy, subject.members("tags"))


def _missing_tags(policy: Policy, found: Iterator[Member]) -> Violations:
    for member in found:
        keys, is_certain = _keys(member)
        for key in policy.required_tags:
            if key not in keys:
                problem = f"has no tag {shown(key)}" if is_certain else _NOT_KNOWN
                yield member.path, f"{problem}; required are {', '.join(policy.required_tags)}"


def _keys(member: Member) -> tuple[set[str], bool]:
    """The keys of tags, and whether all of them are known."""
    if member.is_unknown:
        return set(), False
    if isinstance(member.value, Mapping):
        return {key for key, item in member.value.items() if item is not None}, True
    items = member.value if isinstance(member.value, list) else []
    keys = [item.get("Key") if isinstance(item, Mapping) and not is_unknown(item) else None for item in items]
    return {key for key in keys if isinstance(key, str)}, None not in keys and not any(map(is_unknown, keys))


def encryption_key(policy: Policy, subject: Subject) -> Violations:
    """Data is encrypted with a KMS key."""
    found = subject.members("kmsKeyArn")
    if subject.resource.type in _NATIVE_WITH_KEY:
        found = at(subject.request, ("KmsKeyArn",))
    for member in found:
        if member.is_inside_unknown:
            yield member.path, f"{_NOT_KNOWN}; a KMS key is required"
        elif member.value is ABSENT or member.value == "":
            yield member.path, "is missing; a KMS key is required"


def analysis_template(policy: Policy, subject: Subject) -> Violations:
    """Every query is an analysis template."""
    for member in subject.members("sqlParameters", "queryString"):
        if member.is_inside_unknown:
            yield member.path, f"{_NOT_KNOWN}; only analysis templates are allowed"
        elif member.value is not ABSENT:
            yield member.path, "is SQL; only analysis templates are allowed"


def seed_in_output(policy: Policy, subject: Subject) -> Violations:
    """The seed is not part of the output."""
    for member in subject.members("includeSeedInOutput"):
        if member.is_unknown:
            yield member.path, f"{_NOT_KNOWN}; allowed is false"
        elif member.value is True:
            yield member.path, "is true; allowed is false"


def shared_metrics(policy: Policy, subject: Subject) -> Violations:
    """Only allowed metrics are shared."""
    return _one_of(subject.members("sharedAudienceMetrics", "[]"), policy.shared_audience_metrics or ())


def worker_types(policy: Policy, subject: Subject) -> Violations:
    """Workers are of an allowed type."""
    return _one_of(subject.members("worker", "type"), policy.allowed_worker_types or ())


def _one_of(found: Iterator[Member], allowed: tuple[str, ...]) -> Violations:
    for member in found:
        if member.is_unknown:
            yield member.path, f"{_NOT_KNOWN}; allowed are {', '.join(allowed)}"
        elif member.value is not ABSENT and member.value not in allowed:
            yield member.path, f"is {shown(member.value)}; allowed are {', '.join(allowed)}"


def workers(policy: Policy, subject: Subject) -> Violations:
    """No more workers than allowed."""
    assert policy.max_workers is not None
    return _at_most(subject.members("worker", "number"), policy.max_workers)


def epsilon(policy: Policy, subject: Subject) -> Violations:
    """Epsilon of synthetic data is no larger than allowed."""
    assert policy.max_epsilon is not None
    return _at_most(_synthetic(subject, "Epsilon"), policy.max_epsilon)


def attack_score(policy: Policy, subject: Subject) -> Violations:
    """The membership inference attack score that synthetic data may have is no larger than allowed."""
    assert policy.max_membership_inference_attack_score is not None
    name = "MaxMembershipInferenceAttackScore"
    return _at_most(_synthetic(subject, name), policy.max_membership_inference_attack_score)


def _synthetic(subject: Subject, name: str) -> Iterator[Member]:
    is_template = subject.resource.type == ANALYSIS_TEMPLATE
    return at(subject.request, (*_SYNTHETIC, name)) if is_template else iter(())


def principals(policy: Policy, subject: Subject) -> Violations:
    """A resource policy grants access only to allowed principals."""
    allowed = policy.allowed_principals or ()
    words = ", ".join(allowed) or "none"
    for member in subject.members(POLICY_PROPERTY):
        if member.value is ABSENT:
            continue
        try:
            found = list(admitted(document(member.value)))
        except UnreadablePolicy as error:
            yield member.path, f"{error}, so it cannot be checked; allowed principals are {words}"
            continue
        for path, who in found:
            if who is None:
                yield f"{member.path}.{path}", f"{_NOT_KNOWN}; allowed principals are {words}"
            elif not is_among(who, allowed):
                yield f"{member.path}.{path}", f"is {shown(who)}; allowed principals are {words}"
