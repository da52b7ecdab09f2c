"""The real `custom_resources.Provider` on the sandbox does what its model in the comparison says.

Its framework's own JavaScript in Lambda processes and its own state machine, with the same handlers as there.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.state import HOME_VARIABLE
from cleanrooms_ml_simulator.sandbox.assembly import ASSOCIATION, MEMBERSHIP, Assembly, Template, synthesized
from cleanrooms_ml_simulator.sandbox.deployment import Deployment, upload
from tests.waiting import until

BY_HAND = Path(__file__).parents[2] / "benchmarks" / "provider_comparison" / "by_hand.py"
# The handlers as Lambda calls them; the environment can make the process die after the channel was created, and keep
# the channel incomplete.
ENTRY = """
import os
import boto3
import by_hand

client = boto3.client("cleanroomsml")

def on_event(event, context):
    result = by_hand.on_event(event, client)
    if os.environ["DIES"] == "yes" and event["RequestType"] == "Create":
        os._exit(1)
    return result

def is_complete(event, context):
    if os.environ["COMPLETES"] == "no" and event["RequestType"] == "Create":
        return {"IsComplete": False}
    return by_hand.is_complete(event, client)
"""
QUERY = "SELECT one_column FROM purchases"
# What the framework gives a create that answered no id.
MARKER = "AWSCDK::CustomResourceProviderFramework::CREATE_FAILED"
# As long as CloudFormation really waits for an answer that does not come; and for one that comes.
_HANGING_SECONDS, _ANSWERED_SECONDS = 25, 3600
_CHANNEL = "Custom::Channel"


def build(stack: cdk.Stack, folder: Path, role_arn: str) -> None:
    """A channel through the framework."""
    code = folder / "code"
    code.mkdir()
    (code / "index.py").write_text(ENTRY, "utf-8")
    (code / "by_hand.py").write_text(BY_HAND.read_text("utf-8"), "utf-8")

    def function(name: str) -> lambda_.Function:
        return lambda_.Function(
            stack,
            name,
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler=f"index.{name}",
            code=lambda_.Code.from_asset(str(code)),
            environment={"DIES": "no", "COMPLETES": "yes"},
            timeout=cdk.Duration.seconds(60),
        )

    custom_resources: Any = importlib.import_module("aws_cdk.custom_resources")
    provider = custom_resources.Provider(
        stack, "Provider", on_event_handler=function("on_event"), is_complete_handler=function("is_complete")
    )
    cdk.CustomResource(
        stack,
        "Channel",
        service_token=provider.service_token,
        resource_type=_CHANNEL,
        service_timeout=cdk.Duration.seconds(_ANSWERED_SECONDS),
        properties={
            "membershipIdentifier": MEMBERSHIP,
            "configuredModelAlgorithmAssociations": [ASSOCIATION],
            "inputChannel": {
                "dataSource": {"protectedQueryInputParameters": {"sqlParameters": {"queryString": QUERY}}},
                "roleArn": role_arn,
            },
            "retentionInDays": 7,
        },
    )


class Site:
    """A sandbox with the framework's assets."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        statement = {"Effect": "Allow", "Principal": {"Service": "cleanrooms-ml.amazonaws.com"}}
        trust = {"Version": "2012-10-17", "Statement": [{**statement, "Action": "sts:AssumeRole"}]}
        role = sandbox.client("iam").create_role(RoleName="channel", AssumeRolePolicyDocument=json.dumps(trust))
        arn = role["Role"]["Arn"]
        self.assembly: Assembly = synthesized(folder / "out", lambda stack: build(stack, folder, arn))
        sandbox.emulator.seed(kind="ConfiguredModelAlgorithmAssociation")
        upload(sandbox, self.assembly)

    def template(self, *, dies: bool = False, hangs: bool = False) -> Template:
        """The stack's template.

        Args:
            dies: Whether the process dies after the channel was created.
            hangs: Whether the channel stays incomplete, and CloudFormation gives up soon.
        """
        template = self.assembly.copy()
        for resource in template["Resources"].values():
            properties = resource.get("Properties", {})
            variables = properties.get("Environment", {}).get("Variables", {})
            if dies and "DIES" in variables:
                variables["DIES"] = "yes"
            if hangs and "COMPLETES" in variables:
                variables["COMPLETES"] = "no"
            if hangs and resource["Type"] == _CHANNEL:
                properties["ServiceTimeout"] = _HANGING_SECONDS
        return template

    def channels(self) -> list[str]:
        """What exists in the service, by status."""
        records = self.sandbox.emulator.records(seeded=False)
        return [record["status"] for record in records if record["status"] != "INACTIVE"]

    def function_arn(self, name: str) -> str:
        """The ARN of a function."""
        functions: Any = self.sandbox.client("lambda")
        return str(functions.get_function_configuration(FunctionName=name)["FunctionArn"])

    def warm_up(self, stack: Deployment) -> None:
        """Loads the functions that a create needs, by an event that they refuse: cold starts take long under load."""
        functions: Any = self.sandbox.client("lambda")
        logical_ids = [
            name
            for name, each in self.assembly.template["Resources"].items()
            if each["Type"] == "AWS::Lambda::Function" and re.search("onevent", name, re.IGNORECASE)
        ]
        assert len(logical_ids) == 2
        for name in logical_ids:
            functions.invoke(FunctionName=stack.physical_id(name), Payload=b"{}")

    def stop_waiting(self, stack: Deployment) -> None:
        """Stops the framework's execution as soon as there is one."""
        states: Any = self.sandbox.client("stepfunctions")

        def is_stopped() -> bool:
            machines = states.list_state_machines()["stateMachines"]
            for machine in (each["stateMachineArn"] for each in machines if stack.name in each["name"]):
                for each in states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]:
                    states.stop_execution(executionArn=each["executionArn"])
                    return True
            return False

        until(is_stopped, "the framework's execution")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        # The framework runs in the Node that pip installed.
        patch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
        patch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("sandboxes")))
        durations = {"create": {"MLInputChannel": 2.0}, "delete": {"MLInputChannel": 0.5}}
        with Sandbox.start(durations=durations) as sandbox:
            yield Site(sandbox, tmp_path_factory.mktemp("provider"))


def test_without_a_fault_it_works_and_logs_the_query(site: Site) -> None:
    stack = Deployment(site.sandbox, "Plain")
    assert stack.deploy(site.template()) == "CREATE_COMPLETE"
    assert site.channels() == ["ACTIVE"]
    assert stack.delete() == "DELETE_COMPLETE"
    assert site.channels() == []
    logged = [group for group, line in site.sandbox.function_logs() if QUERY in line]
    assert any("Providerframework" in group for group in logged)


def test_a_create_that_dies_after_the_service_created_the_channel_leaks(site: Site) -> None:
    site.sandbox.emulator.reset()
    site.sandbox.emulator.seed(kind="ConfiguredModelAlgorithmAssociation")
    stack = Deployment(site.sandbox, "Dies")
    assert stack.deploy(site.template(dies=True)) == "ROLLBACK_COMPLETE"
    deletes = [event for event in stack.events() if event["ResourceStatus"] == "DELETE_COMPLETE"]
    assert MARKER in [event["PhysicalResourceId"] for event in deletes]
    assert len(site.channels()) == 1


def test_a_waiter_that_is_stopped_hangs_and_leaks(site: Site) -> None:
    site.sandbox.emulator.reset()
    site.sandbox.emulator.seed(kind="ConfiguredModelAlgorithmAssociation")
    # The time that CloudFormation waits is real: no cold start is part of it.
    provider, stack = Deployment(site.sandbox, "Stopped-Provider"), Deployment(site.sandbox, "Stopped")
    resources = site.template(hangs=True)["Resources"]
    (name,) = (name for name, each in resources.items() if each["Type"] == _CHANNEL)
    channel = resources.pop(name)
    assert provider.deploy({"Resources": resources}) == "CREATE_COMPLETE"
    site.warm_up(provider)
    token, _ = channel["Properties"]["ServiceToken"]["Fn::GetAtt"]
    channel["Properties"]["ServiceToken"] = site.function_arn(provider.physical_id(token))
    stack.begin({"Resources": {name: channel}})
    site.stop_waiting(stack)
    assert stack.settled() == "ROLLBACK_FAILED"
    reasons = " ".join(str(event.get("ResourceStatusReason", "")) for event in stack.events())
    assert f"timed out after {_HANGING_SECONDS}s waiting for ResponseURL callback" in reasons
    assert len(site.channels()) == 1
