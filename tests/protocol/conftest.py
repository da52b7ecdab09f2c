"""The world in which the lifecycle tests run the functions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.replies import ReplyServer
from harness.wire import Connected
from harness.world import World


@pytest.fixture(scope="session")
def reply_server() -> Iterator[ReplyServer]:
    server = ReplyServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def connected() -> Connected:
    """The functions' real client; boto3 clients are dear to make."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        service = Connected()
        for name in ("cleanroomsml", "stepfunctions", "s3"):
            service.client(name)
    return service


@pytest.fixture
def world(reply_server: ReplyServer, connected: Connected, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    world = World(reply_server, connected)
    yield world
    world.close()
    faults = [
        answer.reason
        for stack in world.stacks
        for exchange in stack.exchanges
        for answer in exchange.answers
        if "has a fault" in answer.reason
    ]
    assert not faults, faults
