"""The state machine's role, and passing roles: MiniStack evaluates neither, so the template is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from cleanrooms_ml_handlers.state_machine import definition

from .policies import WORKER, grants_of

STATE_MACHINE, STATE_MACHINE_ROLE = "CleanRoomsMLMachine", "CleanRoomsMLMachineRole"
_STATE_MACHINE_ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:any"
# Step Functions Developer Guide, "Logging using CloudWatch Logs" and "Tracing with X-Ray": on "*" alone.
_LOG_DELIVERY = {
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}
_TRACING = {
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


@pytest.fixture(scope="module")
def resources(stack_template: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = stack_template["Resources"]
    return found


def passing(template: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The statements that let the worker pass roles."""
    for statement in grants_of(template, WORKER, _STATE_MACHINE_ARN).statements:
        if "iam:PassRole" in statement["Action"]:
            yield statement


def test_the_state_machine_may_invoke_the_worker_and_nothing_else(stack_template: Mapping[str, Any]) -> None:
    grants = grants_of(stack_template, STATE_MACHINE_ROLE, _STATE_MACHINE_ARN)
    by_arn: dict[str, set[str]] = {}
    for action, arn in grants.parts():
        by_arn.setdefault(arn, set()).add(action)
    assert by_arn == {"arn:aws:any:::CleanRoomsMLWorker": {"lambda:InvokeFunction"}, "*": _LOG_DELIVERY | _TRACING}


def test_the_state_machine_invokes_what_its_role_allows(resources: Mapping[str, Any]) -> None:
    tasks = [state for state in definition("worker")["States"].values() if state["Type"] == "Task"]
    assert {state["Resource"] for state in tasks} == {"arn:aws:states:::lambda:invoke"}
    assert {state["Parameters"]["FunctionName"] for state in tasks} == {"worker"}
    assert resources[STATE_MACHINE]["Properties"]["RoleArn"] == {"Fn::GetAtt": [STATE_MACHINE_ROLE, "Arn"]}


def test_only_the_states_service_assumes_the_state_machines_role(resources: Mapping[str, Any]) -> None:
    (trust,) = resources[STATE_MACHINE_ROLE]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "states.amazonaws.com"}


def test_roles_are_passed_to_clean_rooms_ml_alone(stack_template: Mapping[str, Any]) -> None:
    statements = list(passing(stack_template))
    assert statements
    for statement in statements:
        assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "cleanrooms-ml.amazonaws.com"}}


def test_no_role_of_the_functions_themselves_can_be_passed(stack_template: Mapping[str, Any]) -> None:
    arns = {arn for statement in passing(stack_template) for arn in statement["Resource"]}
    assert arns == {"arn:aws:iam::000000000000:role/cleanrooms-ml/app/*", "arn:aws:iam::000000000000:role/own"}
    for name, resource in stack_template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role" and name.startswith("CleanRoomsML"):
            assert "Path" not in resource["Properties"], name


def test_nothing_is_allowed_on_everything_but_what_has_no_narrower_resource(stack_template: Mapping[str, Any]) -> None:
    worker = grants_of(stack_template, WORKER, _STATE_MACHINE_ARN)
    on_everything = {action for action, arn in worker.parts() if arn == "*"}
    # Service Authorization Reference: lists, and the configuration of a membership.
    assert {action for action in on_everything if ":List" not in action} <= {
        f"cleanrooms-ml:{verb}MLConfiguration" for verb in ("Put", "Get", "Delete")
    }


def test_no_action_is_a_pattern(stack_template: Mapping[str, Any]) -> None:
    for role in ("CleanRoomsMLFrontRole", WORKER, STATE_MACHINE_ROLE):
        assert not [part for part in grants_of(stack_template, role, _STATE_MACHINE_ARN).parts() if "*" in part[0]]
