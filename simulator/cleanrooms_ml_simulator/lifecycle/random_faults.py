"""What may go wrong at any moment of a random lifecycle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_handlers.executions import Purpose, purpose_of

from ..behaviors import lose, stop_workers
from ..templates import ROLE_ARN
from ..world import World
from .cases import CASES, LONG_RUNNING
from .draws import ALL_DRAWS, CALLS, CODES, DELETED_SLOWLY, FAULTS, OPERATIONS, Draw

_counts = st.integers(1, 3)
_booleans = st.booleans()
_codes = st.sampled_from(CODES)
# Of a run that somebody canceled, or whose status no version of the model has.
_ENDED_BY_OTHERS = ("INACTIVE", "ARCHIVED")


def _may(draw: Draw) -> Callable[[RandomFaults], bool]:
    return lambda faults: draw in faults.draws


class RandomFaults(RuleBasedStateMachine):
    """Faults of the service, the functions and the network, and what others do.

    Attributes:
        steps: How many steps were taken, by all machines.
        draws: What the lifecycles may have.
        world: The account.
        is_over: Whether nothing goes wrong any more.
    """

    steps: ClassVar[int] = 0
    draws: ClassVar[frozenset[Draw]] = ALL_DRAWS
    world: World
    is_over: bool

    def _step(self) -> None:
        RandomFaults.steps += 1

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
        """CloudFormation's bucket has a fault, for less time than the tries of two invocations take."""
        self._step()
        self.world.replies.faults = statuses

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
