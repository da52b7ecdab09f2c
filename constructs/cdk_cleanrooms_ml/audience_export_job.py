"""AudienceExportJob: writes an audience of one size to the configured audience model's output location."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Required, TypedDict

from aws_cdk import RemovalPolicy
from constructs import Construct

from cleanrooms_ml_handlers import rules
from cleanrooms_ml_handlers.resources.audience_export_job import AUDIENCE_EXPORT_JOB
from cleanrooms_ml_handlers.rules.durations import DEFAULT_WAIT_SECONDS

from ._run import CleanRoomsMLRun
from ._validation import is_unchecked
from ._values import expect
from .audience_generation_job import IAudienceGenerationJob
from .audience_sizes import AudienceSize
from .wait import Wait

# Quotas for Clean Rooms ML.
_LONGEST = Wait(DEFAULT_WAIT_SECONDS["AudienceExportJob"])


class AudienceExportJobOptions(TypedDict, total=False):
    """The arguments of ``AudienceExportJob`` except the job; see there."""

    audience_size: Required[AudienceSize]
    run_id: str | None
    wait: Wait | None
    description: str | None
    removal_policy: RemovalPolicy | None


class AudienceExportJob(CleanRoomsMLRun):
    """Writes an audience of one size to the configured audience model's output location.

    The export runs when the stack creates this resource. It lands with the owner of the model. It cannot be changed
    nor deleted: any change starts a new export, and when this resource leaves the stack its record and what was
    written stay. It has no tags, by which it could be known as this stack's; its name does that, and is generated.
    Removed from the app and added again with the same properties it is found again, and nothing is exported: change
    ``run_id`` to export again.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        audience_generation_job: The job that generated the audience, in this account.
        audience_size: How many users, one of the sizes of the configured audience model; at least 10,000 users.
        run_id: Any text; a value that it has not had before exports again. Default: none.
        wait: How long the deployment waits for the export, or that it does not. Default: an hour, as
            long as AWS documents that an export can take.
        description: Up to 255 characters. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: DESTROY, which waits
            for its end.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: Clean Rooms ML API, StartAudienceExportJob.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        audience_generation_job: IAudienceGenerationJob,
        audience_size: AudienceSize,
        run_id: str | None = None,
        wait: Wait | None = None,
        description: str | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        job = audience_generation_job
        expect(
            "audience_generation_job",
            job,
            IAudienceGenerationJob,
            "a job. Pass AudienceGenerationJob.from_audience_generation_job_arn(...)",
        )
        expect("audience_size", audience_size, AudienceSize, "AudienceSize. Pass AudienceSize.percentage(...)")
        expect("wait", wait, Wait, "Wait. Pass Wait.until_active(...)")
        super().__init__(scope, id, spec=AUDIENCE_EXPORT_JOB, tags=None)
        offered = getattr(job, "_audience_sizes", None)
        size, sizes = audience_size._render(), offered._render() if offered else None

        def not_offered() -> Iterable[object]:
            return rules.export_size_problems(size, sizes, is_unchecked)

        self._deploy(
            {
                "description": description,
                "audienceGenerationJobArn": job.audience_generation_job_arn,
                "audienceSize": size,
            },
            needs=[job],
            run_id=run_id,
            wait=wait or _LONGEST,
            also=not_offered,
            removal_policy=removal_policy,
        )

    @property
    def audience_export_job_name(self) -> str:
        """The export's name."""
        return self._attribute("Name")

    @property
    def output_location(self) -> str:
        """Where the audience was written."""
        return self._result("OutputLocation")
