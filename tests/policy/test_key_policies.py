"""Policies of keys: what is known of them is judged, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from .samples import Resources, channel, findings

RULE = "cleanrooms-ml:key-policy"
SERVICE = "cleanrooms-ml.amazonaws.com"
ROLE = {"Fn::GetAtt": ["Role", "Arn"]}
ELSEWHERE = {"AWS": "arn:aws:iam::111122223333:role/elsewhere"}
# What the role of the channel may read: a bucket that the key encrypts.
READS: Resources = {
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": SERVICE}}]
            },
            "Policies": [
                {
                    "PolicyName": "all",
                    "PolicyDocument": {
                        "Statement": [
                            {"Effect": "Allow", "Action": "cleanrooms:*", "Resource": "*"},
                            {
                                "Effect": "Allow",
                                "Action": ["s3:GetObject"],
                                "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": ["Data", "Arn"]}, "/sales/*"]]},
                            },
                        ]
                    },
                }
            ],
        },
    },
    "Data": {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "Key"}}}
                ]
            }
        },
    },
    "Admin": {"Type": "AWS::IAM::Role", "Properties": {}},
}


def said(policy: Any, *, named: bool = False, role: Any = ROLE, **properties: Any) -> list[str]:
    """What is said of a key with a policy, which encrypts what the role reads, and the channel where it is named."""
    key: Resources = {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy, **properties}}}
    request = channel(
        {"inputChannel.roleArn": role}, **({"kmsKeyArn": {"Fn::GetAtt": ["Key", "Arn"]}} if named else {})
    )
    found = findings(READS, key, request, advice=True)
    return [each.message for each in found if each.rule == RULE]


def allowing(principal: Any, action: Any = "kms:*", **more: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}]}


@pytest.mark.parametrize(
    "policy",
    [
        allowing(ELSEWHERE),
        allowing({"AWS": [{"Fn::GetAtt": ["Admin", "Arn"]}]}),
        allowing({"Service": SERVICE}),
        allowing({"AWS": "arn:aws:iam::111122223333:user/somebody"}),
        # Who may only administer it does not use it, and cannot pass on its use.
        allowing({"AWS": "arn:aws:iam::111122223333:root"}, ["kms:Put*", "kms:Describe*"]),
        {"Statement": [{**allowing({"AWS": ROLE})["Statement"][0], "Effect": "Deny"}]},
    ],
)
def test_a_role_that_may_not_use_the_key_of_what_it_reads_is_warned_of(policy: Any) -> None:
    (message,) = said(policy)
    assert (
        "inputChannel.roleArn is Role, which needs the key Key, whose policy allows its use neither to the role"
        in message
    )
    assert message.endswith("or the role and the service")


@pytest.mark.parametrize(
    "policy",
    [
        None,
        allowing("*"),
        allowing({"AWS": "*"}),
        allowing({"AWS": "111122223333"}),
        allowing({"AWS": {"Ref": "AWS::AccountId"}}),
        allowing({"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}),
        # Not known: a parameter, an import, a condition, a role's unique id.
        allowing({"AWS": {"Ref": "Parameter"}}),
        allowing({"AWS": {"Fn::ImportValue": "admin"}}),
        allowing({"Fn::If": ["Is", ELSEWHERE, {"AWS": "*"}]}),
        allowing({"AWS": "AROA1234567890EXAMPLE"}),
        {"Fn::If": ["Is", allowing(ELSEWHERE), allowing("*")]},
        allowing(ELSEWHERE, {"Ref": "Actions"}),
        {"Statement": [{"Effect": "Allow", "NotPrincipal": ELSEWHERE, "Action": "kms:*", "Resource": "*"}]},
        "{{resolve:ssm:policy}}",
    ],
)
def test_a_policy_that_allows_it_or_may_is_not_warned_of(policy: Any) -> None:
    assert not said(policy)
    assert not said(policy, named=True)


@pytest.mark.parametrize("actions", [{"Action": "kms:Decrypt"}, {"NotAction": "kms:Put*"}])
def test_a_policy_may_allow_the_role_alone(actions: dict[str, Any]) -> None:
    principals = {"AWS": [ELSEWHERE["AWS"], ROLE]}
    assert not said({"Statement": [{"Effect": "Allow", "Principal": principals, "Resource": "*", **actions}]})


def test_a_role_with_a_name_of_its_own_may_be_named_by_text() -> None:
    named = {**READS["Role"], "Properties": {**READS["Role"]["Properties"], "RoleName": "elsewhere"}}
    key: Resources = {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": allowing(ELSEWHERE)}}}
    found = findings(READS, {"Role": named}, key, channel({"inputChannel.roleArn": ROLE}), advice=True)
    assert RULE not in {each.rule for each in found}


def test_a_role_that_the_template_does_not_hold_is_not_judged() -> None:
    assert not said(allowing(ELSEWHERE), role="arn:aws:iam::111122223333:role/mine")


@pytest.mark.parametrize("service", [SERVICE, ["s3.amazonaws.com", SERVICE], {"Ref": "Service"}])
def test_a_key_that_a_resource_names_has_to_allow_the_service(service: Any) -> None:
    refused = said(allowing({"Service": "s3.amazonaws.com"}), named=True)
    assert f"kmsKeyArn is Key, whose policy allows its use neither to {SERVICE} nor to the account" in "".join(refused)
    assert f"{SERVICE} nor" not in "".join(said(allowing({"Service": service}), named=True))
