"""The synthesized stack whose policies are tried out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms

from cdk_cleanrooms_ml import ProtectedQuery, Wait
from harness.replies import ReplyServer
from harness.wire import Connected
from harness.world import World
from synth.stacks import channel, full_stack, template_of

from .lives import Life, policies_of
from .policies import Grants

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All on one worker: they share what was synthesized and lived through."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("iam"))


@pytest.fixture(scope="session")
def stack_template(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """A stack with every kind and every option that the functions need permissions for."""
    stack: cdk.Stack = full_stack()
    query = tmp_path_factory.mktemp("queries") / "query.sql"
    query.write_text("SELECT a FROM b", "utf-8")
    channel(stack, "FromFile", query=ProtectedQuery.from_asset(str(query)), wait=Wait.none())
    return template_of(stack)


@pytest.fixture(scope="session")
def empty_template() -> Mapping[str, Any]:
    """A stack from which the last resource was taken: only the provider is left."""
    from cdk_cleanrooms_ml import CleanRoomsMLProvider

    stack = cdk.Stack(cdk.App(), "Empty")
    CleanRoomsMLProvider(stack, "Provider", environment_encryption=kms.Key(stack, "Key"))
    return template_of(stack)


@pytest.fixture(scope="session")
def new_life() -> Iterator[Callable[[Callable[[str], Mapping[str, Grants]]], Life]]:
    """Makes a world of its own for each life."""
    replies, connected = ReplyServer(), Connected()
    worlds: list[World] = []

    def make(policies: Callable[[str], Mapping[str, Grants]]) -> Life:
        while worlds:
            worlds.pop().close()
        worlds.append(World(replies, connected))
        return Life(worlds[-1], policies)

    yield make
    for world in worlds:
        world.close()
    replies.close()


@pytest.fixture(scope="session")
def policies(stack_template: Mapping[str, Any]) -> Callable[[str], Mapping[str, Grants]]:
    """What the stack's functions may do."""
    return policies_of(stack_template)
