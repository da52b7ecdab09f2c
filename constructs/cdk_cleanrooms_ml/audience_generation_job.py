"""AudienceGenerationJob: a run that makes a lookalike audience from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, Required, TypedDict, Unpack, runtime_checkable

from aws_cdk import RemovalPolicy, Resource
from aws_cdk import aws_iam as iam
from constructs import Construct

from cleanrooms_ml_handlers.resources.audience_generation_job import AUDIENCE_GENERATION_JOB
from cleanrooms_ml_handlers.rules import bucket_problems

from ._grants import grant
from ._run import CleanRoomsMLRun
from ._validation import is_token
from ._values import expect
from .configured_audience_model import IConfiguredAudienceModel
from .seed_audience import SeedAudience
from .wait import Wait

if TYPE_CHECKING:
    from .audience_export_job import AudienceExportJob, AudienceExportJobOptions


@runtime_checkable
class IAudienceGenerationJob(Protocol):
    """An audience generation job."""

    @property
    def audience_generation_job_arn(self) -> str:
        """The job's ARN."""
        ...

    @property
    def grants(self) -> AudienceGenerationJobGrants:
        """Permissions on it for others."""
        ...

    def add_export(self, id: str, **options: Unpack[AudienceExportJobOptions]) -> AudienceExportJob:
        """Writes an audience to the model's output location."""
        ...


class AudienceGenerationJobGrants:
    """Permissions on an audience generation job.

    Args:
        job: The job.
    """

    def __init__(self, job: IAudienceGenerationJob) -> None:
        self._known = {"audience-generation-job/*": job.audience_generation_job_arn}

    def read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets someone look at it.

        Args:
            grantee: Who.
        """
        return grant(AUDIENCE_GENERATION_JOB, "GetAudienceGenerationJob", grantee, self._known)


class _Imported(Resource):
    def __init__(self, scope: Construct, id: str, arn: str) -> None:
        super().__init__(scope, id, environment_from_arn=arn)
        self._arn = arn

    @property
    def audience_generation_job_arn(self) -> str:
        return self._arn

    @property
    def grants(self) -> AudienceGenerationJobGrants:
        return AudienceGenerationJobGrants(self)

    def add_export(self, id: str, **options: Unpack[AudienceExportJobOptions]) -> AudienceExportJob:
        return _add_export(self, id, options)


class AudienceGenerationJobOptions(TypedDict, total=False):
    """The arguments of ``AudienceGenerationJob`` but for the model; see there."""

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


# Quotas for Clean Rooms ML: a job takes up to 10 hours, the query of its seed up to 12 more.
_LONGEST, _LONGEST_WITH_QUERY = Wait(10 * 3600), Wait(22 * 3600)


class AudienceGenerationJob(CleanRoomsMLRun):
    """A run that makes a lookalike audience from a seed.

    The job runs when the stack creates this resource, for up to 10 hours, and up to 12 more for a seed that is
    queried. It cannot be changed: any change except tags starts a new job and deletes the old one; a changed
    description is such a change.

    Args:
        scope: Where it stands.
        id: Its id there.
        configured_audience_model: What to make the audience with, in this account or a provider's.
        seed_audience: The users that it shall look like, 25 to 500,000.
        include_seed_in_output: Whether the audience holds the seed too. Default: the service's, which leaves it out.
        collaboration_id: The collaboration in which the model is shared. Default: none.
        run_id: Any text; another one starts a new job. Default: none.
        audience_generation_job_name: Its name, 1 to 63 characters. With a fixed one, a change that starts a new job
            fails until the name changes too. Default: generated.
        minimum_recall: The deployment fails if the recall is lower, 0 to 1. Default: no such gate.
        minimum_relevance: The deployment fails if any size's relevance is lower, 0 to 1. Default: no such gate.
        wait: How long the deployment waits for the job, or that it does not. Default: as long as AWS documents that
            a job can take: 10 hours, and 22 for a seed that is queried. Giving up earlier throws its work away.
        description: Up to 255 characters. Default: none.
        tags: Tags, besides those of ``Tags.of``. Default: none.
        role: What the service reads the seed as. Default: a role that may read the seed and nothing else.
        removal_policy: What becomes of it when it leaves the stack or is replaced. Default: DESTROY.

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
        super().__init__(scope, id, spec=AUDIENCE_GENERATION_JOB, tags=tags)
        # For exports, whose size has to be one of them.
        self._audience_sizes = getattr(configured_audience_model, "_audience_sizes", None)
        self._role: iam.IRole = role or self._provider._roles.make(
            self,
            description="Clean Rooms ML reads a seed audience",
            statements=seed_audience._statements,
            source="audience-generation-job/*",
        )
        seed = seed_audience._render(self, self._passable(self._role, own=role is not None))
        output_uri = getattr(configured_audience_model, "_output_uri", None)
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
            own_role_or_key=role is not None,
            run_id=run_id,
            wait=wait or (_LONGEST_WITH_QUERY if seed_audience._is_queried else _LONGEST),
            gates={"minimumRecall": minimum_recall, "minimumRelevance": minimum_relevance},
            also=lambda: bucket_problems(output_uri, seed.get("dataSource", {}).get("s3Uri"), is_token),
            removal_policy=removal_policy,
        )

    @staticmethod
    def from_audience_generation_job_arn(
        scope: Construct, id: str, audience_generation_job_arn: str
    ) -> IAudienceGenerationJob:
        """A job that lives outside the stack. It is not waited for.

        Args:
            scope: Where it is imported.
            id: Its id there.
            audience_generation_job_arn: Its ARN.
        """
        return _Imported(scope, id, audience_generation_job_arn)

    @property
    def audience_generation_job_arn(self) -> str:
        """The job's ARN, known before the job has ended."""
        return self._attribute("Arn")

    @property
    def audience_generation_job_name(self) -> str:
        """The job's name."""
        return self._attribute("Name")

    @property
    def status(self) -> str:
        """The job's status at the end of the deployment: ACTIVE."""
        return self._result("Status")

    @property
    def recall(self) -> float:
        """The recall, 0 to 1: how much of a held-back part of the seed the audience holds."""
        return self._number("Recall")

    @property
    def protected_query_identifier(self) -> str:
        """The id of the protected query of a seed that is queried."""
        return self._result("ProtectedQueryIdentifier")

    @property
    def role(self) -> iam.IRole:
        """What the service reads the seed as."""
        return self._role

    @property
    def grants(self) -> AudienceGenerationJobGrants:
        """Permissions on it for others."""
        return AudienceGenerationJobGrants(self)

    def add_export(self, id: str, **options: Unpack[AudienceExportJobOptions]) -> AudienceExportJob:
        """Writes an audience of one size to the model's output location, in the scope of this construct.

        Args:
            id: Its id there.
            options: The arguments of ``AudienceExportJob`` but for the job.
        """
        return _add_export(self, id, options)


def _add_export(
    job: _Imported | AudienceGenerationJob, id: str, options: AudienceExportJobOptions
) -> AudienceExportJob:
    from .audience_export_job import AudienceExportJob

    return AudienceExportJob(job, id, audience_generation_job=job, **options)
