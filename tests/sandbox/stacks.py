"""Stacks with custom resources whose function does what their properties say, and writes down its events."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from cleanrooms_ml_cli.sandbox import Sandbox
from tests.waiting import until

# Answers with the id of the properties, so that another Id in an update is a replacement.
_HANDLER = """
import json, os, urllib.request

def handler(event, context):
    if "requestPayload" in event:
        event = {"RequestType": "Rescue", **event["requestPayload"]} | {"RequestType": "Rescue"}
    with open(os.environ["EVENTS"], "a") as events:
        events.write(json.dumps(event) + "\\n")
    properties, kind = event["ResourceProperties"], event["RequestType"]
    if kind in properties.get("CrashOn", []):
        raise RuntimeError("crashed")
    if kind in properties.get("HangOn", []):
        return
    keeps = kind == "Delete" or kind in properties.get("KeepIdOn", [])
    answer = {
        "Status": "FAILED" if kind in properties.get("FailOn", []) + ["Rescue"] else "SUCCESS",
        "Reason": properties.get("Reason", "as the properties say"),
        "PhysicalResourceId": event["PhysicalResourceId"] if keeps else properties["Id"],
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": {"Long": "x" * int(properties.get("Long", 0) if kind == "Create" else 0)},
    }
    if kind in properties.get("AnswerNoIdOn", []):
        del answer["PhysicalResourceId"]
    body = json.dumps(answer).encode()
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], body, method="PUT"))
"""


class Stacks:
    """Creates stacks of custom resources.

    Args:
        sandbox: Where.
        folder: For the events that the function got.
    """

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._cloudformation = sandbox.client("cloudformation")
        self._events = folder / "events.jsonl"
        self._events.touch()
        self._seen = 0
        self.name = f"stack-{uuid.uuid4().hex[:8]}"
        self._changes = 0

    def deploy(self, rollback: bool = True, **things: dict[str, Any]) -> str:
        """Create or update the stack as the CDK does; each thing depends on the one before.

        Returns:
            The final status.
        """
        self.begin(rollback, **things)
        return self.settled()

    def begin(self, rollback: bool = True, **things: dict[str, Any]) -> None:
        """The same without waiting for it."""
        self._cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"change-{self._changes}",
            ChangeSetType="UPDATE" if self._changes else "CREATE",
            TemplateBody=self._template(things),
        )
        self._cloudformation.execute_change_set(
            StackName=self.name, ChangeSetName=f"change-{self._changes}", DisableRollback=not rollback
        )
        self._changes += 1

    def delete(self) -> None:
        """Delete the stack and wait for it."""
        identifier = self._stack()["StackId"]
        self._cloudformation.delete_stack(StackName=self.name)
        self.settled(identifier, "DELETE_")

    def settled(self, name: str | None = None, prefix: str = "") -> str:
        """The status once nothing is in progress any more.

        Args:
            name: Name or id of the stack. Default: its name.
            prefix: What the status begins with.
        """

        def end() -> str:
            status = str(self._stack(name)["StackStatus"])
            return status if status.startswith(prefix) and not status.endswith("IN_PROGRESS") else ""

        return until(end, f"the end of {self.name}")

    def status(self) -> str:
        """The status now."""
        return str(self._stack()["StackStatus"])

    def events(self) -> list[dict[str, Any]]:
        """What the function got since the last call."""
        new = self._lines()[self._seen :]
        self._seen += len(new)
        return new

    def _lines(self) -> list[dict[str, Any]]:
        # The last piece is empty, or a line that is still being written.
        return [json.loads(line) for line in self._events.read_text("utf-8").split("\n")[:-1]]

    def requests(self) -> list[str]:
        """The events in short: ``Update Thing old -> new``."""
        return [_short(event) for event in self.events()]

    def wait_for(self, request: str, count: int) -> None:
        """Waits until the function has got a request as often as that."""
        until(lambda: [_short(event) for event in self._lines()].count(request) >= count, f"{count} times {request}")

    def wait_for_events(self, count: int) -> None:
        """Waits until the function has got so many events since the last `events`."""
        until(lambda: len(self._lines()) >= self._seen + count, f"{count} events")

    def history(self, logical_id: str) -> list[str]:
        """The statuses of one resource, or of the stack itself, oldest first."""
        found = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return [event["ResourceStatus"] for event in reversed(found) if event["LogicalResourceId"] == logical_id]

    def reason(self, logical_id: str) -> str:
        """Why a resource failed."""
        found = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return next(
            str(event["ResourceStatusReason"])
            for event in found
            if event["LogicalResourceId"] == logical_id and event["ResourceStatus"].endswith("_FAILED")
        )

    def physical_id(self, logical_id: str) -> str:
        """The id that CloudFormation holds."""
        found = self._cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def _stack(self, name: str | None = None) -> dict[str, Any]:
        found: dict[str, Any] = self._cloudformation.describe_stacks(StackName=name or self.name)["Stacks"][0]
        return found

    def _template(self, things: dict[str, dict[str, Any]]) -> str:
        resources: dict[str, Any] = {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "lambda.amazonaws.com"},
                                "Action": "sts:AssumeRole",
                            }
                        ],
                    }
                },
            },
            "Function": self._function(),
            "Rescue": self._function(),
            "Retries": {
                "Type": "AWS::Lambda::EventInvokeConfig",
                "Properties": {
                    "FunctionName": {"Ref": "Function"},
                    "Qualifier": "$LATEST",
                    "MaximumRetryAttempts": 1,
                    "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Rescue", "Arn"]}}},
                },
            },
        }
        before = "Retries"
        for logical_id, properties in things.items():
            policy = {name: properties[name] for name in ("UpdateReplacePolicy",) if name in properties}
            resources[logical_id] = {
                "Type": "Custom::Thing",
                "DependsOn": before,
                **policy,
                "Properties": {
                    "ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]},
                    "ServiceTimeout": "3600",
                    **properties,
                },
            }
            before = logical_id
        return json.dumps({"Resources": resources})

    def _function(self) -> dict[str, Any]:
        return {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": _HANDLER},
                # A cold start takes long on a busy machine, and what times out is tried again.
                "Timeout": 300,
                "Environment": {"Variables": {"EVENTS": str(self._events)}},
            },
        }


def _short(event: dict[str, Any]) -> str:
    new, old = event["ResourceProperties"]["Id"], event.get("OldResourceProperties", {}).get("Id")
    what = {
        "Create": f"({new})",
        "Rescue": f"({new})",
        "Update": f"{event.get('PhysicalResourceId')}: {old} -> {new}",
        "Delete": f"{event.get('PhysicalResourceId')} ({new})",
    }
    return f"{event['RequestType']} {event['LogicalResourceId']} {what[event['RequestType']]}"
