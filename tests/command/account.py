"""A stack of the harness as the commands read one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cleanrooms_ml_cli.account.stacks import DeployedStack, StackResource
from cleanrooms_ml_cli.account.values import DeployedValues
from cleanrooms_ml_cli.plan.assembly import Synthesized
from cleanrooms_ml_cli.plan.change import Plan
from cleanrooms_ml_cli.plan.facts import Facts
from cleanrooms_ml_cli.plan.planner import plan
from cleanrooms_ml_cli.stack.drift import Drift, drifts
from cleanrooms_ml_cli.stack.status import Status, status_of
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.world import World


@dataclass(frozen=True)
class Account:
    """What the commands see of a world."""

    world: World

    def deployed(self, stack: Stack) -> DeployedStack:
        """A stack as CloudFormation shows it."""
        resources = {
            one.logical_id: StackResource(one.logical_id, one.type, one.physical_id, one.status)
            for one in stack.resources.values()
        }
        template = stack.template if stack.status else {"Resources": {}}
        return DeployedStack(stack.name, stack.id, stack.status, template, resources)

    def values(self, stack: Stack) -> DeployedValues:
        """Its values."""
        return DeployedValues(self.deployed(stack), self.world.service, self.world.simulation.now)

    def status(self, stack: Stack) -> Status:
        """Its status."""
        return status_of(self.deployed(stack), self.world.service, self.world.simulation.clock)

    def plan(self, stack: Stack, template: Mapping[str, Any]) -> Plan:
        """What deploying a template would do."""
        now = self.world.simulation.now
        return plan(Synthesized(stack.name, template), self.values(stack), self.world.service, Facts(), now)

    def drifts(self, stack: Stack) -> list[Drift]:
        """What is not as it was deployed."""
        now = self.world.simulation.now
        return drifts(self.deployed(stack), self.values(stack), self.world.service, now)
