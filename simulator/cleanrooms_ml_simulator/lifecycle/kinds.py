"""Facts of each kind for the lifecycle tests. A new spec needs an entry here, and nothing else, to be tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..templates import (
    ASSOCIATION_ARN,
    AUDIENCE_MODEL_ARN,
    CHANNEL_ARN,
    DATASET_ARN,
    MEMBERSHIP_ID,
    PROVIDED_JOB_ARN,
    PROVIDED_MODEL_ARN,
    QUERY,
    ROLE_ARN,
    TRAINED_MODEL_ARN,
    free_membership_id,
    free_model_arn,
)

Members = Mapping[str, Any]

_RECEIVER = {"members": [{"accountId": "000000000000"}]}


@dataclass(frozen=True)
class Facts:
    """What requests of a kind look like.

    Attributes:
        least: The least that the service takes, in the form that the construct renders.
        members: Further members, of every scalar type that the kind has.
        create_only: Members whose change creates another resource.
        changed: Other values of members that an update changes, where adding one or another description is no value.
    """

    least: Members
    members: Members
    create_only: Members
    changed: Members = field(default_factory=dict)


def _location(uri: str) -> Members:
    return {"destination": {"s3Destination": {"s3Uri": uri}}, "roleArn": ROLE_ARN}


def document(*accounts: str) -> dict[str, Any]:
    """A policy by which accounts may start jobs."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": "cleanrooms-ml:StartAudienceGenerationJob",
                "Resource": PROVIDED_MODEL_ARN,
            }
            for account in accounts
        ],
    }


FACTS: Mapping[str, Facts] = {
    "AudienceModel": Facts(
        least={"trainingDatasetArn": DATASET_ARN},
        members={"description": "lookalikes"},
        create_only={"trainingDataStartTime": "2026-01-01T00:00:00Z"},
    ),
    "ConfiguredAudienceModel": Facts(
        least={
            "audienceModelArn": AUDIENCE_MODEL_ARN,
            "outputConfig": _location("s3://audiences/output/"),
            "sharedAudienceMetrics": ["NONE"],
        },
        members={
            "description": "audiences",
            "minMatchingSeedSize": 1000,
            "audienceSizeConfig": {"audienceSizeType": "PERCENTAGE", "audienceSizeBins": [1, 5, 10]},
            "childResourceTagOnCreatePolicy": "NONE",
        },
        create_only={"childResourceTagOnCreatePolicy": "FROM_PARENT_RESOURCE"},
    ),
    "ConfiguredAudienceModelPolicy": Facts(
        least={
            "configuredAudienceModelArn": free_model_arn(0),
            "configuredAudienceModelPolicy": document("111122223333"),
        },
        members={"configuredAudienceModelPolicy": document("444455556666", "777788889999")},
        create_only={"configuredAudienceModelArn": free_model_arn(1)},
        changed={"configuredAudienceModelPolicy": document("444455556666")},
    ),
    "ConfiguredAudienceModelAssociation": Facts(
        least={
            "membershipIdentifier": MEMBERSHIP_ID,
            "configuredAudienceModelArn": PROVIDED_MODEL_ARN,
            "manageResourcePolicies": False,
        },
        members={"description": "audiences"},
        create_only={"configuredAudienceModelArn": free_model_arn(1)},
    ),
    "AudienceGenerationJob": Facts(
        least={
            "configuredAudienceModelArn": PROVIDED_MODEL_ARN,
            "seedAudience": {"dataSource": {"s3Uri": "s3://seeds/seed.jsonl"}, "roleArn": ROLE_ARN},
            "includeSeedInOutput": False,
        },
        members={"description": "lookalikes", "includeSeedInOutput": True},
        create_only={"includeSeedInOutput": True},
    ),
    "AudienceExportJob": Facts(
        least={"audienceGenerationJobArn": PROVIDED_JOB_ARN, "audienceSize": {"type": "PERCENTAGE", "value": 5}},
        members={"description": "lookalikes"},
        create_only={"audienceSize": {"type": "PERCENTAGE", "value": 10}},
    ),
    "MLConfiguration": Facts(
        least={
            "membershipIdentifier": free_membership_id(0),
            "defaultOutputLocation": _location("s3://results/one"),
        },
        members={"defaultOutputLocation": _location("s3://results/two")},
        create_only={"membershipIdentifier": free_membership_id(1)},
        changed={"defaultOutputLocation": _location("s3://results/three")},
    ),
    "MLInputChannel": Facts(
        least={
            "membershipIdentifier": MEMBERSHIP_ID,
            "configuredModelAlgorithmAssociations": [ASSOCIATION_ARN],
            "inputChannel": {
                "dataSource": {"protectedQueryInputParameters": {"sqlParameters": {"queryString": QUERY}}},
                "roleArn": ROLE_ARN,
            },
            "retentionInDays": 30,
        },
        members={"description": "spend of customers", "retentionInDays": 14},
        create_only={"retentionInDays": 7},
    ),
    "TrainedModel": Facts(
        least={
            "membershipIdentifier": MEMBERSHIP_ID,
            "configuredModelAlgorithmAssociationArn": ASSOCIATION_ARN,
            "resourceConfig": {"instanceType": "ml.m5.4xlarge", "volumeSizeInGB": 30},
            "dataChannels": [{"channelName": "train", "mlInputChannelArn": CHANNEL_ARN}],
        },
        members={
            "description": "a model",
            "hyperparameters": {"depth": "6", "eta": "0.1"},
            "environment": {"VERBOSE": "true"},
            "stoppingCondition": {"maxRuntimeInSeconds": 3600},
        },
        create_only={"stoppingCondition": {"maxRuntimeInSeconds": 7200}},
    ),
    "TrainedModelExportJob": Facts(
        least={
            "membershipIdentifier": MEMBERSHIP_ID,
            "trainedModelArn": TRAINED_MODEL_ARN,
            "outputConfiguration": _RECEIVER,
        },
        members={"description": "for the team"},
        create_only={"description": "for others"},
    ),
    "TrainedModelInferenceJob": Facts(
        least={
            "membershipIdentifier": MEMBERSHIP_ID,
            "trainedModelArn": TRAINED_MODEL_ARN,
            "resourceConfig": {"instanceType": "ml.m5.xlarge", "instanceCount": 2},
            "dataSource": {"mlInputChannelArn": CHANNEL_ARN},
            "outputConfiguration": _RECEIVER,
        },
        members={
            "description": "scores",
            "environment": {"VERBOSE": "true"},
            "containerExecutionParameters": {"maxPayloadInMB": 5},
        },
        create_only={"environment": {"VERBOSE": "false"}},
    ),
}
