"""AudienceExportJob: writes an audience of one size to the configured audience model's output location."""

from __future__ import annotations

from ..permissions import authorized
from ..spec import ID, STATUSES_OF_AN_EXPORT, ResourceSpec, arn_pattern

_JOB = "cleanrooms-ml:own:audience-generation-job/*"

AUDIENCE_EXPORT_JOB = ResourceSpec(
    kind="AudienceExportJob",
    create="StartAudienceExportJob",
    list="ListAudienceExportJobs",
    id_parts=("audienceGenerationJobArn", "name"),
    id_pattern=f"(?P<audienceGenerationJobArn>{arn_pattern(f'audience-generation-job/{ID}')})#(?P<name>.+)",
    list_field="audienceExportJobs",
    list_parameters=("audienceGenerationJobArn",),
    statuses=STATUSES_OF_AN_EXPORT,
    long_running=True,
    retry_hint="change run_id",
    attributes={"Status": "status", "OutputLocation": "outputLocation"},
    in_flight_quotas=("in progress audience export job",),
    permissions=authorized({"StartAudienceExportJob": _JOB, "ListAudienceExportJobs": _JOB}),
)
