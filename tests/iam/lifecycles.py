"""Full lifecycles of resources of each kind, with everything on the way for which the functions call something."""

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

_QUERY_KEY = f"{'0' * 64}.sql"
_ROLE_MEMBER = "roleArn"
_OTHER_MODEL_ID = "77777777-7777-4777-8777-777777777777"


@dataclass(frozen=True)
class Result:
    """How a lifecycle went.

    Attributes:
        problems: What did not go as it should; empty if all did.
        asked: What its calls needed.
        denied: What was refused.
    """

    problems: list[str]
    asked: list[Asked]
    denied: list[Need]


class Run:
    """One lifecycle in a world of its own.

    Args:
        world: The world.
        grants: What the functions may do.
    """

    def __init__(self, world: World, grants: Mapping[str, Grants]) -> None:
        self.world = world
        self.problems: list[str] = []
        self.stack: Stack = world.stack()
        self.gate = Gate(world, grants)

    def expect(self, status: str, wanted: str) -> None:
        """Notes a status that is another than it should be."""
        if status != wanted:
            self.problems.append(f"{status} instead of {wanted}: {self.stack.reason}")

    def result(self) -> Result:
        """The end, for which everything under way is waited for."""
        self.world.settle()
        self.problems += [f"left: {record['arn']}" for record in self.world.leftovers(self.world.theirs)]
        self.problems += [
            f"{invocation.function.name} failed: {invocation.error}"
            for invocation in self.world.functions.invocations
            if invocation.error
        ]
        return Result(self.problems, self.gate.asked, self.gate.denied)


def ordinary(run: Run, case: Case) -> Result:
    """Created, changed in place, tagged, replaced, brought back, and deleted."""
    stack = run.stack
    run.expect(stack.create(case.template(tags=TAG)), "CREATE_COMPLETE")
    run.expect(stack.update(case.template(tags={"other": "tag"})), "UPDATE_COMPLETE")
    run.expect(stack.update(case.template(tags=TAG, **case.members)), "UPDATE_COMPLETE")
    changed = {**case.members, **case.changed, **_others(run.world, str(case))}
    run.expect(stack.update(case.template(tags=TAG, **changed)), "UPDATE_COMPLETE")
    run.expect(stack.update(case.template(tags=TAG, **case.run(2))), "UPDATE_COMPLETE")
    run.expect(stack.delete(), "DELETE_COMPLETE")
    return run.result()


def interrupted(run: Run, case: Case) -> Result:
    """An update that is canceled while it waits, and a create whose execution is stopped by hand."""
    stack, world = run.stack, run.world
    run.expect(stack.create(case.template(tags=TAG)), "CREATE_COMPLETE")
    world.emulator.add_fault(Fault(case.spec.create, kind="throttle", count=40))
    world.after(30, stack.stop)
    run.expect(stack.update(case.template(tags=TAG, **case.run(2))), "UPDATE_ROLLBACK_COMPLETE")
    world.emulator.state.faults.pending.clear()

    def abort(call: Call) -> None:
        if call.operation == case.spec.create:
            [execution] = [it for it in world.states.executions() if it.is_running]
            execution.state_machine.end(execution, "ABORTED", "Stopped")
            world.wire.before.clear()
            world.refuse(case.spec.service, 5)

    world.wire.before.append(abort)
    run.expect(stack.update(case.template(tags=TAG, **case.run(3))), "UPDATE_ROLLBACK_COMPLETE")
    run.expect(stack.delete(), "DELETE_COMPLETE")
    return run.result()


def overtaken(run: Run, case: Case) -> Result:
    """A stack whose creation is canceled in the middle of a long run: the Delete stops what still waits."""
    durations = run.world.emulator.durations
    run.world.emulator.durations = replace(durations, create=dict.fromkeys(durations.create, 1800.0))
    run.world.after(60, run.stack.stop)
    run.expect(run.stack.create(case.template(tags=TAG)), "ROLLBACK_COMPLETE")
    return run.result()


def with_own(run: Run, case: Case) -> Result:
    """With a role and a key of the user's own, and a query in a file, as far as the kind has these."""
    resources = case.resources(tags=TAG)
    properties = resources[THING]["Properties"]
    _replace(properties, _ROLE_MEMBER, OWN_ROLE_ARN)
    if case.spec.key_field:
        properties[case.spec.key_field] = KEY_ARN
    if str(case) == "MLInputChannel":
        run.world.put_object(BUCKET, _QUERY_KEY, "SELECT a FROM b")
        _replace(properties, "queryString", {"S3Bucket": BUCKET, "S3Key": _QUERY_KEY})
    run.expect(run.stack.create(template(resources)), "CREATE_COMPLETE")
    run.expect(run.stack.delete(), "DELETE_COMPLETE")
    return run.result()


def watched(run: Run, case: Case) -> Result:
    """Not waited for: an event reports its end."""
    resources = {THING: case.resources()[THING]}
    resources[THING]["Properties"]["Settings"] = {"Watch": True}
    run.expect(run.stack.create(template(resources)), "CREATE_COMPLETE")
    run.world.settle()
    if not run.world.wire.bus:
        run.problems.append("no event reported the end")
    run.expect(run.stack.delete(), "DELETE_COMPLETE")
    return run.result()


def shared(run: Run, case: Case) -> Result:
    """In a document that holds a statement of others too, which stays."""
    others = written_by_others(run.world, case)
    run.expect(run.stack.create(case.template()), "CREATE_COMPLETE")
    run.expect(run.stack.delete(), "DELETE_COMPLETE")
    if others() != 1:
        run.problems.append(f"{others()} statements are left of the others' one")
    return run.result()


def continued(run: Run, case: Case) -> Result:
    """A first version of which others train a later one: it is told apart from that."""
    run.expect(run.stack.create(case.template(name="model")), "CREATE_COMPLETE")
    channel = {"channelName": "earlier", "trainedModelArn": run.stack.physical_id(THING)}
    later = {**case.facts.least, "name": "model", case.spec.continues_field: [channel]}
    run.world.call(case.spec.create, **later)
    run.world.advance(60)
    run.expect(run.stack.delete(), "DELETE_COMPLETE")
    return run.result()


def written_by_others(world: World, case: Case) -> Callable[[], int]:
    """Puts a statement of others into the document; returns what counts all that it holds."""
    parent = case.run(0)
    field = case.spec.document_field
    world.call(case.spec.create, **parent, **{field: json.dumps(document("777788889999"))})
    return lambda: len(json.loads(world.call(case.get, **parent)[field])["Statement"])


def _others(world: World, kind: str) -> dict[str, Any]:
    """Other resources that a kind can be changed to."""
    if kind != "ConfiguredAudienceModel":
        return {}
    return {"audienceModelArn": world.emulator.seeds.audience_model(id=_OTHER_MODEL_ID)}


# The shortest first.
LIFECYCLES: tuple[Callable[[Run, Case], Result], ...] = (
    with_own,
    watched,
    shared,
    continued,
    ordinary,
    overtaken,
    interrupted,
)


def lifecycles_of(case: Case) -> tuple[Callable[[Run, Case], Result], ...]:
    """The lifecycles of a kind."""
    excluded = set[Callable[[Run, Case], Result]]()
    if not case.spec.long_running:
        excluded |= {overtaken, watched}
    if not case.spec.document_field:
        excluded |= {shared}
    if not case.spec.versions:
        excluded |= {continued}
    return tuple(lifecycle for lifecycle in LIFECYCLES if lifecycle not in excluded)


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
