"""The functions, the state machine and the net of a stack."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk_cleanrooms_ml import CleanRoomsMLProvider
from cleanrooms_ml_handlers.state_machine import definition
from tests.synth.stacks import (
    Template,
    channel,
    configured,
    job,
    new_stack,
    parts_of,
    statements_of,
    template_of,
)

# A public contract: CloudFormation refuses to change the service token of a resource.
LOGICAL_IDS = {
    "CleanRoomsMLFront": "AWS::Lambda::Function",
    "CleanRoomsMLFrontEvents": "AWS::Lambda::EventInvokeConfig",
    "CleanRoomsMLFrontLogs": "AWS::Logs::LogGroup",
    "CleanRoomsMLFrontRole": "AWS::IAM::Role",
    "CleanRoomsMLMachine": "AWS::StepFunctions::StateMachine",
    "CleanRoomsMLMachineLogs": "AWS::Logs::LogGroup",
    "CleanRoomsMLMachineRole": "AWS::IAM::Role",
    "CleanRoomsMLRescuePermission": "AWS::Lambda::Permission",
    "CleanRoomsMLRescueRule": "AWS::Events::Rule",
    "CleanRoomsMLWorker": "AWS::Lambda::Function",
    "CleanRoomsMLWorkerEvents": "AWS::Lambda::EventInvokeConfig",
    "CleanRoomsMLWorkerLogs": "AWS::Logs::LogGroup",
    "CleanRoomsMLWorkerPolicy": "AWS::IAM::Policy",
    "CleanRoomsMLWorkerRole": "AWS::IAM::Role",
}


def automatic(stack: cdk.Stack) -> None:
    """Nobody asks for a provider."""


def explicit(stack: cdk.Stack) -> None:
    """The user makes it under an id of their own."""
    CleanRoomsMLProvider(stack, "Mine")


def nested(stack: cdk.Stack) -> None:
    """It is in another construct."""
    CleanRoomsMLProvider(Construct(Construct(stack, "Platform"), "Shared"), "Functions")


@pytest.fixture(scope="module")
def parts() -> dict[str, Any]:
    stack = new_stack()
    configured(stack)
    return parts_of(template_of(stack))


def test_the_logical_ids_never_change(parts: dict[str, Any]) -> None:
    assert {name: each["Type"] for name, each in parts.items()} == LOGICAL_IDS


@pytest.mark.parametrize("make", [explicit, nested])
def test_its_scope_and_id_do_not_matter(parts: dict[str, Any], make: Any) -> None:
    stack = new_stack()
    make(stack)
    configured(stack)
    assert parts_of(template_of(stack)) == parts


def test_each_stack_has_its_own() -> None:
    app = cdk.App()
    first, second = new_stack("First", app), new_stack("Second", app)
    configured(first)
    configured(second)
    assert parts_of(template_of(first)).keys() == parts_of(template_of(second)).keys() == LOGICAL_IDS.keys()


def test_it_is_found_from_any_construct_of_the_stack() -> None:
    stack = new_stack()
    created = CleanRoomsMLProvider(Construct(stack, "Platform"), "Functions")
    assert CleanRoomsMLProvider.of(stack) is created
    assert CleanRoomsMLProvider.of(Construct(stack, "Elsewhere")) is created


def test_a_second_one_is_refused_with_a_reason() -> None:
    stack = new_stack()
    configured(stack)
    with pytest.raises(ValueError, match=r"^Stack: the stack has a CleanRoomsMLProvider already"):
        CleanRoomsMLProvider(stack, "Second")


def test_it_has_at_most_16_resources_with_everything_turned_on() -> None:
    stack = new_stack()
    CleanRoomsMLProvider(stack, "Provider", vpc=ec2.Vpc(stack, "Vpc"))
    channel(stack, role=iam.Role.from_role_name(stack, "Own", "own"), encryption_key=kms.Key(stack, "Key"))
    assert len(parts_of(template_of(stack))) <= 16


def test_the_service_token_keeps_the_net_and_every_policy(template: Template) -> None:
    resources = [each for each in template["Resources"].values() if each["Type"].startswith("Custom::")]
    for resource in resources:
        index, parts = resource["Properties"]["ServiceToken"]["Fn::Select"]
        assert (index, parts[0]) == (0, {"Fn::GetAtt": ["CleanRoomsMLFront", "Arn"]})
        kept = {part["Ref"] for part in parts[1:]}
        assert kept >= {
            "CleanRoomsMLMachine",
            "CleanRoomsMLFrontEvents",
            "CleanRoomsMLWorkerEvents",
            "CleanRoomsMLRescueRule",
            "CleanRoomsMLRescuePermission",
            "CleanRoomsMLWorkerPolicy",
        }
        assert resource["Properties"]["ServiceTimeout"] == 3600


def test_resources_with_a_role_or_key_of_their_own_wait_for_that_policy_too(
    stack: cdk.Stack, template: Template
) -> None:
    def keeps(construct_id: str) -> bool:
        name = next(name for name in template["Resources"] if name.startswith(construct_id))
        parts = template["Resources"][name]["Properties"]["ServiceToken"]["Fn::Select"][1]
        return {"Ref": "CleanRoomsMLWorkerOwnPolicy"} in parts

    assert keeps("OwnRoleChannelReady")
    assert keeps("ChannelReady")
    assert not keeps("JobReady")


def test_front_may_start_the_state_machine_and_call_the_worker_only(parts: dict[str, Any]) -> None:
    (policy,) = parts["CleanRoomsMLFrontRole"]["Properties"]["Policies"]
    allowed = {
        action: each["Resource"] for each in statements_of(policy["PolicyDocument"]) for action in each["Action"]
    }
    logs_of_front = {"Fn::GetAtt": ["CleanRoomsMLFrontLogs", "Arn"]}
    assert allowed == {
        "logs:CreateLogStream": logs_of_front,
        "logs:PutLogEvents": logs_of_front,
        # By its name: the role is created beside the state machine.
        "states:StartExecution": parts["CleanRoomsMLFront"]["Properties"]["Environment"]["Variables"][
            "STATE_MACHINE_ARN"
        ],
        "lambda:InvokeFunction": {"Fn::GetAtt": ["CleanRoomsMLWorker", "Arn"]},
    }


def test_the_machine_may_call_the_worker_and_deliver_logs_and_traces(parts: dict[str, Any]) -> None:
    (policy,) = parts["CleanRoomsMLMachineRole"]["Properties"]["Policies"]
    call, deliver = statements_of(policy["PolicyDocument"])
    assert (call["Action"], call["Resource"]) == (
        ["lambda:InvokeFunction"],
        {"Fn::GetAtt": ["CleanRoomsMLWorker", "Arn"]},
    )
    assert {action.split(":")[0] for action in deliver["Action"]} == {"logs", "xray"}


def test_the_machine_runs_the_handlers_definition(parts: dict[str, Any]) -> None:
    joined = parts["CleanRoomsMLMachine"]["Properties"]["DefinitionString"]["Fn::Join"][1]
    known = {
        json.dumps({"Fn::GetAtt": ["CleanRoomsMLWorker", "Arn"]}): "WORKER",
        json.dumps({"Ref": "AWS::Partition"}): "aws",
    }
    text = "".join(part if isinstance(part, str) else known[json.dumps(part)] for part in joined)
    assert json.loads(text) == definition("WORKER", "aws")


def test_the_machines_log_holds_every_event_but_no_request(parts: dict[str, Any]) -> None:
    logging = parts["CleanRoomsMLMachine"]["Properties"]["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False)
    assert parts["CleanRoomsMLMachine"]["Properties"]["TracingConfiguration"] == {"Enabled": True}


def test_what_one_function_cannot_finish_goes_to_the_other(parts: dict[str, Any]) -> None:
    def net(source: str) -> tuple[Any, ...]:
        config = parts[f"{source}Events"]["Properties"]
        assert (config["FunctionName"], config["Qualifier"]) == ({"Ref": source}, "$LATEST")
        target = config["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
        return target, config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]

    assert net("CleanRoomsMLFront") == ("CleanRoomsMLWorker", 1, 1800)
    assert net("CleanRoomsMLWorker") == ("CleanRoomsMLFront", 2, 600)
    # Lambda refuses a destination that the function may not call.
    assert parts["CleanRoomsMLWorkerEvents"]["DependsOn"] == ["CleanRoomsMLWorkerPolicy"]


def test_lost_executions_are_reported_to_the_worker(parts: dict[str, Any]) -> None:
    rule = parts["CleanRoomsMLRescueRule"]["Properties"]
    assert rule["EventPattern"]["detail"] == {
        "status": ["FAILED", "TIMED_OUT", "ABORTED"],
        "stateMachineArn": [{"Ref": "CleanRoomsMLMachine"}],
    }
    assert rule["Targets"] == [{"Arn": {"Fn::GetAtt": ["CleanRoomsMLWorker", "Arn"]}, "Id": "Worker"}]
    permission = parts["CleanRoomsMLRescuePermission"]["Properties"]
    assert permission["Principal"] == "events.amazonaws.com"
    assert permission["SourceArn"] == {"Fn::GetAtt": ["CleanRoomsMLRescueRule", "Arn"]}


def test_functions_are_what_the_handlers_need(parts: dict[str, Any]) -> None:
    front, worker = (parts[name]["Properties"] for name in ("CleanRoomsMLFront", "CleanRoomsMLWorker"))
    assert front["Handler"] == "cleanrooms_ml_handlers.front.handler"
    assert worker["Handler"] == "cleanrooms_ml_handlers.worker.handler"
    assert (front["Timeout"], worker["Timeout"]) == (30, 60)
    assert front["Environment"]["Variables"] == {
        "STACK_ID": {"Ref": "AWS::StackId"},
        "STATE_MACHINE_ARN": worker["Environment"]["Variables"]["STATE_MACHINE_ARN"],
        "CLEANROOMS_ML_PARENTS": "none",
    }
    kinds = worker["Environment"]["Variables"].keys() - front["Environment"]["Variables"].keys()
    assert kinds == {"CLEANROOMS_ML_KINDS"}
    # Worker and machine need each other: the worker gets the ARN by its parts, so that no circle closes.
    machine = parts["CleanRoomsMLMachine"]["Properties"]["StateMachineName"]["Fn::Join"][1]
    arn = worker["Environment"]["Variables"]["STATE_MACHINE_ARN"]["Fn::Join"][1]
    assert arn[-1] == machine[-1]
    assert arn[-2].endswith(f":stateMachine:{machine[0]}")
    for each in (front, worker):
        assert (each["Architectures"], each["MemorySize"]) == (["arm64"], 512)
        assert each["Runtime"].startswith("python3.")
        assert each["Code"] == front["Code"]


def test_logs_are_kept_for_a_month_and_go_with_the_stack(parts: dict[str, Any]) -> None:
    groups = [each for each in parts.values() if each["Type"] == "AWS::Logs::LogGroup"]
    assert [each["Properties"]["RetentionInDays"] for each in groups] == [30, 30, 30]
    assert all(each["DeletionPolicy"] == "Delete" for each in groups)


def test_the_worker_creates_only_kinds_of_the_stack_and_deletes_all() -> None:
    def actions(make: Any) -> set[str]:
        stack = new_stack()
        make(stack)
        policy = parts_of(template_of(stack))["CleanRoomsMLWorkerPolicy"]
        statements = statements_of(policy["Properties"]["PolicyDocument"])
        return {action for each in statements if each["Effect"] == "Allow" for action in each["Action"]}

    of_models, of_jobs = actions(configured), actions(job)
    assert "cleanrooms-ml:CreateConfiguredAudienceModel" in of_models - of_jobs
    assert "cleanrooms-ml:UpdateConfiguredAudienceModel" in of_models - of_jobs
    assert "cleanrooms-ml:StartAudienceGenerationJob" in of_jobs - of_models
    assert "cleanrooms-ml:CreateMLInputChannel" not in of_jobs | of_models
    for both in (of_models, of_jobs):
        assert both >= {
            "cleanrooms-ml:DeleteConfiguredAudienceModel",
            "cleanrooms-ml:DeleteAudienceGenerationJob",
            "cleanrooms-ml:DeleteMLInputChannelData",
            "cleanrooms-ml:GetMLInputChannel",
            "cleanrooms-ml:ListMLInputChannels",
            "cleanrooms-ml:UntagResource",
        }


def test_the_worker_passes_this_stacks_roles_to_the_service_only(template: Template) -> None:
    policy = parts_of(template)["CleanRoomsMLWorkerPolicy"]["Properties"]["PolicyDocument"]
    (passing,) = (each for each in statements_of(policy) if each["Action"] == ["iam:PassRole"])
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "cleanrooms-ml.amazonaws.com"}}
    assert passing["Resource"]["Fn::Sub"].endswith(":role/cleanrooms-ml/${AWS::StackName}/*")
    # Our own functions' roles lie elsewhere: nobody can pass them on.
    roles = [each for name, each in parts_of(template).items() if each["Type"] == "AWS::IAM::Role"]
    assert not any("Path" in each["Properties"] for each in roles)


def test_statements_do_not_grow_with_the_number_of_constructs() -> None:
    def policy(count: int) -> Any:
        stack = new_stack()
        for number in range(count):
            channel(stack, f"Channel{number}")
        return parts_of(template_of(stack))["CleanRoomsMLWorkerPolicy"]

    assert policy(5) == policy(1)
