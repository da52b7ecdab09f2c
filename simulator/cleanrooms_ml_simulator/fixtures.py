"""The world as fixtures, for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .behaviors import WELL_BEHAVED
from .cloudformation.replies import ReplyServer
from .wire import Connected
from .world import World


@pytest.fixture(scope="session")
def reply_server() -> Iterator[ReplyServer]:
    """Where answers go."""
    server = ReplyServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def connected() -> Connected:
    """The functions' real client; boto3 clients are expensive to create."""
    service = Connected()
    for name in ("cleanroomsml", "stepfunctions", "s3", "events"):
        service.client(name)
    return service


@pytest.fixture
def world(reply_server: ReplyServer, connected: Connected) -> Iterator[World]:
    """A world."""
    created = World(reply_server, connected, behaviors=WELL_BEHAVED)
    yield created
    created.close()
