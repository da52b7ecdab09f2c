"""What stacks hold: whether it is still there, and is what the stack says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cleanrooms_ml_handlers.identity import Desired
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.shared_names import RESOURCE_TYPE_PREFIX
from cleanrooms_ml_handlers.spec import Cardinality, Phase, ResourceSpec

from ..cloudformation.exchange import Exchange
from ..cloudformation.resource import Resource
from ..cloudformation.stack import Stack
from .records import BY_KIND, OWNERSHIP_TAG_KEY, Account, not_as_asked, phase_of, physical_id, statements

# In these a stack says what is.
_STABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
DELETION_MARKER = "/left"


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
            about = [it for it in stack.exchanges if concerns(it, resource)]
            if spec is not None and about and about[-1].kind != "Delete":
                yield Holding(stack, resource, spec, about[-1])


def concerns(exchange: Exchange, resource: Resource) -> bool:
    """Whether a request was to delete a resource, or was answered with its id and counts."""
    its_id = resource.physical_id
    if exchange.logical_id != resource.logical_id:
        return False
    if exchange.kind == "Delete":
        return exchange.physical_id == its_id
    answer = exchange.answer
    return answer is not None and answer.is_success and not exchange.was_cancelled and answer.physical_id == its_id


def record_of(account: Account, spec: ResourceSpec, its_id: str) -> Mapping[str, Any] | None:
    """What the service holds under a physical id."""
    return next((record for record in account.records(spec.kind) if physical_id(record) == its_id), None)


class HoldingsAuditor:
    """Checks what the stacks of one account hold.

    Args:
        account: The account.
        keys: The emulator's key of each physical id that was answered with SUCCESS.
    """

    def __init__(self, account: Account, keys: Mapping[str, str]) -> None:
        self._account = account
        self._keys = keys

    # -- live resources deleted ------------------------------------------------------------------------------------

    def live_deleted(self) -> Iterator[str]:
        """What the functions have deleted, or marked for deletion, although a stack holds it."""
        for holding in holdings(self._account):
            record = record_of(self._account, holding.spec, holding.resource.physical_id)
            if (record is None or _is_ended(record)) and self._was_deleted(holding):
                yield f"{holding.words} was deleted"
            elif record is not None and record["tags"].get(OWNERSHIP_TAG_KEY, "").endswith(DELETION_MARKER):
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

    # -- false properties ------------------------------------------------------------------------------------------

    def false_properties(self) -> Iterator[str]:
        """What stacks say of their resources and the service does not."""
        for holding in holdings(self._account):
            record = record_of(self._account, holding.spec, holding.resource.physical_id)
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
