"""Markers and forged events on the sandbox: real logs, CloudFormation's events and outputs, Step Functions' history."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import AudienceModel, ConfiguredAudienceModel, ProtectedQuery
from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_simulator.sandbox.assembly import Assembly, channel, synthesized
from cleanrooms_ml_simulator.sandbox.deployment import Deployment, prepared
from tests.waiting import until

MARKER = "planted_marker"
INLINE, IN_A_FILE = f"SELECT {MARKER}_inline FROM purchases", f"SELECT {MARKER}_file FROM purchases"
MODEL_ARN = "arn:aws:cleanrooms-ml:us-east-1:000000000000:audience-model/5fac8731-d13d-5385-ae9a-94d3cf54d191"
DURATIONS = {verb: {"MLInputChannel": 0.5} for verb in ("create", "delete")}
OTHER_STACK = "arn:aws:cloudformation:us-east-1:000000000000:stack/other/6a2b3c4d-0000-4000-8000-000000000000"


class Site:
    """A sandbox and a stack with secrets on it.

    Attributes:
        addresses: Every reply address that CloudFormation gave out.
    """

    def __init__(self, sandbox: Sandbox, assembly: Assembly) -> None:
        self.sandbox = sandbox
        self.stack = Deployment(sandbox, "Secrets")
        self.states: Any = sandbox.client("stepfunctions")
        assert self.stack.deploy(assembly.template) == "CREATE_COMPLETE", self.stack.reasons()
        self.front = self.stack.physical_id("CleanRoomsMLFront")
        self.events = self._executions()
        self.outputs = self.stack.outputs()

    def _executions(self) -> list[dict[str, Any]]:
        arns = [execution["executionArn"] for execution in self.executions()]
        return [json.loads(self.states.describe_execution(executionArn=arn)["input"]) for arn in arns]

    def executions(self) -> list[dict[str, Any]]:
        """The executions of the stack's state machine."""
        machine = self.stack.physical_id("CleanRoomsMLMachine")
        found: list[dict[str, Any]] = self.states.list_executions(stateMachineArn=machine)["executions"]
        return found

    def wait_for_executions(self) -> None:
        """Waits until every execution has ended."""
        until(lambda: all(it["status"] != "RUNNING" for it in self.executions()), "the end of the executions")

    def fail(self, assembly: Assembly) -> None:
        """Updates that fail with messages that repeat the queries."""
        for prefix, query in (("Inline", INLINE), ("File", IN_A_FILE)):
            for fault in ("refused", "failed"):
                message = f"cannot run {query}"
                if fault == "refused":
                    code = "ValidationException"
                    self.sandbox.emulator.add_fault("CreateMLInputChannel", error_code=code, message=message)
                else:
                    self.sandbox.emulator.order_run("MLInputChannel", status_code="INTERNAL_ERROR", message=message)
                template = assembly.copy()
                for name, resource in template["Resources"].items():
                    if name.startswith(prefix) and resource["Type"].endswith("MLInputChannel"):
                        resource["Properties"]["RunId"] = fault
                assert self.stack.deploy(template) == "UPDATE_ROLLBACK_COMPLETE"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    query = tmp_path_factory.mktemp("query") / "query.sql"
    query.write_text(IN_A_FILE, "utf-8")
    assembly = synthesized(tmp_path_factory.mktemp("assembly"), lambda stack: build(stack, query))
    with prepared(tmp_path_factory.mktemp("sandboxes"), assembly, durations=DURATIONS) as sandbox:
        created = Site(sandbox, assembly)
        created.fail(assembly)
        # The logs of a call are complete once it has ended, which is after its answer.
        created.wait_for_executions()
        yield created


def build(stack: cdk.Stack, query: Path) -> None:
    """Channels with a query as text and in a file, and a model."""
    channel(stack, "Inline", query=ProtectedQuery.sql(INLINE))
    from_file = channel(stack, "File", query=ProtectedQuery.from_asset(str(query)))
    ConfiguredAudienceModel(
        stack,
        "Lookalike",
        audience_model=AudienceModel.from_audience_model_arn(stack, "Model", MODEL_ARN),
        output_bucket=s3.Bucket(stack, "Audiences"),
    )
    cdk.CfnOutput(stack, "Arn", value=from_file.ml_input_channel_arn)
    cdk.CfnOutput(stack, "Name", value=from_file.ml_input_channel_name)


def test_the_queries_were_run(site: Site) -> None:
    created = json.dumps(site.sandbox.emulator.journal("CreateMLInputChannel", raw=True))
    assert INLINE in created
    assert IN_A_FILE in created


def test_no_marker_and_no_reply_address_is_shown(site: Site) -> None:
    tokens = {urlsplit(event["ResponseURL"]).path.rpartition("/")[2] for event in site.events}
    assert len(tokens) >= 5
    logs = site.sandbox.function_logs()
    assert {"started", "answered"} <= {json.loads(line)["what"] for _, line in logs if line.startswith("{")}
    shown = {
        "logs": json.dumps(logs),
        "events": json.dumps(site.stack.events(), default=str),
        "outputs": json.dumps(site.outputs),
        "names": json.dumps([record["name"] for record in site.sandbox.emulator.records()]),
    }
    for where, text in shown.items():
        for secret in (MARKER, *tokens):
            assert secret not in text, where
    assert ["***" in reason for reason in site.stack.reasons()] == [True] * 4, site.stack.reasons()


def test_step_functions_gets_only_the_address_of_a_query_in_a_file(site: Site) -> None:
    """A query as text is in the input, as docs/security.md says."""
    inputs = json.dumps(site.events)
    assert f"{MARKER}_inline" in inputs
    assert f"{MARKER}_file" not in inputs


def test_the_state_machine_logs_no_data(site: Site) -> None:
    found = site.states.describe_state_machine(stateMachineArn=site.stack.physical_id("CleanRoomsMLMachine"))
    assert not found["loggingConfiguration"].get("includeExecutionData")


def test_forged_events_change_nothing(site: Site) -> None:
    (event,) = [it for it in site.events if it["ResourceType"].endswith("-ConfiguredAudienceModel")]
    (arn,) = [each["arn"] for each in site.sandbox.emulator.records(seeded=False) if "configured-" in each["arn"]]
    genuine = {**event, "RequestType": "Delete", "PhysicalResourceId": arn}
    forged = [
        {**genuine, "StackId": OTHER_STACK},
        {**genuine, "ResponseURL": "https://example.com/?X-Amz-Date=20260131T120000Z"},
        {**genuine, "ResponseURL": event["ResponseURL"].replace("127.0.0.1", "127.0.0.2")},
    ]
    site.wait_for_executions()
    last = site.sandbox.emulator.journal()[-1]["number"]
    before = len(site.executions())
    functions: Any = site.sandbox.client("lambda")
    for each in forged:
        for payload in (each, {"requestContext": {}, "requestPayload": each}):
            answer = functions.invoke(FunctionName=site.front, Payload=json.dumps(payload).encode())
            assert "FunctionError" not in answer
    # Of this stack, with the right host, but a resource that another logical id created.
    other = {**genuine, "LogicalResourceId": "Another"}
    functions.invoke(FunctionName=site.front, Payload=json.dumps(other).encode())
    # What front starts, it has started before it answers.
    site.wait_for_executions()
    assert len(site.executions()) == before + 1
    seen = site.sandbox.emulator.journal(since=last)
    assert {entry["operation"] for entry in seen} == {"GetConfiguredAudienceModel"}
    refused = [json.loads(line) for _, line in site.sandbox.function_logs() if line.startswith("{")]
    assert len([line for line in refused if line["what"] == "refused"]) == 2 * len(forged)


def test_everything_is_deleted_in_the_end(site: Site) -> None:
    assert site.stack.delete() == "DELETE_COMPLETE", site.stack.reasons()
    assert MARKER not in json.dumps(site.stack.events(), default=str)
    remaining = [
        record["arn"] for record in site.sandbox.emulator.records(seeded=False) if record["status"] != "INACTIVE"
    ]
    assert remaining == []
