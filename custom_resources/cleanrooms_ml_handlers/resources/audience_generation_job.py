"""AudienceGenerationJob: a run that generates a lookalike audience from a seed."""

from __future__ import annotations

from ..permissions import PASS_COLLABORATION, Permission, authorized, tag_on_create, tagging
from ..spec import ID, STATUSES_OF_A_JOB, Keyed, ResourceSpec, Threshold, arn_pattern

_JOB = "cleanrooms-ml:own:audience-generation-job/*"
_START = ("cleanrooms-ml:StartAudienceGenerationJob",)
_BEHAVIORS = "User guide, IAM behaviors for Clean Rooms ML"

AUDIENCE_GENERATION_JOB = ResourceSpec(
    kind="AudienceGenerationJob",
    create="StartAudienceGenerationJob",
    get="GetAudienceGenerationJob",
    list="ListAudienceGenerationJobs",
    delete="DeleteAudienceGenerationJob",
    arn_field="audienceGenerationJobArn",
    id_parts=("audienceGenerationJobArn",),
    id_pattern=f"(?P<audienceGenerationJobArn>{arn_pattern(f'audience-generation-job/{ID}')})",
    # User guide, privacy of lookalike models: unique within an account.
    names_are_unique=True,
    list_field="audienceGenerationJobs",
    statuses=STATUSES_OF_A_JOB,
    long_running=True,
    retry_hint="change run_id",
    attributes={
        "Status": "status",
        "Recall": "metrics.recallMetric",
        "ProtectedQueryIdentifier": "protectedQueryIdentifier",
        "StartedBy": "startedBy",
        "CollaborationId": "collaborationId",
    },
    keyed_attributes={"Relevance": Keyed("metrics.relevanceMetrics[]", "audienceSize", ("type", "value"), "score")},
    gates={
        "minimumRecall": Threshold("metrics.recallMetric", at_least=True, keyword="minimum_recall"),
        "minimumRelevance": Threshold("metrics.relevanceMetrics[].score", at_least=True, keyword="minimum_relevance"),
    },
    in_flight_quotas=("in progress audience generation job",),
    role_fields=("seedAudience.roleArn",),
    permissions={
        # The model, and the job that AWS records for the model, may be in the provider's account.
        "StartAudienceGenerationJob": (
            Permission(_START, "cleanrooms-ml:any:configured-audience-model/*", _BEHAVIORS),
            Permission(_START, "cleanrooms-ml:any:audience-generation-job/*", _BEHAVIORS),
            tag_on_create(_JOB),
            PASS_COLLABORATION,
        ),
        **authorized({"GetAudienceGenerationJob": _JOB, "ListAudienceGenerationJobs": "*"}),
        **authorized({"DeleteAudienceGenerationJob": _JOB}),
        **tagging(_JOB),
    },
)
