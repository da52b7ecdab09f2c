"""Whether front, worker or state machine crash, hang, fail, time out or are stopped: CloudFormation gets an answer."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from concurrent.futures import Future

import pytest

from .scenarios import SCENARIOS, Ended

CARRIED_OUT = ["CREATE_COMPLETE", "DELETE_COMPLETE"]
ROLLED_BACK = ["ROLLBACK_COMPLETE"]
LOST = "the request was lost in Lambda or Step Functions"

# The stack's statuses, how many resources the service created, and how many faults struck.
EXPECTED: Mapping[str, tuple[list[str], int, int]] = {
    # The net takes these over: they need no failure.
    "front-crashes": (CARRIED_OUT, 1, 2),
    "front-times-out": (CARRIED_OUT, 1, 2),
    "nothing-can-be-started": (ROLLED_BACK, 0, 5),
    "worker-crashes": (ROLLED_BACK, 1, 5),
    "worker-times-out": (ROLLED_BACK, 1, 5),
    "worker-is-gone": (ROLLED_BACK, 1, 13),
    "state-machine-fails": (ROLLED_BACK, 0, 0),
    "aborted-in-a-call": (ROLLED_BACK, 1, 1),
    "aborted-while-waiting": (ROLLED_BACK, 1, 1),
    "timed-out": (ROLLED_BACK, 1, 2),
    "delete-is-lost": (["CREATE_COMPLETE", "DELETE_FAILED", "DELETE_COMPLETE"], 1, 1),
    # The new channel was created before its request was lost: it is the answer. In between it alone is there.
    "replacement-is-lost": (["CREATE_COMPLETE", "UPDATE_COMPLETE", "ACTIVE", "DELETE_COMPLETE"], 2, 5),
}
WITHOUT_FAILURE = {
    name
    for name, (statuses, _, _) in EXPECTED.items()
    if not any("FAILED" in status or "ROLLBACK" in status for status in statuses)
}


def ended(ends: Mapping[str, Future[Ended]], name: str) -> Ended:
    """How a scenario ended."""
    # Whatever a scenario waits for has a limit of its own.
    return ends[name].result()


def test_there_is_a_scenario_for_each_way_to_lose_a_request() -> None:
    assert set(EXPECTED) == set(SCENARIOS)
    assert all(inspect.getdoc(scenario) for scenario in SCENARIOS.values())


@pytest.mark.parametrize("name", EXPECTED)
def test_the_stack_comes_to_an_end(ends: Mapping[str, Future[Ended]], name: str) -> None:
    end = ended(ends, name)
    statuses, created, struck = EXPECTED[name]
    assert end.statuses == statuses
    assert end.created == created
    # What was ordered really happened, and nothing else failed.
    assert len(end.struck) == struck, end.struck
    assert not end.ordered


@pytest.mark.parametrize("name", EXPECTED)
def test_a_lost_request_is_answered_with_a_reason(ends: Mapping[str, Future[Ended]], name: str) -> None:
    reasons = ended(ends, name).reasons
    if name in WITHOUT_FAILURE:
        assert reasons == []
    else:
        (reason,) = reasons
        assert LOST in reason
        assert reason.startswith("Channel")


@pytest.mark.parametrize("name", EXPECTED)
def test_nothing_is_left(ends: Mapping[str, Future[Ended]], name: str) -> None:
    assert ended(ends, name).left == []
