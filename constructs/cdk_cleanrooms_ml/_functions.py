"""The parts of the provider: functions, state machine, and the safety net for lost requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import aws_cdk as cdk
from aws_cdk import CfnResource, Fn, RemovalPolicy
from aws_cdk import aws_iam as iam
from constructs import Construct

from cleanrooms_ml_handlers.named_parents import NONE
from cleanrooms_ml_handlers.shared_names import PARENTS
from cleanrooms_ml_handlers.state_machine import definition

from ._asset import CodeAsset
from ._hardening import send_statements
from ._keys import extend_policy, state_machine_key_statements
from ._narrow import create_unchecked
from ._network import Network
from ._part_roles import PartRole, part_role
from ._permissions import Statement, allow
from ._pseudo import account_id, partition, region, stack_id
from ._stack import stack_of
from ._typed import Typed, create_typed
from ._validation import without_none

# The logical ids are part of the public contract: CloudFormation refuses to change a resource's service token.
PREFIX = "CleanRoomsML"
FRONT, WORKER, STATE_MACHINE = f"{PREFIX}Front", f"{PREFIX}Worker", f"{PREFIX}Machine"
RESCUE_RULE, RESCUE_PERMISSION = f"{PREFIX}RescueRule", f"{PREFIX}RescuePermission"
_LOGS, _EVENTS = "Logs", "Events"
ROLE_KEYWORDS = {FRONT: "front_role", WORKER: "worker_role", STATE_MACHINE: "state_machine_role"}

# They use less than a quarter of it. Lambda gives processor time in proportion: benchmarks/README.md has the times and
# the costs of other sizes.
MEMORY_MB = 512

# What the network interfaces of a function in a VPC need. None of these has resource-level permissions.
_NETWORK_ACTIONS = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
# Step Functions guide, "Logging using CloudWatch Logs" and "Tracing with X-Ray": these work on "*" alone.
_STATE_MACHINE_ACTIONS = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)


@dataclass(frozen=True)
class Settings:
    """What the parts have in common."""

    code: CodeAsset
    runtime: str
    architecture: str
    retention: cdk.aws_logs.RetentionDays
    network: Network | None
    boundary: str | None
    key_arn: str | None
    state_machine_key: cdk.aws_kms.IKey | None
    log_key: cdk.aws_kms.IKey | None
    reserved: int | None
    queue: cdk.aws_sqs.IQueue | None
    environment: Mapping[str, str]
    roles: Mapping[str, iam.IRole | None]


@dataclass(frozen=True)
class Function:
    """A function with its role.

    Attributes:
        variables: Its environment.
    """

    function: Typed
    role: PartRole
    arn: str
    log_group: cdk.aws_logs.LogGroup
    variables: Mapping[str, str]


def log_group(scope: Construct, owner: str, settings: Settings, name: str | None = None) -> cdk.aws_logs.LogGroup:
    """The log group of a part; it goes with the stack."""
    properties = {
        "logGroupName": name,
        "retention": settings.retention,
        "encryptionKey": settings.log_key,
        "removalPolicy": RemovalPolicy.DESTROY,
    }
    id = f"{owner}{_LOGS}".removeprefix(PREFIX)
    group = create_unchecked(cdk.aws_logs.LogGroup, scope, id, without_none(properties))
    child = group.node.default_child
    assert isinstance(child, CfnResource)
    child.override_logical_id(f"{owner}{_LOGS}")
    return group


def role(scope: Construct, owner: str, service: str, statements: Sequence[Statement], settings: Settings) -> PartRole:
    """The role of a part."""
    return part_role(
        scope,
        owner,
        f"{owner}Role".removeprefix(PREFIX),
        service,
        statements,
        boundary=settings.boundary,
        given=settings.roles.get(owner),
        keyword=ROLE_KEYWORDS[owner],
    )


def function(
    scope: Construct,
    owner: str,
    *,
    handler: str,
    description: str,
    timeout_seconds: int,
    statements: Sequence[Statement],
    environment: Mapping[str, str],
    settings: Settings,
) -> Function:
    """A Lambda function with its role and log group."""
    group = log_group(scope, owner, settings)
    own = [allow(["logs:CreateLogStream", "logs:PutLogEvents"], group.log_group_arn)]
    if settings.network:
        own.append(allow(_NETWORK_ACTIONS, "*"))
    if settings.queue:
        own += send_statements(settings.queue)
    variables = {"STACK_ID": stack_id(), PARENTS: NONE, **settings.environment, **environment}
    function_role = role(scope, owner, "lambda.amazonaws.com", [*own, *statements], settings)
    result = create_typed(
        "aws_lambda.CfnFunction",
        scope,
        owner.removeprefix(PREFIX),
        {
            "code": {"s3Bucket": settings.code.bucket, "s3Key": settings.code.key},
            "role": function_role.arn,
            "handler": f"cleanrooms_ml_handlers.{handler}.handler",
            "description": description,
            "runtime": settings.runtime,
            "architectures": [settings.architecture],
            "memorySize": MEMORY_MB,
            "timeout": timeout_seconds,
            "environment": {"variables": variables},
            "kmsKeyArn": settings.key_arn,
            "loggingConfig": {"logGroup": group.log_group_name},
            "vpcConfig": settings.network.config() if settings.network else None,
            "reservedConcurrentExecutions": settings.reserved,
            "deadLetterConfig": {"targetArn": settings.queue.queue_arn} if settings.queue else None,
        },
    )
    result.override_logical_id(owner)
    if settings.code.metadata:
        result.add_override("Metadata", settings.code.metadata)
    return Function(result, function_role, result.text("attrArn"), group, variables)


@cache
def state_machine_name() -> str:
    """The state machine's name: fixed, so that the worker knows it although the state machine refers to the worker.

    The stack's GUID is never used twice.
    """
    return f"{STATE_MACHINE}-{Fn.select(2, Fn.split('/', stack_id()))}"


def state_machine_arn() -> str:
    """The state machine's ARN, without a reference to it."""
    return f"arn:{partition()}:states:{region()}:{account_id()}:stateMachine:{state_machine_name()}"


def state_machine(
    scope: Construct, worker_arn: str, settings: Settings
) -> tuple[Typed, PartRole, cdk.aws_logs.LogGroup]:
    """The state machine that carries each request from its first step to its answer."""
    # Below this prefix log delivery needs no growing resource policy.
    group = log_group(scope, STATE_MACHINE, settings, f"/aws/vendedlogs/states/{state_machine_name()}")
    statements = [allow(["lambda:InvokeFunction"], worker_arn), allow(_STATE_MACHINE_ACTIONS, "*")]
    key = settings.state_machine_key
    if key:
        statements += state_machine_key_statements(key.key_arn)
        delivery = {**allow(["kms:Decrypt"], "*"), "Principal": {"Service": "delivery.logs.amazonaws.com"}}
        extend_policy(scope, "state_machine_encryption", key, [delivery])
    state_machine_role = role(scope, STATE_MACHINE, "states.amazonaws.com", statements, settings)
    result = create_typed(
        "aws_stepfunctions.CfnStateMachine",
        scope,
        STATE_MACHINE.removeprefix(PREFIX),
        {
            "stateMachineName": state_machine_name(),
            "roleArn": state_machine_role.arn,
            "definitionString": stack_of(scope).to_json_string(definition(worker_arn, partition())),
            # Every event, without what is in it: requests may hold SQL.
            "loggingConfiguration": {
                "level": "ALL",
                "includeExecutionData": False,
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group.log_group_arn}}],
            },
            "tracingConfiguration": {"enabled": True},
            "encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": key.key_arn} if key else None,
        },
    )
    # It checks at creation whether it may deliver its logs.
    if state_machine_role.role:
        result.node.add_dependency(state_machine_role.role)
    result.override_logical_id(STATE_MACHINE)
    return result, state_machine_role, group


def failures_to(
    scope: Construct, owner: str, source: Function, target_arn: str, *, retries: int, age_seconds: int
) -> Typed:
    """Sends what a function could not finish to the other one."""
    result = create_typed(
        "aws_lambda.CfnEventInvokeConfig",
        scope,
        f"{owner}{_EVENTS}".removeprefix(PREFIX),
        {
            "functionName": source.function.ref,
            "qualifier": "$LATEST",
            "maximumRetryAttempts": retries,
            "maximumEventAgeInSeconds": age_seconds,
            "destinationConfig": {"onFailure": {"destination": target_arn}},
        },
    )
    result.override_logical_id(f"{owner}{_EVENTS}")
    return result


def rescue_rule(scope: Construct, state_machine_arn: str, worker: Function) -> None:
    """Notifies the worker of executions that ended without an answer."""
    rule = create_typed(
        "aws_events.CfnRule",
        scope,
        "RescueRule",
        {
            "description": "Answers CloudFormation when an execution was lost",
            "eventPattern": {
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": {"status": ["FAILED", "TIMED_OUT", "ABORTED"], "stateMachineArn": [state_machine_arn]},
            },
            "targets": [{"arn": worker.arn, "id": "Worker"}],
        },
    )
    rule.override_logical_id(RESCUE_RULE)
    permission = create_typed(
        "aws_lambda.CfnPermission",
        scope,
        "RescuePermission",
        {
            "action": "lambda:InvokeFunction",
            "functionName": worker.function.ref,
            "principal": "events.amazonaws.com",
            "sourceArn": rule.text("attrArn"),
        },
    )
    permission.override_logical_id(RESCUE_PERMISSION)


def safety_net_parts() -> list[Mapping[str, Any]]:
    """A reference to everything that has to be there before the first resource and until the last one is gone."""
    parts = (STATE_MACHINE, f"{FRONT}{_EVENTS}", f"{WORKER}{_EVENTS}", RESCUE_RULE, RESCUE_PERMISSION)
    return [{"Ref": part} for part in parts]


def executions() -> Mapping[str, str]:
    """The ARN of any execution of the state machine."""
    prefix = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution"
    return {"Fn::Sub": f"{prefix}:${{{STATE_MACHINE}.Name}}:*"}
