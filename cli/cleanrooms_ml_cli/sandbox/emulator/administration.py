"""What a test, a demo or the sandbox does to the emulated service beside calling its API."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cleanrooms_ml_handlers.model import service_model

from . import seeds
from .faults import Fault, Faults
from .journal import Journal, redacted
from .lifecycle import Durations, Record
from .quotas import Throttle
from .routes import Router
from .world import Ids, Options, RoleCheck, RunOrder, World


class NoSuchRecordError(LookupError):
    """The service holds no such record, or not in a state in which this can be done to it."""


class Administration:
    """The state of the emulator and the levers on it.

    Args:
        clock: Seconds since 1970.
        durations: How long runs, deletes and retention take.
        account: The account that all requests come from.
        region: Its Region.
        partition: Its partition.
        options: Behaviour that can be chosen.
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
        self._model = service_model("cleanroomsml")
        self._router = Router(self._model)
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
                model=self._model,
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
        """The account of the service."""
        return self._world.account

    @property
    def region(self) -> str:
        """The Region of the service."""
        return self._world.region

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
        """Behaviour that can be chosen."""
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
            del self._world.records[self._found(arn).arn]

    # -- what is there ---------------------------------------------------------------------------------------

    def records(self, *, seeded: bool = True, raw: bool = False) -> list[dict[str, Any]]:
        """Every record, INACTIVE ones too, in the order of creation; a resource policy is one of its own.

        Args:
            seeded: Whether to list what was seeded too.
            raw: Whether to show what AWS marks as sensitive.
        """
        with self._lock:
            listed: list[dict[str, Any]] = []
            for record in self._seen().values():
                if record.seeded and not seeded:
                    continue
                listed.append(self._described(record, raw=raw))
                if record.policy is not None:
                    policy = {"kind": "ConfiguredAudienceModelPolicy", "arn": record.arn, "name": "", "status": ""}
                    listed.append({**policy, "seeded": False, "tags": {}, "data": {}})
            return listed

    def record(self, arn: str) -> dict[str, Any]:
        """One record, with everything that it was asked to be.

        Raises:
            NoSuchRecordError: There is no such record.
        """
        with self._lock:
            return self._described(self._found(arn), raw=True)

    def _seen(self) -> dict[str, Record]:
        self._world.sweep()
        return self._world.records

    def _found(self, arn: str) -> Record:
        try:
            return self._seen()[arn]
        except KeyError:
            raise NoSuchRecordError(f"there is no record {arn}") from None

    def _described(self, record: Record, *, raw: bool) -> dict[str, Any]:
        view = copy.deepcopy(self._world.view(record))
        if not raw:
            view = redacted(self._model, f"Get{record.kind}Response", view)
        return {
            "kind": record.kind,
            "arn": record.arn,
            "name": record.name,
            "status": view.pop("status"),
            "seeded": record.seeded,
            "tags": view.pop("tags"),
            "data": view,
        }

    # -- seeds -----------------------------------------------------------------------------------------------

    def seed_membership(self, membership_id: str | None = None, collaboration_id: str | None = None) -> str:
        """A membership of this account, by identifier; default: one that is always the same."""
        with self._lock:
            return seeds.seed_membership(self._world, membership_id, collaboration_id).identifier

    def seed_training_dataset(self, name: str = "training", id: str | None = None) -> str:
        """A training dataset; returns its ARN."""
        with self._lock:
            return seeds.seed_training_dataset(self._world, name, id).arn

    def seed_audience_model(
        self,
        name: str = "lookalike",
        status: str = "ACTIVE",
        *,
        id: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """An audience model with a training dataset of its own; returns its ARN."""
        with self._lock:
            return seeds.seed_audience_model(self._world, name, status, identifier=id, tags=tags).arn

    def seed_configured_audience_model(
        self,
        name: str = "provided",
        *,
        account: str | None = None,
        id: str | None = None,
        policy: str | None = None,
    ) -> str:
        """A configured audience model, of another account if wanted, with its policy; returns its ARN."""
        with self._lock:
            return seeds.seed_configured_audience_model(
                self._world, name, account=account, identifier=id, policy=policy
            ).arn

    def seed_configured_model_algorithm_association(
        self,
        membership_id: str | None = None,
        name: str = "algorithm",
        *,
        collaboration_id: str | None = None,
        id: str | None = None,
        account: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """A configured model algorithm association with its membership; returns its ARN."""
        with self._lock:
            return seeds.seed_association(
                self._world,
                membership_id,
                name,
                collaboration_id=collaboration_id,
                identifier=id,
                account=account,
                tags=tags,
            ).arn

    def seed_analysis_template(
        self,
        membership_id: str | None = None,
        *,
        id: str | None = None,
        synthetic: Mapping[str, Any] | None = None,
        score: float | None = None,
    ) -> str:
        """An analysis template, with synthetic data parameters if wanted; returns its ARN."""
        with self._lock:
            return seeds.seed_analysis_template(
                self._world, membership_id, identifier=id, synthetic=synthetic, score=score
            ).arn

    def seed_missing_table(self, name: str) -> None:
        """A table that queries do not find."""
        with self._lock:
            self._world.missing_tables.add(name.lower())
