"""What random lifecycles draw: which resources a template has, in which of their shapes, and what else may happen."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Literal

from hypothesis import strategies as st

from cleanrooms_ml_handlers.tags import TAGS_PER_RESOURCE

from ..templates import Resources, retaining, watched
from .cases import CASES, JOB, LONG_RUNNING, Case

# A stack of one resource of each kind, and of a second one of the kind that has most to do with others.
MEMBERS: Mapping[str, Case] = {f"Own{number}": case for number, case in enumerate((*CASES, JOB))}

OPERATIONS = sorted(
    {
        operation
        for case in CASES
        for operation in (*case.operations, case.update, case.spec.cancel)
        if operation is not None
    }
    | {"TagResource", "UntagResource"}
)
CALLS = [*OPERATIONS, "StartExecution", "ListExecutions", "StopExecution"]
FAULTS: tuple[Literal["error", "lost_reply", "drop_before", "drop_after", "throttle", "delay"], ...] = (
    "error",
    "lost_reply",
    "drop_before",
    "drop_after",
    "throttle",
    "delay",
)
CODES = ["InternalServiceException", "AccessDeniedException", "ConflictException", "ValidationException"]
# Whose deletion takes time and can fail.
DELETED_SLOWLY = [str(case) for case in LONG_RUNNING if case.spec.delete]

# With the ownership tag as many as a resource can have.
_MOST_TAGS = TAGS_PER_RESOURCE - 1
_FEW_TAGS = 2


class Draw(Enum):
    """What a lifecycle may have in addition to deployments and faults."""

    HURRY = "the next operation begins while something of the last one goes on"
    RETAIN = "resources are retained, and brought back with other properties and tags"
    WATCH = "runs that nothing waits for"
    LONG_RUNS = "runs of up to 25 hours"
    MANY_TAGS = f"up to {_MOST_TAGS} tags"
    OTHERS = "others cancel runs, and the service has new statuses"
    LOST = "watches and background deletes are lost"
    NO_WORKER = "no worker for minutes or an hour"


ALL_DRAWS = frozenset(Draw)


def shapes_of_a_resource() -> st.SearchStrategy[dict[str, Any] | None]:
    """What a template says of a resource; None if it does not have it."""
    return st.none() | st.fixed_dictionaries(
        {
            "run_id": st.sampled_from("12"),
            "tags": st.tuples(st.integers(0, _MOST_TAGS), st.sampled_from("12")),
            "watch": st.booleans(),
            "retain": st.booleans(),
        },
        optional={"description": st.sampled_from(["one", "two"])},
    )


def built(case: Case, name: str, shape: Mapping[str, Any], draws: frozenset[Draw]) -> Resources:
    """A resource in one of its shapes."""
    members: Mapping[str, Any] = {"description": shape["description"]} if "description" in shape else {}
    if case.is_singleton and members:
        # No description, but other content.
        members = case.changeable if members["description"] == "one" else case.changed
    count, value = shape["tags"]
    count = count if Draw.MANY_TAGS in draws else min(count, _FEW_TAGS)
    tags = {f"tag-{number}": value for number in range(count)}
    resources = case.resources(name, **case.run(int(shape["run_id"])), tags=tags, **members)
    if Draw.WATCH in draws and shape["watch"] and case.spec.long_running:
        resources = watched(resources, name)
    if Draw.RETAIN in draws and shape["retain"]:
        resources = retaining(resources)
    return resources
