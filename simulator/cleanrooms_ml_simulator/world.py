"""Everything around the functions, in one process and in virtual time."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from botocore.exceptions import ConnectionClosedError

from cleanrooms_ml_cli.sandbox.emulator import Durations, Emulator, Options, Seed
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.reply_address import SANDBOX_REPLY_HOST
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.shared_names import ASSET_BUCKETS, KINDS, PARENTS
from cleanrooms_ml_handlers.spec import Cardinality

from . import templates
from .audit import Audit, Auditor, is_over
from .behaviors import HARD, Behavior, Past
from .cloudformation.conductor import REACTION_SECONDS, Conductor
from .cloudformation.replies import HOST, ReplyServer
from .cloudformation.stack import Stack
from .functions import CrashError, Lambda
from .provider import Provider, deploy
from .simulation import Simulation
from .step_functions.api import StatesApi
from .wire import CREATES, Call, Connected, Wire

_SEED = 2023
# A watch goes on for 30 days.
_LONGEST_LIFECYCLE_SECONDS = 40 * 24 * 3600
_PUTS = frozenset(spec.create for spec in SPECS if spec.cardinality is not Cardinality.NAMED)


def stack_id(name: str, number: int) -> str:
    """The ID of a stack, by its number in its world."""
    guid = uuid.uuid5(uuid.NAMESPACE_URL, f"{name}/{number}")
    return f"arn:aws:cloudformation:us-east-1:{templates.ACCOUNT}:stack/{name}/{guid}"


class World:
    """One account, empty but for what other people would have created in it.

    Args:
        replies: Where answers go.
        service: The functions' client.
        durations: How long runs, deletes and retention take.
        options: Behavior of the service that its documentation leaves open.
        behaviors: What AWS does otherwise than in a quiet world. Default: everything that it may do on any day.

    Attributes:
        simulation: The clock.
        emulator: Clean Rooms ML.
        states: Step Functions.
        functions: Lambda.
        wire: The network.
        providers: The provider of each stack, by the stack's id.
        stacks: All stacks.
        theirs: ARNs of what other people created in the same account.
        unassumable: Roles that Clean Rooms ML cannot assume.
        expects_our_fault: Whether answers may speak of a fault in the functions themselves.
        chance: The random numbers of this world; the same in every run.
        past: What the service held earlier.
        behind_seconds: How far the clock of Clean Rooms ML is behind.
        reaction_seconds: How long CloudFormation takes between what it learns and what it does next.
    """

    def __init__(
        self,
        replies: ReplyServer,
        service: Connected,
        durations: Durations | None = None,
        options: Options | None = None,
        behaviors: Sequence[Behavior] = HARD,
    ) -> None:
        self.simulation = Simulation()
        self.replies = replies
        self.service = service
        self.unassumable: set[str] = set()
        self.expects_our_fault = False
        self.chance = random.Random(_SEED)
        self.behind_seconds = 0.0
        self.reaction_seconds: float = REACTION_SECONDS
        self.emulator = Emulator(
            clock=lambda: self.simulation.now - self.behind_seconds,
            durations=durations,
            account=templates.ACCOUNT,
            options=options,
            seed=_SEED,
            role_check=lambda role, _: "no trust" if role in self.unassumable else None,
            sleep=self.simulation.sleep,
        )
        self.states = StatesApi()
        self.functions = Lambda(self.simulation)
        self.wire = Wire(self.simulation, self.emulator, self.states)
        self.providers: dict[str, Provider] = {}
        self.stacks: list[Stack] = []
        self.theirs: set[str] = set()
        self.past = Past(self.emulator, self.simulation.clock)
        self._auditor = Auditor(self)
        service.wire = self.wire
        replies.reset()
        os.environ[SANDBOX_REPLY_HOST] = HOST
        for behavior in behaviors:
            behavior.arm(self)
        self._seed()

    def stack(self, name: str = "app") -> Stack:
        """A new stack, nothing in it yet, with its provider."""
        its_id = stack_id(name, len(self.stacks))
        provider = deploy(its_id, self.simulation, self.functions, self.states, self.service)
        conductor = Conductor(its_id, provider.front, self.functions, self.replies, self.simulation)
        conductor.reaction_seconds = self.reaction_seconds
        stack = Stack(name, its_id, conductor, self.simulation)
        stack.provision = provider.provision
        self.providers[its_id] = provider
        self.stacks.append(stack)
        conductor.witnesses.append(self._auditor.witness)
        return stack

    # -- time ------------------------------------------------------------------------------------------------------

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        """Have something happen during what comes next."""
        self.simulation.after(seconds, action)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.simulation.advance(seconds)

    def settle(self) -> None:
        """Let everything that is still under way come to its end, canceled requests too."""
        self.simulation.run_until(
            lambda: (
                not self.functions.on_the_way
                and not any(execution.is_running for execution in self.states.executions())
                and all(invocation.ended is not None for invocation in self.functions.invocations)
            ),
            _LONGEST_LIFECYCLE_SECONDS,
        )

    # -- faults ----------------------------------------------------------------------------------------------------

    def crash(self, operation: str, *, count: int = 1, after: bool = False) -> None:
        """Let the function die at the next calls of an operation, before or after these take effect."""
        left = [count]

        def hook(call: Call) -> None:
            if call.operation == operation and call.invocation is not None and left[0] > 0:
                left[0] -= 1
                raise CrashError(operation)

        (self.wire.after if after else self.wire.before).append(hook)

    def crash_at(self, number: int, *, after: bool = False) -> None:
        """Let the function die before or after the call of this number, counted over all calls."""

        def hook(call: Call) -> None:
            if call.number == number:
                raise CrashError(f"{number}")

        (self.wire.after if after else self.wire.before).append(hook)

    def lose_replies(self, operation: str, count: int = 1) -> None:
        """Let the next calls of an operation take effect and their answers get lost."""
        left = [count]

        def hook(call: Call) -> None:
            if call.operation == operation and left[0] > 0:
                left[0] -= 1
                raise ConnectionClosedError(endpoint_url="https://cleanrooms-ml.us-east-1.amazonaws.com/")

        self.wire.after.append(hook)

    def refuse(self, service: str = "cleanroomsml", seconds: float | None = None) -> None:
        """Let the endpoint of a service refuse connections, for ever or for a while."""
        self.wire.refused.add(service)
        if seconds is not None:
            self.after(seconds, lambda: self.wire.refused.discard(service))

    def refuse_role(self, role: str, seconds: float | None = None) -> None:
        """Let Clean Rooms ML be unable to assume a role, for ever or for a while."""
        self.unassumable.add(role)
        if seconds is not None:
            self.after(seconds, lambda: self.unassumable.discard(role))

    # -- what others do to the service -----------------------------------------------------------------------------

    def call(self, operation: str, *, service: str = "", **parameters: Any) -> dict[str, Any]:
        """Call Clean Rooms ML or Clean Rooms as someone else of the same account.

        Args:
            operation: The operation.
            service: The service. Default: Clean Rooms ML if it has the operation.
            parameters: Those of the operation.
        """
        before = {record["arn"] for record in self.records()}
        if not service:
            service = "cleanroomsml" if operation in service_model("cleanroomsml").operations else "cleanrooms"
        answer = self.service.call(service, operation, parameters)
        self.theirs |= {record["arn"] for record in self.records()} - before
        return answer

    def set_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add tags as AWS itself does, which may use its own prefix."""
        self.emulator.state.world.records[arn].tags.update(tags)

    def expire(self, arn: str) -> None:
        """Let the time of a run be up, or another member of the collaboration delete its data."""
        self.set_status(arn, "INACTIVE")

    def set_status(self, arn: str, status: str) -> None:
        """Let a record have a status from now on, one that no version of the service model has too."""
        now = self.emulator.state.world.now()
        self.emulator.state.world.records[arn].reschedule(now, [(now, status)])

    # -- what the service holds ------------------------------------------------------------------------------------

    def records(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What was created in the service and is still known to it, seeds apart."""
        return [
            record
            for record in self.emulator.records(seeded=False, raw=True)
            if record["kind"] in (kind, *([] if kind else [record["kind"]]))
        ]

    def record(self, arn: str) -> dict[str, Any]:
        """One record."""
        return self.emulator.record(arn)

    def leftovers(self, exclude: Collection[str] = ()) -> list[dict[str, Any]]:
        """What exists in the service, and costs or holds something, of all that was created here.

        Args:
            exclude: ARNs of what is not the stack's.
        """
        return [record for record in self.records() if not is_over(record) and record["arn"] not in exclude]

    def audit(self) -> Audit:
        """What must never happen, as far as it has happened; asked when everything has come to its end."""
        return self._auditor.audit()

    def created(self, kind: str | None = None) -> list[str]:
        """The physical ids of all resources that were created, in order, deleted ones too.

        A singleton is created once, however often it is put.
        """
        operations = CREATES if kind is None else [spec.create for spec in SPECS if kind == spec.kind]
        created: list[str] = []
        for entry in self.emulator.journal:
            is_new = entry.arn not in created or entry.operation not in _PUTS
            if entry.operation in operations and entry.took_effect and is_new:
                created.append(entry.arn)
        return created

    def calls(self, *operations: str) -> int:
        """How often operations were called, with or without effect."""
        return len([entry for entry in self.emulator.journal if entry.operation in operations])

    def mutations(self) -> list[str]:
        """Every call so far that was to change something, by operation."""
        return [entry.operation for entry in self.emulator.journal if not entry.operation.startswith(("Get", "List"))]

    def put_object(self, bucket: str, key: str, text: str) -> None:
        """Put an object into S3."""
        self.wire.objects[bucket, key] = text.encode("utf-8")

    def close(self) -> None:
        """End everything."""
        self.simulation.close()
        self.service.wire = None
        for name in (SANDBOX_REPLY_HOST, "STACK_ID", "STATE_MACHINE_ARN", ASSET_BUCKETS, KINDS, PARENTS):
            os.environ.pop(name, None)

    def _seed(self) -> None:
        self.emulator.seeds.membership(templates.MEMBERSHIP_ID, templates.COLLABORATION_ID)
        self.emulator.seeds.configured_model_algorithm_association(templates.MEMBERSHIP_ID, id=templates.ASSOCIATION_ID)
        self.emulator.seeds.audience_model(id=templates.AUDIENCE_MODEL_ID)
        self.emulator.seed(Seed("TrainingDataset", identifier=templates.DATASET_ID))
        self.emulator.seed(
            Seed("MLInputChannel", identifier=templates.CHANNEL_ID, membership_id=templates.MEMBERSHIP_ID)
        )
        self.emulator.seeds.configured_audience_model(id=templates.PROVIDED_MODEL_ID)
        self.emulator.seed(Seed("AudienceGenerationJob", identifier=templates.PROVIDED_JOB_ID))
        self.emulator.seed(Seed("MLConfiguration", membership_id=templates.MEMBERSHIP_ID))
        self.emulator.seed(
            Seed("TrainedModel", identifier=templates.TRAINED_MODEL_ID, membership_id=templates.MEMBERSHIP_ID)
        )
        for number in range(templates.FREE_COUNT):
            self.emulator.seeds.membership(templates.free_membership_id(number))
            self.emulator.seed(
                Seed("ConfiguredAudienceModel", f"free-{number}", identifier=templates.free_model_id(number))
            )
