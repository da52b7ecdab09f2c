"""Random lifecycles of a stack: deployments, faults, crashes, cancellations and duplicates, in any order."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar, Literal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_handlers.spec import SETTLING_SECONDS

from ..audit import Audit
from ..cloudformation.replies import ReplyServer
from ..cloudformation.stack import Stack
from ..simulation import StuckError
from ..templates import ROLE_ARN, Resources, template
from ..wire import Connected
from ..world import World
from .cases import CASES, JOB, LONG_RUNNING, Case
from .phases import finish

# A stack of one resource of each kind, and of a second one of the kind that has most to do with others.
_MEMBERS: Mapping[str, Case] = {f"Own{number}": case for number, case in enumerate((*CASES, JOB))}
_OPERATIONS = sorted(
    {
        operation
        for case in CASES
        for operation in (*case.operations, case.update, case.spec.cancel)
        if operation is not None
    }
    | {"TagResource", "UntagResource"}
)
_CALLS = [*_OPERATIONS, "StartExecution", "ListExecutions", "StopExecution"]
_FAULTS: tuple[Literal["error", "lost_reply", "drop_before", "drop_after", "throttle", "delay"], ...] = (
    "error",
    "lost_reply",
    "drop_before",
    "drop_after",
    "throttle",
    "delay",
)
_CODES = ["InternalServiceException", "AccessDeniedException", "ConflictException", "ValidationException"]
_FAILED = ("ROLLBACK_FAILED", "DELETE_FAILED", "CREATE_FAILED", "UPDATE_FAILED")
_OVER = ("DELETE_COMPLETE", "ROLLBACK_COMPLETE")

_counts = st.integers(1, 3)
_booleans = st.booleans()
_codes = st.sampled_from(_CODES)
# None is a resource that the template does not have.
_shapes = st.none() | st.fixed_dictionaries(
    {"run_id": st.sampled_from("12"), "tags": st.sampled_from([None, {"a": "1"}, {"a": "2", "b": "1"}])},
    optional={"description": st.sampled_from(["one", "two"])},
)


def _built(case: Case, name: str, shape: Mapping[str, Any]) -> Resources:
    """A resource in one of its shapes."""
    members: Mapping[str, Any] = {"description": shape["description"]} if "description" in shape else {}
    if case.is_singleton and members:
        # No description, but other content.
        members = case.changeable if members["description"] == "one" else case.changed
    return case.resources(name, **case.run(int(shape["run_id"])), tags=shape["tags"], **members)


@cache
def _network() -> tuple[ReplyServer, Connected]:
    """Expensive to create: one per process."""
    return ReplyServer(), Connected()


class RandomLifecycles(RuleBasedStateMachine):
    """One lifecycle after the other of stacks in one account.

    Attributes:
        steps: How many steps were taken, by all machines.
        total: What was found, by all machines.
    """

    steps: ClassVar[int] = 0
    total: ClassVar[Audit] = Audit()

    def __init__(self) -> None:
        super().__init__()
        self.world = World(*_network())
        self.stack: Stack = self.world.stack("app0")

    @initialize()
    def begin(self) -> None:
        """Nothing is there."""
        self._step()

    # -- what the owner does ---------------------------------------------------------------------------------------

    @rule(shapes=st.fixed_dictionaries(dict.fromkeys(_MEMBERS, _shapes)))
    def deploy(self, shapes: Mapping[str, dict[str, Any] | None]) -> None:
        """Create or update the stack; one that cannot be updated is deleted."""
        self._step()
        if self.stack.status == "UPDATE_ROLLBACK_FAILED":
            self._quietly(self.stack.continue_rollback)
        elif self.stack.status in _FAILED:
            self._quietly(self.stack.delete)
        else:
            if self.stack.status in _OVER:
                self.stack = self.world.stack(f"app{len(self.world.stacks)}")
            parts = [_built(_MEMBERS[name], name, shape) for name, shape in shapes.items() if shape is not None]
            wanted = template(*parts)
            self._quietly(lambda: self.stack.update(wanted) if self.stack.status else self.stack.create(wanted))
        self._look()

    @rule()
    def destroy(self) -> None:
        """Delete the stack."""
        self._step()
        if self.stack.status not in ("", *_OVER):
            self._quietly(self.stack.delete)
            self._look()

    @rule(seconds=st.sampled_from([0.5, 1.5, 3, 10, 100]))
    def cancel_soon(self, seconds: float) -> None:
        """Lose interest in what is under way then."""
        self._step()
        self.world.after(seconds, lambda: self.stack.stop())

    @rule(seconds=st.sampled_from([1, 60, 4000]))
    def wait(self, seconds: float) -> None:
        """Nothing."""
        self._step()
        self._quietly(lambda: self.world.advance(seconds))

    # -- what goes wrong -------------------------------------------------------------------------------------------

    @rule(operation=st.sampled_from(_OPERATIONS), kind=st.sampled_from(_FAULTS), code=_codes, n=_counts)
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
        kind=st.sampled_from([*map(str, LONG_RUNNING)]), seconds=st.sampled_from([1, 30, 1000, 5000]), fails=_booleans
    )
    def order(self, kind: str, seconds: float, fails: bool) -> None:
        """A run takes its time, or fails."""
        self._step()
        code = "INTERNAL_ERROR" if fails else ""
        self.world.emulator.order_run(RunOrder(kind, seconds=seconds, status_code=code, message="lost"))

    @rule(operation=st.sampled_from(_CALLS), after=st.booleans(), n=st.integers(1, 6))
    def crash(self, operation: str, after: bool, n: int) -> None:
        """A function dies."""
        self._step()
        self.world.crash(operation, count=n, after=after)

    @rule(operation=st.sampled_from(_CALLS), n=_counts)
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

    # -- what never happens ----------------------------------------------------------------------------------------

    def _step(self) -> None:
        RandomLifecycles.steps += 1

    def _quietly(self, action: Callable[[], object]) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            action()

    def _look(self) -> None:
        """What is still under way comes to its end; then the four have to be zero."""
        try:
            self._quietly(self.world.settle)
        except StuckError:
            self._judge(Audit(waiting=["something never comes to its end"]))
        self._judge(self.world.audit())
        # What an earlier operation created can be seen by the next one.
        self.world.advance(SETTLING_SECONDS)

    def _judge(self, found: Audit) -> None:
        RandomLifecycles.total.add(found)
        assert not found, str(found)

    def teardown(self) -> None:
        """The faults end, and the stack is deleted."""
        self.world.wire.before.clear()
        self.world.wire.after.clear()
        self.world.replies.faults.clear()
        try:
            found: list[Audit] = []
            if self.stack.status not in ("", *_OVER):
                self._quietly(lambda: found.append(finish(self.world, self.stack)))
            for audit in found:
                self._judge(audit)
        finally:
            self.world.close()
