"""AudienceGenerationJob: a run that generates a lookalike audience from a seed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Required, TypedDict, Unpack

import jsii
from aws_cdk import IResource, RemovalPolicy
from aws_cdk import aws_iam as iam
from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from cleanrooms_ml_handlers.resources.audience_generation_job import AUDIENCE_GENERATION_JOB
from cleanrooms_ml_handlers.rules import bucket_problems
from cleanrooms_ml_handlers.rules.durations import DEFAULT_WAIT_SECONDS, LONGEST_QUERIED_GENERATION_SECONDS

from ._bases import ImportedResource, ServiceRoleResource
from ._grants import ResourceGrants
from ._hidden_metrics import hidden_gates, hides_metrics, reject_hidden
from ._run import CleanRoomsMLRun
from ._validation import is_token
from ._values import expect
from .audience_sizes import AudienceSize
from .configured_audience_model import IConfiguredAudienceModel
from .seed_audience import SeedAudience
from .wait import Wait

if TYPE_CHECKING:
    from .audience_export_job import AudienceExportJob, AudienceExportJobOptions


@runtime_checkable
class IAudienceGenerationJob(IResource, iam.IGrantable, Protocol):
    """An audience generation job."""

    @property
    def audience_generation_job_arn(self) -> str:
        """The job's ARN."""
        ...

    @property
    def role(self) -> iam.IRole | None:
        """The role with which the service reads the seed; None if unknown."""
        ...

    @property
    def grants(self) -> AudienceGenerationJobGrants:
        """Grants on this resource."""
        ...

    def add_export(self, id: str, **options: Unpack[AudienceExportJobOptions]) -> AudienceExportJob:
        """Writes an audience to the model's output location."""
        ...


class AudienceGenerationJobGrants(ResourceGrants):
    """Grants on an audience generation job.

    Args:
        job: The job.
    """

    def __init__(self, job: IAudienceGenerationJob) -> None:
        super().__init__(AUDIENCE_GENERATION_JOB, job, job.audience_generation_job_arn)


class _AudienceGenerationJobBase(ServiceRoleResource):
    @property
    @abstractmethod
    def audience_generation_job_arn(self) -> str:
        """The job's ARN."""

    @property
    def grants(self) -> AudienceGenerationJobGrants:
        """Grants on this resource."""
        return AudienceGenerationJobGrants(self)

    def add_export(self, id: str, **options: Unpack[AudienceExportJobOptions]) -> AudienceExportJob:
        """Writes an audience of one size to the model's output location, in the scope of this construct.

        Args:
            id: Construct ID.
            options: The arguments of ``AudienceExportJob`` except the job.
        """
        from .audience_export_job import AudienceExportJob

        return AudienceExportJob(self, id, audience_generation_job=self, **options)


class _Imported(ImportedResource, _AudienceGenerationJobBase):
    @property
    def audience_generation_job_arn(self) -> str:
        return self._arn


class AudienceGenerationJobOptions(TypedDict, total=False):
    """The arguments of ``AudienceGenerationJob`` except the model; see there."""

    seed_audience: Required[SeedAudience]
    include_seed_in_output: bool | None
    collaboration_id: str | None
    run_id: str | None
    audience_generation_job_name: str | None
    minimum_recall: float | None
    minimum_relevance: float | None
    wait: Wait | None
    description: str | None
    tags: Mapping[str, str] | None
    role: iam.IRole | None
    removal_policy: RemovalPolicy | None


# Quotas for Clean Rooms ML: a job takes up to 10 hours; 35 with a seed from a query, which takes up to 24 of them.
_LONGEST = Wait(DEFAULT_WAIT_SECONDS["AudienceGenerationJob"])
_LONGEST_WITH_QUERY = Wait(LONGEST_QUERIED_GENERATION_SECONDS)


@jsii.implements(iam.IGrantable)
class AudienceGenerationJob(_AudienceGenerationJobBase, CleanRoomsMLRun):
    """A run that generates a lookalike audience from a seed.

    The job runs when the stack creates this resource, for up to 10 hours. With a seed from a query, which may take up
    to 24 hours, the job takes up to 35. It cannot be changed: any change except tags starts a new job and deletes the
    old one; a changed description is such a change.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        configured_audience_model: The model to use, in this account or a provider's.
        seed_audience: The users that it shall look like, 25 to 500,000.
        include_seed_in_output: Whether the audience holds the seed too. Default: the service's, which leaves it out.
        collaboration_id: The collaboration in which the model is shared. Default: none.
        run_id: Any text; another value starts a new job. Default: none.
        audience_generation_job_name: Its name, 1 to 63 characters. With a fixed one, a change that starts a new job
            fails until the name changes too. Default: generated.
        minimum_recall: The deployment fails if the recall is lower, 0 to 1. Default: no gate.
        minimum_relevance: The deployment fails if any size's relevance is lower. The user guide documents -1 to 1, the
            API 0 to 10. Default: no gate.
        wait: How long the deployment waits for the job, or that it does not. Default: as long as AWS documents that
            a job can take: 10 hours, or 35 with a seed from a query. Giving up earlier throws its work away.
        description: Up to 255 characters. Default: none.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        role: The role with which the service reads the seed. Default: a role that may read the seed and nothing else.
        adopt_existing: ARN of one that exists already, to be taken over instead of creating one; its name has to be
            given. Nothing deletes it as long as this is there. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: Clean Rooms ML API, StartAudienceGenerationJob.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        configured_audience_model: IConfiguredAudienceModel,
        seed_audience: SeedAudience,
        include_seed_in_output: bool | None = None,
        collaboration_id: str | None = None,
        run_id: str | None = None,
        audience_generation_job_name: str | None = None,
        minimum_recall: float | None = None,
        minimum_relevance: float | None = None,
        wait: Wait | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        role: iam.IRole | None = None,
        adopt_existing: str | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        expect(
            "configured_audience_model",
            configured_audience_model,
            IConfiguredAudienceModel,
            "a configured model. Pass ConfiguredAudienceModel.from_configured_audience_model_arn(...)",
        )
        expect("seed_audience", seed_audience, SeedAudience, "SeedAudience")
        expect("wait", wait, Wait, "Wait. Pass Wait.until_active(...)")
        super().__init__(scope, id, spec=AUDIENCE_GENERATION_JOB, tags=tags, adopt_existing=adopt_existing)
        # For exports, whose size has to be one of them.
        self._audience_sizes = getattr(configured_audience_model, "_audience_sizes", None)
        self._role: iam.IRole = role or self._create_role(
            description="Clean Rooms ML reads a seed audience",
            statements=seed_audience._statements,
            source="audience-generation-job/*",
        )
        seed = seed_audience._render(self, self._passable(self._role))
        output_uri = getattr(configured_audience_model, "_output_uri", None)
        seed_uri = seed.get("dataSource", {}).get("s3Uri")
        self._hides_metrics = hides_metrics(configured_audience_model)
        gates = {"minimumRecall": minimum_recall, "minimumRelevance": minimum_relevance}
        hidden = hidden_gates(self, self._line, self._hides_metrics, gates)
        self._deploy(
            {
                "name": audience_generation_job_name,
                "description": description,
                "configuredAudienceModelArn": configured_audience_model.configured_audience_model_arn,
                "seedAudience": seed,
                "includeSeedInOutput": include_seed_in_output,
                "collaborationId": collaboration_id,
            },
            role=self._role,
            needs=[configured_audience_model],
            run_id=run_id,
            wait=wait or (_LONGEST_WITH_QUERY if seed_audience._is_queried else _LONGEST),
            gates=gates,
            also=lambda: [*bucket_problems(output_uri, seed_uri, is_token), *hidden],
            removal_policy=removal_policy,
        )

    @staticmethod
    def from_audience_generation_job_arn(
        scope: Construct, id: str, audience_generation_job_arn: str
    ) -> IAudienceGenerationJob:
        """A job that is defined outside this stack. The deployment does not wait for it.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            audience_generation_job_arn: Its ARN.
        """
        return _Imported(scope, id, audience_generation_job_arn)

    @staticmethod
    def from_audience_generation_job_attributes(
        scope: Construct, id: str, *, audience_generation_job_arn: str, role: iam.IRole | None = None
    ) -> IAudienceGenerationJob:
        """A job that is defined outside this stack, with its role.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            audience_generation_job_arn: The job's ARN.
            role: The role with which the service reads the seed. Default: unknown.
        """
        return _Imported(scope, id, audience_generation_job_arn, role=role)

    @property
    def audience_generation_job_arn(self) -> str:
        """The job's ARN, known before the job has ended."""
        return self._attribute("Arn")

    @property
    def audience_generation_job_name(self) -> str:
        """The job's name."""
        return self._attribute("Name")

    @property
    def recall(self) -> float:
        """The recall, 0 to 1: how much of a held-back part of the seed the audience holds.

        Raises:
            ValueError: The configured model does not share metrics.
        """
        reject_hidden(self, self._hides_metrics, "recall")
        return self._number("Recall")

    def relevance(self, size: AudienceSize) -> float:
        """The relevance of an audience of one size; absent if the owner of the model shares no metrics.

        Args:
            size: One of the sizes of the configured audience model.

        Raises:
            ValueError: The model has other sizes.
        """
        expect("size", size, AudienceSize, "AudienceSize. Pass AudienceSize.percentage(...)")
        return self._keyed_number("Relevance", size._offered_by(self._audience_sizes))

    @property
    def started_by(self) -> str:
        """The account that started the job."""
        return self._result("StartedBy")

    @property
    def collaboration_id(self) -> str:
        """The id of the collaboration in which the model is shared; absent without one."""
        return self._result("CollaborationId")

    @property
    def protected_query_identifier(self) -> str:
        """The id of the protected query of a seed that is queried."""
        return self._result("ProtectedQueryIdentifier")

    @property
    def role(self) -> iam.IRole:
        """The role with which the service reads the seed."""
        return self._role
