"""Deployed stacks: their resources, templates and parameters, nested stacks included."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cleanrooms_ml_handlers.shared_names import NATIVE_PREFIX
from cleanrooms_ml_policy.template import PATH_METADATA

from .errors import CannotDo
from .handlers import RESOURCE_TYPE_PREFIX
from .intrinsics import Unknown
from .session import Session

STACK_TYPE = "AWS::CloudFormation::Stack"
_GONE, _REVIEWED = "DELETE_COMPLETE", "REVIEW_IN_PROGRESS"


@dataclass(frozen=True)
class StackResource:
    """A resource as CloudFormation knows it.

    Attributes:
        logical_id, type, physical_id, status: As CloudFormation says; the physical id is empty before there is one.
        reason: Why it has its status; empty where CloudFormation does not say.
        since: When it came to its status, in seconds since 1970.
    """

    logical_id: str
    type: str
    physical_id: str = ""
    status: str = ""
    reason: str = ""
    since: float = 0.0

    @property
    def is_gone(self) -> bool:
        """Whether nothing is left of it in the stack."""
        return self.status == _GONE


@dataclass(frozen=True)
class DeployedStack:
    """A stack of an account.

    Attributes:
        name, id, status: As CloudFormation says.
        template: What it was deployed with last; empty before the first deployment.
        resources: By logical id.
        parameters: Values by name.
        path: Names of the nested stacks that lead to it, from the top; empty for the top itself.
        nested: The stacks nested in it, by logical id.
    """

    name: str
    id: str
    status: str
    template: Mapping[str, Any] = field(default_factory=lambda: {"Resources": {}}, repr=False)
    resources: Mapping[str, StackResource] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    nested: Mapping[str, DeployedStack] = field(default_factory=dict)

    @property
    def is_busy(self) -> bool:
        """Whether an operation is under way."""
        return self.status.endswith("IN_PROGRESS")

    @property
    def has_failed(self) -> bool:
        """Whether the last operation left it unusable; after an update that was rolled back it is as before."""
        return self.status.endswith("FAILED") or self.status == "ROLLBACK_COMPLETE"

    @property
    def was_rolled_back(self) -> bool:
        """Whether the last operation was undone."""
        return self.status in ("ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")

    def walk(self) -> Iterator[DeployedStack]:
        """This stack and all that are nested in it."""
        yield self
        for stack in self.nested.values():
            yield from stack.walk()

    def where(self, logical_id: str) -> str:
        """A resource as a reader knows it: its CDK path without the stack and the construct's child, or its id."""
        entry = self.template.get("Resources", {}).get(logical_id, {})
        metadata = entry.get("Metadata") if isinstance(entry, Mapping) else None
        path = metadata.get(PATH_METADATA) if isinstance(metadata, Mapping) else None
        if isinstance(path, str) and "/" in path:
            return path.partition("/")[2].removesuffix("/Resource")
        return "/".join((*self.path, logical_id))


def is_ours(resource_type: str) -> bool:
    """Whether a CloudFormation type is one of Clean Rooms ML, of this library or native."""
    return resource_type.startswith((RESOURCE_TYPE_PREFIX, NATIVE_PREFIX))


class Stacks:
    """The stacks of an account in a Region.

    Args:
        session: Where clients come from.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._cloudformation = session.client("cloudformation")
        self._templates: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._exports: dict[str, str] | None = None

    def read(self, name: str) -> DeployedStack:
        """A stack with all that is nested in it.

        Raises:
            CannotDo: There is no such stack.
        """
        return self._read(name, ())

    def find(self, name: str) -> DeployedStack | None:
        """The same; None if there is no such stack."""
        try:
            return self.read(name)
        except CannotDo as error:
            if "does not exist" in str(error):
                return None
            raise

    def export(self, name: str) -> Any:
        """The value that another stack exports; unknown if none does."""
        if self._exports is None:
            pages = self._session.asked(lambda: list(self._cloudformation.get_paginator("list_exports").paginate()))
            self._exports = {one["Name"]: one["Value"] for page in pages for one in page.get("Exports", ())}
        return self._exports.get(name, Unknown(f"${{Fn::ImportValue {name}}}"))

    def _read(self, name: str, path: tuple[str, ...]) -> DeployedStack:
        ask = self._session.asked
        (stack,) = ask(lambda: self._cloudformation.describe_stacks(StackName=name))["Stacks"]
        if stack["StackStatus"] == _GONE and not path:
            raise CannotDo(f"the stack {name} does not exist any more: it is {_GONE}; look at the name and --region")
        if stack["StackStatus"] == _REVIEWED:
            raise CannotDo(f"the stack {name} does not exist yet: it has a change set that was not executed; deploy it")
        pages = ask(lambda: list(self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)))
        resources = {
            one["LogicalResourceId"]: StackResource(
                one["LogicalResourceId"],
                one["ResourceType"],
                one.get("PhysicalResourceId", ""),
                one["ResourceStatus"],
                one.get("ResourceStatusReason", ""),
                one["LastUpdatedTimestamp"].timestamp() if one.get("LastUpdatedTimestamp") else 0.0,
            )
            for page in pages
            for one in page["StackResourceSummaries"]
        }
        nested = {
            one.logical_id: self._read(one.physical_id, (*path, one.logical_id))
            for one in resources.values()
            if one.type == STACK_TYPE and one.physical_id and not one.is_gone
        }
        return DeployedStack(
            stack["StackName"],
            stack["StackId"],
            stack["StackStatus"],
            self._template(stack),
            resources,
            {one["ParameterKey"]: _value(one) for one in stack.get("Parameters", ())},
            path,
            nested,
        )

    def _template(self, stack: Mapping[str, Any]) -> Mapping[str, Any]:
        # A template changes only with the stack: a command that polls reads it once.
        key = (stack["StackId"], f"{stack['StackStatus']} {stack.get('LastUpdatedTime', '')}")
        if key not in self._templates:
            answer = self._session.asked(
                lambda: self._cloudformation.get_template(StackName=stack["StackId"], TemplateStage="Processed")
            )
            self._templates[key] = _parsed(answer.get("TemplateBody"))
        return self._templates[key]


def _value(parameter: Mapping[str, str]) -> str:
    return parameter.get("ResolvedValue") or parameter.get("ParameterValue", "")


def _parsed(body: object) -> Mapping[str, Any]:
    """A template body: boto3 parses JSON by itself and hands YAML on as text."""
    parsed = body
    if isinstance(body, str):
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError):
            parsed = _parsed_yaml(body)
    if not isinstance(parsed, Mapping) or not isinstance(parsed.get("Resources"), Mapping):
        return {"Resources": {}}
    return parsed


def _parsed_yaml(text: str) -> object:
    from ..check.yaml_template import load_yaml  # PyYAML takes a while to import, and the CDK deploys JSON

    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.yaml"
        path.write_text(text, encoding="utf-8")
        return load_yaml(path)


def require_ours(stack: DeployedStack) -> None:
    """Refuses a stack without Clean Rooms ML.

    Raises:
        CannotDo: It has none.
    """
    own = any(is_ours(one.type) for each in stack.walk() for one in each.resources.values())
    declared = any(
        is_ours(str(entry.get("Type"))) for each in stack.walk() for entry in each.template["Resources"].values()
    )
    if not own and not declared:
        raise CannotDo(
            f"the stack {stack.name} has no Clean Rooms ML resources, here or nested; name the stack of your "
            "cdk-cleanrooms-ml constructs"
        )
