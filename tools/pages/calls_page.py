"""Writes docs/calls.md: every call to AWS that one request makes, and why it is needed, from the simulator's journal.

Usage: python -m tools.pages.calls_page [--check]
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from cleanrooms_ml_handlers.spec import ResourceSpec
from cleanrooms_ml_simulator.behaviors import WELL_BEHAVED
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.environment import isolate
from cleanrooms_ml_simulator.lifecycle.cases import CASES, TAG, THING, Case
from cleanrooms_ml_simulator.templates import ready
from cleanrooms_ml_simulator.wire import Connected
from cleanrooms_ml_simulator.world import World

from .. import ROOT
from .generated import filled, run, table

# Longer than any run of the simulated service takes, and than a listing lags.
_LATER_SECONDS = 600
_CREATE, _CHANGE, _TAGS, _DELETE = "create", "update", "update of tags", "delete"
_WAIT, _END = "wait", "end of the wait"

# Why a request makes a call, by the call's role.
_ORDER = "Has a later request of the logical id come, such as a rollback? Then this one changes nothing (D13, U18)"
_BOTH = (
    f"{_ORDER}. And which earlier ones still run? They are stopped, so that none acts after this one (D13, X6). Where "
    "the list has several pages, a second call asks for those that run"
)
_REASONS: Mapping[str, Mapping[str, str]] = {
    _CREATE: {
        "find": "An earlier attempt whose answer was lost, a retained resource and a foreign one of the same name are "
        "found before a second one is created (C9, C10, C11, D14)",
        "look": "A put overwrites: is there one already, and whose is it (S1)?",
        "order": f"{_ORDER}. And does one still run that was canceled, and whose resource the template retains? "
        "CloudFormation sends no Delete for it (U18)",
        "create": "Creates it, with the ownership tag if it can have one",
    },
    _CHANGE: {
        "order": _BOTH,
        "look": "Before: does it exist, and is it this stack's (U3, X9)? After: attributes are those after the "
        "update (U17)",
        "tags": "The get operation does not show the tags, which say whose it is (X9)",
        "update": "Changes it",
        "create": "Changes it: a put",
    },
    _TAGS: {
        "order": _BOTH,
        "look": "Does it exist, is it this stack's, and which tags has it (U3, U6, X9)?",
        "tags": "The get operation does not show the tags, which say whose it is (X9)",
        "tag": "Adds and changes tags",
    },
    _DELETE: {
        "order": _BOTH,
        "look": "Before: is it this stack's, and was it created before this request (X9, D15)? After, until it is "
        "gone: SUCCESS only when the service confirms it (D8)",
        "find": "The same, of a kind without a get operation",
        "tags": "The get operation does not show the tags, which say whose it is (X9)",
        "tag": "The deletion marker: nothing adopts it any more, however long its deletion takes (D15)",
        "delete": "Deletes it",
        "cancel": "Cancels its run, which cannot be deleted before",
        "create": "Puts the document without this stack's statements",
        "history": "Of a singleton, which has no tag: did a request of this logical id write what it shows (S1)? After "
        "two updates: did a replacement that was rolled back adopt it (D17)?",
    },
    _WAIT: {
        "look": "Has the run ended? Every second at first, then at 5 % of its age, at most every minute (W2)",
        "find": "The same, of a kind without a get operation",
        "tags": "The get operation does not show the tags, which say whose the run is (X9)",
    },
    _END: {
        "order": _BOTH,
        "look": "Has the run ended? The service deletes none that is in progress (D7, D11)",
        "find": "The same, of a kind without a get operation",
        "tags": "The get operation does not show the tags",
    },
}


@dataclass(frozen=True)
class Step:
    """The calls of one request.

    Attributes:
        request: What CloudFormation asked for.
        operations: The worker's calls in order.
    """

    request: str
    operations: tuple[str, ...]


def role_of(spec: ResourceSpec, operation: str) -> str:
    """What a call is for.

    Raises:
        LookupError: It is none of the known ones.
    """
    roles: dict[str | None, str] = {
        spec.list: "find",
        spec.get: "look",
        spec.create: "create",
        spec.update: "update",
        spec.delete: "delete",
        spec.cancel: "cancel",
        spec.versions: "look",
        "ListTagsForResource": "tags",
        "TagResource": "tag",
        "UntagResource": "tag",
        "ListExecutions": "order",
        "DescribeExecution": "history",
        **{lookup.operation: "look" for lookup in spec.list_lookups.values()},
    }
    if operation not in roles:
        raise LookupError(f"{spec.kind}: nothing says why {operation} is called")
    return roles[operation]


def steps_of(case: Case, replies: ReplyServer, service: Connected) -> Iterator[Step]:
    """The requests of a kind's lifecycle on a well-behaved AWS, with their calls.

    Raises:
        LookupError: A request made another number of invocations than two, or other calls of the front.
    """
    world = World(replies, service, behaviors=WELL_BEHAVED)
    stack = world.stack()
    operations: list[tuple[str, Any]] = [(_CREATE, lambda: stack.create(case.template()))]
    if case.changeable:
        operations.append((_CHANGE, lambda: stack.update(case.template(**case.changed))))
    if case.spec.is_taggable:
        operations.append((_TAGS, lambda: stack.update(case.template(**case.changed, tags=TAG))))
    operations.append((_DELETE, stack.delete))
    for name, act in operations:
        first_call, first_invocation = len(world.wire.calls), len(world.functions.invocations)
        with contextlib.redirect_stdout(io.StringIO()):
            act()
        calls = world.wire.calls[first_call:]
        invocations = world.functions.invocations[first_invocation:]
        for logical_id, request in ((THING, name), (ready(THING), {_CREATE: _WAIT, _DELETE: _END}.get(name, ""))):
            own = [it for it in invocations if it.request.get("LogicalResourceId") == logical_id]
            made = [[call.operation for call in calls if call.invocation is it] for it in own]
            if own and request:
                if len(own) != 2 or made[0] != ["StartExecution"]:
                    raise LookupError(f"{case}: {request} has the invocations {made}")
                yield Step(request, tuple(made[1]))
        world.advance(_LATER_SECONDS)
    world.close()


def _shown(spec: ResourceSpec, step: Step) -> str:
    """The calls of a request; one that is repeated is shown once."""
    shown = []
    for name, group in groupby(step.operations):
        count = len(list(group))
        is_poll = step.request in (_WAIT, _DELETE) and name == spec.get
        repeated = " until it has ended" if is_poll else f" {count} times"
        shown.append(f"`{name}`{repeated if count > 1 else ''}".replace(" 2 times", " twice"))
    return ", ".join(shown)


def page(file: Path) -> str:
    """The page as it has to be."""
    isolate()
    replies, service = ReplyServer(), Connected()
    rows: list[tuple[str, ...]] = []
    seen: dict[tuple[str, str], None] = {}
    for case in CASES:
        for step in steps_of(case, replies, service):
            for operation in step.operations:
                seen[step.request, role_of(case.spec, operation)] = None
            rows.append((str(case), step.request, _shown(case.spec, step)))
    replies.close()
    names = {
        "find": "the list operation",
        "look": "the get operation",
        "tags": "`ListTagsForResource`",
        "tag": "`TagResource`, `UntagResource`",
        "order": "`ListExecutions`",
        "history": "`DescribeExecution`",
    }
    reasons = [
        (request, names.get(role, f"the {role} operation"), why)
        for request, of_request in _REASONS.items()
        for role, why in of_request.items()
        if (request, role) in seen
    ]
    missing = [key for key in seen if key[1] not in _REASONS[key[0]]]
    if missing:
        raise LookupError(f"nothing says why these calls are made: {missing}")
    parts = {
        "reasons": table(("request", "call", "why"), reasons),
        "calls": table(("kind", "request", "calls of the worker"), rows),
    }
    return filled(file, parts)


if __name__ == "__main__":
    sys.exit(run(__doc__, ROOT / "docs" / "calls.md", page))
