"""What a test, a demo or the sandbox does to the emulated service beside calling its API."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cleanrooms_ml_handlers.model import service_model

from .api.routes import Router
from .calls import SERVICES
from .kinds import KINDS
from .rules.quotas import Throttle
from .rules.resource_policy import policy_key
from .seeding.seeder import Seeder
from .state.faults import Fault, Faults
from .state.journal import Journal, hidden_members, redacted
from .state.lifecycle import Durations, Record
from .state.world import Ids, Options, RoleCheck, RunOrder, World


class NoSuchRecordError(LookupError):
    """The service holds no such record, or not in a state in which this can be done to it."""


class Administration(Seeder):
    """The state of the emulator and the levers on it.

    Args:
        clock: Seconds since 1970.
        durations: How long runs, deletes and retention take.
        account: The account that requests come from unless they say another.
        region: Its Region.
        partition: Its partition.
        options: Behavior that can be chosen.
        seed: Makes identifiers and chance the same in every run. Default: they are random.
        role_check: Given a role and a service principal, why the service cannot assume the role; None if it can.
            Default: every role of the account can be assumed. It is called with the emulator's lock held.
        sleep: How a fault waits before a late answer; it is called without the emulator's lock.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        durations: Durations | None = None,
        account: str = "000000000000",
        region: str = "us-east-1",
        *,
        partition: str = "aws",
        options: Options | None = None,
        seed: int | None = None,
        role_check: RoleCheck | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._seed = seed
        self._initial = (durations or Durations(), options or Options())
        self._lock = threading.RLock()
        self._routers = {service: Router(service) for service in SERVICES.values()}
        self._settings = (account, region, partition, role_check)
        self.journal = Journal()
        self.reset()

    def reset(self) -> None:
        """Back to an empty service with the settings it was made with; the journal is empty too."""
        account, region, partition, role_check = self._settings
        with self._lock:
            self._ahead_seconds = 0.0
            self._faults = Faults(self._seed)
            self._throttle = Throttle()
            self._world = World(
                clock=lambda: self._clock() + self._ahead_seconds,
                account=account,
                region=region,
                partition=partition,
                durations=self._initial[0],
                options=self._initial[1],
                ids=Ids(self._seed),
                role_check=role_check,
            )
            self.journal.clear()

    @property
    def account(self) -> str:
        """The account that requests come from unless they say another."""
        return self._settings[0]

    @property
    def region(self) -> str:
        """The Region of the service."""
        return self._settings[1]

    # -- settings --------------------------------------------------------------------------------------------

    @property
    def durations(self) -> Durations:
        """How long things take; a change concerns what starts from now on."""
        return self._world.durations

    @durations.setter
    def durations(self, durations: Durations) -> None:
        with self._lock:
            self._world.durations = durations

    @property
    def options(self) -> Options:
        """Behavior that can be chosen."""
        return self._world.options

    @options.setter
    def options(self, options: Options) -> None:
        with self._lock:
            self._world.options = options

    def set_quota(self, name: str, value: float) -> None:
        """Raises or lowers a quota."""
        with self._lock:
            quotas = {**self._world.options.quotas, name: value}
            self._world.options = replace(self._world.options, quotas=quotas)

    # -- what is to happen -----------------------------------------------------------------------------------

    def add_fault(self, fault: Fault) -> None:
        """A fault for calls to come; it is copied, so that one object may serve several times."""
        with self._lock:
            self._faults.pending.append(copy.copy(fault))

    def clear_faults(self) -> None:
        """No more faults, and no more orders for runs."""
        with self._lock:
            self._faults.pending.clear()
            self._world.orders.clear()

    def faults(self) -> list[Fault]:
        """The faults that are still to come."""
        with self._lock:
            return [copy.copy(fault) for fault in self._faults.pending]

    def order_run(self, order: RunOrder) -> None:
        """What the next runs or deletes of a kind are to do: fail, find certain figures, take so long."""
        with self._lock:
            self._world.orders.append(copy.deepcopy(order))

    def advance(self, seconds: float) -> None:
        """Lets the emulator's clock run ahead of the one it was given."""
        with self._lock:
            self._ahead_seconds += seconds

    def expire(self, arn: str) -> None:
        """The retention of a channel runs out now.

        Raises:
            NoSuchRecordError: There is no such channel, or it is not ACTIVE.
        """
        with self._lock:
            record = self._found(arn)
            now = self._world.now()
            status = record.status(now)
            if status != "ACTIVE" or "retentionInDays" not in record.data:
                raise NoSuchRecordError(f"{arn} is {status}; the retention of an ACTIVE channel alone can run out")
            record.turn(now, [(now, "INACTIVE")])

    def forget(self, arn: str) -> None:
        """A record is gone, as if someone else had deleted it.

        Raises:
            NoSuchRecordError: There is no such record.
        """
        with self._lock:
            if model := self._model_of_policy(arn):
                model.policy = None
                return
            for record in self._world.copies(self._found(arn)):
                self._world.remove(record)

    # -- what is there ---------------------------------------------------------------------------------------

    def records(self, *, seeded: bool = True, raw: bool = False) -> list[dict[str, Any]]:
        """Every record, INACTIVE ones too, in the order of creation; a resource policy is one of its own.

        `holds` says whether there is still something to it: a run in progress, or what a delete would take away.
        What can neither be cancelled any more nor deleted, such as an export, holds nothing.

        Args:
            seeded: Whether to list what was seeded too.
            raw: Whether to show what AWS marks as sensitive.
        """
        with self._lock:
            listed: list[dict[str, Any]] = []
            for record in self._seen().values():
                if seeded or not record.seeded:
                    listed.append(self._described(record, raw=raw))
                if record.policy is not None and (seeded or not record.seeded_policy):
                    listed.append(_described_policy(record, raw=raw))
            return listed

    def record(self, arn: str) -> dict[str, Any]:
        """One record, with everything that it was asked to be.

        Args:
            arn: Its ARN, with `#` and the version for a version of a model; for a kind without ARN its membership,
                or the ARN of what it was made from with `#` and its name; of a policy, the model's with `#policy`.

        Raises:
            NoSuchRecordError: There is no such record.
        """
        with self._lock:
            if model := self._model_of_policy(arn):
                return _described_policy(model, raw=True)
            return self._described(self._found(arn), raw=True)

    def _seen(self) -> dict[str, Record]:
        self._world.sweep()
        return self._world.records

    def _found(self, arn: str) -> Record:
        try:
            return self._seen()[arn]
        except KeyError:
            raise NoSuchRecordError(f"there is no record {arn}") from None

    def _model_of_policy(self, key: str) -> Record | None:
        """The model whose policy is known by a key."""
        models = self._world.of_kind("ConfiguredAudienceModel")
        return next((it for it in models if it.policy is not None and policy_key(it.arn) == key), None)

    def _described(self, record: Record, *, raw: bool) -> dict[str, Any]:
        view = copy.deepcopy(self._world.view(record))
        if not raw:
            model = service_model("cleanroomsml")
            view = hidden_members(KINDS[record.kind], redacted(model, f"Get{record.kind}Response", view))
        return {
            "kind": record.kind,
            "arn": record.key,
            "account": record.account,
            "name": record.name,
            "status": view.pop("status"),
            "holds": self._world.holds(record),
            "seeded": record.seeded,
            "tags": view.pop("tags"),
            "data": view,
        }


def _described_policy(record: Record, *, raw: bool) -> dict[str, Any]:
    """A resource policy as a record of its own."""
    return {
        "kind": "ConfiguredAudienceModelPolicy",
        "arn": policy_key(record.arn),
        "account": record.account,
        "name": "",
        "status": "",
        "holds": True,
        "seeded": record.seeded_policy,
        "tags": {},
        "data": {"configuredAudienceModelPolicy": record.policy} if raw else {},
    }
