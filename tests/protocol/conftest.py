"""The world in which the lifecycle tests run the functions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.replies import ReplyServer
from harness.wire import Connected
from harness.world import World

from .cases import (
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

_LONGEST_INVOCATION_SECONDS = 60


@pytest.fixture(scope="session")
def reply_server() -> Iterator[ReplyServer]:
    server = ReplyServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def connected() -> Connected:
    """The functions' real client; boto3 clients are dear to make."""
    service = Connected()
    for name in ("cleanroomsml", "stepfunctions", "s3", "events"):
        service.client(name)
    return service


@pytest.fixture
def world(reply_server: ReplyServer, connected: Connected, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world; at its end what holds for every answer and every invocation is looked at."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    world = World(reply_server, connected)
    yield world
    world.close()
    answers = [answer for stack in world.stacks for exchange in stack.exchanges for answer in exchange.answers]
    assert not [answer.trouble for answer in answers if answer.trouble]
    if not world.expects_our_fault:
        assert not [answer.reason for answer in answers if "has a fault" in answer.reason]
    assert all(
        (invocation.ended or world.simulation.now) - invocation.started <= _LONGEST_INVOCATION_SECONDS
        for invocation in world.functions.invocations
    )


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    """Every kind."""
    found: Case = request.param
    return found


@pytest.fixture(params=LONG_RUNNING, ids=str)
def run(request: pytest.FixtureRequest) -> Case:
    """Every kind that takes time."""
    found: Case = request.param
    return found


@pytest.fixture(params=TAGGED, ids=str)
def tagged(request: pytest.FixtureRequest) -> Case:
    """Every kind that has tags."""
    found: Case = request.param
    return found


@pytest.fixture(params=NAMED, ids=str)
def named(request: pytest.FixtureRequest) -> Case:
    """Every kind that has a name, not a place."""
    found: Case = request.param
    return found


@pytest.fixture(params=CHANGEABLE, ids=str)
def changeable(request: pytest.FixtureRequest) -> Case:
    """Every kind that can be changed in place."""
    found: Case = request.param
    return found


@pytest.fixture(params=UPDATABLE, ids=str)
def updatable(request: pytest.FixtureRequest) -> Case:
    """Every kind of which members that can be left out can be changed in place."""
    found: Case = request.param
    return found


@pytest.fixture(params=DELETABLE, ids=str)
def deletable(request: pytest.FixtureRequest) -> Case:
    """Every kind that the API can delete."""
    found: Case = request.param
    return found


@pytest.fixture(params=[case for case in DELETABLE if case.spec.long_running], ids=str)
def deletable_run(request: pytest.FixtureRequest) -> Case:
    """Every kind that takes time and that the API can delete."""
    found: Case = request.param
    return found


@pytest.fixture(params=WITH_ROLE, ids=str)
def with_role(request: pytest.FixtureRequest) -> Case:
    """Every kind whose request names a role."""
    found: Case = request.param
    return found


@pytest.fixture(params=GATED, ids=str)
def gated(request: pytest.FixtureRequest) -> Case:
    """Every kind whose results can be judged."""
    found: Case = request.param
    return found


@pytest.fixture(params=EXPIRING, ids=str)
def expiring(request: pytest.FixtureRequest) -> Case:
    """Every kind whose time can run out."""
    found: Case = request.param
    return found


@pytest.fixture(params=UNSTOPPABLE, ids=str)
def unstoppable(request: pytest.FixtureRequest) -> Case:
    """Every kind whose runs can only be waited for."""
    found: Case = request.param
    return found
