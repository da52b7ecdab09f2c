"""What must never happen, counted from the service's journal and records and from what CloudFormation received.

Nothing here asks the engine what it did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from cleanrooms_ml_handlers.model import boolean
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.shared_names import RESOURCE_TYPE_PREFIX, WAIT_RESOURCE_TYPE
from cleanrooms_ml_handlers.spec import Cardinality, Phase, ResourceSpec

from ..cloudformation.exchange import Exchange
from ..cloudformation.stack import Stack
from .findings import Audit
from .holdings import HoldingsAuditor
from .limits import seems_rolled_back
from .records import BY_KIND, Account, is_over, not_as_asked, owner, phase_of, physical_id, statements
from .run_events import RunEventsAuditor

# What a request created may have an earlier time: clocks differ.
_CLOCKS_SECONDS = 10
# A singleton is put, and put back, as often as need be.
_CREATES = frozenset(spec.create for spec in SPECS if spec.cardinality is Cardinality.NAMED)
_PUTS = frozenset(spec.create for spec in SPECS if spec.cardinality is Cardinality.SINGLETON)


class Auditor:
    """Watches one account.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._false: list[str] = []
        self._keys: dict[str, str] = {}
        self._holdings = HoldingsAuditor(account, self._keys)
        self._run_events = RunEventsAuditor(account)

    def audit(self) -> Audit:
        """What was found."""
        reported: list[str] = []
        orphans = list(self._orphans(reported))
        return Audit(
            list(self._waiting()),
            orphans,
            list(self._duplicates()),
            list(self._false),
            list(self._run_events.lost_events()),
            list(self._holdings.live_deleted()),
            list(self._holdings.false_properties()),
            reported,
        )

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
        known = {
            resource.physical_id
            for stack in self._account.stacks
            for resource in (*stack.resources.values(), *stack.retained)
        }
        reports = dict(self._last_deletes())
        retained = set(self._retained_without_id())
        creators = dict(self._creators())
        for record in self._account.leftovers(exclude=self._account.theirs):
            its_id = physical_id(record)
            line = f"{record['kind']} {record['name']} is {record['status']} and no stack knows it"
            if any(
                reports.get(name or "") == "FAILED" for name in (its_id, owner(record), creators.get(record["arn"]))
            ):
                reported.append(line)
            elif its_id not in known and retained.isdisjoint({its_id, owner(record), creators.get(record["arn"])}):
                yield line

    def _creators(self) -> Iterator[tuple[str, str]]:
        """By ARN for which stack and logical id something was created: some kinds have no tags."""
        for entry in self._account.emulator.journal:
            if entry.operation in _CREATES and entry.took_effect:
                caller = self._account.wire.callers[entry.number].invocation
                if caller is not None and caller.request:
                    guid = caller.request["StackId"].rpartition("/")[2]
                    yield entry.arn, f"{guid}/{caller.request['LogicalResourceId']}"

    def _retained_without_id(self) -> Iterator[str]:
        """The owners of what was retained before CloudFormation learned its id; of a singleton its id."""
        for stack in self._account.stacks:
            for resource in stack.retained:
                spec = BY_KIND.get(resource.type.removeprefix(RESOURCE_TYPE_PREFIX))
                if spec is not None and spec.identifiers(resource.physical_id) is None:
                    is_named = spec.cardinality is Cardinality.NAMED
                    by_tag = f"{stack.id.rpartition('/')[2]}/{resource.logical_id}"
                    yield by_tag if is_named else spec.physical_id(resource.properties)

    def _last_deletes(self) -> Iterator[tuple[str, str]]:
        """How the last Delete of each physical id was answered.

        A Delete with an id that names nothing is for all that the logical id may have created. That of a singleton says
        nothing of what another stack put.
        """
        writers = dict(self._writers())
        for stack in self._account.stacks:
            for exchange in stack.exchanges:
                if exchange.kind == "Delete" and exchange.answer is not None:
                    by_tag = f"{stack.id.rpartition('/')[2]}/{exchange.logical_id}"
                    named = _named_by(exchange)
                    if writers.get(named, stack.id) == stack.id:
                        yield named or by_tag, exchange.answer.status

    def _writers(self) -> Iterator[tuple[str, str]]:
        """By physical id which stack put a singleton last."""
        for entry in self._account.emulator.journal:
            if entry.operation in _PUTS and entry.took_effect:
                caller = self._account.wire.callers[entry.number].invocation
                if caller is not None and caller.request:
                    yield entry.arn, caller.request["StackId"]

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
            stack_id, number = self._sent(request)
            if any(of == stack_id and begin <= number < end for of, begin, end in windows):
                yield f"the rollback of {request['LogicalResourceId']} created {entry.arn}"

    def _sent(self, request: Mapping[str, Any]) -> tuple[str, int]:
        """The stack that sent a request, and how many it had sent before."""
        for stack in self._account.stacks:
            for number, exchange in enumerate(stack.exchanges):
                if exchange.event["ResponseURL"] == request["ResponseURL"]:
                    return stack.id, number
        raise AssertionError("nobody sent the request")

    def _rollbacks(self) -> Iterator[tuple[str, int, int]]:
        """The stack, and the numbers of its requests between which each rollback of an update lies."""
        for stack in self._account.stacks:
            begin: int | None = None
            for event in stack.events:
                if not event.logical_id and event.status == "UPDATE_ROLLBACK_IN_PROGRESS":
                    begin = event.sent
                elif not event.logical_id and event.status.startswith("UPDATE_ROLLBACK") and begin is not None:
                    yield stack.id, begin, event.sent
                    begin = None

    # -- false successes -------------------------------------------------------------------------------------------

    def witness(self, exchange: Exchange) -> None:
        """Look at the service at the moment in which an answer arrives."""
        answer = exchange.answers[-1]
        # Runs in the thread of the reply server, where an exception would be lost.
        try:
            self._run_events.witness(exchange)
            if not answer.is_success or exchange.is_late or exchange.was_cancelled:
                return
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
        if record is not None:
            self._keys[its_id] = record["arn"]
        if spec.document_field:
            return self._not_as_stated(spec, exchange, record)
        if exchange.kind == "Delete":
            if record is None or is_over(record) or resource_type == WAIT_RESOURCE_TYPE:
                return ""
            return "" if self._was_adopted(exchange, record) else f"{its_id} is there"
        if record is None:
            return f"{its_id} is not there"
        if resource_type == WAIT_RESOURCE_TYPE:
            return "" if self._is_returned_to(exchange, record) else self._not_ready(exchange, record, spec, its_id)
        if spec.cardinality is Cardinality.NAMED and data["Name"] != record["name"]:
            return f"its name is {record['name']}, not {data['Name']}"
        return not_as_asked(spec, record, properties)

    def _not_ready(self, exchange: Exchange, record: Mapping[str, Any], spec: ResourceSpec, its_id: str) -> str:
        """What is wrong with the run of a wait: now, and as reads that lag still show it."""
        properties = exchange.event["ResourceProperties"]
        untrue = _not_ready(record, properties, exchange.kind)
        if not untrue:
            return ""
        with self._account.past.seen_from(self._account.past.longest_seconds):
            shown = [it for it in self._account.records(spec.kind) if physical_id(it) == its_id]
        return untrue if any(_not_ready(it, properties, exchange.kind) for it in shown) or not shown else ""

    def _is_returned_to(self, exchange: Exchange, record: Mapping[str, Any]) -> bool:
        """Whether a wait is over because a rollback returns to the run before, whatever has become of it meanwhile."""
        stack = next(stack for stack in self._account.stacks if stack.id == exchange.event["StackId"])
        arn = exchange.event["ResourceProperties"]["Arn"]
        return (
            (exchange.kind, stack.status) == ("Update", "UPDATE_ROLLBACK_IN_PROGRESS")
            and arn != exchange.event["OldResourceProperties"]["Arn"]
            and phase_of(record) not in (Phase.PENDING, Phase.DELETING)
            and any(
                earlier.answer is not None and earlier.answer.is_success and not earlier.was_cancelled
                for earlier in stack.exchanges[: stack.exchanges.index(exchange)]
                if earlier.logical_id == exchange.logical_id and earlier.event["ResourceProperties"]["Arn"] == arn
            )
        )

    def _was_adopted(self, exchange: Exchange, record: Mapping[str, Any]) -> bool:
        """Whether a Delete cleans up the rollback of an Update that adopted what was there before: it stays."""
        stack = self._rolled_back(exchange)
        if stack is None:
            return False
        begun = [event.at for event in stack.events if not event.logical_id and event.status == "UPDATE_IN_PROGRESS"]
        created_at: float = record["data"].get("createTime", begun[-1])
        return created_at < begun[-1] - _CLOCKS_SECONDS

    def _rolled_back(self, exchange: Exchange) -> Stack | None:
        """The stack whose rollback a Delete cleans up, or seems to: a documented limit."""
        stack = next(stack for stack in self._account.stacks if stack.id == exchange.event["StackId"])
        is_rollback = stack.status == "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
        return stack if is_rollback or seems_rolled_back(stack, exchange) else None

    def _not_as_stated(self, spec: ResourceSpec, exchange: Exchange, record: Mapping[str, Any] | None) -> str:
        """What is wrong with a document that others write into too."""
        stated = statements(record["data"][spec.document_field]) if record else []
        asked = statements(exchange.event["ResourceProperties"].get(spec.document_field, []))
        if exchange.kind != "Delete":
            return "" if all(statement in stated for statement in asked) else f"it states {stated!r}"
        others = [
            resource
            for stack in self._account.stacks
            for resource in (*stack.resources.values(), *stack.retained)
            if (stack.id, resource.logical_id) != (exchange.event["StackId"], exchange.logical_id)
        ]
        rolled_back = self._rolled_back(exchange)
        # An Update may have adopted what the same logical id had retained.
        kept = [it for it in rolled_back.retained if it.physical_id == exchange.physical_id] if rolled_back else []
        of_others = [it for one in (*others, *kept) for it in statements(one.properties.get(spec.document_field, []))]
        left = [statement for statement in asked if statement in stated and statement not in of_others]
        return f"it still states {left!r}" if left else ""


def _named_by(exchange: Exchange) -> str:
    """The physical id of what a Delete names; empty if it names nothing that was created.

    A singleton without an id is named by its properties.
    """
    spec = BY_KIND.get(exchange.event["ResourceType"].removeprefix(RESOURCE_TYPE_PREFIX))
    if spec is None:
        return ""
    if spec.identifiers(exchange.physical_id) is not None:
        return exchange.physical_id
    return spec.physical_id(exchange.event["ResourceProperties"]) if spec.cardinality is not Cardinality.NAMED else ""


def _not_ready(record: Mapping[str, Any], properties: Mapping[str, Any], request_kind: str) -> str:
    phase, is_update = phase_of(record), request_kind == "Update"
    is_link = boolean(str(properties.get("Settings", {}).get("Link", ""))) is True
    if phase is Phase.READY or (is_update and phase is Phase.GONE) or (is_link and phase is Phase.PENDING):
        return ""
    return f"{record['name']} is {record['status']}"
