"""Random lifecycles of a stack: deployments, faults, crashes, cancellations and duplicates, in any order."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from cleanrooms_ml_handlers.timing import SETTLING_SECONDS

from ..audit import Audit, physical_id
from ..behaviors import HARD, Behavior, SharedBucket, stop_workers
from ..cloudformation.replies import ReplyServer
from ..cloudformation.stack import Stack
from ..simulation import StuckError
from ..templates import template
from ..wire import Connected
from ..world import World
from .draws import MEMBERS, Draw, built, shapes_of_a_resource
from .phases import finish
from .random_faults import RandomFaults

_FAILED = ("ROLLBACK_FAILED", "DELETE_FAILED", "CREATE_FAILED", "UPDATE_FAILED")
_OVER = ("DELETE_COMPLETE", "ROLLBACK_COMPLETE")

_booleans = st.booleans()


@cache
def _network() -> tuple[ReplyServer, Connected]:
    """Expensive to create, so created once."""
    return ReplyServer(), Connected()


class RandomLifecycles(RandomFaults):
    """One lifecycle after the other of stacks in one account.

    Attributes:
        total: What was found, by all machines.
        behaviors: Of which each world has some.
    """

    total: ClassVar[Audit] = Audit()
    behaviors: ClassVar[tuple[Behavior, ...]] = (*HARD, SharedBucket(1, 1))

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
        """Delete the stack; CloudFormation forgets what a rollback has not returned to, so that this comes first."""
        self._step()
        if self.stack.status == "UPDATE_ROLLBACK_FAILED":
            self._quietly(self.stack.continue_rollback)
            self._look(settles=settles)
        elif self.stack.status not in ("", *_OVER):
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

    # -- what never happens ----------------------------------------------------------------------------------------

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
