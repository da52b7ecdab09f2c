"""The options of a provider: encryption, logs, networks, and those with which it could not answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_cleanrooms_ml import CleanRoomsMLProvider
from tests.synth.stacks import (
    channel,
    new_stack,
    parts_of,
    resources_of,
    template_of,
)


def test_every_option_is_applied() -> None:
    stack = new_stack()
    vpc, key = ec2.Vpc(stack, "Vpc"), kms.Key(stack, "Key")
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
    boundary = iam.ManagedPolicy.from_aws_managed_policy_name("PowerUserAccess")
    CleanRoomsMLProvider(
        stack,
        "Provider",
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
        allow_public_subnet=True,
        security_groups=[group],
        permissions_boundary=boundary,
        environment_encryption=key,
        state_machine_encryption=key,
        log_retention=logs.RetentionDays.ONE_WEEK,
        runtime=lambda_.Runtime.PYTHON_3_12,
        architecture=lambda_.Architecture.X86_64,
    )
    # The same key for the data: its policy names the worker's role, which must not need the key in turn.
    channel(stack, encryption_key=key)
    template = template_of(stack)
    parts = parts_of(template)
    key_arn = {"Fn::GetAtt": [stack.resolve(_logical_id(key)), "Arn"]}
    for name in ("CleanRoomsMLFront", "CleanRoomsMLWorker"):
        properties = parts[name]["Properties"]
        assert len(properties["VpcConfig"]["SubnetIds"]) == 2
        assert properties["VpcConfig"]["SecurityGroupIds"] == [
            {"Fn::GetAtt": [stack.resolve(_logical_id(group)), "GroupId"]}
        ]
        assert (properties["Runtime"], properties["Architectures"]) == ("python3.12", ["x86_64"])
        assert properties["KmsKeyArn"] == key_arn
        role = parts[f"{name}Role"]["Properties"]
        assert "ec2:CreateNetworkInterface" in str(role["Policies"])
    for name in ("CleanRoomsMLFrontRole", "CleanRoomsMLWorkerRole", "CleanRoomsMLMachineRole"):
        assert "policy/PowerUserAccess" in str(parts[name]["Properties"]["PermissionsBoundary"])
    assert parts["CleanRoomsMLMachine"]["Properties"]["EncryptionConfiguration"] == {
        "KmsKeyId": key_arn,
        "Type": "CUSTOMER_MANAGED_KMS_KEY",
    }
    groups = resources_of(template, "AWS::Logs::LogGroup").values()
    assert [each["Properties"]["RetentionInDays"] for each in groups] == [7, 7, 7]
    # What may decrypt the environment, and read and write executions.
    assert "kms:Decrypt" in str(parts["CleanRoomsMLFrontRole"])
    assert "kms:Decrypt" in str(parts["CleanRoomsMLWorkerPolicy"])
    assert "kms:GenerateDataKey" in str(parts["CleanRoomsMLMachineRole"])
    assert str(key_arn) not in str(parts["CleanRoomsMLWorkerRole"])


def test_logs_concurrency_and_dead_letters_can_be_chosen() -> None:
    stack = new_stack()
    key = kms.Key(stack, "Key")
    queue = sqs.Queue(stack, "Queue", encryption_master_key=key)
    CleanRoomsMLProvider(
        stack, "Provider", log_encryption=key, reserved_concurrent_executions=20, dead_letter_queue=queue
    )
    template = template_of(stack)
    groups = resources_of(template, "AWS::Logs::LogGroup").values()
    key_arn = stack.resolve(key.key_arn)
    assert [group["Properties"]["KmsKeyId"] for group in groups] == [key_arn] * 3
    for function in resources_of(template, "AWS::Lambda::Function").values():
        assert function["Properties"]["ReservedConcurrentExecutions"] == 20
        assert function["Properties"]["DeadLetterConfig"] == {"TargetArn": stack.resolve(queue.queue_arn)}
    for name in ("CleanRoomsMLFrontRole", "CleanRoomsMLWorkerRole"):
        statements = template["Resources"][name]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        assert {"sqs:SendMessage", "kms:GenerateDataKey"} <= {
            action for statement in statements for action in statement["Action"]
        }
    (key_policy,) = resources_of(template, "AWS::KMS::Key").values()
    assert "kms:EncryptionContext:aws:logs:arn" in str(key_policy)


def test_wrong_options_are_refused_with_a_reason() -> None:
    with pytest.raises(ValueError, match=r"runtime is nodejs24\.x; the functions need a Python runtime"):
        CleanRoomsMLProvider(new_stack(), "Provider", runtime=lambda_.Runtime.NODEJS_24_X)
    with pytest.raises(ValueError, match="need a vpc"):
        CleanRoomsMLProvider(new_stack(), "Provider", vpc_subnets=ec2.SubnetSelection(one_per_az=True))

    with pytest.raises(ValueError, match="allow_public_subnet need a vpc"):
        CleanRoomsMLProvider(new_stack(), "Provider", allow_public_subnet=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vpc": "vpc-1"}, r"vpc is a str; allowed is a VPC\. Pass ec2\.Vpc\.from_lookup"),
        ({"permissions_boundary": "arn"}, "permissions_boundary is a str; allowed is a policy"),
        ({"dead_letter_queue": "arn"}, "dead_letter_queue is a str; allowed is a queue"),
        ({"worker_role": "arn"}, "worker_role is a str; allowed is a role"),
        ({"security_groups": ["sg-1"]}, "security_groups is a str; allowed is a list of security groups"),
        ({"security_groups": "sg-1"}, "security_groups is a str; allowed is a list of security groups"),
        ({"runtime": "python3.12"}, "runtime is a str; allowed is Runtime"),
        ({"architecture": "arm64"}, "architecture is a str; allowed is Architecture"),
        ({"log_retention": 30}, "log_retention is an int; allowed is RetentionDays"),
        ({"reserved_concurrent_executions": "5"}, "reserved_concurrent_executions is 5; allowed is a whole number"),
        ({"reserved_concurrent_executions": 1.5}, r"reserved_concurrent_executions is 1\.5; allowed is a whole number"),
    ],
)
def test_options_of_another_form_are_refused_by_their_keyword(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CleanRoomsMLProvider(new_stack(), "Provider", **options)


def test_a_number_that_is_not_known_yet_is_taken() -> None:
    stack = new_stack()
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    CleanRoomsMLProvider(stack, "Provider", reserved_concurrent_executions=number)  # type: ignore[arg-type]
    worker = parts_of(template_of(stack))["CleanRoomsMLWorker"]["Properties"]
    assert worker["ReservedConcurrentExecutions"] == {"Ref": "Number"}


@pytest.mark.parametrize(
    "selection",
    [
        ec2.SubnetSelection(subnet_group_name="Apps"),
        ec2.SubnetSelection(availability_zones=["us-east-1f"]),
        ec2.SubnetSelection(subnet_filters=[ec2.SubnetFilter.by_ids(["subnet-1"])]),
    ],
)
def test_subnets_that_the_cdk_has_yet_to_look_up_do_not_end_the_synth(selection: ec2.SubnetSelection) -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account="111122223333", region="us-east-1"))
    # In the first pass the CDK has a VPC that stands in for the one to look up.
    vpc = ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-1")
    CleanRoomsMLProvider(stack, "Provider", vpc=vpc, vpc_subnets=selection)
    app = stack.node.root
    assert isinstance(app, cdk.App)
    manifest = json.loads((Path(app.synth().directory) / "manifest.json").read_text(encoding="utf-8"))
    assert [each["provider"] for each in manifest["missing"]] == ["vpc-provider"]


def test_options_that_keep_the_functions_from_answering_are_refused() -> None:
    with pytest.raises(ValueError, match=r"runtime is python3\.9; the functions need Python 3\.11 or later"):
        CleanRoomsMLProvider(new_stack(), "Provider", runtime=lambda_.Runtime.PYTHON_3_9)
    with pytest.raises(ValueError, match="reserved_concurrent_executions is 0; allowed is a whole number, 1 or more"):
        CleanRoomsMLProvider(new_stack(), "Provider", reserved_concurrent_executions=0)
    stack = new_stack()
    with pytest.raises(ValueError, match="dead_letter_queue is a FIFO queue"):
        CleanRoomsMLProvider(stack, "Provider", dead_letter_queue=sqs.Queue(stack, "Queue", fifo=True))


def test_subnets_without_an_availability_zone_are_fine() -> None:
    stack = new_stack()
    vpc = ec2.Vpc(stack, "Vpc")
    subnets = [ec2.Subnet.from_subnet_id(stack, f"Subnet{number}", f"subnet-{number}") for number in (1, 2)]
    CleanRoomsMLProvider(stack, "Provider", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=subnets))
    parts = parts_of(template_of(stack))
    assert parts["CleanRoomsMLFront"]["Properties"]["VpcConfig"]["SubnetIds"] == ["subnet-1", "subnet-2"]


@pytest.mark.parametrize("kind", [ec2.SubnetType.PUBLIC, None])
def test_a_public_subnet_is_refused(kind: ec2.SubnetType | None) -> None:
    stack = new_stack()
    only_public = [ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC)]
    vpc = ec2.Vpc(stack, "Vpc", subnet_configuration=only_public)
    selection = ec2.SubnetSelection(subnet_type=kind) if kind else None
    with pytest.raises(
        ValueError,
        match=r"the subnet Stack/Vpc/PublicSubnet1 is public; functions in a public subnet cannot reach the internet",
    ):
        CleanRoomsMLProvider(stack, "Provider", vpc=vpc, vpc_subnets=selection)


def test_a_public_subnet_is_refused_however_it_is_chosen() -> None:
    stack = new_stack()
    vpc = ec2.Vpc(stack, "Vpc")
    with pytest.raises(ValueError, match="is public"):
        CleanRoomsMLProvider(
            stack, "Provider", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=[vpc.public_subnets[0]])
        )
    other = new_stack()
    vpc, nothing = ec2.Vpc(other, "Vpc"), ec2.SubnetSelection(subnets=[])
    with pytest.raises(ValueError, match="vpc_subnets selects no subnet"):
        CleanRoomsMLProvider(other, "Provider", vpc=vpc, vpc_subnets=nothing)


def test_isolated_subnets_are_fine() -> None:
    stack = new_stack()
    isolated = [ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)]
    CleanRoomsMLProvider(stack, "Provider", vpc=ec2.Vpc(stack, "Vpc", subnet_configuration=isolated, nat_gateways=0))
    assert parts_of(template_of(stack))["CleanRoomsMLFront"]["Properties"]["VpcConfig"]["SubnetIds"]


def _logical_id(construct: Construct) -> str:
    child = construct.node.default_child
    assert isinstance(child, cdk.CfnElement)
    return child.logical_id
