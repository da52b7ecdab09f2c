"""What a deployed stack's resources were given, and what its references represent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .handlers import WAIT_RESOURCE_TYPE, Desired, ResourceSpec, first, kind_of_type
from .intrinsics import NO_VALUE, Intrinsics, Unknown, references, stringified
from .records import Reading, read
from .service import Reader
from .stacks import STACK_TYPE, DeployedStack, StackResource

# What Fn::GetAtt gives, for those types that Clean Rooms ML has to do with; Ref gives the physical id.
_ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "AWS::IAM::Role": {"Arn": "arn:{partition}:iam::{account}:role{path}{id}"},
    "AWS::S3::Bucket": {"Arn": "arn:{partition}:s3:::{id}"},
    "AWS::KMS::Key": {"Arn": "arn:{partition}:kms:{region}:{account}:key/{id}", "KeyId": "{id}"},
    "AWS::Lambda::Function": {"Arn": "arn:{partition}:lambda:{region}:{account}:function:{id}"},
    "AWS::CleanRooms::Membership": {
        "MembershipIdentifier": "{id}",
        "Arn": "arn:{partition}:cleanrooms:{region}:{account}:membership/{id}",
    },
    "AWS::CleanRooms::Collaboration": {"CollaborationIdentifier": "{id}"},
    "AWS::CleanRoomsML::TrainingDataset": {"TrainingDatasetArn": "{id}"},
    "AWS::CleanRoomsML::ConfiguredModelAlgorithm": {"ConfiguredModelAlgorithmArn": "{id}"},
    "AWS::CleanRoomsML::ConfiguredModelAlgorithmAssociation": {"ConfiguredModelAlgorithmAssociationArn": "{id}"},
}


def pseudo_parameters(stack: DeployedStack) -> dict[str, Any]:
    """The values of AWS::Region and the like."""
    _, partition, _, region, account, *_ = stack.id.split(":")
    return {
        "AWS::Region": region,
        "AWS::AccountId": account,
        "AWS::Partition": partition,
        "AWS::StackId": stack.id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
        "AWS::NotificationARNs": [],
        "AWS::NoValue": NO_VALUE,
    }


class DeployedValues:
    """The values of a deployed stack.

    Args:
        stack: The stack.
        reader: Reads Clean Rooms ML.
        now: The time, in seconds since 1970.
        exports: Knows the values that other stacks export.
    """

    def __init__(
        self, stack: DeployedStack, reader: Reader, now: float, exports: Callable[[str], Any] | None = None
    ) -> None:
        self.stack = stack
        self._reader = reader
        self._now = now
        self._pseudo = pseudo_parameters(stack)
        self._readings: dict[str, Reading] = {}
        self._learned: dict[tuple[str, str | None], Any] | None = None
        options = (exports,) if exports else ()
        self.intrinsics = Intrinsics(stack.template, self.lookup, *options)
        self.nested = {name: DeployedValues(child, reader, now, exports) for name, child in stack.nested.items()}

    def entry(self, logical_id: str) -> Mapping[str, Any]:
        """A resource as the template declares it; empty if it does not."""
        entry: Mapping[str, Any] = self.stack.template["Resources"].get(logical_id, {})
        return entry

    def properties(self, logical_id: str) -> dict[str, Any]:
        """The properties that a resource was given, every scalar a string as custom resources get them."""
        resolved: dict[str, Any] = stringified(self.intrinsics.resolve(self.entry(logical_id).get("Properties") or {}))
        return resolved

    def reading(self, logical_id: str) -> Reading | None:
        """What the service shows of a resource; None for a type that is not ours."""
        resource = self.stack.resources.get(logical_id)
        spec = kind_of_type(resource.type) if resource else None
        if resource is None or spec is None:
            return None
        if logical_id not in self._readings:
            self._readings[logical_id] = read(spec, self.stack, resource, self._reader, self._now)
        return self._readings[logical_id]

    def watched(self, logical_id: str) -> str | None:
        """The logical id of the run that a `Ready`, or a link, waits for; None if it is none."""
        properties = self.entry(logical_id).get("Properties") or {}
        target = properties.get("Arn")
        is_wait = self.entry(logical_id).get("Type") == WAIT_RESOURCE_TYPE
        return str(target["Ref"]) if is_wait and isinstance(target, Mapping) and "Ref" in target else None

    def lookup(self, name: str, attribute: str | None) -> Any:
        """What a reference represents."""
        if attribute is None:
            if name in self._pseudo:
                return self._pseudo[name]
            if name in self.stack.parameters:
                return self.stack.parameters[name]
            parameter = (self.stack.template.get("Parameters") or {}).get(name)
            if parameter is not None:
                return parameter.get("Default", _unknown(name, attribute))
        resource = self.stack.resources.get(name)
        if resource is None or resource.is_gone or not resource.physical_id:
            return _unknown(name, attribute)
        if attribute is None:
            return resource.physical_id
        return self._attribute(resource, attribute)

    def output(self, name: str) -> Any:
        """The value of an output."""
        outputs = self.stack.template.get("Outputs") or {}
        return self.intrinsics.resolve(outputs[name]["Value"]) if name in outputs else _unknown("Outputs", name)

    def _attribute(self, resource: StackResource, attribute: str) -> Any:
        name = resource.logical_id
        spec = kind_of_type(resource.type)
        if spec is not None:
            return self._own(spec, name, attribute)
        if resource.type == WAIT_RESOURCE_TYPE:
            return self._result(name, attribute)
        if resource.type == STACK_TYPE and name in self.nested and attribute.startswith("Outputs."):
            return self.nested[name].output(attribute.removeprefix("Outputs."))
        pattern = _ATTRIBUTES.get(resource.type, {}).get(attribute)
        if pattern is not None:
            path = self.intrinsics.resolve((self.entry(name).get("Properties") or {}).get("Path", "/"))
            _, partition, _, region, account, *_ = self.stack.id.split(":")
            identifier = resource.physical_id
            text = pattern.format(id=identifier, path=path, partition=partition, region=region, account=account)
            return Unknown(text) if isinstance(path, Unknown) else text
        return self._known(name, attribute)

    def _own(self, spec: ResourceSpec, name: str, attribute: str) -> Any:
        reading = self.reading(name)
        if attribute == "RequestHash":
            return Desired(spec, self.properties(name)).request_hash
        if reading is None or reading.record is None:
            return _unknown(name, attribute)
        known = {"Arn": reading.record.arn, "Name": reading.record.name}
        if attribute in known:
            return known[attribute]
        return _shown(reading, spec, attribute) if attribute in spec.attributes else _unknown(name, attribute)

    def _result(self, name: str, attribute: str) -> Any:
        run = self.watched(name)
        reading = self.reading(run) if run else None
        if reading is None or reading.record is None or attribute not in reading.step.spec.attributes:
            return _unknown(name, attribute)
        return _shown(reading, reading.step.spec, attribute)

    def _known(self, name: str, attribute: str) -> Any:
        """What the service shows where a template refers to the attribute."""
        if self._learned is None:
            self._learned = {}
            for logical_id in self.stack.resources:
                reading = self.reading(logical_id)
                if reading is None or reading.record is None:
                    continue
                for path, target, part in references(self.entry(logical_id).get("Properties") or {}):
                    value = _at(reading.record.answer, path)
                    if isinstance(value, str):
                        self._learned.setdefault((target, part), value)
        return self._learned.get((name, attribute), _unknown(name, attribute))


def _shown(reading: Reading, spec: ResourceSpec, attribute: str) -> Any:
    assert reading.record is not None
    return first(reading.record.answer, spec.attributes[attribute])


def _unknown(name: str, attribute: str | None) -> Unknown:
    return Unknown(f"${{{name}.{attribute}}}" if attribute else f"${{{name}}}")


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    """The value at a path; None if there is none."""
    for step in path:
        if isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        elif isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step)
        else:
            return None
    return value
