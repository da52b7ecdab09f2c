"""What a seed leaves out: members with which a record of its kind is complete.

A value may be a function, which is called only if the seed does not say the member itself: it seeds what the record
is built on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .clean_rooms_defaults import CLEAN_ROOMS_DEFAULTS
from .setting import Setting, stable_id


def nothing(setting: Setting) -> dict[str, Any]:
    """No defaults."""
    return {}


def _output(bucket: str) -> dict[str, Any]:
    return {"s3Destination": {"s3Uri": f"s3://{bucket}/output"}}


def _dataset(setting: Setting) -> dict[str, Any]:
    types = ("USER_ID", "ITEM_ID", "TIMESTAMP")
    return {
        "roleArn": setting.role("training"),
        "trainingData": [
            {
                "type": "INTERACTIONS",
                "inputConfig": {
                    "schema": [{"columnName": name.lower(), "columnTypes": [name]} for name in types],
                    "dataSource": {"glueDataSource": {"databaseName": "seeded", "tableName": "interactions"}},
                },
            }
        ],
    }


def _model(setting: Setting) -> dict[str, Any]:
    return {"trainingDatasetArn": setting.parent("TrainingDataset", "dataset")}


def _configured_model(setting: Setting) -> dict[str, Any]:
    output = {"destination": _output(f"audiences-{setting.account}"), "roleArn": setting.role("output")}
    model = setting.parent("AudienceModel", "model")
    return {"audienceModelArn": model, "outputConfig": output, "sharedAudienceMetrics": ["ALL"]}


def _job(setting: Setting) -> dict[str, Any]:
    source = {"dataSource": {"s3Uri": "s3://seeds/seed.jsonl"}, "roleArn": setting.role("seed")}
    model = setting.parent("ConfiguredAudienceModel", "configured")
    return {"configuredAudienceModelArn": model, "seedAudience": source, "startedBy": setting.account}


def _association(setting: Setting) -> dict[str, Any]:
    algorithm = setting.arn("cleanrooms-ml", f"configured-model-algorithm/{stable_id('algorithm', setting.name)}")
    exports = {"maxSize": {"unit": "GB", "value": 10.0}, "filesToExport": ["MODEL", "OUTPUT"]}
    return {
        "configuredModelAlgorithmArn": algorithm,
        "privacyConfiguration": {"policies": {"trainedModelExports": exports}},
    }


def _algorithm(setting: Setting) -> dict[str, Any]:
    image = f"{setting.account}.dkr.ecr.{setting.world.region}.amazonaws.com/algorithm:1"
    return {
        "roleArn": setting.role("algorithm"),
        "trainingContainerConfig": {"imageUri": image},
        "inferenceContainerConfig": {"imageUri": image},
    }


def _ml_configuration(setting: Setting) -> dict[str, Any]:
    location = {"destination": _output(f"models-{setting.account}"), "roleArn": setting.role("ml")}
    return {"defaultOutputLocation": location}


def _channel(setting: Setting) -> dict[str, Any]:
    query = {"protectedQueryInputParameters": {"sqlParameters": {"queryString": "SELECT a FROM t"}}}
    return {
        "configuredModelAlgorithmAssociations": lambda: [setting.parent("ConfiguredModelAlgorithmAssociation")()],
        "inputChannel": {"dataSource": query, "roleArn": setting.role("channel")},
        "retentionInDays": 30,
    }


def _trained_model(setting: Setting) -> dict[str, Any]:
    channel = setting.parent("MLInputChannel", "channel")
    return {
        "configuredModelAlgorithmAssociationArn": setting.parent("ConfiguredModelAlgorithmAssociation"),
        "resourceConfig": {"instanceType": "ml.m5.2xlarge", "volumeSizeInGB": 1},
        "dataChannels": lambda: [{"mlInputChannelArn": channel(), "channelName": "train"}],
    }


def _inference_job(setting: Setting) -> dict[str, Any]:
    return {
        "trainedModelArn": setting.parent("TrainedModel", "model"),
        "resourceConfig": {"instanceType": "ml.m5.xlarge"},
        "outputConfiguration": _receiver(setting),
        "dataSource": lambda: {"mlInputChannelArn": setting.parent("MLInputChannel", "input")()},
    }


def _receiver(setting: Setting) -> dict[str, Any]:
    return {"members": [{"accountId": setting.account}]}


def _audience_export(setting: Setting) -> dict[str, Any]:
    return {
        "audienceGenerationJobArn": setting.parent("AudienceGenerationJob", "job"),
        "audienceSize": {"type": "PERCENTAGE", "value": 1},
        "startedBy": setting.account,
    }


def _model_export(setting: Setting) -> dict[str, Any]:
    return {"trainedModelArn": setting.parent("TrainedModel", "model"), "outputConfiguration": _receiver(setting)}


def _model_association(setting: Setting) -> dict[str, Any]:
    model = setting.parent("ConfiguredAudienceModel", "configured")
    return {"configuredAudienceModelArn": model, "manageResourcePolicies": False}


def _collaboration(setting: Setting) -> dict[str, Any]:
    pays = {"isResponsible": True}
    costs = ("modelTraining", "modelInference", "syntheticDataGeneration")
    return {
        "creatorDisplayName": "creator",
        "creatorMemberAbilities": ["CAN_QUERY", "CAN_RECEIVE_RESULTS"],
        "creatorMLMemberAbilities": {
            "customMLMemberAbilities": ["CAN_RECEIVE_MODEL_OUTPUT", "CAN_RECEIVE_INFERENCE_OUTPUT"]
        },
        "creatorPaymentConfiguration": {"queryCompute": pays, "machineLearning": dict.fromkeys(costs, pays)},
        "members": [],
        "queryLogStatus": "DISABLED",
    }


DEFAULTS: Mapping[str, Callable[[Setting], dict[str, Any]]] = {
    "TrainingDataset": _dataset,
    "AudienceModel": _model,
    "ConfiguredAudienceModel": _configured_model,
    "AudienceGenerationJob": _job,
    "ConfiguredModelAlgorithm": _algorithm,
    "ConfiguredModelAlgorithmAssociation": _association,
    "MLConfiguration": _ml_configuration,
    "MLInputChannel": _channel,
    "TrainedModel": _trained_model,
    "TrainedModelInferenceJob": _inference_job,
    "TrainedModelExportJob": _model_export,
    "AudienceExportJob": _audience_export,
    "ConfiguredAudienceModelAssociation": _model_association,
    "Collaboration": _collaboration,
    **CLEAN_ROOMS_DEFAULTS,
}
