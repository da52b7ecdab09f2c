"""Whether the end of every run was reported that somebody wants to know of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cleanrooms_ml_handlers.request import is_set, settings_of
from cleanrooms_ml_handlers.shared_names import RESOURCE_TYPE_PREFIX, WAIT_RESOURCE_TYPE
from cleanrooms_ml_handlers.spec import Phase, ResourceSpec

from ..cloudformation.exchange import Exchange
from ..cloudformation.resource import Resource
from ..cloudformation.stack import Stack
from .holdings import DELETION_MARKER, concerns, holdings, record_of
from .records import BY_KIND, OWNERSHIP_TAG_KEY, Account, phase_of


class RunEventsAuditor:
    """Checks the events of one account.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._missed: list[str] = []

    def lost_events(self) -> Iterator[str]:
        """Runs that have ended without an event that says so."""
        yield from self._missed
        for holding in holdings(self._account):
            about = [it for it in holding.stack.exchanges if concerns(it, holding.resource)]
            # The record of an export stays, and can come back: then the request that found it starts the watch.
            ended = max((position for position, it in enumerate(about) if it.kind == "Delete"), default=-1) + 1
            status = self._unreported(holding.spec, holding.resource)
            if status and any(map(_wants_event, about[ended:])):
                yield f"{holding.words} is {status}, and no event says so"
        for stack in self._account.stacks:
            # The watch needs the functions of its stack.
            for resource in stack.retained if not stack.status.startswith("DELETE") else ():
                yield from self._lost_of_retained(stack, resource)

    def _lost_of_retained(self, stack: Stack, resource: Resource) -> Iterator[str]:
        """What a stack retained, a Delete of the same logical id included that left it alone."""
        spec = BY_KIND.get(resource.type.removeprefix(RESOURCE_TYPE_PREFIX))
        status = self._unreported(spec, resource) if spec is not None else ""
        about = [it for it in stack.exchanges if concerns(it, resource)]
        # A Delete with its id ended the watch: the record of an export stays, and can come back.
        named = (at for at, it in enumerate(about) if it.kind == "Delete" and it.physical_id == resource.physical_id)
        since = about[max(named, default=-1) + 1 :]
        if status and any(_wants_event(it) for it in since if it.kind != "Delete"):
            yield f"{resource.physical_id}, which {stack.name} retained, is {status}, and no event says so"

    def _unreported(self, spec: ResourceSpec, resource: Resource) -> str:
        """The status of a run that has ended without an event; empty if there is none."""
        record = record_of(self._account, spec, resource.physical_id) if spec.long_running else None
        if record is None or phase_of(record) in (Phase.PENDING, Phase.DELETING) or self._is_reported(record):
            return ""
        is_deleted = record["tags"].get(OWNERSHIP_TAG_KEY, "").endswith(DELETION_MARKER)
        return "" if is_deleted else str(record["status"])

    def _is_reported(self, record: Mapping[str, Any]) -> bool:
        # What has no ARN is reported by its name.
        details = [json.loads(entry["Detail"]) for entry in self._account.wire.bus]
        reported = {detail["arn"] or detail["name"] for detail in details}
        return record["name"] in reported or record["arn"].split("#")[0] in reported

    def witness(self, exchange: Exchange) -> None:
        """Look whether a run was reported in the moment in which the answer of its `Ready` arrives."""
        event = exchange.event
        properties = event["ResourceProperties"]
        if event["ResourceType"] != WAIT_RESOURCE_TYPE or not settings_of(properties).get("EventFor"):
            return
        is_known = exchange.kind == "Update" and event["OldResourceProperties"]["Arn"] == properties["Arn"]
        if exchange.kind == "Delete" or is_known or exchange.is_late or exchange.was_cancelled:
            return
        record = record_of(self._account, BY_KIND[properties["Kind"]], properties["Arn"])
        if record is None or self._is_reported(record):
            return
        answer = exchange.answers[-1]
        is_end = phase_of(record) is Phase.READY and not is_set(properties, "Link")
        # A failure may be that of a gate, or a wait that is given up as the run ends.
        if is_end if answer.is_success else f"is {record['status']}" in answer.reason:
            self._missed.append(f"{exchange.logical_id} saw that {record['name']} is {record['status']}, without event")


def _wants_event(exchange: Exchange) -> bool:
    return is_set(exchange.event["ResourceProperties"], "Watch")
