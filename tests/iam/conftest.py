"""The synthesized stack whose policies are tried out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from cleanrooms_ml_simulator.behaviors import WELL_BEHAVED
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.wire import Connected
from cleanrooms_ml_simulator.world import World

from .everything import everything, nothing
from .lifecycles import Run
from .policies import FRONT, WORKER, Grants, grants_of


@pytest.fixture(scope="session")
def stack_template(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """A stack with every kind and every option that the functions need permissions for."""
    query = tmp_path_factory.mktemp("queries") / "query.sql"
    query.write_text("SELECT a FROM b", "utf-8")
    return everything(query)


@pytest.fixture(scope="session")
def empty_template() -> Mapping[str, Any]:
    """A stack from which the last resource was taken: only the provider is left."""
    return nothing()


@pytest.fixture(scope="session")
def new_world(reply_server: ReplyServer, connected: Connected) -> Iterator[Callable[[], World]]:
    """Creates a world; the one before is over then."""
    worlds: list[World] = []

    def create() -> World:
        while worlds:
            worlds.pop().close()
        worlds.append(World(reply_server, connected, behaviors=WELL_BEHAVED))
        return worlds[-1]

    yield create
    for world in worlds:
        world.close()


@pytest.fixture(scope="session")
def state_machine_arn(new_world: Callable[[], World]) -> str:
    """The ARN of the state machine of a world's first stack, which is the same in every world."""
    world = new_world()
    return world.providers[world.stack().id].state_machine.arn


@pytest.fixture(scope="session")
def grants(stack_template: Mapping[str, Any], state_machine_arn: str) -> Mapping[str, Grants]:
    """What the functions of the stack with every kind may do."""
    return of_functions(stack_template, state_machine_arn)


@pytest.fixture(scope="session")
def last_grants(empty_template: Mapping[str, Any], state_machine_arn: str) -> Mapping[str, Grants]:
    """What the functions may do when nothing is left in the stack."""
    return of_functions(empty_template, state_machine_arn)


@pytest.fixture(scope="session")
def new_lifecycle(new_world: Callable[[], World]) -> Callable[[Mapping[str, Grants]], Run]:
    """Begins a lifecycle in a world of its own, in which the functions have some grants."""
    return lambda grants: Run(new_world(), grants)


def of_functions(template: Mapping[str, Any], state_machine_arn: str) -> Mapping[str, Grants]:
    """What the functions of a synthesized stack may do, by their names in the simulator."""
    return {
        "front": grants_of(template, FRONT, state_machine_arn),
        "worker": grants_of(template, WORKER, state_machine_arn),
    }
