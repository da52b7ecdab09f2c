"""The kinds of lookalike modelling: from a training dataset to the export of an audience."""

from __future__ import annotations

from .kind import Ending, Kind, Needed, Parent, Unique, Verb

LOOKALIKE_KINDS = (
    Kind(
        name="TrainingDataset",
        label="training dataset",
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
    Kind(
        name="AudienceModel",
        label="audience model",
        arn_field="audienceModelArn",
        arn_path="audience-model",
        operations={
            "CreateAudienceModel": Verb.CREATE,
            "GetAudienceModel": Verb.GET,
            "ListAudienceModels": Verb.LIST,
            "DeleteAudienceModel": Verb.DELETE,
        },
        runs=True,
        ending=Ending.GONE,
        parents=(Parent("TrainingDataset", "trainingDatasetArn"),),
    ),
    Kind(
        name="ConfiguredAudienceModel",
        label="configured audience model",
        arn_field="configuredAudienceModelArn",
        arn_path="configured-audience-model",
        operations={
            "CreateConfiguredAudienceModel": Verb.CREATE,
            "GetConfiguredAudienceModel": Verb.GET,
            "ListConfiguredAudienceModels": Verb.LIST,
            "UpdateConfiguredAudienceModel": Verb.UPDATE,
            "DeleteConfiguredAudienceModel": Verb.DELETE,
        },
        parents=(Parent("AudienceModel", "audienceModelArn"),),
        # The default of minMatchingSeedSize is documented; that Get shows it is our reading.
        defaults={"minMatchingSeedSize": 500, "childResourceTagOnCreatePolicy": "NONE"},
    ),
    # Documented: deleting the model removes it from the collaborations that it is associated to.
    Kind(
        name="ConfiguredAudienceModelAssociation",
        label="configured audience model association",
        arn_field="arn",
        arn_path="membership/{membershipIdentifier}/configuredaudiencemodelassociation",
        arn_service="cleanrooms",
        id_field="configuredAudienceModelAssociationIdentifier",
        wrapped="configuredAudienceModelAssociation",
        name_field="configuredAudienceModelAssociationName",
        operations={
            "CreateConfiguredAudienceModelAssociation": Verb.CREATE,
            "GetConfiguredAudienceModelAssociation": Verb.GET,
            "ListConfiguredAudienceModelAssociations": Verb.LIST,
            "UpdateConfiguredAudienceModelAssociation": Verb.UPDATE,
            "DeleteConfiguredAudienceModelAssociation": Verb.DELETE,
        },
        parents=(
            Parent("ConfiguredAudienceModel", "configuredAudienceModelArn", needed=Needed.NEVER, authorizes=False),
        ),
        lives_with="configuredAudienceModelArn",
    ),
    Kind(
        name="AudienceGenerationJob",
        label="audience generation job",
        arn_field="audienceGenerationJobArn",
        arn_path="audience-generation-job",
        operations={
            "StartAudienceGenerationJob": Verb.CREATE,
            "GetAudienceGenerationJob": Verb.GET,
            "ListAudienceGenerationJobs": Verb.LIST,
            "DeleteAudienceGenerationJob": Verb.DELETE,
        },
        runs=True,
        ending=Ending.GONE,
        parents=(Parent("ConfiguredAudienceModel", "configuredAudienceModelArn", foreign=True),),
        unique=Unique.ACCOUNT,
        defaults={"includeSeedInOutput": False},
    ),
    Kind(
        name="AudienceExportJob",
        label="audience export job",
        key="{audienceGenerationJobArn}#{name}",
        operations={"StartAudienceExportJob": Verb.CREATE, "ListAudienceExportJobs": Verb.LIST},
        runs=True,
        parents=(Parent("AudienceGenerationJob", "audienceGenerationJobArn", needed=Needed.RUNNING),),
        lives_with="audienceGenerationJobArn",
    ),
)
