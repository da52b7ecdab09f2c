"""What stacks hold: whether it is still there, is what the stack says, and whether its end was reported."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cleanrooms_ml_handlers.identity import Desired
from cleanrooms_ml_handlers.model import boolean, service_model
from cleanrooms_ml_handlers.shared_names import RESOURCE_TYPE_PREFIX
from cleanrooms_ml_handlers.spec import Cardinality, Phase, ResourceSpec

from ..cloudformation.exchange import Exchange
from ..cloudformation.resource import Resource
from ..cloudformation.stack import Stack
from .records import BY_KIND, OWNERSHIP_TAG_KEY, Account, not_as_asked, phase_of, physical_id, statements

# In these a stack says what is.
_STABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
_DELETION_MARKER = "/left"


@dataclass(frozen=True)
class Holding:
    """A resource that a stack holds: the last answer about it was SUCCESS, and no Delete of it followed."""

    stack: Stack
    resource: Resource
    spec: ResourceSpec
    request: Exchange

    @property
    def words(self) -> str:
        """Which one it is."""
        return f"{self.resource.physical_id}, which {self.resource.logical_id} of {self.stack.name} holds,"


def holdings(account: Account) -> Iterator[Holding]:
    """Everything that stacks hold."""
    for stack in account.stacks:
        for resource in stack.resources.values():
            spec = BY_KIND.get(resource.type.removeprefix(RESOURCE_TYPE_PREFIX))
            about = [
                exchange
                for exchange in stack.exchanges
                if exchange.logical_id == resource.logical_id and _concerns(exchange, resource.physical_id)
            ]
            if spec is not None and about and about[-1].kind != "Delete":
                yield Holding(stack, resource, spec, about[-1])


def _concerns(exchange: Exchange, its_id: str) -> bool:
    """Whether a request was to delete a resource, or was answered with its id and counts."""
    if exchange.kind == "Delete":
        return exchange.physical_id == its_id
    answer = exchange.answer
    return answer is not None and answer.is_success and not exchange.was_cancelled and answer.physical_id == its_id


class HoldingsAuditor:
    """Checks what the stacks of one account hold.

    Args:
        account: The account.
        keys: The emulator's key of each physical id that was answered with SUCCESS.
    """

    def __init__(self, account: Account, keys: Mapping[str, str]) -> None:
        self._account = account
        self._keys = keys

    def _record(self, holding: Holding) -> Mapping[str, Any] | None:
        records = self._account.records(holding.spec.kind)
        return next((record for record in records if physical_id(record) == holding.resource.physical_id), None)

    # -- live resources deleted ------------------------------------------------------------------------------------

    def live_deleted(self) -> Iterator[str]:
        """What the functions have deleted, or marked for deletion, although a stack holds it."""
        for holding in holdings(self._account):
            record = self._record(holding)
            if (record is None or _is_ended(record)) and self._was_deleted(holding):
                yield f"{holding.words} was deleted"
            elif record is not None and record["tags"].get(OWNERSHIP_TAG_KEY, "").endswith(_DELETION_MARKER):
                yield f"{holding.words} is marked for deletion"

    def _was_deleted(self, holding: Holding) -> bool:
        """Whether the last change by the functions was to delete or to cancel it."""
        its_id, spec = holding.resource.physical_id, holding.spec
        key = self._keys.get(its_id, its_id)
        changes = [
            entry.operation
            for entry in self._account.emulator.journal
            if entry.arn == key
            and entry.took_effect
            and entry.operation in (spec.create, spec.delete, spec.cancel)
            and self._is_by_functions(entry.number)
        ]
        return bool(changes) and changes[-1] != spec.create

    def _is_by_functions(self, number: int) -> bool:
        call = self._account.wire.callers.get(number)
        return call is not None and call.invocation is not None

    # -- events lost -----------------------------------------------------------------------------------------------

    def lost_events(self) -> Iterator[str]:
        """Runs without a `Ready` that have ended without an event."""
        # What has no ARN is reported by its name.
        details = [json.loads(entry["Detail"]) for entry in self._account.wire.bus]
        reported = {detail["arn"] or detail["name"] for detail in details}
        for holding in holdings(self._account):
            record = self._record(holding)
            if record is None or not self._is_watched(holding, record):
                continue
            is_reported = record["name"] in reported or record["arn"].split("#")[0] in reported
            if phase_of(record) not in (Phase.PENDING, Phase.DELETING) and not is_reported:
                yield f"{holding.words} is {record['status']}, and no event says so"

    def _is_watched(self, holding: Holding, record: Mapping[str, Any]) -> bool:
        """Whether a request that wanted an event created the run, and no Delete has ended its watch."""
        creators = [
            self._account.wire.callers[entry.number].invocation
            for entry in self._account.emulator.journal
            if entry.arn == record["arn"] and entry.operation == holding.spec.create and entry.took_effect
        ]
        addresses = {creator.request.get("ResponseURL") for creator in creators if creator is not None}
        about = [it for it in holding.stack.exchanges if _concerns(it, holding.resource.physical_id)]
        if not holding.spec.long_running:
            return False
        # The record of an export stays, and can come back: then the request that found it starts the watch.
        ended = max((position for position, it in enumerate(about) if it.kind == "Delete"), default=-1) + 1
        starting = (
            [it for it in about if it.event["ResponseURL"] in addresses] if not ended else about[ended : ended + 1]
        )
        return any(map(_wants_event, starting))

    # -- false properties ------------------------------------------------------------------------------------------

    def false_properties(self) -> Iterator[str]:
        """What stacks say of their resources and the service does not."""
        for holding in holdings(self._account):
            record = self._record(holding)
            if holding.stack.status not in _STABLE or record is None or _is_ended(record):
                continue
            wrong = self._wrong(holding, record)
            if wrong:
                yield f"{holding.words} is not what the stack says: {wrong}"

    def _wrong(self, holding: Holding, record: Mapping[str, Any]) -> str:
        spec, resource = holding.spec, holding.resource
        if spec.document_field:
            stated = statements(record["data"][spec.document_field])
            missing = [it for it in statements(resource.properties[spec.document_field]) if it not in stated]
            return f"it does not state {missing!r}" if missing else ""
        return (
            not_as_asked(spec, record, resource.properties)
            or _not_cleared(spec, record, resource.properties)
            or _not_untagged(holding, record)
            or _not_as_shown(spec, record, resource.attributes)
        )


def _is_ended(record: Mapping[str, Any]) -> bool:
    return phase_of(record) in (Phase.GONE, Phase.DELETING, Phase.DELETE_FAILED)


def _wants_event(exchange: Exchange) -> bool:
    settings = exchange.event["ResourceProperties"].get("Settings", {})
    return boolean(str(settings.get("Watch", ""))) is True


def _not_cleared(spec: ResourceSpec, record: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    """A member that the properties do not have, that the API can clear, and that is not clear."""
    for key, value in spec.cleared.items():
        if key not in properties and record["data"].get(key, value) != value:
            return f"its {key} is {record['data'][key]!r}, which the stack does not have"
    return ""


def _not_untagged(holding: Holding, record: Mapping[str, Any]) -> str:
    """A tag that the last Update removed, and that is there.

    The tags before an Update that replaced are those of another resource; what is adopted keeps tags of its own.
    """
    request = holding.request
    if request.kind != "Update" or request.physical_id != holding.resource.physical_id:
        return ""
    before, after = (
        Desired(holding.spec, request.event[key]).identity for key in ("OldResourceProperties", "ResourceProperties")
    )
    if before != after:
        # The rollback of a replacement whose id CloudFormation never learned.
        return ""
    old = service_model(holding.spec.service).cast(holding.spec.create, request.event["OldResourceProperties"])
    now = holding.resource.properties.get("tags", {})
    left = [key for key in old.get("tags", {}) if key not in now and key in record["tags"]]
    return f"it has the tags {', '.join(left)}, which the stack does not have" if left else ""


def _not_as_shown(spec: ResourceSpec, record: Mapping[str, Any], attributes: Mapping[str, Any]) -> str:
    if spec.cardinality is not Cardinality.NAMED:
        return ""
    shown = {"Name": record["name"]}
    if not spec.long_running:
        shown |= {name: record["data"].get(path, "") for name, path in spec.attributes.items()}
    wrong = [f"{name} is {attributes.get(name)!r}, not {value!r}" for name, value in shown.items()]
    return next((words for words, name in zip(wrong, shown, strict=True) if attributes.get(name) != shown[name]), "")
