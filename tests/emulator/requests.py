"""Valid requests, to be changed in one thing."""

from __future__ import annotations

from typing import Any

ACCOUNT = "000000000000"
OTHER_ACCOUNT = "444455556666"
MEMBERSHIP = "11111111-1111-4111-8111-111111111111"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/cleanrooms-ml/role"
IMAGE = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/algorithm:1"


class Requests:
    """Requests for what a bench has seeded."""

    association: str
    audience_model: str

    def channel(self, name: str = "channel", **changes: Any) -> dict[str, Any]:
        """A valid request for a channel."""
        return {
            "membershipIdentifier": MEMBERSHIP,
            "configuredModelAlgorithmAssociations": [self.association],
            "inputChannel": {
                "dataSource": {"protectedQueryInputParameters": {"sqlParameters": {"queryString": "SELECT a FROM t"}}},
                "roleArn": ROLE,
            },
            "name": name,
            "retentionInDays": 2,
            **changes,
        }

    def query(self, text: str, name: str = "channel") -> dict[str, Any]:
        """A valid request for a channel with another query."""
        request = self.channel(name)
        request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]["sqlParameters"] = {"queryString": text}
        return request

    def model(self, name: str = "model", **changes: Any) -> dict[str, Any]:
        """A valid request for a configured audience model."""
        return {
            "name": name,
            "audienceModelArn": self.audience_model,
            "outputConfig": {
                "destination": {"s3Destination": {"s3Uri": "s3://bucket/out"}},
                "roleArn": ROLE,
            },
            "sharedAudienceMetrics": ["ALL"],
            **changes,
        }

    def job(self, model_arn: str, name: str = "job", **changes: Any) -> dict[str, Any]:
        """A valid request for an audience generation job."""
        return {
            "name": name,
            "configuredAudienceModelArn": model_arn,
            "seedAudience": {"dataSource": {"s3Uri": "s3://bucket/seed.jsonl"}, "roleArn": ROLE},
            **changes,
        }

    def new_collaboration(self, *members: str, **changes: Any) -> dict[str, Any]:
        """A valid request for a collaboration; other accounts receive the creator's results."""
        receives = {"customMLMemberAbilities": ["CAN_RECEIVE_MODEL_OUTPUT", "CAN_RECEIVE_INFERENCE_OUTPUT"]}
        pays = {"isResponsible": True}
        return {
            "name": "collaboration",
            "description": "d",
            "creatorDisplayName": "creator",
            "creatorMemberAbilities": ["CAN_QUERY"],
            "creatorPaymentConfiguration": {
                "queryCompute": pays,
                "machineLearning": {"modelTraining": pays, "modelInference": pays, "syntheticDataGeneration": pays},
            },
            "members": [
                {"accountId": account, "displayName": account, "memberAbilities": [], "mlMemberAbilities": receives}
                for account in members
            ],
            "queryLogStatus": "DISABLED",
            **changes,
        }

    def dataset(self, name: str = "dataset", table: str = "interactions", **changes: Any) -> dict[str, Any]:
        """A valid request for a training dataset."""
        types = ("USER_ID", "ITEM_ID", "TIMESTAMP")
        return {
            "name": name,
            "roleArn": ROLE,
            "trainingData": [
                {
                    "type": "INTERACTIONS",
                    "inputConfig": {
                        "schema": [{"columnName": name.lower(), "columnTypes": [name]} for name in types],
                        "dataSource": {"glueDataSource": {"databaseName": "ads", "tableName": table}},
                    },
                }
            ],
            **changes,
        }

    def algorithm(self, name: str = "algorithm", image: str = IMAGE, **changes: Any) -> dict[str, Any]:
        """A valid request for a configured model algorithm."""
        config = {"imageUri": image}
        return {
            "name": name,
            "roleArn": ROLE,
            "trainingContainerConfig": config,
            "inferenceContainerConfig": config,
            **changes,
        }

    def training(self, channel: str, name: str = "model", **changes: Any) -> dict[str, Any]:
        """A valid request for a trained model."""
        return {
            "membershipIdentifier": MEMBERSHIP,
            "name": name,
            "configuredModelAlgorithmAssociationArn": self.association,
            "resourceConfig": {"instanceType": "ml.m5.2xlarge", "volumeSizeInGB": 1},
            "dataChannels": [{"mlInputChannelArn": channel, "channelName": "train"}],
            **changes,
        }

    def inference(self, model: str, channel: str, name: str = "inference", **changes: Any) -> dict[str, Any]:
        """A valid request for an inference job."""
        return {
            "membershipIdentifier": MEMBERSHIP,
            "name": name,
            "trainedModelArn": model,
            "resourceConfig": {"instanceType": "ml.m5.xlarge"},
            "outputConfiguration": {"members": [{"accountId": ACCOUNT}]},
            "dataSource": {"mlInputChannelArn": channel},
            **changes,
        }

    def model_export(self, model: str, name: str = "export", **changes: Any) -> dict[str, Any]:
        """A valid request for the export of a trained model."""
        return {
            "membershipIdentifier": MEMBERSHIP,
            "name": name,
            "trainedModelArn": model,
            "outputConfiguration": {"members": [{"accountId": ACCOUNT}]},
            **changes,
        }

    def audience_export(self, job: str, name: str = "export", value: int = 1, **changes: Any) -> dict[str, Any]:
        """A valid request for the export of an audience whose model has no sizes of its own."""
        size = {"type": "PERCENTAGE", "value": value}
        return {"name": name, "audienceGenerationJobArn": job, "audienceSize": size, **changes}
