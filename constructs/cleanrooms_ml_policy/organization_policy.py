"""The rules of an organization's policy: what AWS allows, but the organization does not.

A rule without its setting is off. A value that is known only at deployment is a finding, because otherwise a
parameter could evade the policy; where the presence of a value is enough, a reference is fine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cleanrooms_ml_handlers.problem import ID_PREFIX

from . import organization_checks as checks
from .policy import Policy


@dataclass(frozen=True)
class OrganizationRule:
    """A rule of an organization's policy.

    Attributes:
        id: Stable.
        setting: The setting that turns it on.
        about: The types and fields that it concerns.
        limit: What is allowed.
        unknown: What it says about a value that is known only at deployment.
        reason: Why an organization wants it.
        fix: What to do.
        check: Finds its violations.
    """

    id: str
    setting: str
    about: str
    limit: str
    unknown: str
    reason: str
    fix: str
    check: Callable[[Policy, checks.Subject], checks.Violations]


_MUST_BE_KNOWN = "a finding: it cannot be checked"
_QUERIES = "computeConfiguration and sqlComputeConfiguration of ML input channels and audience generation jobs"

ORGANIZATION_RULES = (
    OrganizationRule(
        id=f"{ID_PREFIX}max-retention",
        setting="max_retention_days",
        about="`retentionInDays` of an ML input channel",
        limit="at most this many days",
        unknown=_MUST_BE_KNOWN,
        reason="Data that is kept longer than it is needed can leak.",
        fix="Lower the retention; another run_id creates the channel again later",
        check=checks.retention,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}required-tags",
        setting="required_tags",
        about="`tags` of every taggable resource, including `AWS::CleanRoomsML::*`",
        limit="each of these keys, with any value",
        unknown="fine as the value of a tag; a finding for the tags as a whole",
        reason="Tags show who owns a resource and who pays for it.",
        fix='Add the tag; Tags.of(app).add("key", "value") adds it to all resources',
        check=checks.tags,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}require-encryption-key",
        setting="require_encryption_key",
        about="`kmsKeyArn` of every resource that accepts one, including `AWS::CleanRoomsML::ConfiguredModelAlgorithm`",
        limit="a customer managed key",
        unknown="fine: a reference counts as a key; every branch of a condition needs one",
        reason="You control who may use a customer managed key and until when; CloudTrail records its use.",
        fix="Pass encryption_key",
        check=checks.encryption_key,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}require-analysis-template",
        setting="require_analysis_template",
        about="`sqlParameters.queryString` of ML input channels and of seeds",
        limit="nothing: analysis templates only",
        unknown="a finding, as is SQL in an S3 object: it is not an analysis template",
        reason="The members of a collaboration review and approve an analysis template, but not SQL in a request.",
        fix="Use ProtectedQuery.analysis_template(...)",
        check=checks.analysis_template,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}forbid-seed-in-output",
        setting="forbid_seed_in_output",
        about="`includeSeedInOutput` of an audience generation job",
        limit="false or omitted",
        unknown=_MUST_BE_KNOWN,
        reason="The output goes to the owner of the model, who otherwise never sees the seed.",
        fix="Omit include_seed_in_output",
        check=checks.seed_in_output,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}shared-audience-metrics",
        setting="shared_audience_metrics",
        about="`sharedAudienceMetrics` of a configured audience model",
        limit="one of these values",
        unknown=_MUST_BE_KNOWN,
        reason="Metrics show the other party how much the seed and the model's users have in common.",
        fix="Choose an allowed value",
        check=checks.shared_metrics,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}allowed-worker-types",
        setting="allowed_worker_types",
        about=f"`worker.type` in {_QUERIES}",
        limit="one of these types; the service chooses if omitted",
        unknown=_MUST_BE_KNOWN,
        reason="Larger workers cost more per hour.",
        fix="Choose an allowed type",
        check=checks.worker_types,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}max-workers",
        setting="max_workers",
        about=f"`worker.number` in {_QUERIES}",
        limit="at most this many; the service chooses if omitted",
        unknown=_MUST_BE_KNOWN,
        reason="The number of workers determines the cost of a query.",
        fix="Use fewer workers",
        check=checks.workers,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}max-epsilon",
        setting="max_epsilon",
        about="`Epsilon` in the synthetic data parameters of an `AWS::CleanRooms::AnalysisTemplate`",
        limit="at most this value",
        unknown=_MUST_BE_KNOWN,
        reason="A larger epsilon means that synthetic data reveals more about individuals.",
        fix="Lower epsilon",
        check=checks.epsilon,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}max-membership-inference-attack-score",
        setting="max_membership_inference_attack_score",
        about="`MaxMembershipInferenceAttackScore` in the same parameters",
        limit="at most this value",
        unknown=_MUST_BE_KNOWN,
        reason="The score measures how well an attacker can tell who was in the data; 0.5 is a random guess.",
        fix="Lower the score",
        check=checks.attack_score,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}allowed-principals",
        setting="allowed_principals",
        about="`Principal` in the `configuredAudienceModelPolicy` of a configured audience model",
        limit="these accounts with their roles and users, these ARNs and these services",
        unknown="a finding, unless the account is known",
        reason="The policy grants other accounts access to a model.",
        fix="Name only agreed accounts; NotPrincipal and * grant access to everyone",
        check=checks.principals,
    ),
)


def check(policy: Policy, subject: checks.Subject) -> Iterator[tuple[OrganizationRule, str, str]]:
    """The violations of the organization's rules: the rule, the path and the message."""
    for rule in ORGANIZATION_RULES:
        if getattr(policy, rule.setting) not in (None, False):
            for path, message in rule.check(policy, subject):
                yield rule, path, message
