"""The Clean Rooms ML resources of a stack, as CloudFormation and the service have them now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from cleanrooms_ml_handlers.shared_names import NATIVE_PREFIX

from ..account.handlers import Phase, ResourceSpec, keyed, kind_of_type, redacted, shown, values, why_not_ready
from ..account.records import Reading, read
from ..account.service import Reader
from ..account.stacks import DeployedStack, StackResource, is_ours
from ..account.usual import USUAL, span

# Phases in which a run is on its way to its end.
_UNDER_WAY = (Phase.PENDING, Phase.DELETING)
_STATUS = "status"


# As plan names them.
_JSON_NAMES = {"where": "resource", "is_late": "isLate"}


@dataclass(frozen=True)
class Row:
    """One resource.

    Attributes:
        stack: The stack that it is in.
        where: Its path in the CDK app, or its logical id.
        kind: The API's name of the kind.
        name: The service's name of it; empty if the service shows none.
        status: The service's status, or CloudFormation's where the service has none.
        state: What the status means: pending, ready, failed, deleting, delete failed, gone, missing or unknown.
        seconds: How long it has been there: a run under way since its creation, anything else since its last change.
        usual: How long a run of the kind usually takes; empty for what takes no time.
        is_late: Whether it has been under way for longer than that.
        figures: Results, by the names of the construct's attributes.
        reason: The service's own words about a failure, or CloudFormation's.
        arn: Its ARN or physical id.
    """

    stack: str
    where: str
    kind: str
    name: str
    status: str
    state: str
    seconds: float | None = None
    usual: str = ""
    is_late: bool = False
    figures: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    arn: str = ""

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        fields = asdict(self)
        return {_JSON_NAMES.get(name, name): value for name, value in fields.items()}

    @property
    def has_failed(self) -> bool:
        """Whether it is in no state from which it becomes usable."""
        return self.state in ("failed", "delete failed", "missing", "unknown")

    @property
    def is_under_way(self) -> bool:
        """Whether its state changes by itself."""
        return self.state in ("pending", "deleting")

    @property
    def is_ready(self) -> bool:
        """Whether it can be used."""
        return self.state == Phase.READY.value

    @property
    def age(self) -> str:
        """How long it has been there, against what is usual."""
        if self.seconds is None:
            return ""
        if self.is_under_way and self.usual:
            return f"{span(self.seconds)}, usually {self.usual}{' (late)' if self.is_late else ''}"
        return span(self.seconds)

    @property
    def results(self) -> str:
        """The figures in a line."""
        return ", ".join(f"{name}={_short(value)}" for name, value in self.figures.items())


@dataclass(frozen=True)
class Status:
    """A stack with its resources.

    Attributes:
        stack: The stack.
        rows: Its resources, those of nested stacks too.
    """

    stack: DeployedStack
    rows: tuple[Row, ...]

    @property
    def has_failed(self) -> bool:
        """Whether something of it failed."""
        return self.stack.has_failed or any(row.has_failed for row in self.rows)

    @property
    def is_settled(self) -> bool:
        """Whether nothing changes any more by itself."""
        return not self.stack.is_busy and not any(row.is_under_way for row in self.rows)

    @property
    def is_ready(self) -> bool:
        """Whether all of it can be used, as it was to be deployed last."""
        is_deployed = not (self.stack.has_failed or self.stack.was_rolled_back)
        return self.is_settled and is_deployed and all(row.is_ready for row in self.rows)

    @property
    def summary(self) -> str:
        """The stack in a line."""
        counts: dict[str, int] = {}
        for row in self.rows:
            counts[row.state] = counts.get(row.state, 0) + 1
        said = ", ".join(f"{count} {state}" for state, count in counts.items()) or "no Clean Rooms ML resources yet"
        return f"{self.stack.name} is {self.stack.status}: {said}"

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "stack": self.stack.name,
            "stackId": self.stack.id,
            "stackStatus": self.stack.status,
            "ready": self.is_ready,
            "failed": self.has_failed,
            "resources": [row.as_json() for row in self.rows],
        }


def status_of(stack: DeployedStack, reader: Reader, now: Callable[[], float]) -> Status:
    """The status of a stack.

    Raises:
        CannotDo: The service cannot be asked.
    """
    return Status(stack, tuple(_rows(stack, reader, now())))


def _rows(top: DeployedStack, reader: Reader, now: float) -> Iterator[Row]:
    for stack in top.walk():
        for resource in stack.resources.values():
            spec = kind_of_type(resource.type)
            if resource.is_gone or not is_ours(resource.type):
                continue
            if spec is not None:
                yield _row(spec, stack, resource, reader, now)
            elif resource.type.startswith(NATIVE_PREFIX):
                yield _native_row(stack, resource, now)


def _native_row(stack: DeployedStack, resource: StackResource, now: float) -> Row:
    """A resource of CloudFormation's own types: they take no time, so that its status is all there is."""
    return Row(
        stack.name,
        stack.where(resource.logical_id),
        resource.type.removeprefix(NATIVE_PREFIX),
        resource.physical_id.rsplit("/", 1)[-1],
        resource.status,
        _state_of_cloudformation(resource.status),
        now - resource.since if resource.since else None,
        reason=resource.reason,
        arn=resource.physical_id,
    )


def _state_of_cloudformation(status: str) -> str:
    if status.endswith("IN_PROGRESS"):
        return str((Phase.DELETING if status.startswith("DELETE") else Phase.PENDING).value)
    if status.endswith("FAILED"):
        # What an update could not change is as it was before.
        return str((Phase.READY if status == "UPDATE_FAILED" else Phase.FAILED).value)
    return Phase.READY.value


def _row(spec: ResourceSpec, stack: DeployedStack, resource: StackResource, reader: Reader, now: float) -> Row:
    reading = read(spec, stack, resource, reader, now)
    usual = USUAL.get(spec.kind)
    common: dict[str, Any] = {
        "stack": stack.name,
        "where": stack.where(resource.logical_id),
        "kind": spec.kind,
        "usual": usual.duration if usual else "",
        "arn": resource.physical_id,
    }
    record = reading.record
    if record is None:
        state = _state_of_cloudformation(resource.status)
        is_missing = state == Phase.READY.value
        return Row(
            **common,
            name="",
            status=resource.status,
            state="missing" if is_missing else state,
            seconds=now - resource.since if resource.since else None,
            reason="it was deleted outside CloudFormation" if is_missing else resource.reason,
        )
    phase = reading.step.phase(record)
    under_way = phase in _UNDER_WAY
    since = _moment(record.answer, "createTime" if under_way else "updateTime")
    seconds = now - since if since is not None else None
    return Row(
        **common,
        name=record.name,
        status=record.status or resource.status,
        state=phase.value if phase else "unknown",
        seconds=seconds,
        is_late=bool(under_way and usual and seconds is not None and seconds > usual.limit_seconds(record.answer)),
        figures=_figures(spec, record.answer),
        reason=_reason(reading, phase, resource),
    )


def _moment(answer: Mapping[str, Any], member: str) -> float | None:
    value = answer.get(member) or answer.get("createTime")
    return value.timestamp() if value is not None else None


def _figures(spec: ResourceSpec, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The results that the service shows; its status is no figure."""
    found = {name: values(answer, path) for name, path in spec.attributes.items() if path != _STATUS}
    plain = {name: items[0] for name, items in found.items() if items}
    return {name: _number(value) for name, value in {**plain, **keyed(spec, answer)}.items()}


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _reason(reading: Reading, phase: Phase | None, resource: StackResource) -> str:
    record = reading.record
    assert record is not None
    if phase in (Phase.FAILED, Phase.DELETE_FAILED, Phase.GONE, None):
        return redacted(reading.step, why_not_ready(reading.step.spec, record, phase))
    return resource.reason if resource.status.endswith("FAILED") else ""


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(shown(value)).strip("'\"")
