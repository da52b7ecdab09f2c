"""The new properties of a stack's resources, and what their references will represent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..account.engine import Rehearsed, rehearse
from ..account.handlers import WAIT_RESOURCE_TYPE, kind_of_type
from ..account.intrinsics import Intrinsics, Unknown, stringified
from ..account.placeholders import fitted
from ..account.service import Reader
from ..account.stacks import STACK_TYPE, DeployedStack
from ..account.values import DeployedValues
from .assembly import Synthesized

# Of CloudFormation's own types: what can be changed in place. Anything else creates another resource.
_UPDATABLE: Mapping[str, tuple[str, ...]] = {
    "AWS::CleanRoomsML::TrainingDataset": ("Tags",),
    "AWS::CleanRoomsML::ConfiguredModelAlgorithm": ("Tags",),
    "AWS::CleanRoomsML::ConfiguredModelAlgorithmAssociation": ("Tags",),
    "AWS::CleanRooms::AnalysisTemplate": ("Description", "Tags"),
    "AWS::CleanRooms::Collaboration": ("Name", "Description", "Tags", "AnalyticsEngine"),
    "AWS::CleanRooms::Membership": (
        "DefaultJobResultConfiguration",
        "DefaultResultConfiguration",
        "QueryLogStatus",
        "JobLogStatus",
        "Tags",
    ),
}


@dataclass(frozen=True)
class Step:
    """What a deployment does to one resource before it cleans up.

    Attributes:
        logical_id: The resource.
        request: Create or Update; empty where CloudFormation sends nothing.
        properties: Its new properties.
        before: Its properties before; empty for a new one.
        outcome: What the engine does with the request; None where there is none.
        problem: Why CloudFormation itself refuses it; empty if it does not.
    """

    logical_id: str
    request: str
    properties: Mapping[str, Any]
    before: Mapping[str, Any]
    outcome: Rehearsed | None = None
    problem: str = ""


class WantedValues:
    """The values of a stack after a deployment that has not happened yet.

    Args:
        stack: What it is to become.
        deployed: What there is now.
        reader: Reads Clean Rooms ML.
        now: The time, in seconds since 1970.
        parameters: Values by name, where the stack is nested.
        exports: Knows the values that other stacks export.
    """

    def __init__(
        self,
        stack: Synthesized,
        deployed: DeployedValues,
        reader: Reader,
        now: float,
        parameters: Mapping[str, Any] | None = None,
        exports: Callable[[str], Any] | None = None,
    ) -> None:
        self.stack = stack
        self.deployed = deployed
        self._reader = reader
        self._now = now
        self._parameters = parameters or {}
        self._exports = exports
        self._steps: dict[str, Step] = {}
        self._nested: dict[str, WantedValues] = {}
        self.intrinsics = Intrinsics(stack.template, self.lookup, *((exports,) if exports else ()))

    def entry(self, logical_id: str) -> Mapping[str, Any]:
        """A resource as the template declares it, unless its condition does not hold; empty then."""
        entry: Mapping[str, Any] = self.stack.template["Resources"].get(logical_id, {})
        if "Condition" in entry and not self.intrinsics.holds(str(entry["Condition"])):
            return {}
        return entry

    def properties(self, logical_id: str) -> dict[str, Any]:
        """The new properties of a resource, every scalar a string."""
        resolved: dict[str, Any] = stringified(self.intrinsics.resolve(self.entry(logical_id).get("Properties") or {}))
        return resolved

    def step(self, logical_id: str) -> Step:
        """What the deployment does to a resource of ours, a wait included."""
        if logical_id not in self._steps:
            self._steps[logical_id] = self._step(logical_id)
        return self._steps[logical_id]

    def nested(self, logical_id: str) -> WantedValues:
        """A stack nested in this one."""
        if logical_id not in self._nested:
            before = self.deployed.nested.get(logical_id)
            stack = self.stack.nested[logical_id]
            parameters = self.properties(logical_id).get("Parameters") or {}
            self._nested[logical_id] = WantedValues(
                stack,
                before or nothing_deployed(stack.name, self.deployed.stack, self._reader, self._now),
                self._reader,
                self._now,
                parameters,
                self._exports,
            )
        return self._nested[logical_id]

    def lookup(self, name: str, attribute: str | None) -> Any:
        """What a reference will represent."""
        entry = self.entry(name)
        if not entry:
            return self._parameter(name) if attribute is None else _new(name, attribute)
        resource = self.deployed.stack.resources.get(name)
        if entry.get("Type") == STACK_TYPE and name in self.stack.nested and attribute is not None:
            return self.nested(name).output(attribute.removeprefix("Outputs."))
        if resource is None or resource.is_gone or not resource.physical_id or resource.type != entry.get("Type"):
            return _new(name, attribute)
        if kind_of_type(resource.type) is not None:
            return self._own(name, attribute)
        if resource.type == WAIT_RESOURCE_TYPE:
            same = self.properties(name) == self.deployed.properties(name)
            return self.deployed.lookup(name, attribute) if same else _new(name, attribute)
        return _new(name, attribute) if self._is_replaced(name) else self.deployed.lookup(name, attribute)

    def output(self, name: str) -> Any:
        """The value that an output will have."""
        outputs = self.stack.template.get("Outputs") or {}
        return self.intrinsics.resolve(outputs[name]["Value"]) if name in outputs else _new("Outputs", name)

    def _parameter(self, name: str) -> Any:
        declared = (self.stack.template.get("Parameters") or {}).get(name)
        if name in self._parameters:
            return self._parameters[name]
        if declared is None:
            return self.deployed.lookup(name, None)
        # The CDK keeps the values that a deployed stack has.
        kept = self.deployed.stack.parameters.get(name)
        return declared.get("Default", _new(name, None)) if kept is None else kept

    def _own(self, name: str, attribute: str | None) -> Any:
        step = self.step(name)
        resource = self.deployed.stack.resources[name]
        outcome = step.outcome
        if outcome is None or outcome.failure:
            # After a failure nothing else is begun.
            return self.deployed.lookup(name, attribute)
        if outcome.physical_id != resource.physical_id:
            spec = kind_of_type(resource.type)
            if spec is None or spec.create in outcome.operations:
                return _new(name, attribute)
            # The record of an earlier run has an id already.
            return outcome.attributes.get(attribute, _new(name, attribute)) if attribute else outcome.physical_id
        return outcome.attributes.get(attribute, _new(name, attribute)) if attribute else resource.physical_id

    def _is_replaced(self, name: str) -> bool:
        updatable = _UPDATABLE.get(str(self.entry(name).get("Type")))
        if updatable is None:
            return False
        before, after = self.deployed.properties(name), self.properties(name)
        return any(before.get(key) != after.get(key) for key in {*before, *after} - set(updatable))

    def _step(self, logical_id: str) -> Step:
        entry, resource = self.entry(logical_id), self.deployed.stack.resources.get(logical_id)
        properties = self.properties(logical_id)
        resource_type = str(entry["Type"])
        spec = kind_of_type(resource_type)
        given = fitted(spec, properties) if spec else properties
        stack = self.deployed.stack
        if resource is None or resource.is_gone or not resource.physical_id or resource.status == "CREATE_FAILED":
            outcome = rehearse("Create", stack, logical_id, resource_type, self._reader, self._now, properties=given)
            return Step(logical_id, "Create", given, {}, outcome)
        if resource.type != resource_type:
            return Step(logical_id, "", given, {}, problem=f"its type cannot change from {resource.type}; rename it")
        before = self.deployed.properties(logical_id)
        if before == properties:
            return Step(logical_id, "", properties, before)
        old = fitted(spec, before) if spec else before
        outcome = rehearse(
            "Update",
            stack,
            logical_id,
            resource_type,
            self._reader,
            self._now,
            physical_id=resource.physical_id,
            properties=given,
            old_properties=old,
        )
        return Step(logical_id, "Update", given, old, outcome)


def nothing_deployed(name: str, like: DeployedStack, reader: Reader, now: float) -> DeployedValues:
    """A stack that does not exist yet, in the account and Region of another one."""
    prefix = like.id.split(":stack/")[0]
    return DeployedValues(DeployedStack(name, f"{prefix}:stack/{name.replace('/', '-')}/new", ""), reader, now)


def _new(name: str, attribute: str | None) -> Unknown:
    reference = f"{name}.{attribute}" if attribute else name
    return Unknown(f"new ${{{reference}}}", f"({reference}, known after deploy)")
