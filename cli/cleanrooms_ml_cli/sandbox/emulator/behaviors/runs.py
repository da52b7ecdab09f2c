"""The course of a run, of a delete, of a cancellation: what was ordered for it, how long it takes, how it ends."""

from __future__ import annotations

from ..kinds import Kind
from ..rules.queries import is_synthetic
from ..state.lifecycle import SYNTHETIC_CHANNEL, Phase, Record, Timeline
from ..state.settings import RunOrder
from ..state.world import World
from . import BEHAVIORS


def start(world: World, kind: Kind, record: Record) -> None:
    """Starts the run of a new record."""
    behavior = BEHAVIORS[kind.name]
    order = world.take_order(kind.name, "create")
    seconds = _seconds(world, kind, record, order)
    record.failure = order.failure if order is not None and order.failure else behavior.failure(world, record, seconds)
    end = "CREATE_FAILED" if record.failure else "ACTIVE"
    durations = world.durations.changed(create={kind.name: seconds})
    record.timeline = durations.run("create", kind.name, world.now(), end)
    if record.failure:
        return
    record.results |= behavior.results(world, record)
    record.results |= order.figures if order else {}
    if "retentionInDays" in record.data:
        ready_at = record.timeline[-1][0]
        kept_seconds = record.data["retentionInDays"] * durations.retention_day_seconds
        record.timeline.append((ready_at + kept_seconds, "INACTIVE"))


def timeline(world: World, kind: Kind, record: Record, phase: Phase, end: str) -> Timeline:
    """The statuses of a delete or a cancellation that starts now."""
    durations = world.durations
    if order := world.take_order(kind.name, phase):
        if order.failure:
            end = f"{phase.upper()}_FAILED"
            record.failure = order.failure
        if order.seconds is not None:
            taking = {kind.name: order.seconds}
            durations = durations.changed(delete=taking, cancel=taking)
    return durations.run(phase, kind.name, world.now(), end)


def _seconds(world: World, kind: Kind, record: Record, order: RunOrder | None) -> float:
    if order is not None and order.seconds is not None:
        return order.seconds
    durations = world.durations.create
    key = SYNTHETIC_CHANNEL if is_synthetic(record) else kind.name
    return durations.get(key, durations.get(kind.name, 0.0))
