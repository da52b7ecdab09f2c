"""The world in which the lifecycle tests run the functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from cleanrooms_ml_simulator.behaviors import WELL_BEHAVED
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.lifecycle.cases import (
    CASES,
    CHANGEABLE,
    DELETABLE,
    EXPIRING,
    GATED,
    LONG_RUNNING,
    NAMED,
    TAGGED,
    UNSTOPPABLE,
    UPDATABLE,
    WITH_ROLE,
    Case,
)
from cleanrooms_ml_simulator.wire import Connected
from cleanrooms_ml_simulator.world import World

_LONGEST_INVOCATION_SECONDS = 60


@pytest.fixture
def world(reply_server: ReplyServer, connected: Connected, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world; at its end what holds for every answer and every invocation is looked at."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    world = World(reply_server, connected, behaviors=WELL_BEHAVED)
    yield world
    world.close()
    answers = [answer for stack in world.stacks for exchange in stack.exchanges for answer in exchange.answers]
    assert not [answer.rejection for answer in answers if answer.rejection]
    if not world.expects_our_fault:
        assert not [answer.reason for answer in answers if "has a fault" in answer.reason]
    assert all(
        (invocation.ended or world.simulation.now) - invocation.started <= _LONGEST_INVOCATION_SECONDS
        for invocation in world.functions.invocations
    )


def each(cases: Iterable[Case]) -> Any:
    """A fixture that is every one of some kinds in turn."""

    @pytest.fixture(params=cases, ids=str)
    def kind(request: pytest.FixtureRequest) -> Case:
        found: Case = request.param
        return found

    return kind


case = each(CASES)
# That takes time, and of these what the API can delete.
run = each(LONG_RUNNING)
deletable_run = each(case for case in DELETABLE if case.spec.long_running)
tagged = each(TAGGED)
tagged_run = each(case for case in TAGGED if case.spec.long_running)
# That is named, not a singleton.
named = each(NAMED)
untagged = each(case for case in NAMED if not case.spec.is_taggable)
changeable = each(CHANGEABLE)
# Of which members that can be left out can be changed in place.
updatable = each(UPDATABLE)
deletable = each(DELETABLE)
# Whose request names a role.
with_role = each(WITH_ROLE)
# Whose time can run out.
expiring = each(EXPIRING)
# Whose runs can only be waited for.
unstoppable = each(UNSTOPPABLE)
# Whose results can be checked.
gated = each(GATED)
