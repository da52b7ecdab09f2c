"""Lifecycles that are hard on what deletes, adopts and watches, for every kind that each concerns.

A world's behaviors make them harder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cleanrooms_ml_cli.sandbox.emulator import RunOrder
from cleanrooms_ml_handlers.executions import Purpose, purpose_of
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.spec import Cardinality
from cleanrooms_ml_handlers.tags import TAGS_PER_RESOURCE

from ..audit import Audit
from ..behaviors import lose, stop_workers
from ..cloudformation.stack import Stack
from ..templates import configured_audience_model, retaining, template, watched
from ..wire import Call
from ..world import World
from .cases import CASES, DELETABLE, LONG_RUNNING, MODEL, TAG, TAGGED, THING, UPDATABLE, Case, failing
from .phases import finish

_HOUR_SECONDS = 3600
_LONG_SECONDS = 6 * _HOUR_SECONDS
_CANCEL_SECONDS = 600
_SLOW_CALL_SECONDS = 5
_ANSWER_SECONDS = 300
_MANY = 60
_MANY_TAGS = {f"tag-{number}": "1" for number in range(TAGS_PER_RESOURCE - 1)}
_OTHER_TAGS = {**TAG, "stage": "test"}


@dataclass(frozen=True)
class Hardship:
    """A lifecycle.

    Attributes:
        name: What happens.
        cases: The kinds that it concerns.
        live: Does it; returns what is wrong apart from what every audit finds.
    """

    name: str
    cases: Sequence[Case]
    live: Callable[[World, Stack, Case], Audit]

    def __str__(self) -> str:
        return self.name

    def run(self, world: World, case: Case) -> Audit:
        """Everything that must never happen and did."""
        stack = world.stack()
        found = self.live(world, stack, case)
        world.settle()
        found.add(world.audit())
        found.add(finish(world, stack))
        return found


def _expected(stack: Stack, status: str) -> Audit:
    return (
        Audit() if stack.status == status else Audit(waiting=[f"{stack.name} ended as {stack.status}: {stack.reason}"])
    )


def _order(world: World, case: Case, seconds: float = _LONG_SECONDS) -> None:
    world.emulator.order_run(RunOrder(case.spec.kind, seconds=seconds))


# -- deleted in the background, and deployed again ---------------------------------------------------------------------


def cancel_before_id(world: World, stack: Stack, case: Case) -> None:
    """Let the owner cancel while the next create call has taken effect, but CloudFormation does not know the id."""

    def hold(call: Call) -> None:
        if call.operation == case.spec.create and call.invocation is not None:
            world.wire.after.remove(hold)
            stack.stop()
            world.simulation.sleep(_SLOW_CALL_SECONDS)

    world.wire.after.append(hold)


def _redeployed(*, is_id_known: bool, is_watched: bool = False) -> Callable[[World, Stack, Case], Audit]:
    """A create of a long run is canceled, and the same thing is deployed again while it is being deleted."""

    def live(world: World, stack: Stack, case: Case) -> Audit:
        other = configured_audience_model("Other")
        stack.create(template(other))
        _order(world, case)
        parts = case.resources(tags=TAG)
        wanted = template(watched(parts, THING) if is_watched else parts, other)
        if is_id_known:
            world.after(_CANCEL_SECONDS, stack.stop)
        else:
            cancel_before_id(world, stack, case)
        stack.update(wanted)
        stack.update(wanted)
        return _expected(stack, "UPDATE_COMPLETE")

    return live


def _canceled_replacement(*, is_id_known: bool) -> Callable[[World, Stack, Case], Audit]:
    """The replacement by a long run is canceled."""

    def live(world: World, stack: Stack, case: Case) -> Audit:
        stack.create(case.template(tags=TAG, **case.run(1)))
        if stack.status != "CREATE_COMPLETE":
            return _expected(stack, "CREATE_COMPLETE")
        old = stack.physical_id(THING)
        _order(world, case)
        if is_id_known:
            world.after(_CANCEL_SECONDS, stack.stop)
        else:
            cancel_before_id(world, stack, case)
        stack.update(case.template(tags=TAG, **case.run(2)))
        found = _expected(stack, "UPDATE_ROLLBACK_COMPLETE")
        if stack.physical_id(THING) != old:
            found.duplicates.append("the rollback came to something else")
        return found

    return live


def _back_and_forth(world: World, stack: Stack, case: Case) -> Audit:
    """Two replacements are rolled back, and the third one succeeds; with as many tags as there can be."""
    stack.create(case.template(tags=_MANY_TAGS, **case.run(1)))
    for _ in range(2):
        stack.update(case.template(failing(case.last), tags=_MANY_TAGS, **case.run(2)))
    stack.update(case.template(tags=_MANY_TAGS, **case.run(2)))
    found = _expected(stack, "UPDATE_COMPLETE")
    stack.update(case.template(tags=_MANY_TAGS, **case.run(1)))
    found.add(_expected(stack, "UPDATE_COMPLETE"))
    return found


# -- retained and brought back -----------------------------------------------------------------------------------------


def _brought_back(world: World, stack: Stack, case: Case) -> Audit:
    """A retained resource comes back with other mutable members and tags; a singleton as it was."""
    other = configured_audience_model("Other")
    stack.create(template(retaining(case.resources(tags=TAG, **case.changeable)), other))
    stack.update(template(other))
    # What was created a moment ago may not show.
    world.advance(_ANSWER_SECONDS)
    members = case.changeable if case.is_singleton else {**case.changeable, **case.changed}
    stack.update(template(case.resources(tags=_OTHER_TAGS, **members), other))
    return _expected(stack, "UPDATE_COMPLETE")


# -- runs that nothing waits for ---------------------------------------------------------------------------------------


def _watched(seconds: float, act: Callable[[World, Stack], object]) -> Callable[[World, Stack, Case], Audit]:
    """Something happens to a run that nothing waits for, or to its watch."""

    def live(world: World, stack: Stack, case: Case) -> Audit:
        _order(world, case, 25 * _HOUR_SECONDS)
        world.after(seconds, lambda: act(world, stack))
        stack.create(template(watched(case.resources(tags=TAG), THING)))
        world.advance(26 * _HOUR_SECONDS)
        return _expected(stack, "CREATE_COMPLETE")

    return live


def _lose_watch(world: World, _stack: Stack) -> None:
    for execution in world.states.executions():
        if execution.is_running and purpose_of(execution.arn) is Purpose.WATCH:
            lose(execution)


def _no_worker(world: World, _stack: Stack) -> None:
    stop_workers(world, 20 * 60, throttled=False)


def _status(status: str) -> Callable[[World, Stack], object]:
    return lambda world, stack: world.set_status(_arn(world, stack), status)


def _arn(world: World, stack: Stack) -> str:
    name = stack.attribute(THING, "Name")
    return next(str(record["arn"]) for record in world.records() if record["name"] == name)


# -- others ------------------------------------------------------------------------------------------------------------


def _renamed(world: World, stack: Stack, case: Case) -> Audit:
    """A name is changed, and then taken away."""
    stack.create(case.template(name="one"))
    found = Audit()
    for options in ({"name": "two"}, {}):
        stack.update(case.template(**options))
        found.add(_expected(stack, "UPDATE_COMPLETE"))
        world.settle()
        found.add(world.audit())
    if stack.attribute(THING, "Name") == "two":
        found.false_properties.append("the name that was taken away is still there")
    return found


def _delete_fails_once(world: World, stack: Stack, case: Case) -> Audit:
    """The service cannot delete it; the second delete succeeds, or the first one does if it asked twice."""
    stack.create(case.template(tags=TAG))
    order = RunOrder(case.spec.kind, phase="delete", status_code="INTERNAL_ERROR", message="not now")
    world.emulator.order_run(order)
    stack.delete()
    if stack.status == "DELETE_COMPLETE":
        # A get that lags showed it as ACTIVE when it was DELETE_FAILED already.
        return Audit()
    found = _expected(stack, "DELETE_FAILED")
    stack.delete()
    found.add(_expected(stack, "DELETE_COMPLETE"))
    return found


def _of_another_stack(world: World, stack: Stack, case: Case) -> Audit:
    """Another stack has the same configuration already."""
    other = world.stack("other")
    other.create(case.template())
    world.advance(_HOUR_SECONDS)
    stack.create(case.template())
    found = _expected(stack, "ROLLBACK_COMPLETE")
    world.settle()
    found.add(world.audit())
    other.delete()
    return found


def _many(world: World, stack: Stack, _case: Case) -> Audit:
    """Many resources are created at once."""
    parts = [configured_audience_model(f"Model{number}", tags=TAG) for number in range(_MANY)]
    stack.create(template(*parts))
    return _expected(stack, "CREATE_COMPLETE")


def _no_capacity(world: World, stack: Stack, case: Case) -> Audit:
    """Lambda has no capacity for the worker for more than an hour."""
    stop_workers(world, 4 * _HOUR_SECONDS, throttled=True)
    stack.create(case.template(tags=TAG))
    world.advance(4 * _HOUR_SECONDS)
    return Audit()


_DELETABLE_RUNS = tuple(case for case in DELETABLE if case.spec.long_running)
_SINGLETONS = tuple(case for case in CASES if case.spec.cardinality is Cardinality.SINGLETON)
_RENAMED = tuple(
    case
    for case in UPDATABLE
    if case.spec.update_names.get(case.spec.name_field, case.spec.name_field)
    in service_model(case.spec.service).input_members(case.update)
)
HARDSHIPS: tuple[Hardship, ...] = (
    Hardship("a canceled create is deployed again", _DELETABLE_RUNS, _redeployed(is_id_known=True)),
    Hardship("a create without id is deployed again", _DELETABLE_RUNS, _redeployed(is_id_known=False)),
    Hardship(
        "a watched create without id is deployed again",
        _DELETABLE_RUNS,
        _redeployed(is_id_known=False, is_watched=True),
    ),
    Hardship("a replacement by a long run is canceled", LONG_RUNNING, _canceled_replacement(is_id_known=True)),
    Hardship("a replacement without id is canceled", LONG_RUNNING, _canceled_replacement(is_id_known=False)),
    Hardship(f"replacements with {len(_MANY_TAGS)} tags are rolled back", TAGGED, _back_and_forth),
    Hardship("a retained resource comes back", CASES, _brought_back),
    Hardship("a watch is lost", LONG_RUNNING, _watched(30, _lose_watch)),
    Hardship("a watch has no worker for 20 minutes", LONG_RUNNING, _watched(600, _no_worker)),
    Hardship("a watched run has an unknown status", LONG_RUNNING, _watched(600, _status("ARCHIVED"))),
    Hardship(
        "a watched run is canceled by others",
        [case for case in LONG_RUNNING if "INACTIVE" in case.spec.statuses],
        _watched(600, _status("INACTIVE")),
    ),
    Hardship("a name is changed and taken away", _RENAMED, _renamed),
    Hardship("a delete fails once", _DELETABLE_RUNS, _delete_fails_once),
    Hardship("another stack has the same configuration", _SINGLETONS, _of_another_stack),
    Hardship(f"{_MANY} creates at once", (MODEL,), _many),
    Hardship("no capacity for the worker for hours", CASES, _no_capacity),
)
