"""What a deployment left behind: in CloudFormation, and in the Clean Rooms ML of a sandbox."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_handlers.shared_names import RESOURCE_TYPE_PREFIX

# More often than a delete is tried.
_MANY = 1000


class Deployed:
    """A stack of a sandbox.

    Args:
        sandbox: The sandbox.
        stack: The stack's name.
    """

    def __init__(self, sandbox: Sandbox, stack: str) -> None:
        self.stack = stack
        self._cloudformation: Any = sandbox.client("cloudformation")
        self._ssm: Any = sandbox.client("ssm")

    def status(self) -> str:
        """The stack's status; DELETE_COMPLETE where it never was."""
        stacks = self._cloudformation.list_stacks()["StackSummaries"]
        return next((str(s["StackStatus"]) for s in stacks if s["StackName"] == self.stack), "DELETE_COMPLETE")

    def outputs(self) -> dict[str, str]:
        """Its outputs."""
        (stack,) = self._cloudformation.describe_stacks(StackName=self.stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def parameters(self) -> dict[str, str]:
        """The SSM parameters under its name, without that name."""
        path = f"/{self.stack}/"
        pages = self._ssm.get_paginator("get_parameters_by_path").paginate(Path=path)
        return {each["Name"].removeprefix(path): each["Value"] for page in pages for each in page["Parameters"]}

    def arns(self) -> dict[str, str]:
        """Physical ids of our resources, by logical id."""
        resources = self._cloudformation.describe_stack_resources(StackName=self.stack)["StackResources"]
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in resources
            if resource["ResourceType"].startswith(RESOURCE_TYPE_PREFIX)
        }

    def ids(self) -> list[str]:
        """Physical ids of all its resources."""
        resources = self._cloudformation.describe_stack_resources(StackName=self.stack)["StackResources"]
        return [str(resource["PhysicalResourceId"]) for resource in resources]

    def reasons(self) -> list[str]:
        """Why resources failed, the newest first."""
        events = self._cloudformation.describe_stack_events(StackName=self.stack)["StackEvents"]
        return [
            event.get("ResourceStatusReason", "")
            for event in sorted(events, key=lambda event: event["Timestamp"], reverse=True)
            if event["ResourceStatus"].endswith("_FAILED") and event["ResourceType"].startswith(RESOURCE_TYPE_PREFIX)
        ]


def held(sandbox: Sandbox) -> dict[str, str]:
    """Status by ARN of everything that was created in the service, in the order of creation."""
    return {str(record["arn"]): str(record["status"]) for record in sandbox.emulator.records() if not record["seeded"]}


def find(value: Any, key: str) -> Any:
    """The first value of that key in parameters, at any depth; None if there is none."""
    if isinstance(value, dict):
        if key in value:
            return value[key]
        found = (find(item, key) for item in value.values())
        return next((item for item in found if item is not None), None)
    return None


class FailuresSeen:
    """Notes the statusDetails of failed records while a deployment runs, whose rollback deletes them.

    A record stays until it has been seen: until then its delete meets a conflict, which the functions retry.

    Args:
        sandbox: The sandbox.
        delete: The operation that deletes records of the kind.
    """

    def __init__(self, sandbox: Sandbox, delete: str) -> None:
        self._sandbox = sandbox
        self._delete = delete
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.details: dict[str, Mapping[str, str]] = {}

    def __enter__(self) -> FailuresSeen:
        self._sandbox.emulator.add_fault(
            operation=self._delete, kind="error", error_code="ConflictException", http_status=409, count=_MANY
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._sandbox.emulator.clear_faults()

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            for record in self._sandbox.emulator.records():
                if record["status"] == "CREATE_FAILED" and record["arn"] not in self.details:
                    self.details[record["arn"]] = record["data"]["statusDetails"]
                    self._sandbox.emulator.clear_faults()
