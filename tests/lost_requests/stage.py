"""What a scenario works with: one stack of its own, the faults that it orders, and what it leaves."""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_handlers.identity import OWNERSHIP_TAG_KEY
from cleanrooms_ml_handlers.shared_names import RESOURCE_TYPE_PREFIX
from cleanrooms_ml_simulator.sandbox.assembly import Assembly, Template
from cleanrooms_ml_simulator.sandbox.deployment import Deployment
from tests.waiting import until

Found = TypeVar("Found")


@dataclass(frozen=True)
class Ended:
    """How a scenario ended.

    Attributes:
        statuses: The stack's status after each operation.
        reasons: Why resources of ours failed, in order.
        struck: The faults that really happened, in order.
        ordered: Whether faults were ordered that did not happen.
        left: What exists in the service of the stack's, as name and status.
        created: How many resources were ever created.
    """

    statuses: list[str]
    reasons: list[str]
    struck: list[str]
    ordered: bool
    left: list[str]
    created: int


@dataclass
class Stage:
    """Where a scenario plays.

    Attributes:
        sandbox: The sandbox, which others use at the same time.
        name: The scenario's and the stack's name.
        assembly: The stack as synthesized.
        orders: File for the faults.
    """

    sandbox: Sandbox
    name: str
    assembly: Assembly
    orders: Path
    statuses: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.order()
        self.stack = Deployment(self.sandbox, self.name)
        self._states: Any = self.sandbox.client("stepfunctions")

    # -- the stack -------------------------------------------------------------------------------------------------

    def template(
        self,
        *,
        front_seconds: int = 30,
        worker_seconds: int = 60,
        change: Callable[[dict[str, Any]], object] | None = None,
    ) -> Template:
        """The stack's template, whose functions take orders and have other time-outs.

        Args:
            front_seconds: The front's time-out.
            worker_seconds: The worker's time-out.
            change: Changes the state machine's definition.
        """
        template = self.assembly.copy()
        resources = template["Resources"]
        for logical_id, seconds in (("CleanRoomsMLFront", front_seconds), ("CleanRoomsMLWorker", worker_seconds)):
            properties = resources[logical_id]["Properties"]
            role = properties["Handler"].split(".")[1]
            properties["Handler"] = f"faulty.{role}"
            properties["Environment"]["Variables"]["FAULTS"] = str(self.orders)
            properties["Timeout"] = seconds
        if change:
            state_machine = resources["CleanRoomsMLMachine"]["Properties"]
            state_machine["DefinitionString"] = _changed(state_machine["DefinitionString"], change)
        return template

    def create(self, template: Template | None = None) -> None:
        """Creates the stack."""
        self.statuses.append(self.stack.deploy(template or self.template()))

    update = create

    def delete(self) -> None:
        """Deletes the stack."""
        self.statuses.append(self.stack.delete())

    @cached_property
    def resource(self) -> str:
        """The logical id of the channel's `Resource`."""
        return self._logical_id("MLInputChannel")

    @cached_property
    def ready(self) -> str:
        """The logical id of the channel's `Ready`."""
        return self._logical_id("Wait")

    def _logical_id(self, kind: str) -> str:
        resources = self.assembly.template["Resources"]
        return str(next(name for name, each in resources.items() if each["Type"] == f"{RESOURCE_TYPE_PREFIX}{kind}"))

    # -- faults ----------------------------------------------------------------------------------------------------

    def order(self, *orders: tuple[str, str, int], of: str = "") -> None:
        """Orders faults.

        Args:
            orders: Position, kind and how often, in the order in which they are to strike.
            of: The logical id of the resource whose requests they are for. Default: any.
        """
        given = [{"at": at, "how": how, "count": count, "of": of} for at, how, count in orders]
        with self.orders.open("a+", encoding="utf-8") as file:
            # The functions read it at any time.
            fcntl.flock(file, fcntl.LOCK_EX)
            file.truncate(0)
            file.write(json.dumps(given))

    def held(self, count: int = 1) -> None:
        """Waits until so many faults have struck, the last of which is a call that is held, or that hangs."""
        self.waits_for(lambda: len(self.struck()) >= count)

    def release(self) -> None:
        """Lets the calls that are held go on."""
        released = self.orders.with_suffix(".new")
        released.write_text(str(len(self.struck())), "utf-8")
        released.replace(self.orders.with_suffix(".released"))

    def struck(self) -> list[str]:
        """The faults that happened."""
        file = self.orders.with_suffix(".struck")
        return file.read_text("utf-8").splitlines() if file.exists() else []

    def waits_for(self, what: Callable[[], Found]) -> Found:
        """Waits until something is there."""
        return until(what, f"what {self.name} waits for")

    def execution(self, kind: str, logical_id: str) -> str:
        """The ARN of the running execution for a request, as soon as there is one."""

        def found() -> str:
            state_machine = self.stack.physical_id("CleanRoomsMLMachine")
            if not state_machine:
                return ""
            running = self._states.list_executions(stateMachineArn=state_machine, statusFilter="RUNNING")["executions"]
            for each in running:
                described = self._states.describe_execution(executionArn=each["executionArn"])
                event = json.loads(described["input"])
                if (event["RequestType"], event["LogicalResourceId"]) == (kind, logical_id):
                    return str(each["executionArn"])
            return ""

        return self.waits_for(found)

    def abort(self, kind: str, logical_id: str) -> None:
        """Stops the execution of a request, as a person may do on the console."""
        self._states.stop_execution(executionArn=self.execution(kind, logical_id), error="Stopped", cause="by hand")

    def give_worker(self, seconds: int) -> None:
        """Gives the worker another time-out, for its next invocations."""
        name = self.stack.physical_id("CleanRoomsMLWorker")
        functions: Any = self.sandbox.client("lambda")
        functions.update_function_configuration(FunctionName=name, Timeout=seconds)

    @contextmanager
    def limited(self, seconds: int) -> Iterator[None]:
        """Gives the state machine a time-out for the executions that are started meanwhile."""
        arn = self.stack.physical_id("CleanRoomsMLMachine")
        definition = self._states.describe_state_machine(stateMachineArn=arn)["definition"]
        limited = json.dumps({**json.loads(definition), "TimeoutSeconds": seconds})
        self._states.update_state_machine(stateMachineArn=arn, definition=limited)
        yield
        self._states.update_state_machine(stateMachineArn=arn, definition=definition)

    # -- the end ---------------------------------------------------------------------------------------------------

    def ended(self) -> Ended:
        """How it ended."""
        guid = self.stack.id.rsplit("/", 1)[-1]
        records = [
            record
            for record in self.sandbox.emulator.records(seeded=False)
            if record["tags"].get(OWNERSHIP_TAG_KEY, "").startswith(guid)
        ]
        return Ended(
            self.statuses,
            self.stack.reasons(),
            self.struck(),
            json.loads(self.orders.read_text("utf-8")) != [],
            [f"{record['name']} {record['status']}" for record in records if record["status"] != "INACTIVE"],
            len(records),
        )


def _changed(joined: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """A definition in which other resources are referred to, changed."""
    separator, pieces = joined["Fn::Join"]
    text = separator.join(piece if isinstance(piece, str) else f"@{number}@" for number, piece in enumerate(pieces))
    definition = json.loads(text)
    change(definition)
    parts = re.split(r"@(\d+)@", json.dumps(definition))
    return {"Fn::Join": ["", [pieces[int(part)] if odd % 2 else part for odd, part in enumerate(parts)]]}
