"""Random lifecycles of a stack: deployments, faults, crashes, cancellations and duplicates, in any order."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_handlers.executions import Purpose, purpose_of
from cleanrooms_ml_handlers.timing import SETTLING_SECONDS

from ..audit import Audit, physical_id
from ..behaviors import HARD, Behavior, SharedBucket, lose, stop_workers
from ..cloudformation.replies import ReplyServer
from ..cloudformation.stack import Stack
from ..simulation import StuckError
from ..templates import ROLE_ARN, template
from ..wire import Connected
from ..world import World
from .cases import CASES, LONG_RUNNING
from .draws import (
    ALL_DRAWS,
    CALLS,
    CODES,
    DELETED_SLOWLY,
    FAULTS,
    MEMBERS,
    OPERATIONS,
    Draw,
    built,
    shapes_of_a_resource,
)
from .phases import finish

_FAILED = ("ROLLBACK_FAILED", "DELETE_FAILED", "CREATE_FAILED", "UPDATE_FAILED")
_OVER = ("DELETE_COMPLETE", "ROLLBACK_COMPLETE")

_counts = st.integers(1, 3)
_booleans = st.booleans()
_codes = st.sampled_from(CODES)
# Of a run that somebody canceled, or whose status no version of the model has.
_ENDED_BY_OTHERS = ("INACTIVE", "ARCHIVED")


@cache
def _network() -> tuple[ReplyServer, Connected]:
    """Expensive to create, so created once."""
    return ReplyServer(), Connected()


def _may(draw: Draw) -> Callable[[RandomLifecycles], bool]:
    return lambda lifecycles: draw in lifecycles.draws


class RandomLifecycles(RuleBasedStateMachine):
    """One lifecycle after the other of stacks in one account.

    Attributes:
        steps: How many steps were taken, by all machines.
        total: What was found, by all machines.
        behaviors: Of which each world has some.
        draws: What the lifecycles may have.
    """

    steps: ClassVar[int] = 0
    total: ClassVar[Audit] = Audit()
    behaviors: ClassVar[tuple[Behavior, ...]] = (*HARD, SharedBucket(1, 1))
    draws: ClassVar[frozenset[Draw]] = ALL_DRAWS

    def __init__(self) -> None:
        super().__init__()
        self.world = World(*_network(), behaviors=())
        self.stack: Stack = self.world.stack("app0")
        self.shapes: dict[str, dict[str, Any] | None] = {}
        self.is_over = False

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Nothing is there."""
        self._step()
        chosen = data.draw(st.fixed_dictionaries({str(one): _booleans for one in self.behaviors}))
        self.world.close()
        self.world = World(*_network(), behaviors=[one for one in self.behaviors if chosen[str(one)]])
        self.stack = self.world.stack("app0")

    # -- what the owner does ---------------------------------------------------------------------------------------

    @rule(shapes=st.fixed_dictionaries(dict.fromkeys(MEMBERS, shapes_of_a_resource())), settles=_booleans)
    def deploy(self, shapes: dict[str, dict[str, Any] | None], settles: bool) -> None:
        """Create or update the stack."""
        self._step()
        self.shapes = shapes
        self._deploy(settles=settles)

    @rule(name=st.sampled_from([*MEMBERS]), shape=shapes_of_a_resource(), settles=_booleans)
    def change_one(self, name: str, shape: dict[str, Any] | None, settles: bool) -> None:
        """Deploy the last template with one resource changed."""
        self._step()
        self.shapes = {**self.shapes, name: shape}
        self._deploy(settles=settles)

    @rule(settles=_booleans)
    def deploy_again(self, settles: bool) -> None:
        """Deploy the last template again, after a failure for instance."""
        self._step()
        self._deploy(settles=settles)

    def _deploy(self, *, settles: bool) -> None:
        """Create or update the stack; one that cannot be updated is deleted."""
        if self.stack.status == "UPDATE_ROLLBACK_FAILED":
            self._quietly(self.stack.continue_rollback)
        elif self.stack.status in _FAILED:
            self._quietly(self.stack.delete)
        else:
            if self.stack.status in _OVER:
                self._remove_retained()
                self.stack = self.world.stack(f"app{len(self.world.stacks)}")
            shapes = [(name, shape) for name, shape in self.shapes.items() if shape is not None]
            wanted = template(*(built(MEMBERS[name], name, shape, self.draws) for name, shape in shapes))
            self._quietly(lambda: self.stack.update(wanted) if self.stack.status else self.stack.create(wanted))
        self._look(settles=settles)

    @rule(settles=_booleans)
    def destroy(self, settles: bool) -> None:
        """Delete the stack."""
        self._step()
        if self.stack.status not in ("", *_OVER):
            self._quietly(self.stack.delete)
            self._look(settles=settles)

    def _remove_retained(self) -> None:
        """Delete by hand what a deleted stack has left."""
        retained = {resource.physical_id for resource in self.stack.retained}
        for record in self.world.records():
            if physical_id(record) in retained:
                self.world.emulator.forget(record["arn"])

    @rule(seconds=st.sampled_from([0.5, 1.5, 3, 10, 100, 2000, 7000]))
    def cancel_soon(self, seconds: float) -> None:
        """Lose interest in what is under way then."""
        self._step()
        self.world.after(seconds, lambda: self.stack.stop())

    @rule(seconds=st.sampled_from([1, 60, 4000, 100_000]))
    def wait(self, seconds: float) -> None:
        """Nothing."""
        self._step()
        self._quietly(lambda: self.world.advance(seconds))

    # -- what goes wrong -------------------------------------------------------------------------------------------

    @rule(operation=st.sampled_from(OPERATIONS), kind=st.sampled_from(FAULTS), code=_codes, n=_counts)
    def fault(self, operation: str, kind: Any, code: str, n: int) -> None:
        """The service has a fault."""
        self._step()
        # An error that says that nothing was done is true.
        code = "InternalServiceException" if kind == "lost_reply" else code
        status = 503 if code.startswith("Internal") else None
        self.world.emulator.add_fault(
            Fault(operation, count=n, kind=kind, error_code=code, http_status=status, delay_seconds=20)
        )

    @rule(operation=st.sampled_from([case.spec.create for case in CASES]), seconds=st.sampled_from([5, 20]))
    def hide(self, operation: str, seconds: float) -> None:
        """What is created next does not show at once."""
        self._step()
        self.world.emulator.add_fault(Fault(operation, kind="not_found", not_found_seconds=seconds))

    @rule(
        kind=st.sampled_from([*map(str, LONG_RUNNING)]),
        seconds=st.sampled_from([1, 30, 1000, 5000, 30_000, 90_000]),
        fails=_booleans,
    )
    def order(self, kind: str, seconds: float, fails: bool) -> None:
        """A run takes its time, or fails."""
        self._step()
        if Draw.LONG_RUNS not in self.draws:
            seconds = min(seconds, 5000)
        code = "INTERNAL_ERROR" if fails else ""
        self.world.emulator.order_run(RunOrder(kind, seconds=seconds, status_code=code, message="lost"))

    @rule(kind=st.sampled_from(DELETED_SLOWLY))
    def fail_delete(self, kind: str) -> None:
        """The service cannot delete something, once."""
        self._step()
        order = RunOrder(kind, phase="delete", status_code="INTERNAL_ERROR", message="not now")
        self.world.emulator.order_run(order)

    @rule(operation=st.sampled_from(CALLS), after=st.booleans(), n=st.integers(1, 6))
    def crash(self, operation: str, after: bool, n: int) -> None:
        """A function dies."""
        self._step()
        self.world.crash(operation, count=n, after=after)

    @rule(operation=st.sampled_from(CALLS), n=_counts)
    def lose_replies(self, operation: str, n: int) -> None:
        """The network loses what comes back."""
        self._step()
        self.world.lose_replies(operation, n)

    @rule(statuses=st.lists(st.sampled_from([0, 500, 503]), max_size=6))
    def refuse_answers(self, statuses: list[int]) -> None:
        """CloudFormation's bucket has a fault."""
        self._step()
        self.world.replies.faults += statuses

    @rule(copies=st.sampled_from([1, 1, 2]), interleave=st.booleans())
    def deliver(self, copies: int, interleave: bool) -> None:
        """Lambda delivers everything once, or twice at the same moment."""
        self._step()
        self.world.functions.copies = copies
        self.world.wire.interleave = interleave

    @rule(seconds=st.sampled_from([20, 90]))
    def deny_role(self, seconds: float) -> None:
        """The service cannot assume the role for a while."""
        self._step()
        self.world.refuse_role(ROLE_ARN, seconds)

    @rule(data=st.data())
    def expire(self, data: st.DataObject) -> None:
        """The time of a run is up."""
        self._step()
        ready = [
            record["arn"]
            for record in self.world.records()
            if record["status"] == "ACTIVE" and record["kind"] == "MLInputChannel"
        ]
        if ready:
            self.world.emulator.expire(data.draw(st.sampled_from(ready)))

    @precondition(_may(Draw.OTHERS))
    @rule(data=st.data(), status=st.sampled_from(_ENDED_BY_OTHERS))
    def end_by_others(self, data: st.DataObject, status: str) -> None:
        """Somebody cancels a run, or it comes to a status that no version of the model has."""
        self._step()
        long_running = {str(case): case for case in LONG_RUNNING}
        ready = [
            record["arn"]
            for record in self.world.records()
            if record["kind"] in long_running
            and status in (*long_running[record["kind"]].spec.statuses, _ENDED_BY_OTHERS[1])
            and record["status"] in ("CREATE_PENDING", "CREATE_IN_PROGRESS", "ACTIVE")
        ]
        if ready:
            self.world.set_status(data.draw(st.sampled_from(ready)), status)

    @precondition(_may(Draw.LOST))
    @rule(purpose=st.sampled_from([Purpose.WATCH, Purpose.BACKGROUND_DELETE]))
    def lose_executions(self, purpose: Purpose) -> None:
        """Executions for which nobody waits are lost."""
        self._step()
        for execution in self.world.states.executions():
            if execution.is_running and purpose_of(execution.arn) is purpose:
                lose(execution)

    @precondition(_may(Draw.NO_WORKER))
    @rule(soon=st.sampled_from([0, 2, 30]), seconds=st.sampled_from([60, 300, 1500, 4000]), throttled=_booleans)
    def stop_worker(self, soon: float, seconds: float, throttled: bool) -> None:
        """No worker runs for a while."""
        self._step()

        def stop() -> None:
            if not self.is_over:
                stop_workers(self.world, seconds, throttled=throttled)

        self.world.after(soon, stop)

    # -- what never happens ----------------------------------------------------------------------------------------

    def _step(self) -> None:
        RandomLifecycles.steps += 1

    def _quietly(self, action: Callable[[], object]) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            action()

    def _look(self, *, settles: bool) -> None:
        """What is still under way comes to its end; then nothing may be found that must never happen."""
        if Draw.HURRY in self.draws and not settles:
            return
        try:
            self._quietly(self.world.settle)
        except StuckError:
            self._judge(Audit(waiting=["something never comes to its end"]))
        self._judge(self.world.audit())
        if Draw.HURRY not in self.draws:
            # What an earlier operation created can be found from now on.
            self.world.advance(SETTLING_SECONDS)

    def _judge(self, found: Audit) -> None:
        RandomLifecycles.total.add(found)
        assert not found, str(found)

    def teardown(self) -> None:
        """The faults end, and the stack is deleted."""
        self.is_over = True
        self.world.wire.before.clear()
        self.world.wire.after.clear()
        self.world.replies.faults.clear()
        stop_workers(self.world, 0, throttled=False)
        stop_workers(self.world, 0, throttled=True)
        try:
            found: list[Audit] = []
            if self.stack.status not in ("", *_OVER):
                self._quietly(lambda: found.append(finish(self.world, self.stack)))
            for audit in found:
                self._judge(audit)
        finally:
            self.world.close()
