"""Valid templates, to be changed in one respect."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, TypeAlias

from cleanrooms_ml_policy import Finding, Policy, check_template

ACCOUNT = "111122223333"
MEMBERSHIP = "11111111-2222-4333-8444-555555555555"
SERVICE = f"arn:aws:cleanrooms-ml:us-east-1:{ACCOUNT}"
ASSOCIATION = f"{SERVICE}:membership/{MEMBERSHIP}/configured-model-algorithm-association/algorithm"
CONFIGURED = f"{SERVICE}:configured-audience-model/configured"
ANALYSIS = f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:membership/{MEMBERSHIP}/analysistemplate/template"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service"

Resources: TypeAlias = dict[str, Any]

QUERY = "inputChannel.dataSource.protectedQueryInputParameters"

_CHANNEL = {
    "ServiceToken": {"Fn::GetAtt": ["Front", "Arn"]},
    "ServiceTimeout": 3600,
    "membershipIdentifier": MEMBERSHIP,
    "configuredModelAlgorithmAssociations": [ASSOCIATION],
    "inputChannel": {
        "dataSource": {
            "protectedQueryInputParameters": {
                "sqlParameters": {"queryString": "SELECT 1"},
                "computeConfiguration": {"worker": {"type": "CR.1X", "number": 16}},
            }
        },
        "roleArn": {"Fn::GetAtt": ["Role", "Arn"]},
    },
    "retentionInDays": 30,
}
_CONFIGURED = {
    "ServiceToken": {"Fn::GetAtt": ["Front", "Arn"]},
    "audienceModelArn": f"{SERVICE}:audience-model/model",
    "outputConfig": {"destination": {"s3Destination": {"s3Uri": "s3://audiences/out/"}}, "roleArn": ROLE},
    "audienceSizeConfig": {"audienceSizeType": "PERCENTAGE", "audienceSizeBins": [1, 5, 10]},
    "sharedAudienceMetrics": ["NONE"],
}
_JOB = {
    "ServiceToken": {"Fn::GetAtt": ["Front", "Arn"]},
    "configuredAudienceModelArn": CONFIGURED,
    "seedAudience": {"dataSource": {"s3Uri": "s3://seeds/seed.jsonl"}, "roleArn": ROLE},
}


def changed(value: Any, changes: Mapping[str, Any]) -> Any:
    """A copy with changed members; a path names a nested one, None removes it."""
    result = copy.deepcopy(value)
    for path, item in changes.items():
        *way, last = path.split(".")
        below = result
        for step in way:
            below = below.setdefault(step, {})
        if item is None:
            below.pop(last, None)
        else:
            below[last] = item
    return result


def channel(changes: Mapping[str, Any] | None = None, **more: Any) -> Resources:
    """An ML input channel."""
    return one("Channel", "Custom::CleanRoomsML-MLInputChannel", changed(_CHANNEL, {**(changes or {}), **more}))


def configured(changes: Mapping[str, Any] | None = None, **more: Any) -> Resources:
    """A configured audience model."""
    properties = changed(_CONFIGURED, {**(changes or {}), **more})
    return one("Configured", "Custom::CleanRoomsML-ConfiguredAudienceModel", properties)


def job(changes: Mapping[str, Any] | None = None, **more: Any) -> Resources:
    """An audience generation job."""
    return one("Job", "Custom::CleanRoomsML-AudienceGenerationJob", changed(_JOB, {**(changes or {}), **more}))


def export(**more: Any) -> Resources:
    """An export of the job's audience."""
    properties = {
        "name": "export",
        "audienceGenerationJobArn": {"Fn::GetAtt": ["Job", "Arn"]},
        "audienceSize": {"type": "PERCENTAGE", "value": 5},
    }
    return one("Export", "Custom::CleanRoomsML-AudienceExportJob", {**properties, **more})


def audience_model(**more: Any) -> Resources:
    """An audience model."""
    properties = {
        "trainingDatasetArn": f"{SERVICE}:training-dataset/dataset",
        "trainingDataStartTime": "2026-01-01T00:00:00Z",
    }
    return one("Model", "Custom::CleanRoomsML-AudienceModel", {**properties, **more})


def trained_model(
    *channels: str, earlier: str | None = None, instance_type: str = "ml.m5.4xlarge", instance_count: int = 1
) -> Resources:
    """A trained model with some channels."""
    here = f"{SERVICE}:membership/{MEMBERSHIP}"
    before = {"channelName": earlier, "trainedModelArn": f"{here}/trained-model/one"}
    properties = {
        "membershipIdentifier": MEMBERSHIP,
        "configuredModelAlgorithmAssociationArn": ASSOCIATION,
        "resourceConfig": {"instanceType": instance_type, "instanceCount": instance_count, "volumeSizeInGB": 10},
        "dataChannels": [
            {"channelName": name, "mlInputChannelArn": f"{here}/ml-input-channel/one"} for name in channels
        ],
        **({"incrementalTrainingDataChannels": [before]} if earlier else {}),
    }
    return one("Trained", "Custom::CleanRoomsML-TrainedModel", properties)


def ready(**more: Any) -> Resources:
    """The `Ready` of a channel."""
    properties = {"Kind": "MLInputChannel", "Arn": {"Fn::GetAtt": ["Channel", "Arn"]}}
    return one("Ready", "Custom::CleanRoomsML-Wait", {**properties, **more})


def policy(document: Any) -> Resources:
    """The resource policy of a configured audience model."""
    properties = {"configuredAudienceModelArn": CONFIGURED, "configuredAudienceModelPolicy": document}
    return one("Policy", "Custom::CleanRoomsML-ConfiguredAudienceModelPolicy", properties)


def statement(principal: Any, **more: Any) -> dict[str, Any]:
    """The document of a policy with one statement."""
    body = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "cleanrooms-ml:StartAudienceGenerationJob",
        "Resource": CONFIGURED,
        "Condition": {"StringEquals": {"cleanrooms-ml:CollaborationId": MEMBERSHIP}},
    }
    return {"Version": "2012-10-17", "Statement": [{**body, **more}]}


def analysis_template(**more: Any) -> Resources:
    """An analysis template that generates synthetic data."""
    synthetic = {"Epsilon": 3, "MaxMembershipInferenceAttackScore": 0.6, **more}
    properties = {"Name": "a", "SyntheticDataParameters": {"MlSyntheticDataParameters": synthetic}}
    return one("Analysis", "AWS::CleanRooms::AnalysisTemplate", properties)


def one(logical_id: str, kind: str, properties: Any, **more: Any) -> Resources:
    """One resource."""
    return {logical_id: {"Type": kind, "Properties": properties, **more}}


def template(*resources: Resources) -> dict[str, Any]:
    """A template with these resources."""
    return {"Resources": {key: value for some in resources for key, value in some.items()}}


def findings(*resources: Resources, advice: bool = False, **settings: Any) -> list[Finding]:
    """The findings in a template with these resources."""
    return check_template(template(*resources), Policy(**settings), advice=advice)


def rules_found(*resources: Resources, advice: bool = False, **settings: Any) -> list[str]:
    """The rule ids of the findings."""
    return [finding.rule.removeprefix("cleanrooms-ml:") for finding in findings(*resources, advice=advice, **settings)]
