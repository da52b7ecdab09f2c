"""Drift: what a stack was deployed with against what the service says.

CloudFormation detects no drift of custom resources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from cleanrooms_ml_policy.visible import visible

from ..account.engine import rehearse
from ..account.errors import CannotDo
from ..account.handlers import (
    OWNERSHIP_TAG_KEY,
    Desired,
    Phase,
    Record,
    ResourceSpec,
    is_asset,
    is_document,
    kind_of_type,
    owns,
    service_model,
    why_not_ready,
)
from ..account.intrinsics import has_unknown
from ..account.members import Difference, differences
from ..account.records import Reading
from ..account.service import Reader
from ..account.stacks import DeployedStack
from ..account.values import DeployedValues


@dataclass(frozen=True)
class Drift:
    """What the service says otherwise of one resource.

    Attributes:
        stack: The stack that it is in.
        where: Its path in the CDK app, or its logical id.
        kind: The API's name of the kind.
        arn: Its ARN or physical id.
        differences: Members with other values: deployed, then as the service says.
        problem: What is wrong with all of it; empty if only members differ.
    """

    stack: str
    where: str
    kind: str
    arn: str
    differences: tuple[Difference, ...] = ()
    problem: str = ""

    @property
    def lines(self) -> list[str]:
        """A diff for readers."""
        found = [f"{self.where}  {self.kind}  {self.arn}"]
        if self.problem:
            found.append(f"  ! {self.problem}")
        for one in self.differences:
            found += [f"  - {one.path}: {one.before}"] if one.before else []
            found += [f"  + {one.path}: {one.after}"] if one.after else []
        return [visible(line) for line in found]

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        fields = asdict(self)
        # As plan names it.
        return {"resource" if name == "where" else name: value for name, value in fields.items()}


def drifts(stack: DeployedStack, values: DeployedValues, reader: Reader, now: float) -> list[Drift]:
    """Everything in a stack that is not as it was deployed.

    Raises:
        CannotDo: The service cannot be asked, or the stack is being changed.
    """
    if stack.is_busy:
        raise CannotDo(
            f"the stack {stack.name} is {stack.status}; compare when cleanrooms-ml wait says that it is done"
        )
    return list(_drifts(stack, values, reader, now))


def _drifts(stack: DeployedStack, values: DeployedValues, reader: Reader, now: float) -> Iterator[Drift]:
    for logical_id, resource in stack.resources.items():
        spec = kind_of_type(resource.type)
        reading = values.reading(logical_id)
        if spec is None or reading is None or resource.is_gone or not values.entry(logical_id):
            continue
        properties = values.properties(logical_id)
        found = list(_of_members(spec, properties, reading))
        problem = _problem(spec, reading)
        if is_document(spec) and not problem and _rewrites(stack, logical_id, properties, reader, now):
            problem = "the statements of this stack were changed or removed outside CloudFormation"
        if found or problem:
            where = stack.where(logical_id)
            yield Drift(stack.name, where, spec.kind, resource.physical_id, tuple(found), problem)
    for name, child in stack.nested.items():
        yield from _drifts(child, values.nested[name], reader, now)


def _problem(spec: ResourceSpec, reading: Reading) -> str:
    record = reading.record
    if record is None:
        return "it does not exist any more: it was deleted outside CloudFormation"
    if reading.step.phase(record) is Phase.GONE:
        return f"it is {record.status}: {why_not_ready(spec, record, Phase.GONE)}"
    if spec.is_taggable and not owns(reading.step, record):
        return "its ownership tag is missing, so that this stack cannot change or delete it"
    return ""


def _rewrites(stack: DeployedStack, logical_id: str, properties: Mapping[str, Any], reader: Reader, now: float) -> bool:
    """Whether deploying the same again would write a document: then it is not what was written."""
    resource = stack.resources[logical_id]
    found = rehearse(
        "Update",
        stack,
        logical_id,
        resource.type,
        reader,
        now,
        physical_id=resource.physical_id,
        properties=properties,
        old_properties=properties,
    )
    return bool(found.mutations or found.failure)


def _of_members(spec: ResourceSpec, properties: Mapping[str, Any], reading: Reading) -> Iterator[Difference]:
    record = reading.record
    if record is None or is_document(spec) or reading.step.phase(record) is Phase.GONE:
        return
    wanted = Desired(spec, properties)
    own = {"name": wanted.fixed_name} if wanted.fixed_name else {}
    asked = {**_comparable(spec, wanted.request), **own}
    shown = {key: _like(value, record.answer.get(key)) for key, value in asked.items() if key in record.answer}
    shown |= {"name": record.name} if own else {}
    yield from differences(spec, asked, {**dict.fromkeys(asked), **shown}, asked_only=True)
    yield from differences(spec, {}, _added(spec, wanted, record))
    if spec.is_taggable:
        tags = {
            key: value for key, value in record.tags.items() if key != OWNERSHIP_TAG_KEY and not key.startswith("aws:")
        }
        asked_tags = {key: tags.get(key, value) if has_unknown(value) else value for key, value in wanted.tags.items()}
        yield from differences(spec, {"tags": asked_tags}, {"tags": tags})


def _comparable(spec: ResourceSpec, request: Mapping[str, Any]) -> dict[str, Any]:
    """The members that the service shows, but for the name, which may have been generated."""
    model = service_model(spec.service)
    output = _output(spec)
    names = model.members(output).keys() if output else request.keys()
    return {key: value for key, value in request.items() if key in names and key != spec.name_field}


def _output(spec: ResourceSpec) -> str:
    """The shape in which the service shows a resource."""
    model = service_model(spec.service)
    operation = spec.get or spec.list or ""
    shape = model.operations[operation].output or ""
    if spec.get is None:
        return str(model.shapes[model.members(shape)[spec.list_field]]["member"]["shape"])
    return model.members(shape)[spec.answer_field] if spec.answer_field else shape


def _like(asked: Any, shown: Any) -> Any:
    """What the service shows, in the form in which it was asked for; what lies in S3 counts as it is."""
    if is_asset(asked):
        return asked
    if isinstance(shown, datetime) and isinstance(asked, str):
        try:
            moment = datetime.fromisoformat(asked)
        except ValueError:
            return shown.isoformat()
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return asked if moment == shown else shown.isoformat()
    if isinstance(asked, Mapping) and isinstance(shown, Mapping):
        # What only the service says is its default.
        return {key: _like(value, shown[key]) for key, value in asked.items() if key in shown}
    if isinstance(asked, list) and isinstance(shown, list) and len(asked) == len(shown):
        return [_like(left, right) for left, right in zip(asked, shown, strict=True)]
    return shown


def _added(spec: ResourceSpec, wanted: Desired, record: Record) -> dict[str, Any]:
    """Members that an update can set, which nothing asked for: somebody set them."""
    if spec.update is None:
        return {}
    names = {spec.update_names.get(key, key) for key in wanted.request} | {spec.shown_name_field, "tags"}
    changeable = service_model(spec.service).input_members(spec.update).keys() - spec.identifier_members - names
    return {
        key: record.answer[key]
        for key in sorted(changeable - set(spec.presence_is_identity))
        if record.answer.get(key) not in (None, "", spec.cleared.get(key))
    }
