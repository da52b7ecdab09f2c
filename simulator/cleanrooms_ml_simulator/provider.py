"""The provider of one stack: its two functions, its state machine, and the safety net under them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cleanrooms_ml_handlers import front, state_machine, worker
from cleanrooms_ml_handlers.client import Service
from cleanrooms_ml_handlers.named_parents import NONE, short
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.shared_names import ADOPT_EXISTING, ASSET_BUCKETS, KINDS, PARENTS
from cleanrooms_ml_handlers.timing import FRONT_TIMEOUT_SECONDS, WORKER_EVENT_AGE_SECONDS, WORKER_TIMEOUT_SECONDS

from .functions import Function, Lambda
from .simulation import Simulation
from .step_functions.api import StatesApi, status_change
from .step_functions.states import Execution, StateMachine
from .templates import ACCOUNT, ASSET_BUCKET

_REGION = "us-east-1"
_ALL_KINDS = ",".join(spec.kind for spec in SPECS)
# How long a status event is on its way.
_EVENT_SECONDS = 1


@dataclass(eq=False)
class Provider:
    """What the constructs deploy once per stack.

    Attributes:
        sends_status_events: Whether the rule on failed executions works; such events are best effort.
    """

    front: Function
    worker: Function
    state_machine: StateMachine
    sends_status_events: bool = True

    def provision(self, template: Mapping[str, Any]) -> None:
        """Gives the functions what the constructs render into their environment for a template."""
        for function in (self.front, self.worker):
            function.environment = {**function.environment, PARENTS: ",".join([NONE, *_parents(template)])}


def _parents(template: Mapping[str, Any]) -> Iterator[str]:
    """The parents of kinds without tags, those apart that the stack creates itself, and what is adopted."""
    members = {spec.resource_type: spec.parent.member for spec in SPECS if spec.parent}
    for resource in template["Resources"].values():
        name = resource["Properties"].get(members.get(resource["Type"], ""))
        for each in (name, resource["Properties"].get("Settings", {}).get(ADOPT_EXISTING)):
            if isinstance(each, str):
                yield short(each)


def deploy(stack_id: str, simulation: Simulation, functions: Lambda, states: StatesApi, service: Service) -> Provider:
    """The provider of a stack."""
    name = stack_id.split("/")[-2]
    state_machine_arn = f"arn:aws:states:{_REGION}:{ACCOUNT}:stateMachine:{name}-{stack_id[-12:]}"
    environment = {
        "STACK_ID": stack_id,
        "STATE_MACHINE_ARN": state_machine_arn,
        ASSET_BUCKETS: ASSET_BUCKET,
        KINDS: _ALL_KINDS,
    }

    def run_front(event: Mapping[str, Any]) -> None:
        front.run(event, service, clock=simulation.clock, sleep=simulation.sleep)

    def run_worker(event: Mapping[str, Any]) -> dict[str, Any]:
        return worker.run(event, service, clock=simulation.clock, sleep=simulation.sleep)

    arn = f"arn:aws:lambda:{_REGION}:{ACCOUNT}:function:{name}"
    front_function = Function("front", f"{arn}-front", run_front, environment, 1, 1800, FRONT_TIMEOUT_SECONDS)
    worker_function = Function(
        "worker", f"{arn}-worker", run_worker, environment, 2, WORKER_EVENT_AGE_SECONDS, WORKER_TIMEOUT_SECONDS
    )
    front_function.on_failure = worker_function
    worker_function.on_failure = front_function
    by_arn = {function.arn: function for function in (front_function, worker_function)}

    def ended(execution: Execution) -> None:
        if provider.sends_status_events and execution.status in ("FAILED", "TIMED_OUT", "ABORTED"):
            functions.deliver(worker_function, status_change(execution), _EVENT_SECONDS)

    states.state_machines[state_machine_arn] = StateMachine(
        state_machine_arn,
        state_machine.definition(worker_function.arn),
        simulation,
        lambda arn, payload, done: functions.invoke(by_arn[arn], payload, done),
        ended,
    )
    provider = Provider(front_function, worker_function, states.state_machines[state_machine_arn])
    return provider
