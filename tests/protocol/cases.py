"""What the lifecycle tests need to know of each kind. A new spec needs an entry in `_BUILDERS` and `_MEMBERS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.spec import ResourceSpec
from harness.templates import (
    ASSOCIATION_ARN,
    AUDIENCE_MODEL_ARN,
    MEMBERSHIP_ID,
    PROVIDED_MODEL_ARN,
    QUERY,
    ROLE_ARN,
    Resources,
    channel,
    configured_audience_model,
    generation_job,
    get,
    ready,
    template,
)

THING = "Thing"

_BUILDERS: Mapping[str, Callable[..., Resources]] = {
    "ConfiguredAudienceModel": configured_audience_model,
    "MLInputChannel": channel,
    "AudienceGenerationJob": generation_job,
}

# The least that the service takes, for resources that someone else made.
_REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "ConfiguredAudienceModel": {
        "audienceModelArn": AUDIENCE_MODEL_ARN,
        "outputConfig": {"destination": {"s3Destination": {"s3Uri": "s3://theirs/output/"}}, "roleArn": ROLE_ARN},
        "sharedAudienceMetrics": ["ALL"],
    },
    "MLInputChannel": {
        "membershipIdentifier": MEMBERSHIP_ID,
        "configuredModelAlgorithmAssociations": [ASSOCIATION_ARN],
        "inputChannel": {
            "dataSource": {"protectedQueryInputParameters": {"sqlParameters": {"queryString": QUERY}}},
            "roleArn": ROLE_ARN,
        },
        "retentionInDays": 7,
    },
    "AudienceGenerationJob": {
        "configuredAudienceModelArn": PROVIDED_MODEL_ARN,
        "seedAudience": {"dataSource": {"s3Uri": "s3://theirs/seed.jsonl"}, "roleArn": ROLE_ARN},
    },
}

# Members with every scalar type that a kind has, as the construct renders them.
_MEMBERS: Mapping[str, Mapping[str, Any]] = {
    "ConfiguredAudienceModel": {
        "description": "audiences",
        "minMatchingSeedSize": 1000,
        "audienceSizeConfig": {"audienceSizeType": "PERCENTAGE", "audienceSizeBins": [1, 5, 10]},
        "childResourceTagOnCreatePolicy": "NONE",
    },
    "MLInputChannel": {"description": "spend of customers", "retentionInDays": 14},
    "AudienceGenerationJob": {"description": "lookalikes", "includeSeedInOutput": True},
}


@dataclass(frozen=True)
class Case:
    """One kind. Its resource has the logical id `THING`, its `Ready`, if it has one, that of `ready(THING)`."""

    spec: ResourceSpec

    def __str__(self) -> str:
        return self.spec.kind

    @property
    def get(self) -> str:
        """The operation that shows one."""
        assert self.spec.get is not None
        return self.spec.get

    @property
    def list(self) -> str:
        """The operation that lists them."""
        assert self.spec.list is not None
        return self.spec.list

    @property
    def delete(self) -> str:
        """The operation that deletes one."""
        assert self.spec.delete is not None
        return self.spec.delete

    @property
    def members(self) -> Mapping[str, Any]:
        """Further members with the types that the API has."""
        return _MEMBERS[self.spec.kind]

    @property
    def changeable(self) -> Mapping[str, Any]:
        """Those of the further members that an update changes in place."""
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
        return others

    @property
    def last(self) -> str:
        """The logical id on which things wait that need the resource."""
        return ready(THING) if self.spec.long_running else THING

    def resources(self, logical_id: str = THING, **options: Any) -> Resources:
        """The resources of the kind's construct."""
        return _BUILDERS[self.spec.kind](logical_id, **options)

    def template(self, *others: Resources, **options: Any) -> dict[str, Any]:
        """A template with the kind's construct and perhaps others; its outputs show every attribute."""
        outputs = {name: get(THING, name) for name in ("Arn", "Name", "RequestHash")}
        if self.spec.long_running:
            outputs |= {name: get(ready(THING), name) for name in self.spec.attributes}
        return template(self.resources(**options), *others, outputs=outputs)

    def request(self, name: str) -> dict[str, Any]:
        """A create request of someone else."""
        return {**_REQUESTS[self.spec.kind], self.spec.name_field: name}


# Each needs a template of its own.
CASES = tuple(Case(spec) for spec in SPECS if spec.kind in _BUILDERS)
# For what takes many steps and is the same for every kind.
CHANNEL, JOB = (
    next(case for case in CASES if str(case) == kind) for kind in ("MLInputChannel", "AudienceGenerationJob")
)
LONG_RUNNING = tuple(case for case in CASES if case.spec.long_running)
TAGGED = tuple(case for case in CASES if case.spec.is_taggable)
UPDATABLE = tuple(case for case in CASES if case.changeable)
# Whose time can run out, so that a record without data is left.
EXPIRING = tuple(case for case in LONG_RUNNING if "INACTIVE" in case.spec.statuses)
# Whose runs can only be waited for.
UNSTOPPABLE = tuple(case for case in LONG_RUNNING if case.spec.cancel is None)
TAG = {"team": "audiences"}

# What makes an update fail after everything that it needs is done: a job whose seed is too small.
FAILING_LOGICAL_ID = "Failing"


def failing(*needs: str) -> Resources:
    """A job that fails in the service, begun when some others are complete."""
    resources = generation_job(FAILING_LOGICAL_ID, seed="s3://seeds/too-small.jsonl")
    resources[FAILING_LOGICAL_ID]["DependsOn"] = list(needs)
    return resources
