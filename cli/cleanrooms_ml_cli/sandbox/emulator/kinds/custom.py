"""The kinds of custom modeling: from an algorithm to the export of a trained model."""

from __future__ import annotations

from cleanrooms_ml_handlers.resources.ml_configuration import ML_CONFIGURATION
from cleanrooms_ml_handlers.resources.ml_input_channel import ML_INPUT_CHANNEL
from cleanrooms_ml_handlers.resources.trained_model import TRAINED_MODEL
from cleanrooms_ml_handlers.resources.trained_model_export_job import TRAINED_MODEL_EXPORT_JOB
from cleanrooms_ml_handlers.resources.trained_model_inference_job import TRAINED_MODEL_INFERENCE_JOB

from .kind import GRANTING_KEY_ACTIONS, KEY_ACTIONS, Ending, Kind, Needed, Parent, Unique, Verb, of_spec

_ASSOCIATION = "configuredModelAlgorithmAssociationArn"

CUSTOM_KINDS = (
    Kind(
        name="ConfiguredModelAlgorithm",
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
    of_spec(
        ML_CONFIGURATION,
        create=Verb.PUT,
        id_field="membershipIdentifier",
        key="{membershipIdentifier}",
        with_membership=True,
    ),
    of_spec(
        ML_INPUT_CHANNEL,
        arn_path="membership/{membershipIdentifier}/ml-input-channel",
        runs=True,
        ending=Ending.INACTIVE,
        any_member_deletes=True,
        parents=(Parent("ConfiguredModelAlgorithmAssociation", "configuredModelAlgorithmAssociations"),),
        unique=Unique.MEMBERSHIP,
        keys=KEY_ACTIONS,
    ),
    # A model has taken its data in once it is trained; its channels expire by themselves, too.
    of_spec(
        TRAINED_MODEL,
        arn_path="membership/{membershipIdentifier}/trained-model",
        version_field="versionIdentifier",
        more={"ListTrainedModelVersions": Verb.VERSIONS},
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
    of_spec(
        TRAINED_MODEL_INFERENCE_JOB,
        arn_path="membership/{membershipIdentifier}/trained-model-inference-job",
        runs=True,
        parents=(
            Parent("ConfiguredModelAlgorithmAssociation", _ASSOCIATION, needed=Needed.RUNNING),
            Parent("MLInputChannel", "mlInputChannelArn", "dataSource", needed=Needed.RUNNING),
            Parent("TrainedModel", "trainedModelArn", needed=Needed.RUNNING, version="trainedModelVersionIdentifier"),
        ),
        keys=GRANTING_KEY_ACTIONS,
    ),
    of_spec(
        TRAINED_MODEL_EXPORT_JOB,
        key="{trainedModelArn}#{name}",
        with_membership=True,
        runs=True,
        parents=(
            Parent("TrainedModel", "trainedModelArn", needed=Needed.RUNNING, version="trainedModelVersionIdentifier"),
        ),
        lives_with="trainedModelArn",
    ),
)
