"""The emulated services in one object: requests, and what a test or a user does to the service outside its API."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .api.requests import Requests
from .api.wire import Request, Response
from .control import endpoint, records
from .native import Native
from .rules.authorization import Need
from .seeding.seeder import Seeder
from .seeding.seeds import Seed
from .state.faults import Fault
from .state.holds import HeldCall
from .state.journal import Journal
from .state.lifecycle import Durations
from .state.settings import Options, RunOrder
from .state.state import State
from .state.world import RoleCheck


class Emulator:
    """AWS Clean Rooms ML and AWS Clean Rooms, in every Region.

    Requests may come from several threads and accounts. Nothing runs between them: a status follows from the clock.

    Args:
        clock: Seconds since 1970.
        durations: How long runs, deletes and retention take.
        account: The account that requests come from unless they name another.
        region: The Region that requests are for unless they name another.
        partition: Its partition. Default: the one that AWS has for it.
        options: Behavior that can be chosen.
        seed: Seed of identifiers and probabilities. Default: random.
        role_check: Given a role and a service principal, why the service cannot assume the role; None if it can.
            Default: every role of the account can be assumed. It is called with the emulator's lock held.
        sleep: How a fault waits before a late reply; it is called without the emulator's lock.

    Attributes:
        state: Everything that the services hold.
        seeds: Puts resources there without a request.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        durations: Durations | None = None,
        account: str = "000000000000",
        region: str = "us-east-1",
        *,
        partition: str = "",
        options: Options | None = None,
        seed: int | None = None,
        role_check: RoleCheck | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.state = State(
            clock,
            durations,
            account,
            region,
            partition=partition,
            options=options,
            seed=seed,
            role_check=role_check,
            sleep=sleep,
        )
        self.seeds = Seeder(self.state)
        self._requests = Requests(self.state)

    def reset(self) -> None:
        """Empties the service, its journal included, and restores the settings of the start; held calls go on."""
        self.state.reset()

    # -- requests --------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answers a request to a service, or to the control endpoint.

        Raises:
            DroppedConnection: A fault asks for a connection that ends without a reply.
        """
        return self.control(request) if request.path.startswith(endpoint.PREFIX) else self._requests.handle(request)

    def control(self, request: Request) -> Response:
        """Answers a request to the control endpoint, below `/_cleanroomsml/`."""
        return endpoint.answer(self, request)

    def authorization(self, request: Request) -> list[Need]:
        """The IAM actions that a request needs, each with the resource ARN and the condition keys.

        Nothing is needed for a request that `handle` refuses anyway, because no operation answers it or because it
        is not valid.
        """
        return self._requests.authorization(request)

    @property
    def native(self) -> Native:
        """The types that CloudFormation has itself, without a custom resource."""
        return Native(self._requests.perform, self._requests.read)

    @property
    def journal(self) -> Journal:
        """The requests so far."""
        return self.state.journal

    # -- settings --------------------------------------------------------------------------------------------

    @property
    def account(self) -> str:
        """The account that requests come from unless they name another."""
        return self.state.account

    @property
    def region(self) -> str:
        """The Region that requests are for unless they name another."""
        return self.state.region

    @property
    def durations(self) -> Durations:
        """How long things take; a change concerns what starts from now on."""
        return self.state.world.durations

    @durations.setter
    def durations(self, durations: Durations) -> None:
        self.state.configure(durations=durations)

    @property
    def options(self) -> Options:
        """Behavior that can be chosen."""
        return self.state.world.options

    @options.setter
    def options(self, options: Options) -> None:
        self.state.configure(options=options)

    def set_quota(self, name: str, value: float) -> None:
        """Raises or lowers a quota."""
        with self.state.lock:
            self.options = replace(self.options, quotas={**self.options.quotas, name: value})

    # -- what is to happen -----------------------------------------------------------------------------------

    def add_fault(self, fault: Fault) -> None:
        """Adds a fault for calls to come; it is copied, so that one object may serve several times."""
        with self.state.lock:
            self.state.faults.pending.append(copy.copy(fault))

    def clear_faults(self) -> None:
        """Removes the faults to come and the orders for runs; held calls stay held."""
        with self.state.lock:
            self.state.faults.pending.clear()
            self.state.world.orders.clear()

    def faults(self) -> list[Fault]:
        """The faults to come."""
        with self.state.lock:
            return [copy.copy(fault) for fault in self.state.faults.pending]

    def held(self, operation: str | None = None) -> list[HeldCall]:
        """The calls that a fault of the kind `hold` holds, of an operation or all."""
        with self.state.lock:
            return [held for held in self.state.holds.calls if operation in (None, held.operation)]

    def release(self, operation: str | None = None) -> list[HeldCall]:
        """Lets the held calls of an operation, or all, go on; returns them."""
        with self.state.lock:
            return self.state.holds.release(operation)

    def order_run(self, order: RunOrder) -> None:
        """Says how the next runs, deletes or cancellations of a kind end, and how long they take."""
        with self.state.lock:
            self.state.world.orders.append(copy.deepcopy(order))

    def advance(self, seconds: float) -> None:
        """Lets the emulator's clock run ahead of the one that it was given."""
        self.state.advance(seconds)

    # -- records ---------------------------------------------------------------------------------------------

    def seed(self, seed: Seed) -> str:
        """Puts a resource of any kind there, with what it is built on; returns its ARN or other key.

        Raises:
            ValueError: An identifier does not have the service's form.
        """
        return self.seeds.plant(seed)

    def records(self, *, seeded: bool = True, raw: bool = False) -> list[dict[str, Any]]:
        """Every record, INACTIVE ones too, in the order of creation; a resource policy is one of its own.

        `holds` says whether the record still holds something: a run in progress, or what a delete would remove.
        What can neither be canceled any more nor deleted, such as an export, holds nothing.

        Args:
            seeded: Whether to list what was seeded too.
            raw: Whether to show what AWS marks as sensitive.
        """
        with self.state.lock:
            for region in self.state.worlds:
                with self.state.current(region=region):
                    pass  # what has come to its end is gone then
            return records.listed(list(self.state.worlds.values()), seeded=seeded, raw=raw)

    def overview(self) -> dict[str, Any]:
        """The time of the clock, the numbers of the journal's entries, and the statuses of runs over time."""
        with self.state.lock:
            worlds = list(self.state.worlds.values())
            return {
                "now": self.state.world.now(),
                "journal": self.state.journal.numbers(),
                "runs": [run for world in worlds for run in records.runs(world)],
            }

    def record(self, arn: str) -> dict[str, Any]:
        """One record, with all members of its request.

        Args:
            arn: Its ARN, with `#` and the version for a version of a model; for a kind without ARN its membership,
                or the ARN of its parent with `#` and its name; of a policy, the model's with `#policy`.

        Raises:
            NoSuchRecordError: There is no such record.
        """
        with self.state.current(region=self.state.of_record(arn).region) as world:
            return records.one(world, arn)

    def expire(self, arn: str) -> None:
        """Lets the retention of a channel run out now.

        Raises:
            NoSuchRecordError: There is no such channel, or it is not ACTIVE.
        """
        with self.state.current(region=self.state.of_record(arn).region) as world:
            record = records.existing(world, arn)
            now = world.now()
            status = record.status(now)
            if status != "ACTIVE" or "retentionInDays" not in record.data:
                raise records.NoSuchRecordError(
                    f"{arn} is {status}; the retention of an ACTIVE channel alone can run out"
                )
            record.reschedule(now, [(now, "INACTIVE")])

    def forget(self, arn: str) -> None:
        """Removes a record, as if someone else had deleted it.

        Raises:
            NoSuchRecordError: There is no such record.
        """
        with self.state.current(region=self.state.of_record(arn).region) as world:
            if model := records.model_of_policy(world, arn):
                model.policy = None
                return
            for record in world.copies(records.existing(world, arn)):
                world.remove(record)
