"""What a provider shows of its parts."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn

from cdk_cleanrooms_ml import CleanRoomsMLProvider
from tests.synth.stacks import configured, new_stack, only, resources_of, template_of


def provider_of(stack: cdk.Stack, **options: Any) -> CleanRoomsMLProvider:
    provider = CleanRoomsMLProvider(stack, "Provider", **options)
    configured(stack)
    return provider


def test_its_parts_are_those_of_the_template() -> None:
    stack = new_stack()
    provider = provider_of(stack)
    assert stack.resolve(provider.front_function.function_arn) == {"Fn::GetAtt": ["CleanRoomsMLFront", "Arn"]}
    assert stack.resolve(provider.worker_function.function_arn) == {"Fn::GetAtt": ["CleanRoomsMLWorker", "Arn"]}
    assert provider.worker_function is provider.worker_function
    assert stack.resolve(provider.state_machine.state_machine_arn) == {"Ref": "CleanRoomsMLMachine"}
    assert [stack.resolve(group.log_group_name)["Ref"] for group in provider.log_groups] == [
        "CleanRoomsMLFrontLogs",
        "CleanRoomsMLWorkerLogs",
        "CleanRoomsMLMachineLogs",
    ]
    assert [stack.resolve(role.role_arn) for role in provider.roles] == [
        {"Fn::GetAtt": [f"CleanRoomsML{part}Role", "Arn"]} for part in ("Front", "Worker", "Machine")
    ]


def test_the_tree_has_its_parts_with_their_own_classes_and_they_can_be_changed() -> None:
    stack = new_stack()
    provider = provider_of(stack)
    worker = provider.node.find_child("Worker")
    assert isinstance(worker, lambda_.CfnFunction)
    worker.timeout = 50
    cdk.Tags.of(worker).add("part", "worker")
    machine = provider.node.find_child("Machine")
    assert isinstance(machine, sfn.CfnStateMachine)
    machine.add_property_override("TracingConfiguration.Enabled", False)
    rules = [each for each in provider.node.find_all() if isinstance(each, events.CfnRule)]
    assert [each.event_bus_name for each in rules] == [None]
    lambda_.CfnUrl(stack, "Url", auth_type="AWS_IAM", target_function_arn=worker.attr_arn)
    resources = template_of(stack)["Resources"]
    properties = resources["CleanRoomsMLWorker"]["Properties"]
    assert (properties["Timeout"], properties["Tags"]) == (50, [{"Key": "part", "Value": "worker"}])
    assert "Tags" not in resources["CleanRoomsMLFront"]["Properties"]
    assert resources["CleanRoomsMLMachine"]["Properties"]["TracingConfiguration"] == {"Enabled": False}
    assert resources["Url"]["Properties"]["TargetFunctionArn"] == {"Fn::GetAtt": ["CleanRoomsMLWorker", "Arn"]}


def test_what_nobody_asks_for_is_not_there() -> None:
    stack, plain = new_stack(), new_stack()
    provider = provider_of(stack)
    _ = provider.front_function, provider.state_machine, provider.roles, provider.metric_lost_requests()
    provider_of(plain)
    assert template_of(stack)["Resources"].keys() == template_of(plain)["Resources"].keys()


def test_a_role_of_the_user_is_shown_as_it_is() -> None:
    stack = new_stack()
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda"))
    assert provider_of(stack, worker_role=role).roles[1] is role


def test_its_functions_can_be_connected() -> None:
    stack = new_stack()
    vpc = ec2.Vpc(stack, "Vpc")
    database = ec2.SecurityGroup(stack, "Database", vpc=vpc, allow_all_outbound=False)
    provider = provider_of(stack, vpc=vpc)
    database.connections.allow_from(provider, ec2.Port.tcp(443))
    ingress = only(template_of(stack), "AWS::EC2::SecurityGroupIngress")
    assert "CleanRoomsMLSecurityGroup" in json.dumps(ingress)
    with pytest.raises(ValueError, match="connections need a vpc"):
        _ = provider_of(new_stack()).connections


def test_alarms_watch_what_failed_was_lost_and_was_throttled() -> None:
    stack = new_stack()
    provider = provider_of(stack)
    alarms = provider.add_alarms(sns.Topic(stack, "Topic"))
    template = template_of(stack)
    found = resources_of(template, "AWS::CloudWatch::Alarm")
    assert len(found) == len(alarms) == 3
    text = json.dumps(found)
    assert all(name in text for name in ("FailedRequests", "ExecutionsFailed", "ExecutionsTimedOut", "Throttles"))
    assert all(each["Properties"]["AlarmActions"] for each in found.values())
    metric = only(template, "AWS::Logs::MetricFilter")["Properties"]
    assert metric["LogGroupName"] == {"Ref": "CleanRoomsMLWorkerLogs"}
    assert metric["FilterPattern"] == '{ $.what = "answered" && $.success IS FALSE }'


def test_running_executions_are_those_that_have_not_ended() -> None:
    stack = new_stack()
    expression = provider_of(stack).metric_running_executions()
    assert expression.expression.startswith("RUNNING_SUM(FILL(started, 0) - FILL(failed, 0)")
    assert set(expression.using_metrics) == {"started", "succeeded", "failed", "timed_out", "aborted"}


def test_a_rule_tells_of_lost_requests() -> None:
    stack = new_stack()
    provider_of(stack).on_failure("Lost")
    rules = resources_of(template_of(stack), "AWS::Events::Rule")
    (rule,) = [each for name, each in rules.items() if name != "CleanRoomsMLRescueRule"]
    assert rule["Properties"]["EventPattern"]["detail"] == {
        "status": ["FAILED", "TIMED_OUT", "ABORTED"],
        "stateMachineArn": [{"Ref": "CleanRoomsMLMachine"}],
    }
