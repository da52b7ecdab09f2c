"""Every kind in the form in which the lifecycle tests use it: what can be done with it, and what is left of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cleanrooms_ml_cli.sandbox.emulator.api.specials import SPECIALS
from cleanrooms_ml_cli.sandbox.emulator.kinds import KIND_OF_OPERATION, KINDS
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.spec import Cardinality, ResourceSpec

from ..templates import (
    OTHERS_NUMBER,
    Resources,
    described,
    free_membership_id,
    free_model_arn,
    generation_job,
    get,
    ready,
    template,
)
from ..world import World
from .kinds import FACTS, Facts

THING = "Thing"
TAG = {"team": "audiences"}


@dataclass(frozen=True)
class Case:
    """One kind. Its resource has the logical id `THING`, its `Ready`, if it has one, that of `ready(THING)`."""

    spec: ResourceSpec

    def __str__(self) -> str:
        return self.spec.kind

    @property
    def facts(self) -> Facts:
        """What requests look like."""
        return FACTS[self.spec.kind]

    # -- operations ------------------------------------------------------------------------------------------------

    @property
    def get(self) -> str:
        """The operation that shows one: without a get operation, the list."""
        found = self.spec.get or self.spec.list
        assert found is not None
        return found

    @property
    def look(self) -> str:
        """The operation that finds what is there already."""
        return self.spec.list or self.get

    @property
    def update(self) -> str:
        """The operation that changes one: a put creates and changes."""
        return self.spec.update or self.spec.create

    @property
    def delete(self) -> str:
        """The operation that deletes one; empty if there is none."""
        return self.spec.delete or ""

    @property
    def operations(self) -> tuple[str, ...]:
        """All that every lifecycle calls."""
        return tuple(dict.fromkeys(filter(None, (self.spec.create, self.get, self.look, self.delete))))

    # -- what it is ------------------------------------------------------------------------------------------------

    @property
    def is_singleton(self) -> bool:
        """Whether there is one per parent, without a name of its own: a singleton or a document."""
        return self.spec.cardinality is not Cardinality.NAMED

    @property
    def comes_back(self) -> bool:
        """Whether creating the same again leads to the same: a singleton, or the record that stays."""
        return self.is_singleton or not (self.spec.delete or self.spec.is_taggable)

    @property
    def tags(self) -> Mapping[str, str]:
        """What is shown of `TAG`."""
        return TAG if self.spec.is_taggable else {}

    @property
    def last(self) -> str:
        """The logical id on which things wait that need the resource."""
        return ready(THING) if self.spec.long_running else THING

    def held(self, *ids: str) -> list[str]:
        """Those of some ended ones that still hold something: what nobody can delete is but a record."""
        return list(ids) if self.spec.delete else []

    # -- requests --------------------------------------------------------------------------------------------------

    @property
    def members(self) -> Mapping[str, Any]:
        """Further members with the types that the API has."""
        return self.facts.members

    @property
    def changeable(self) -> Mapping[str, Any]:
        """Those of the further members that an update changes in place."""
        if self.is_singleton:
            return self.members
        if self.spec.update is None:
            return {}
        names = service_model(self.spec.service).input_members(self.spec.update)
        new = self.spec.presence_is_identity
        return {key: value for key, value in self.members.items() if key in names and key not in new}

    @property
    def changed(self) -> Mapping[str, Any]:
        """The same members with other values."""
        others: dict[str, Any] = {key: value + 1 for key, value in self.changeable.items() if type(value) is int}
        if "description" in self.changeable:
            others["description"] = "something else"
        return {**others, **self.facts.changed}

    def run(self, number: int) -> dict[str, Any]:
        """The properties of a first one, or of another in its stead; another singleton has another parent."""
        if self.spec.cardinality is Cardinality.SINGLETON:
            return {"membershipIdentifier": free_membership_id(number)}
        if self.spec.cardinality is Cardinality.DOCUMENT:
            return {"configuredAudienceModelArn": free_model_arn(number)}
        return {"RunId": str(number)}

    def resources(self, logical_id: str = THING, **options: Any) -> Resources:
        """The resources of the kind's construct."""
        if not self.spec.is_taggable:
            options.pop("tags", None)
        if "name" in options:
            options[self.spec.name_field] = options.pop("name")
        return described(self.spec.kind, self.facts.least, logical_id, waits=self.spec.long_running, **options)

    def template(self, *others: Resources, **options: Any) -> dict[str, Any]:
        """A template with the kind's construct and perhaps others; its outputs show every attribute."""
        own = self.spec.attributes
        outputs = {name: get(THING, name) for name in ("Arn", "Name", "RequestHash")}
        outputs |= {name: get(self.last, name) for name in own}
        return template(self.resources(**options), *others, outputs=outputs)

    # -- the service -----------------------------------------------------------------------------------------------

    def create_theirs(self, world: World, name: str = "theirs") -> str:
        """Creates one as someone else of the account, a singleton of another parent; its physical id."""
        request = {
            **self.facts.least,
            **(self.run(OTHERS_NUMBER) if self.is_singleton else {self.spec.name_field: name}),
        }
        if self.spec.document_field:
            request[self.spec.document_field] = json.dumps(request[self.spec.document_field])
        world.call(self.spec.create, **request)
        # Longer than its run takes, and than the service wants between two calls.
        world.advance(10)
        return world.created(self.spec.kind)[-1]

    def shown(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The members of a record in the form in which they were asked for."""
        data = dict(record["data"])
        if self.spec.document_field:
            parsed = json.loads(data[self.spec.document_field])
            for statement in parsed["Statement"]:
                statement.pop("Sid", None)
            data[self.spec.document_field] = parsed
        return data


def missing(spec: ResourceSpec) -> list[str]:
    """What a kind lacks for the lifecycle tests, and where to add it."""
    # A document is a member of another kind's record.
    unknown = [] if spec.kind in KINDS or spec.document_field else [f"the kind {spec.kind}"]
    unknown += [name for name in spec.operations if name not in KIND_OF_OPERATION and name not in SPECIALS]
    problems = []
    if unknown:
        problems.append(
            f"the sandbox does not emulate {', '.join(unknown)}; add of_spec(...) of its spec to the "
            "kinds in cli/cleanrooms_ml_cli/sandbox/emulator/kinds/"
        )
    if spec.kind not in FACTS:
        problems.append(
            "no test knows a request of it; add its least request to FACTS in "
            "simulator/cleanrooms_ml_simulator/lifecycle/kinds.py"
        )
    return [f"{spec.kind}: {problem}" for problem in problems]


def cases(specs: Iterable[ResourceSpec]) -> tuple[Case, ...]:
    """The case of each kind.

    Raises:
        LookupError: A kind lacks something; the message says where to add it.
    """
    specs = tuple(specs)
    if problems := [problem for spec in specs for problem in missing(spec)]:
        raise LookupError("; ".join(problems))
    return tuple(Case(spec) for spec in specs)


# Each needs a template of its own.
CASES = cases(SPECS)
# For what takes many steps and is the same for every kind.
CHANNEL, JOB, MODEL = (
    next(case for case in CASES if str(case) == kind)
    for kind in ("MLInputChannel", "AudienceGenerationJob", "ConfiguredAudienceModel")
)
NAMED = tuple(case for case in CASES if not case.is_singleton)
LONG_RUNNING = tuple(case for case in CASES if case.spec.long_running)
TAGGED = tuple(case for case in CASES if case.spec.is_taggable)
# What an update changes in place, and what of it can be left out.
CHANGEABLE = tuple(case for case in CASES if case.changeable)
UPDATABLE = tuple(case for case in CHANGEABLE if not case.is_singleton)
DELETABLE = tuple(case for case in CASES if case.spec.delete)
# Whose time can run out, so that a record without data is left.
EXPIRING = tuple(case for case in LONG_RUNNING if "INACTIVE" in case.spec.statuses)
# Whose runs can only be waited for.
UNSTOPPABLE = tuple(case for case in LONG_RUNNING if case.spec.cancel is None)
# Which the service creates as a role that the request names.
WITH_ROLE = tuple(case for case in CASES if case.spec.role_fields)
GATED = tuple(case for case in CASES if case.spec.gates)

# Fails an update after everything that it needs is done: a job whose seed is too small.
FAILING_LOGICAL_ID = "Failing"


def failing(*needs: str) -> Resources:
    """A job that fails in the service, begun when some others are complete."""
    resources = generation_job(FAILING_LOGICAL_ID, seed="s3://seeds/too-small.jsonl")
    resources[FAILING_LOGICAL_ID]["DependsOn"] = list(needs)
    return resources
