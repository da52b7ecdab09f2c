"""A stack on the sandbox: created, updated and deleted as the CDK CLI does it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.state import HOME_VARIABLE
from cleanrooms_ml_handlers.shared_names import RESOURCE_TYPE_PREFIX

from .assembly import BUCKET, Assembly

# A larger template is read from a bucket.
_TEMPLATE_BYTES = 51_200


def upload(sandbox: Sandbox, assembly: Assembly) -> None:
    """Puts the assets where the template looks for them."""
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    for key, body in assembly.objects.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)


@contextmanager
def prepared(home: Path, assembly: Assembly, **options: Any) -> Iterator[Sandbox]:
    """A sandbox that enforces IAM, with an app's assets and what apps build on.

    Args:
        home: Where sandboxes keep their state.
        assembly: The app.
        options: Of the sandbox.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(home))
        with Sandbox.start(iam=True, **options) as sandbox:
            sandbox.emulator.seed(kind="AudienceModel")
            sandbox.emulator.seed(kind="ConfiguredModelAlgorithmAssociation")
            upload(sandbox, assembly)
            yield sandbox


class Deployment:
    """One stack.

    Args:
        sandbox: Where.
        name: The stack's name.
        limit_seconds: After which an operation counts as hanging.
    """

    def __init__(self, sandbox: Sandbox, name: str, limit_seconds: float = 600.0) -> None:
        self.name = name
        self.id = ""
        self._limit_seconds = limit_seconds
        self._cloudformation: Any = sandbox.client("cloudformation")
        self._sandbox = sandbox
        self._changes = 0

    def deploy(self, template: Mapping[str, Any]) -> str:
        """Creates or updates the stack; returns its final status."""
        self.begin(template)
        return self.settled()

    def begin(self, template: Mapping[str, Any]) -> None:
        """The same without waiting for the end."""
        self._changes += 1
        change = f"change-{self._changes}"
        created = self._cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=change,
            ChangeSetType="UPDATE" if self.id else "CREATE",
            **self._template(json.dumps(template)),
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        self.id = created["StackId"]
        self._cloudformation.execute_change_set(StackName=self.name, ChangeSetName=change)

    def _template(self, text: str) -> dict[str, str]:
        if len(text.encode()) <= _TEMPLATE_BYTES:
            return {"TemplateBody": text}
        key = f"{self.name}.template.json"
        self._sandbox.client("s3").put_object(Bucket=BUCKET, Key=key, Body=text.encode())
        return {"TemplateURL": f"{self._sandbox.endpoint}/{BUCKET}/{key}"}

    def delete(self) -> str:
        """Deletes the stack; returns its final status."""
        self.begin_delete()
        return self.settled()

    def begin_delete(self) -> None:
        """The same without waiting for the end."""
        self._cloudformation.delete_stack(StackName=self.name)

    def settled(self) -> str:
        """The status once nothing is in progress any more."""
        deadline = time.monotonic() + self._limit_seconds
        status = ""
        while time.monotonic() < deadline:
            (stack,) = self._cloudformation.describe_stacks(StackName=self.id)["Stacks"]
            status = str(stack["StackStatus"])
            if not status.endswith("IN_PROGRESS"):
                return status
            time.sleep(0.2)
        raise AssertionError(f"{self.name} is still {status} after {self._limit_seconds:g} seconds")

    def outputs(self) -> dict[str, str]:
        """Its outputs."""
        (stack,) = self._cloudformation.describe_stacks(StackName=self.id)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def events(self) -> list[dict[str, Any]]:
        """Everything that its owner sees happen, the oldest first."""
        pages = self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=self.id)
        return [event for page in pages for event in page["StackEvents"]][::-1]

    def reasons(self) -> list[str]:
        """Why resources of ours failed, the oldest first."""
        return [
            str(event.get("ResourceStatusReason", ""))
            for event in self.events()
            if event["ResourceStatus"].endswith("_FAILED") and event["ResourceType"].startswith(RESOURCE_TYPE_PREFIX)
        ]

    def physical_id(self, logical_id: str) -> str:
        """The id that CloudFormation holds; empty before there is one."""
        try:
            found = self._cloudformation.describe_stack_resource(StackName=self.id, LogicalResourceId=logical_id)
        except ClientError:
            return ""
        return str(found["StackResourceDetail"].get("PhysicalResourceId", ""))
