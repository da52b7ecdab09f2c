"""Settings that do not fit together, each with the most similar ones that do."""

from __future__ import annotations

from typing import Any

from .cases import Case
from .samples import (
    MEMBERSHIP,
    QUERY,
    Resources,
    analysis_template,
    channel,
    configured,
    job,
    one,
    ready,
    trained_model,
)

SQL = f"{QUERY}.sqlParameters"
_TEMPLATE = {"analysisTemplateArn": {"Fn::GetAtt": ["Analysis", "Arn"]}}
_OWN_ACCOUNT = {"members": [{"accountId": {"Ref": "AWS::AccountId"}}]}
_NO_CONTAINER: Resources = {
    "Association": {
        "Type": "AWS::CleanRoomsML::ConfiguredModelAlgorithmAssociation",
        "Properties": {"ConfiguredModelAlgorithmArn": {"Fn::GetAtt": ["Algorithm", "Arn"]}},
    },
}


def _waited(run: str, kind: str, **settings: Any) -> Resources:
    return ready(Kind=kind, Arn={"Ref": run}, Settings=settings)


def _limited(limit: int) -> Resources:
    return channel({f"{SQL}.queryString": f"SELECT a FROM b ORDER BY a LIMIT {limit};"})


def _seed(limit: int) -> Resources:
    query = {"queryString": f"SELECT user_id FROM users limit {limit}"}
    return job(
        {
            "configuredAudienceModelArn": {"Fn::GetAtt": ["Configured", "Arn"]},
            "seedAudience.dataSource": None,
            "seedAudience.sqlParameters": query,
        }
    )


def _algorithm(container: str) -> Resources:
    properties = {container: {"ImageUri": "111122223333.dkr.ecr.us-east-1.amazonaws.com/team/model:1"}}
    return {
        **_NO_CONTAINER,
        "Algorithm": {"Type": "AWS::CleanRoomsML::ConfiguredModelAlgorithm", "Properties": properties},
    }


def _trained() -> Resources:
    resources = trained_model("a")
    properties = resources["Trained"]["Properties"]
    properties["configuredModelAlgorithmAssociationArn"] = {"Fn::GetAtt": ["Association", "Arn"]}
    return resources


def _inference(**more: Any) -> Resources:
    properties = {
        "membershipIdentifier": {"Fn::GetAtt": ["Membership", "MembershipIdentifier"]},
        "trainedModelArn": f"arn:aws:cleanrooms-ml:us-east-1:111122223333:membership/{MEMBERSHIP}/trained-model/one",
        "resourceConfig": {"instanceType": "ml.m5.4xlarge"},
        "outputConfiguration": _OWN_ACCOUNT,
        "dataSource": {
            "mlInputChannelArn": "arn:aws:cleanrooms-ml:us-east-1:111122223333:membership/"
            f"{MEMBERSHIP}/ml-input-channel/one"
        },
    }
    return {
        "Inference": {
            **one("Inference", "Custom::CleanRoomsML-TrainedModelInferenceJob", properties)["Inference"],
            **more,
        }
    }


_MEMBERSHIP: Resources = {"Membership": {"Type": "AWS::CleanRooms::Membership", "Properties": {}}}
_CONFIGURATION = one(
    "Configuration",
    "Custom::CleanRoomsML-MLConfiguration",
    {
        "membershipIdentifier": {"Fn::GetAtt": ["Membership", "MembershipIdentifier"]},
        "defaultOutputLocation": {
            "destination": {"s3Destination": {"s3Uri": "s3://results/out/"}},
            "roleArn": "arn:aws:iam::111122223333:role/service",
        },
    },
)


def _role(service: str, *actions: str) -> Resources:
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}]}
    policy = {"Statement": {"Effect": "Allow", "Action": list(actions), "Resource": "*"}}
    return {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
        "Policy": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument": policy}},
    }


def _key(**properties: Any) -> Resources:
    return {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}}


def _keys_policy(principal: Any, *actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions) or ["kms:*"], "Resource": "*"}
    return {"KeyPolicy": {"Statement": [statement]}}


_SERVICE = "cleanrooms-ml.amazonaws.com"
_ROOT = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
_OTHER = {"AWS": {"Fn::GetAtt": ["Admin", "Arn"]}}
_ADMIN: Resources = {"Admin": {"Type": "AWS::IAM::Role", "Properties": {}}}
_READS_KEY: Resources = {
    **_role(_SERVICE, "cleanrooms:*"),
    **_ADMIN,
    "Decrypts": {
        "Type": "AWS::IAM::RolePolicy",
        "Properties": {
            "RoleName": {"Ref": "Role"},
            "PolicyDocument": {
                "Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": {"Fn::GetAtt": ["Key", "Arn"]}}
            },
        },
    },
}
_ENCRYPTED = channel(kmsKeyArn={"Fn::GetAtt": ["Key", "Arn"]})

LATE_CASES = (
    Case(
        "query-limit",
        (_limited(99), _waited("Channel", "MLInputChannel", Gates={"minimumRecords": 100})),
        (_limited(100), _waited("Channel", "MLInputChannel", Gates={"minimumRecords": 100})),
        "Settings.Gates.minimumRecords",
    ),
    Case(
        "query-limit", (configured(), _seed(499)), (configured(), _seed(500)), "seedAudience.sqlParameters.queryString"
    ),
    Case(
        "attack-score",
        (channel(), _waited("Channel", "MLInputChannel", Gates={"maximumMembershipInferenceAttackScore": 0.6})),
        (
            channel({SQL: _TEMPLATE}),
            analysis_template(),
            _waited(
                "Channel",
                "MLInputChannel",
                TimeoutSeconds=3 * 3600,
                Gates={"maximumMembershipInferenceAttackScore": 0.6},
            ),
        ),
        "Settings.Gates.maximumMembershipInferenceAttackScore",
    ),
    Case(
        "container",
        (_algorithm("InferenceContainerConfig"), _trained()),
        (_algorithm("TrainingContainerConfig"), _trained()),
        "configuredModelAlgorithmAssociationArn",
    ),
    Case(
        "role-trust",
        (_role("lambda.amazonaws.com", "cleanrooms:*"), channel()),
        (_role(_SERVICE, "cleanrooms:*"), channel()),
        "inputChannel.roleArn",
    ),
    Case("key-state", (_key(Enabled=False), _ENCRYPTED), (_key(Enabled=True), _ENCRYPTED), "kmsKeyArn"),
    Case(
        "key-state",
        (_key(KeySpec="RSA_2048"), _ENCRYPTED),
        (_key(KeySpec="SYMMETRIC_DEFAULT"), _ENCRYPTED),
        "kmsKeyArn",
    ),
)
LATE_ADVICE_CASES = (
    Case(
        "short-wait",
        (job(), _waited("Job", "AudienceGenerationJob", TimeoutSeconds=3000)),
        (job(), _waited("Job", "AudienceGenerationJob", TimeoutSeconds=300, WaitedSeconds=3300)),
        "Settings.TimeoutSeconds",
    ),
    Case(
        "role-permissions",
        (_role(_SERVICE, "cleanrooms:Get*"), channel()),
        (_role(_SERVICE, "cleanrooms:Start*"), channel()),
        "inputChannel.roleArn",
    ),
    Case(
        "key-policy",
        (_ADMIN, _key(**_keys_policy(_OTHER)), _ENCRYPTED),
        (_key(**_keys_policy({"Service": _SERVICE})), _ENCRYPTED),
        "kmsKeyArn",
    ),
    Case(
        "key-policy",
        (_key(**_keys_policy(_ROOT, "kms:Put*", "kms:Describe*")), _ENCRYPTED),
        (_key(**_keys_policy(_ROOT)), _ENCRYPTED),
        "kmsKeyArn",
    ),
    Case(
        "key-policy",
        (_READS_KEY, _key(**_keys_policy(_OTHER)), channel()),
        (_READS_KEY, _key(**_keys_policy({"AWS": {"Fn::GetAtt": ["Role", "Arn"]}}, "kms:Decrypt")), channel()),
        "inputChannel.roleArn",
    ),
    Case(
        "ml-configuration",
        (_MEMBERSHIP, _CONFIGURATION, _inference()),
        (_MEMBERSHIP, _CONFIGURATION, _inference(DependsOn="Configuration")),
        "outputConfiguration",
    ),
    Case(
        "ml-configuration",
        (_MEMBERSHIP, _inference()),
        (_CONFIGURATION, _MEMBERSHIP, _inference(DependsOn=["Configuration"])),
        "outputConfiguration",
    ),
)
