"""The kinds of lookalike modeling: from a training dataset to the export of an audience."""

from __future__ import annotations

from cleanrooms_ml_handlers.resources.audience_export_job import AUDIENCE_EXPORT_JOB
from cleanrooms_ml_handlers.resources.audience_generation_job import AUDIENCE_GENERATION_JOB
from cleanrooms_ml_handlers.resources.audience_model import AUDIENCE_MODEL
from cleanrooms_ml_handlers.resources.configured_audience_model import CONFIGURED_AUDIENCE_MODEL
from cleanrooms_ml_handlers.resources.configured_audience_model_association import CONFIGURED_AUDIENCE_MODEL_ASSOCIATION

from .kind import Ending, Kind, Needed, Parent, Unique, Verb, of_spec

LOOKALIKE_KINDS = (
    Kind(
        name="TrainingDataset",
        arn_field="trainingDatasetArn",
        arn_path="training-dataset",
        operations={
            "CreateTrainingDataset": Verb.CREATE,
            "GetTrainingDataset": Verb.GET,
            "ListTrainingDatasets": Verb.LIST,
            "DeleteTrainingDataset": Verb.DELETE,
        },
        unique=Unique.ACCOUNT,
    ),
    of_spec(
        AUDIENCE_MODEL,
        arn_path="audience-model",
        runs=True,
        ending=Ending.GONE,
        parents=(Parent("TrainingDataset", "trainingDatasetArn"),),
    ),
    of_spec(
        CONFIGURED_AUDIENCE_MODEL,
        arn_path="configured-audience-model",
        parents=(Parent("AudienceModel", "audienceModelArn"),),
        # The default of minMatchingSeedSize is documented; that Get shows it is our reading.
        defaults={"minMatchingSeedSize": 500, "childResourceTagOnCreatePolicy": "NONE"},
    ),
    # Documented: deleting the model removes it from the collaborations that it is associated to.
    of_spec(
        CONFIGURED_AUDIENCE_MODEL_ASSOCIATION,
        arn_path="membership/{membershipIdentifier}/configuredaudiencemodelassociation",
        id_field="configuredAudienceModelAssociationIdentifier",
        more={
            "GetCollaborationConfiguredAudienceModelAssociation": Verb.GET,
            "ListCollaborationConfiguredAudienceModelAssociations": Verb.LIST,
        },
        parents=(
            Parent("ConfiguredAudienceModel", "configuredAudienceModelArn", needed=Needed.NEVER, authorizes=False),
        ),
        lives_with="configuredAudienceModelArn",
    ),
    of_spec(
        AUDIENCE_GENERATION_JOB,
        arn_path="audience-generation-job",
        runs=True,
        ending=Ending.GONE,
        parents=(Parent("ConfiguredAudienceModel", "configuredAudienceModelArn", foreign=True),),
        unique=Unique.ACCOUNT,
        defaults={"includeSeedInOutput": False},
    ),
    of_spec(
        AUDIENCE_EXPORT_JOB,
        key="{audienceGenerationJobArn}#{name}",
        runs=True,
        parents=(Parent("AudienceGenerationJob", "audienceGenerationJobArn", needed=Needed.RUNNING),),
        lives_with="audienceGenerationJobArn",
    ),
)
