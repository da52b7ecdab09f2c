"""The kinds of custom modelling: from an algorithm to the export of a trained model."""

from __future__ import annotations

from .kind import GRANTING_KEY_ACTIONS, KEY_ACTIONS, Ending, Kind, Needed, Parent, Unique, Verb

_ASSOCIATION = "configuredModelAlgorithmAssociationArn"

CUSTOM_KINDS = (
    Kind(
        name="ConfiguredModelAlgorithm",
        label="configured model algorithm",
        arn_field="configuredModelAlgorithmArn",
        arn_path="configured-model-algorithm",
        operations={
            "CreateConfiguredModelAlgorithm": Verb.CREATE,
            "GetConfiguredModelAlgorithm": Verb.GET,
            "ListConfiguredModelAlgorithms": Verb.LIST,
            "DeleteConfiguredModelAlgorithm": Verb.DELETE,
        },
    ),
    Kind(
        name="ConfiguredModelAlgorithmAssociation",
        label="configured model algorithm association",
        arn_field=_ASSOCIATION,
        arn_path="membership/{membershipIdentifier}/configured-model-algorithm-association",
        operations={
            "CreateConfiguredModelAlgorithmAssociation": Verb.CREATE,
            "GetConfiguredModelAlgorithmAssociation": Verb.GET,
            "GetCollaborationConfiguredModelAlgorithmAssociation": Verb.GET,
            "ListConfiguredModelAlgorithmAssociations": Verb.LIST,
            "ListCollaborationConfiguredModelAlgorithmAssociations": Verb.LIST,
            "DeleteConfiguredModelAlgorithmAssociation": Verb.DELETE,
        },
        parents=(Parent("ConfiguredModelAlgorithm", "configuredModelAlgorithmArn"),),
    ),
    Kind(
        name="MLConfiguration",
        label="ML configuration",
        id_field="membershipIdentifier",
        key="{membershipIdentifier}",
        operations={
            "PutMLConfiguration": Verb.PUT,
            "GetMLConfiguration": Verb.GET,
            "DeleteMLConfiguration": Verb.DELETE,
        },
    ),
    Kind(
        name="MLInputChannel",
        label="ML input channel",
        arn_field="mlInputChannelArn",
        arn_path="membership/{membershipIdentifier}/ml-input-channel",
        operations={
            "CreateMLInputChannel": Verb.CREATE,
            "GetMLInputChannel": Verb.GET,
            "GetCollaborationMLInputChannel": Verb.GET,
            "ListMLInputChannels": Verb.LIST,
            "ListCollaborationMLInputChannels": Verb.LIST,
            "DeleteMLInputChannelData": Verb.DELETE,
        },
        runs=True,
        ending=Ending.INACTIVE,
        any_member_deletes=True,
        parents=(Parent("ConfiguredModelAlgorithmAssociation", "configuredModelAlgorithmAssociations"),),
        unique=Unique.MEMBERSHIP,
        keys=KEY_ACTIONS,
    ),
    # A model has taken its data in once it is trained; its channels expire by themselves, too.
    Kind(
        name="TrainedModel",
        label="trained model",
        arn_field="trainedModelArn",
        arn_path="membership/{membershipIdentifier}/trained-model",
        version_field="versionIdentifier",
        operations={
            "CreateTrainedModel": Verb.CREATE,
            "GetTrainedModel": Verb.GET,
            "GetCollaborationTrainedModel": Verb.GET,
            "ListTrainedModels": Verb.LIST,
            "ListCollaborationTrainedModels": Verb.LIST,
            "ListTrainedModelVersions": Verb.VERSIONS,
            "CancelTrainedModel": Verb.CANCEL,
            "DeleteTrainedModelOutput": Verb.DELETE,
        },
        runs=True,
        ending=Ending.INACTIVE,
        any_member_deletes=True,
        parents=(
            Parent("ConfiguredModelAlgorithmAssociation", _ASSOCIATION),
            Parent("MLInputChannel", "mlInputChannelArn", "dataChannels[]", needed=Needed.RUNNING, authorizes=False),
            # Documented for incremental training: without a version the latest one is used.
            Parent(
                "TrainedModel",
                "trainedModelArn",
                "incrementalTrainingDataChannels[]",
                needed=Needed.RUNNING,
                authorizes=False,
                version="versionIdentifier",
                latest=True,
            ),
        ),
        unique=Unique.COLLABORATION,
        keys=GRANTING_KEY_ACTIONS,
    ),
    Kind(
        name="TrainedModelInferenceJob",
        label="trained model inference job",
        arn_field="trainedModelInferenceJobArn",
        arn_path="membership/{membershipIdentifier}/trained-model-inference-job",
        operations={
            "StartTrainedModelInferenceJob": Verb.CREATE,
            "GetTrainedModelInferenceJob": Verb.GET,
            "ListTrainedModelInferenceJobs": Verb.LIST,
            "ListCollaborationTrainedModelInferenceJobs": Verb.LIST,
            "CancelTrainedModelInferenceJob": Verb.CANCEL,
        },
        runs=True,
        parents=(
            Parent("ConfiguredModelAlgorithmAssociation", _ASSOCIATION, needed=Needed.RUNNING),
            Parent("MLInputChannel", "mlInputChannelArn", "dataSource", needed=Needed.RUNNING),
            Parent("TrainedModel", "trainedModelArn", needed=Needed.RUNNING, version="trainedModelVersionIdentifier"),
        ),
        keys=GRANTING_KEY_ACTIONS,
    ),
    Kind(
        name="TrainedModelExportJob",
        label="trained model export job",
        key="{trainedModelArn}#{name}",
        operations={
            "StartTrainedModelExportJob": Verb.CREATE,
            "ListCollaborationTrainedModelExportJobs": Verb.LIST,
        },
        runs=True,
        parents=(
            Parent("TrainedModel", "trainedModelArn", needed=Needed.RUNNING, version="trainedModelVersionIdentifier"),
        ),
        lives_with="trainedModelArn",
    ),
)
