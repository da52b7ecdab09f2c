"""The hooks by which a kind does something of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..kinds import Kind
from ..rules.failures import Failure
from ..state.lifecycle import Record
from ..state.world import World


def _new(world: World, kind: Kind, data: dict[str, Any], tags: dict[str, str]) -> Record:
    return world.new_record(kind, data, tags)


def _nothing(world: World, record: Record) -> None:
    return None


def _no_failure(world: World, record: Record, seconds: float) -> Failure | None:
    return None


def _no_results(world: World, record: Record) -> dict[str, Any]:
    return {}


def _own(world: World, record: Record) -> bool:
    return record.account == world.account


@dataclass(frozen=True)
class Behavior:
    """What is special about a kind.

    Args:
        new: Creates the record of a create request.
        complete: Fills in members that follow from those of the request.
        prepare: Checks what a create request builds on, and fills in what its run begins with.
        failure: Why the run of a new record fails, given how many seconds it takes; None if it does not.
        results: The members that a record shows once it is ready.
        added: What else happens once a record was added.
        deleted: What else happens once its delete was accepted.
        shown: Further members that it shows, which can depend on other records and on the account that asks.
        readable: Whether the account that asks can read it without naming a membership or a collaboration.
    """

    new: Callable[[World, Kind, dict[str, Any], dict[str, str]], Record] = _new
    complete: Callable[[World, Record], None] = _nothing
    prepare: Callable[[World, Record], None] = _nothing
    failure: Callable[[World, Record, float], Failure | None] = _no_failure
    results: Callable[[World, Record], dict[str, Any]] = _no_results
    added: Callable[[World, Record], None] = _nothing
    deleted: Callable[[World, Record], None] = _nothing
    shown: Callable[[World, Record], dict[str, Any]] = _no_results
    readable: Callable[[World, Record], bool] = _own
