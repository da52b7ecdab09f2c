"""What must never happen, counted from the service's journal and records and from what CloudFormation received.

Nothing here asks the engine what it did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

from cleanrooms_ml_cli.sandbox.emulator import Emulator
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.spec import RESOURCE_TYPE_PREFIX, WAIT_RESOURCE_TYPE, Cardinality, ResourceSpec

from .cloudformation.exchange import Exchange
from .cloudformation.stack import Stack
from .records import BY_KIND, is_over, not_as_asked, not_ready, physical_id, statements
from .wire import Wire

# A singleton is put, and put again, as often as need be.
_CREATES = frozenset(spec.create for spec in SPECS if spec.cardinality is Cardinality.NAMED)
_COUNTED = ("stacks waiting", "orphans", "duplicates", "false successes")


@dataclass
class Audit:
    """One sentence for each thing that must never happen.

    Attributes:
        waiting: CloudFormation got no answer in time.
        orphans: Something exists in the service that no stack knows and no answer reported.
        duplicates: One request created two resources, or a rollback created one.
        false_successes: SUCCESS was answered and was not true.
        reported: Something exists in the service that no stack knows, and the last answer about it said so: not an
            orphan, but a consequence of the fault that did not end.
    """

    waiting: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    false_successes: list[str] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """How many of each: waiting, orphans, duplicates, false successes."""
        return len(self.waiting), len(self.orphans), len(self.duplicates), len(self.false_successes)

    def add(self, other: Audit) -> None:
        """Adds the findings of another audit."""
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            mine += [line for line in theirs if line not in mine]

    @property
    def summary(self) -> str:
        """The counts in words."""
        return ", ".join(f"{what} {count}" for what, count in zip(_COUNTED, self.counts, strict=True))

    def within(self, where: str) -> Audit:
        """The same findings, each with where it was found."""
        return Audit(*([f"{where}: {line}" for line in getattr(self, one.name)] for one in fields(self)))

    def __bool__(self) -> bool:
        return any(self.counts)

    def __str__(self) -> str:
        return "\n".join([*self.waiting, *self.orphans, *self.duplicates, *self.false_successes]) or "nothing"


class Account(Protocol):
    """What an auditor looks at: a world, of which this is a part."""

    emulator: Emulator
    wire: Wire
    stacks: list[Stack]
    theirs: set[str]

    def records(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What the service holds."""
        ...

    def leftovers(self, exclude: Collection[str] = ()) -> list[dict[str, Any]]:
        """Those of them that cost or hold something."""
        ...


class Auditor:
    """Watches one account.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._false: list[str] = []

    def audit(self) -> Audit:
        """What was found."""
        reported: list[str] = []
        orphans = list(self._orphans(reported))
        return Audit(list(self._waiting()), orphans, list(self._duplicates()), list(self._false), reported)

    # -- stacks that wait ------------------------------------------------------------------------------------------

    def _waiting(self) -> Iterator[str]:
        for stack in self._account.stacks:
            for exchange in stack.exchanges:
                if exchange.answer is None and not exchange.was_cancelled:
                    yield f"{stack.name}: {exchange.kind} of {exchange.logical_id} got no answer in time"

    # -- orphans ---------------------------------------------------------------------------------------------------

    def _orphans(self, reported: list[str]) -> Iterator[str]:
        if any(stack.status == "UPDATE_ROLLBACK_FAILED" for stack in self._account.stacks):
            # Its owner has to let the rollback go on; what the update added is deleted after that.
            return
        known = {resource.physical_id for stack in self._account.stacks for resource in stack.resources.values()}
        reports = dict(self._last_deletes())
        for record in self._account.leftovers(exclude=self._account.theirs):
            its_id = physical_id(record)
            line = f"{record['kind']} {record['name']} is {record['status']} and no stack knows it"
            if "FAILED" in (reports.get(its_id), reports.get(_owner(record))):
                reported.append(line)
            elif its_id not in known:
                yield line

    def _last_deletes(self) -> Iterator[tuple[str, str]]:
        """For each physical id what the last Delete of it was answered.

        A Delete with an id that names nothing is for all that the logical id may have created.
        """
        for stack in self._account.stacks:
            for exchange in stack.exchanges:
                if exchange.kind == "Delete" and exchange.answer is not None:
                    owner = f"{stack.id.rpartition('/')[2]}/{exchange.logical_id}"
                    yield _named_by(exchange) or owner, exchange.answer.status

    # -- duplicates ------------------------------------------------------------------------------------------------

    def _duplicates(self) -> Iterator[str]:
        windows = list(self._rollbacks())
        created: Counter[str] = Counter()
        for entry in self._account.emulator.journal:
            if entry.operation not in _CREATES or not entry.took_effect:
                continue
            caller = self._account.wire.callers[entry.number].invocation
            if caller is None:
                continue
            request = caller.request
            created[request["ResponseURL"]] += 1
            if created[request["ResponseURL"]] > 1:
                yield f"{request['RequestType']} of {request['LogicalResourceId']} created {entry.arn} too"
            sent = self._sent(request)
            if any(stack_id == request["StackId"] and begin < sent <= end for stack_id, begin, end in windows):
                yield f"the rollback of {request['LogicalResourceId']} created {entry.arn}"

    def _sent(self, request: Mapping[str, Any]) -> float:
        for stack in self._account.stacks:
            for exchange in stack.exchanges:
                if exchange.event["ResponseURL"] == request["ResponseURL"]:
                    return exchange.sent
        raise AssertionError("nobody sent the request")

    def _rollbacks(self) -> Iterator[tuple[str, float, float]]:
        """The stack, the beginning and the end of each rollback of an update."""
        for stack in self._account.stacks:
            begin = 0.0
            for event in stack.events:
                if not event.logical_id and event.status == "UPDATE_ROLLBACK_IN_PROGRESS":
                    begin = event.at
                elif not event.logical_id and event.status.startswith("UPDATE_ROLLBACK") and begin:
                    yield stack.id, begin, event.at
                    begin = 0.0

    # -- false successes -------------------------------------------------------------------------------------------

    def witness(self, exchange: Exchange) -> None:
        """Look at the service at the moment in which an answer arrives."""
        answer = exchange.answers[-1]
        if not answer.is_success or exchange.is_late or exchange.was_cancelled:
            return
        # Runs in the thread of the reply server, where an exception would be lost.
        try:
            untrue = self._untrue(exchange, answer.physical_id, answer.data)
        except Exception as error:
            untrue = f"cannot be checked: {error!r}"
        if untrue:
            self._false.append(f"{exchange.kind} of {exchange.logical_id} was answered SUCCESS, but {untrue}")

    def _untrue(self, exchange: Exchange, answered_id: str, data: Mapping[str, Any]) -> str:
        resource_type, properties = exchange.event["ResourceType"], exchange.event["ResourceProperties"]
        if resource_type == WAIT_RESOURCE_TYPE:
            spec, its_id = BY_KIND[properties["Kind"]], properties["Arn"]
        else:
            spec, its_id = BY_KIND[resource_type.removeprefix(RESOURCE_TYPE_PREFIX)], answered_id
        record = next((it for it in self._account.records(spec.kind) if physical_id(it) == its_id), None)
        if spec.document_field:
            return self._not_as_stated(spec, exchange, record)
        if exchange.kind == "Delete":
            still_there = record is not None and not is_over(record) and resource_type != WAIT_RESOURCE_TYPE
            return f"{its_id} is there" if still_there else ""
        if record is None:
            return f"{its_id} is not there"
        if resource_type == WAIT_RESOURCE_TYPE:
            return not_ready(record, properties, is_update=exchange.kind == "Update")
        if spec.cardinality is Cardinality.NAMED and data["Name"] != record["name"]:
            return f"its name is {record['name']}, not {data['Name']}"
        return not_as_asked(spec, record, properties)

    def _not_as_stated(self, spec: ResourceSpec, exchange: Exchange, record: Mapping[str, Any] | None) -> str:
        """What is wrong with a document that others write into too."""
        stated = statements(record["data"][spec.document_field]) if record else []
        asked = statements(exchange.event["ResourceProperties"].get(spec.document_field, []))
        if exchange.kind != "Delete":
            return "" if all(statement in stated for statement in asked) else f"it states {stated!r}"
        others = [
            other
            for stack in self._account.stacks
            for resource in stack.resources.values()
            if (stack.id, resource.logical_id) != (exchange.event["StackId"], exchange.logical_id)
            for other in statements(resource.properties.get(spec.document_field, []))
        ]
        left = [statement for statement in asked if statement in stated and statement not in others]
        return f"it still states {left!r}" if left else ""


def _named_by(exchange: Exchange) -> str:
    """The physical id of what a Delete names; empty if it names nothing that was created.

    Without an id of its own, a singleton is named by the properties.
    """
    spec = BY_KIND.get(exchange.event["ResourceType"].removeprefix(RESOURCE_TYPE_PREFIX))
    if spec is None:
        return ""
    if spec.identifiers(exchange.physical_id) is not None:
        return exchange.physical_id
    return spec.physical_id(exchange.event["ResourceProperties"]) if spec.cardinality is not Cardinality.NAMED else ""


def _owner(record: Mapping[str, Any]) -> str:
    """The stack and the logical id in a record's ownership tag; empty if it has none."""
    return "/".join(str(record["tags"].get("cdk-cleanrooms-ml:owner", "")).split("/")[:2])
