"""The two sides: a stack with an input channel by this library, and one by `custom_resources.Provider`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore.config import Config

from cleanrooms_ml_simulator import templates
from cleanrooms_ml_simulator.behaviors import WELL_BEHAVED
from cleanrooms_ml_simulator.cloudformation.conductor import Conductor
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.step_functions.states import StateMachine
from cleanrooms_ml_simulator.wire import Connected
from cleanrooms_ml_simulator.world import World

from . import by_hand
from .framework import Framework

CHANNEL = "Channel"
OURS, PROVIDER = "this library", "custom_resources.Provider"


class Plain(Connected):
    """boto3 by default: it makes five attempts."""

    def client(self, service: str) -> Any:
        """The boto3 client, hooked when it is first created."""
        if service not in self._clients:
            client = self._session.create_client(service, config=Config(max_pool_connections=10))
            client.meta.events.register("before-send", self._caught(service, client.meta.config.read_timeout))
            self._clients[service] = client
        return self._clients[service]


class Side:
    """One stack in its own world.

    Args:
        name: `OURS` or `PROVIDER`.
        replies: Where answers go.
        services: The clients of the functions, by side.

    Attributes:
        world: The world.
        stack: The stack.
        state_machine: The state machine behind it.
        entry: The function that CloudFormation calls.
        creator: The function that calls the service.
    """

    def __init__(self, name: str, replies: ReplyServer, services: Mapping[str, Connected]) -> None:
        self.name = name
        self.world = World(replies, services[name], behaviors=WELL_BEHAVED)
        if name == OURS:
            self.stack = self.world.stack()
            provider = self.world.providers[self.stack.id]
            self.state_machine: StateMachine = provider.state_machine
            self.entry, self.creator = provider.front, provider.worker
            return
        client = services[name].client("cleanroomsml")
        framework = Framework(
            self.world.simulation,
            self.world.functions,
            self.world.states,
            lambda event: by_hand.on_event(event, client),
            lambda event: by_hand.is_complete(event, client),
        )
        self.state_machine, self.entry, self.creator = (
            framework.state_machine,
            framework.entry,
            framework.users["onEvent"],
        )
        guid = uuid.uuid5(uuid.NAMESPACE_URL, name)
        stack_id = f"arn:aws:cloudformation:us-east-1:{templates.ACCOUNT}:stack/app/{guid}"
        conductor = Conductor(stack_id, self.entry, self.world.functions, replies, self.world.simulation)
        self.stack = Stack("app", stack_id, conductor, self.world.simulation)
        self.world.stacks.append(self.stack)

    def template(self, *, run: str = "1", failing: bool = False, links: int = 0) -> dict[str, Any]:
        """A channel; with `failing`, also a resource that fails at once."""
        parts = self._channel(run, links)
        last = templates.ready(CHANNEL) if self.name == OURS else CHANNEL
        if failing:
            parts |= self._failing(last)
        return templates.template(parts, outputs={"Records": templates.get(last, "NumberOfRecords")})

    def beside(self, run: str = "1") -> dict[str, Any]:
        """A channel, and a resource that fails while the channel is being created."""
        parts = self._channel(run, 0) | self._failing("")
        return templates.template(parts)

    def _channel(self, run: str, links: int) -> templates.Resources:
        parts = templates.channel(CHANNEL, run_id=run)
        if self.name == OURS:
            return templates.linked(parts, CHANNEL, links) if links else parts
        return {CHANNEL: {"Type": "Custom::Channel", "Properties": parts[CHANNEL]["Properties"]}}

    def _failing(self, after: str) -> templates.Resources:
        parts = templates.channel("Failing", query="SELECT a FROM no_such_table")
        if self.name != OURS:
            parts = {"Failing": {"Type": "Custom::Channel", "Properties": parts["Failing"]["Properties"]}}
        for part in parts.values():
            part["DependsOn"] = [after] if after else []
        return parts

    def identifiers(self, arn: str) -> dict[str, str]:
        """The identifiers of a channel in a call."""
        return {"membershipIdentifier": templates.MEMBERSHIP_ID, "mlInputChannelArn": arn}

    def close(self) -> None:
        """Ends the world."""
        self.world.close()


def services() -> dict[str, Connected]:
    """The clients of both sides, which are expensive to create."""
    plain = Plain()
    plain._session = session = botocore.session.get_session()
    session.set_config_variable("region", "us-east-1")
    session.set_credentials("test", "test")
    return {OURS: Connected(), PROVIDER: plain}
