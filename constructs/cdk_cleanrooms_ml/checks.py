"""CleanRoomsMLChecks: a policy-validation plugin over the final templates of an app."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import jsii
from aws_cdk import (
    Duration,
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
)

from cleanrooms_ml_policy import Finding, Policy, PolicyError, Severity, check_file
from cleanrooms_ml_policy.catalog import FAULT, UNREADABLE, entries, fix_of
from cleanrooms_ml_policy.reading import UnreadableTemplate

from ._validation import is_token
from ._values import OneOf, form_of
from .audience_settings import SharedAudienceMetrics
from .protected_query import WorkerType

_SECONDS_PER_DAY = 24 * 60 * 60


@jsii.implements(IPolicyValidationPlugin)
class CleanRoomsMLChecks:
    """Checks the final templates of an app: AWS's limits, and your organization's policy.

    It sees what constructs do not: escape hatches, ``CfnInclude``, raw ``CfnResource``. Register it once::

        Validations.of(app).add_plugins(CleanRoomsMLChecks(max_retention=Duration.days(14)))

    A violation makes ``cdk synth`` fail. One resource is excused with its reason by
    ``Validations.of(channel).acknowledge(Acknowledgment(id="CleanRoomsMLChecks::cleanrooms-ml:max-retention",
    reason="..."))``; it stays in the report. What is not set is not asked; AWS's limits always are.

    Args:
        max_retention: The longest that an ML input channel may keep its data, 1 to 30 whole days. Default: any.
        required_tags: Keys of tags that every resource with tags needs. Default: none.
        require_encryption_key: Whether data at rest needs a KMS key of yours. Default: no.
        require_analysis_template: Whether queries have to be analysis templates. Default: no.
        forbid_seed_in_output: Whether the users of a seed must not be in the audience. Default: no.
        shared_audience_metrics: What a configured audience model may share. Default: anything.
        allowed_worker_types: Types of workers that queries may use. Default: any.
        max_workers: The most workers that a query may use. Default: any number.
        max_epsilon: The largest epsilon of synthetic data. Default: any.
        max_membership_inference_attack_score: The largest score that synthetic data may allow. Default: any.
        allowed_principals: Accounts, ARNs of IAM and service names that the resource policy of a configured audience
            model may let in; an empty list lets no one in. Default: anyone.

    Raises:
        ValueError: A setting is wrong.
    """

    def __init__(
        self,
        *,
        max_retention: Duration | None = None,
        required_tags: Sequence[str] | None = None,
        require_encryption_key: bool = False,
        require_analysis_template: bool = False,
        forbid_seed_in_output: bool = False,
        shared_audience_metrics: Sequence[SharedAudienceMetrics | str] | None = None,
        allowed_worker_types: Sequence[WorkerType | str] | None = None,
        max_workers: int | None = None,
        max_epsilon: float | None = None,
        max_membership_inference_attack_score: float | None = None,
        allowed_principals: Sequence[str] | None = None,
    ) -> None:
        self._policy = Policy.of(
            {
                "max_retention_days": _days(max_retention),
                "required_tags": () if required_tags is None else required_tags,
                "require_encryption_key": require_encryption_key,
                "require_analysis_template": require_analysis_template,
                "forbid_seed_in_output": forbid_seed_in_output,
                "shared_audience_metrics": _values(shared_audience_metrics),
                "allowed_worker_types": _values(allowed_worker_types),
                "max_workers": max_workers,
                "max_epsilon": max_epsilon,
                "max_membership_inference_attack_score": max_membership_inference_attack_score,
                "allowed_principals": allowed_principals,
            }
        )

    @property
    @jsii.member(jsii_name="name")
    def name(self) -> str:
        """The plugin's name in reports, and the first part of ids to acknowledge."""
        return "CleanRoomsMLChecks"

    @property
    @jsii.member(jsii_name="version")
    def version(self) -> str | None:
        """The library's version."""
        try:
            return importlib.metadata.version("cdk-cleanrooms-ml")
        except importlib.metadata.PackageNotFoundError:
            return None

    @property
    @jsii.member(jsii_name="ruleIds")
    def rule_ids(self) -> list[str]:
        """The rules that may be violated."""
        return [entry.id for entry in entries().values() if entry.severity is not Severity.WARNING]

    @jsii.member(jsii_name="validate")
    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Checks the templates. Called by the CDK at the end of a synth.

        It never raises: the CDK CLI takes an app whose plugin raised for a clean one.
        """
        violations: list[PolicyViolation] = []
        try:
            if _has_pending_lookups(context.template_paths):
                # The CLI looks the values up and synthesizes again, unless this pass fails.
                return PolicyValidationPluginReport(success=True, violations=[])
            for path in context.template_paths:
                violations += _violations(path, self._policy)
        except Exception as error:
            violations.append(_fault(error))
        return PolicyValidationPluginReport(success=not violations, violations=violations)


def _has_pending_lookups(template_paths: Sequence[str]) -> bool:
    """Whether the templates still have dummies of context lookups: the assembly lists what is missing."""
    folders = {folder for path in template_paths for folder in (Path(path).parent, Path(path).parent.parent)}
    return any(_has_missing_context(folder / "manifest.json") for folder in folders)


def _has_missing_context(manifest: Path) -> bool:
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and bool(content.get("missing"))


def _violations(path: str, policy: Policy) -> Iterator[PolicyViolation]:
    try:
        checked = check_file(Path(path), policy)
    except UnreadableTemplate as error:
        yield _violation(Finding(UNREADABLE, Severity.FATAL, str(error), fix_of(UNREADABLE)), path)
        return
    except Exception as error:
        yield _fault(error, path)
        return
    for one in checked:
        for finding in one.findings:
            yield _violation(finding, str(one.path))


def _fault(error: Exception, path: str = "") -> PolicyViolation:
    problem = f"cdk-cleanrooms-ml has a fault, so that nothing is checked: {type(error).__name__} {error}"
    return _violation(Finding(FAULT, Severity.FATAL, problem, fix_of(FAULT)), path)


def _violation(finding: Finding, path: str) -> PolicyViolation:
    return PolicyViolation(
        rule_name=finding.rule,
        # A lone surrogate of a template would not reach the CDK.
        description=finding.problem.encode(errors="replace").decode(),
        fix=finding.fix or None,
        severity=finding.severity.value,
        # The CDK adds the construct's path and, where it knows it, the user's line.
        violating_resources=[
            PolicyViolatingResource(
                resource_logical_id=finding.logical_id or None,
                template_path=path or None,
                locations=[finding.property_path] if finding.property_path else [],
            )
        ],
    )


def _days(retention: Duration | None) -> float | None:
    """A retention in days.

    Raises:
        PolicyError: It is a token, or not a whole number of days.
    """
    if retention is None:
        return None
    if not isinstance(retention, Duration):
        raise PolicyError(f"max_retention is {form_of(retention)}; a Duration is needed: Duration.days(14)")
    try:
        seconds = retention.to_seconds(integral=False)
    except RuntimeError:
        seconds = None
    if seconds is None or is_token(seconds):
        raise PolicyError("max_retention is a token; it has to be known at synth. Pass Duration.days(14)")
    if seconds % _SECONDS_PER_DAY:
        raise PolicyError(f"max_retention is {seconds:g} seconds; whole days are needed. Pass Duration.days(14)")
    return int(seconds / _SECONDS_PER_DAY)


def _values(
    given: Sequence[SharedAudienceMetrics | str] | Sequence[WorkerType | str] | None,
) -> Sequence[object] | None:
    if given is None or isinstance(given, str):
        return given
    return [item.value if isinstance(item, OneOf) else item for item in given]
