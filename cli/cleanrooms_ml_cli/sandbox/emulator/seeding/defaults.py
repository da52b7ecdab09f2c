"""What a seed leaves out: members with which a record of its kind is complete.

A value may be a function, which is called only if the seed does not say the member itself: it seeds what the record
is built on.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..state.world import World

# So that a sandbox that is started again has the same ARNs.
_NAMESPACE = uuid.UUID("6f2cb1b0-8a5e-4d8e-9d5e-5f0d3f6f1b11")


def stable_id(*parts: str) -> str:
    """An identifier that is always the same for the same words."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


@dataclass(frozen=True)
class Setting:
    """What a seed is planted in.

    Args:
        world: The world.
        name: The name of the record.
        beside: Plants a record of another kind, in the same membership, and returns its ARN.
    """

    world: World
    name: str
    beside: Callable[[str, str], str]

    def parent(self, kind: str, suffix: str = "") -> Callable[[], str]:
        """The ARN of a record that this one is built on, seeded once it is clear that it is needed."""
        # Cut, so that a long name stays valid.
        return lambda: self.beside(kind, f"{self.name[:50]}-{suffix}" if suffix else "")

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """An ARN of the account that the seed is for."""
        chosen = self.world.region if region is None else region
        return f"arn:{self.world.partition}:{service}:{chosen}:{self.account}:{resource}"

    def role(self, name: str) -> str:
        """A role of that account."""
        return self.arn("iam", f"role/cleanrooms-ml-{name}", region="")

    @property
    def account(self) -> str:
        """That account."""
        return self.world.account


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
    }


def _table(setting: Setting) -> dict[str, Any]:
    return {
        "tableReference": {"glue": {"databaseName": "seeded", "tableName": "table"}},
        "allowedColumns": ["id"],
        "analysisMethod": "DIRECT_QUERY",
    }


def _table_association(setting: Setting) -> dict[str, Any]:
    return {
        "configuredTableIdentifier": lambda: _identifier(setting.parent("ConfiguredTable", "table")()),
        "roleArn": setting.role("table"),
    }


def _table_rule(setting: Setting) -> dict[str, Any]:
    policy = {"v1": {"list": {"joinColumns": ["id"], "listColumns": []}}}
    return {
        "configuredTableIdentifier": lambda: _identifier(setting.parent("ConfiguredTable", "table")()),
        "analysisRuleType": "LIST",
        "analysisRulePolicy": policy,
    }


def _association_rule(setting: Setting) -> dict[str, Any]:
    association = setting.parent("ConfiguredTableAssociation", "association")
    return {
        "configuredTableAssociationIdentifier": lambda: _identifier(association()),
        "analysisRuleType": "LIST",
        "analysisRulePolicy": {"v1": {"list": {}}},
    }


def _identifier(arn: str) -> str:
    return arn.rsplit("/", 1)[1]


def _namespace(setting: Setting) -> dict[str, Any]:
    return {"inputReferenceConfig": _reference(setting, "idnamespace/source")}


def _mapping_table(setting: Setting) -> dict[str, Any]:
    return {"inputReferenceConfig": _reference(setting, "idmappingworkflow/seeded")}


def _reference(setting: Setting, resource: str) -> dict[str, Any]:
    return {"inputReferenceArn": setting.arn("entityresolution", resource), "manageResourcePolicies": False}


def _template(setting: Setting) -> dict[str, Any]:
    return {"format": "SQL", "source": {"text": "SELECT a FROM t"}}


def _budget_template(setting: Setting) -> dict[str, Any]:
    return {
        "privacyBudgetType": "DIFFERENTIAL_PRIVACY",
        "parameters": {"differentialPrivacy": {"epsilon": 3, "usersNoisePerQuery": 40}},
    }


def _query(setting: Setting) -> dict[str, Any]:
    return {"sqlParameters": {"queryString": "SELECT a FROM t"}}


def _job_of_template(setting: Setting) -> dict[str, Any]:
    return {"jobParameters": lambda: {"analysisTemplateArn": setting.parent("AnalysisTemplate", "template")()}}


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
    "ConfiguredTable": _table,
    "ConfiguredTableAssociation": _table_association,
    "ConfiguredTableAnalysisRule": _table_rule,
    "ConfiguredTableAssociationAnalysisRule": _association_rule,
    "IdNamespaceAssociation": _namespace,
    "IdMappingTable": _mapping_table,
    "AnalysisTemplate": _template,
    "PrivacyBudgetTemplate": _budget_template,
    "ProtectedQuery": _query,
    "ProtectedJob": _job_of_template,
}
