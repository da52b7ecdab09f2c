"""The rules of an organisation: what AWS allows, but the organisation does not.

A rule whose setting is not given says nothing. What a rule has to know but only the deployment knows is a finding
too, since a policy that a parameter can evade is none; where being there is enough, a reference is fine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cleanrooms_ml_handlers.problem import ID_PREFIX

from . import judges
from .policy import Policy


@dataclass(frozen=True)
class OrganizationRule:
    """A rule of an organisation.

    Attributes:
        id: Stable.
        setting: The setting that turns it on.
        about: What it is about: types and fields.
        limit: What is allowed.
        unknown: What becomes of a value that only the deployment knows.
        reason: Why an organisation wants it.
        fix: What to do.
        judge: Finds what breaks it.
    """

    id: str
    setting: str
    about: str
    limit: str
    unknown: str
    reason: str
    fix: str
    judge: Callable[[Policy, judges.Subject], judges.Found]


_MUST_BE_KNOWN = "a finding: it cannot be checked"
_QUERIES = "computeConfiguration and sqlComputeConfiguration of ML input channels and audience generation jobs"

ORGANIZATION_RULES = (
    OrganizationRule(
        id=f"{ID_PREFIX}max-retention",
        setting="max_retention_days",
        about="`retentionInDays` of an ML input channel",
        limit="at most so many days",
        unknown=_MUST_BE_KNOWN,
        reason="Data that is kept longer than it is used can only leak.",
        fix="Lower the retention; a channel can be made again with another run_id",
        judge=judges.retention,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}required-tags",
        setting="required_tags",
        about="`tags` of everything that has tags, also of `AWS::CleanRoomsML::*`",
        limit="each of these keys, with any value",
        unknown="fine as a tag's value; a finding if it is the tags themselves",
        reason="Whoever pays or answers for a resource has to be found.",
        fix='Add the tag, for all resources at once with Tags.of(app).add("key", "value")',
        judge=judges.tags,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}require-encryption-key",
        setting="require_encryption_key",
        about="`kmsKeyArn` of everything that takes one, also of `AWS::CleanRoomsML::ConfiguredModelAlgorithm`",
        limit="a key of yours",
        unknown="fine: a reference to a key is a key; a condition has to name one in each branch",
        reason="Whoever may use a key of yours, and when it ends, is up to you, and its use shows in CloudTrail.",
        fix="Pass encryption_key",
        judge=judges.encryption_key,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}require-analysis-template",
        setting="require_analysis_template",
        about="`sqlParameters.queryString` of ML input channels and of seeds",
        limit="nothing: analysis templates only",
        unknown="a finding, as SQL in an S3 object is: it is SQL of its own",
        reason="All members of a collaboration see and approve an analysis template; SQL of its own they do not.",
        fix="Use ProtectedQuery.analysis_template(...)",
        judge=judges.analysis_template,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}forbid-seed-in-output",
        setting="forbid_seed_in_output",
        about="`includeSeedInOutput` of an audience generation job",
        limit="false, or not given",
        unknown=_MUST_BE_KNOWN,
        reason="The output goes to the owner of the model, who otherwise never learns who is in the seed.",
        fix="Leave include_seed_in_output out",
        judge=judges.seed_in_output,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}shared-audience-metrics",
        setting="shared_audience_metrics",
        about="`sharedAudienceMetrics` of a configured audience model",
        limit="one of these values",
        unknown=_MUST_BE_KNOWN,
        reason="Metrics tell the other party how much the seed and the model's users have in common.",
        fix="Choose an allowed value",
        judge=judges.shared_metrics,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}allowed-worker-types",
        setting="allowed_worker_types",
        about=f"`worker.type` in {_QUERIES}",
        limit="one of these types; without a type the service chooses",
        unknown=_MUST_BE_KNOWN,
        reason="Large workers cost more by the hour.",
        fix="Choose an allowed type",
        judge=judges.worker_types,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}max-workers",
        setting="max_workers",
        about=f"`worker.number` in {_QUERIES}",
        limit="at most so many; without a number the service chooses",
        unknown=_MUST_BE_KNOWN,
        reason="A query costs what its workers cost.",
        fix="Use fewer workers",
        judge=judges.workers,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}max-epsilon",
        setting="max_epsilon",
        about="`Epsilon` in the synthetic data parameters of an `AWS::CleanRooms::AnalysisTemplate`",
        limit="at most so much",
        unknown=_MUST_BE_KNOWN,
        reason="The larger epsilon is, the more synthetic data tells of single people.",
        fix="Lower epsilon",
        judge=judges.epsilon,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}max-membership-inference-attack-score",
        setting="max_membership_inference_attack_score",
        about="`MaxMembershipInferenceAttackScore` in the same parameters",
        limit="at most so much",
        unknown=_MUST_BE_KNOWN,
        reason="The score says how well an attacker can tell who was in the data; 0.5 is guessing.",
        fix="Lower the score",
        judge=judges.attack_score,
    ),
    OrganizationRule(
        id=f"{ID_PREFIX}allowed-principals",
        setting="allowed_principals",
        about="`Principal` in the `configuredAudienceModelPolicy` of a configured audience model",
        limit="these accounts with their roles and users, these ARNs and these services",
        unknown="a finding, unless the account is known",
        reason="The policy opens a model to other accounts.",
        fix="Name only agreed accounts; NotPrincipal and * let in everyone",
        judge=judges.principals,
    ),
)


def judge(policy: Policy, subject: judges.Subject) -> Iterator[tuple[OrganizationRule, str, str]]:
    """What breaks the organisation's rules: the rule, the path and what is wrong."""
    for rule in ORGANIZATION_RULES:
        if getattr(policy, rule.setting) not in (None, False):
            for path, message in rule.judge(policy, subject):
                yield rule, path, message
