"""Full lives of resources of each kind, with everything on the way that makes the functions call something."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cleanrooms_ml_cli.sandbox.emulator import Fault
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import TAG, THING, Case
from cleanrooms_ml_simulator.lifecycle.kinds import document
from cleanrooms_ml_simulator.templates import template
from cleanrooms_ml_simulator.wire import Call
from cleanrooms_ml_simulator.world import World

from .gate import Asked, Gate
from .policies import BUCKET, KEY_ARN, OWN_ROLE_ARN, Grants, Need

_QUERY_KEY = "0123456789abcdef.sql"
_ROLE_MEMBER = "roleArn"
_OTHER_MODEL_ID = "77777777-7777-4777-8777-777777777777"


@dataclass(frozen=True)
class Lived:
    """How a life went.

    Attributes:
        trouble: What did not go as it should; empty if all did.
        asked: What its calls needed.
        denied: What was refused.
    """

    trouble: list[str]
    asked: list[Asked]
    denied: list[Need]


class Life:
    """One life in a world of its own.

    Args:
        world: The world.
        grants: What the functions may do.
    """

    def __init__(self, world: World, grants: Mapping[str, Grants]) -> None:
        self.world = world
        self.trouble: list[str] = []
        self.stack: Stack = world.stack()
        self.gate = Gate(world, grants)

    def expect(self, status: str, wanted: str) -> None:
        """Notes a status that is another than it should be."""
        if status != wanted:
            self.trouble.append(f"{status} instead of {wanted}: {self.stack.reason}")

    def lived(self) -> Lived:
        """The end, for which everything under way is waited for."""
        self.world.settle()
        self.trouble += [f"left: {record['arn']}" for record in self.world.leftovers(self.world.theirs)]
        self.trouble += [
            f"{invocation.function.name} failed: {invocation.error}"
            for invocation in self.world.functions.invocations
            if invocation.error
        ]
        return Lived(self.trouble, self.gate.asked, self.gate.denied)


def ordinary(life: Life, case: Case) -> Lived:
    """Made, changed in place, tagged, replaced, brought back, and deleted."""
    stack = life.stack
    life.expect(stack.create(case.template(tags=TAG)), "CREATE_COMPLETE")
    life.expect(stack.update(case.template(tags={"other": "tag"})), "UPDATE_COMPLETE")
    life.expect(stack.update(case.template(tags=TAG, **case.members)), "UPDATE_COMPLETE")
    changed = {**case.members, **case.changed, **_others(life.world, str(case))}
    life.expect(stack.update(case.template(tags=TAG, **changed)), "UPDATE_COMPLETE")
    life.expect(stack.update(case.template(tags=TAG, **case.run(2))), "UPDATE_COMPLETE")
    life.expect(stack.delete(), "DELETE_COMPLETE")
    return life.lived()


def interrupted(life: Life, case: Case) -> Lived:
    """An update that is cancelled while it waits, and a create whose execution is stopped by hand."""
    stack, world = life.stack, life.world
    life.expect(stack.create(case.template(tags=TAG)), "CREATE_COMPLETE")
    world.emulator.add_fault(Fault(case.spec.create, kind="throttle", count=40))
    world.after(30, stack.stop)
    life.expect(stack.update(case.template(tags=TAG, **case.run(2))), "UPDATE_ROLLBACK_COMPLETE")
    world.emulator.state.faults.pending.clear()

    def abort(call: Call) -> None:
        if call.operation == case.spec.create:
            [execution] = [it for it in world.states.executions() if it.is_running]
            execution.machine.end(execution, "ABORTED", "Stopped")
            world.wire.before.clear()
            world.refuse(case.spec.service, 5)

    world.wire.before.append(abort)
    life.expect(stack.update(case.template(tags=TAG, **case.run(3))), "UPDATE_ROLLBACK_COMPLETE")
    life.expect(stack.delete(), "DELETE_COMPLETE")
    return life.lived()


def overtaken(life: Life, case: Case) -> Lived:
    """A stack whose creation is cancelled in the middle of a long run: the Delete stops what still waits."""
    durations = life.world.emulator.durations
    life.world.emulator.durations = replace(durations, create=dict.fromkeys(durations.create, 1800.0))
    life.world.after(60, life.stack.stop)
    life.expect(life.stack.create(case.template(tags=TAG)), "ROLLBACK_COMPLETE")
    return life.lived()


def with_own(life: Life, case: Case) -> Lived:
    """With a role and a key of the user's own, and a query in a file, as far as the kind has these."""
    resources = case.resources(tags=TAG)
    properties = resources[THING]["Properties"]
    _replace(properties, _ROLE_MEMBER, OWN_ROLE_ARN)
    if case.spec.key_field:
        properties[case.spec.key_field] = KEY_ARN
    if str(case) == "MLInputChannel":
        life.world.put_object(BUCKET, _QUERY_KEY, "SELECT a FROM b")
        _replace(properties, "queryString", {"S3Bucket": BUCKET, "S3Key": _QUERY_KEY})
    life.expect(life.stack.create(template(resources)), "CREATE_COMPLETE")
    life.expect(life.stack.delete(), "DELETE_COMPLETE")
    return life.lived()


def watched(life: Life, case: Case) -> Lived:
    """Not waited for: an event tells its end."""
    resources = {THING: case.resources()[THING]}
    resources[THING]["Properties"]["Settings"] = {"Watch": True}
    life.expect(life.stack.create(template(resources)), "CREATE_COMPLETE")
    life.world.settle()
    if not life.world.wire.bus:
        life.trouble.append("no event told the end")
    life.expect(life.stack.delete(), "DELETE_COMPLETE")
    return life.lived()


def shared(life: Life, case: Case) -> Lived:
    """In a document that holds a statement of others too, which stays."""
    others = written_by_others(life.world, case)
    life.expect(life.stack.create(case.template()), "CREATE_COMPLETE")
    life.expect(life.stack.delete(), "DELETE_COMPLETE")
    if others() != 1:
        life.trouble.append(f"{others()} statements are left of the others' one")
    return life.lived()


def written_by_others(world: World, case: Case) -> Callable[[], int]:
    """Puts a statement of others into the document; returns what counts all that it holds."""
    place = case.run(0)
    field = case.spec.document_field
    world.call(case.spec.create, **place, **{field: json.dumps(document("777788889999"))})
    return lambda: len(json.loads(world.call(case.get, **place)[field])["Statement"])


def _others(world: World, kind: str) -> dict[str, Any]:
    """Other resources that a kind can be changed to."""
    if kind != "ConfiguredAudienceModel":
        return {}
    return {"audienceModelArn": world.emulator.seeds.audience_model(id=_OTHER_MODEL_ID)}


# The shortest first.
LIVES: tuple[Callable[[Life, Case], Lived], ...] = (with_own, watched, shared, ordinary, overtaken, interrupted)


def lives_of(case: Case) -> tuple[Callable[[Life, Case], Lived], ...]:
    """What there is to live through for a kind."""
    others = set[Callable[[Life, Case], Lived]]()
    if not case.spec.long_running:
        others |= {overtaken, watched}
    if not case.spec.document_field:
        others |= {shared}
    return tuple(life for life in LIVES if life not in others)


def _replace(value: Any, member: str, by: Any) -> None:
    """Gives a member another value at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == member:
                value[name] = by
            else:
                _replace(inner, member, by)
    elif isinstance(value, list):
        for inner in value:
            _replace(inner, member, by)
