"""What has no name, no tags or no delete: each made, changed and taken away again, and marked by what there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder, Seed
from cleanrooms_ml_handlers.resources import SPECS, spec_of
from harness.stack import Stack
from harness.templates import (
    ACCOUNT,
    CHANNEL_ARN,
    MEMBERSHIP_ID,
    PROVIDED_MODEL_ARN,
    ROLE_ARN,
    Resources,
    described,
    ready,
    template,
)
from harness.world import World

from .cases import CASES, THING

_JOB_ID, _MODEL_ID = "88888888-8888-4888-8888-888888888888", "99999999-9999-4999-8999-999999999999"
_SERVICE = f"arn:aws:cleanrooms-ml:us-east-1:{ACCOUNT}"
_JOB_ARN = f"{_SERVICE}:audience-generation-job/{_JOB_ID}"
_MODEL_ARN = f"{_SERVICE}:membership/{MEMBERSHIP_ID}/trained-model/{_MODEL_ID}"
_RECEIVER = {"members": [{"accountId": ACCOUNT}]}


def statement(account: str) -> dict[str, Any]:
    """An account may start jobs."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "cleanrooms-ml:StartAudienceGenerationJob",
        "Resource": PROVIDED_MODEL_ARN,
    }


def document(*accounts: str) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": [statement(account) for account in accounts]}


def location(uri: str) -> dict[str, Any]:
    """Where results go."""
    return {"destination": {"s3Destination": {"s3Uri": uri}}, "roleArn": ROLE_ARN}


# For each kind the least that the service takes, and a change.
_REQUESTS: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ConfiguredAudienceModelAssociation": (
        {
            "membershipIdentifier": MEMBERSHIP_ID,
            "configuredAudienceModelArn": PROVIDED_MODEL_ARN,
            "manageResourcePolicies": False,
        },
        {"description": "new"},
    ),
    "ConfiguredAudienceModelPolicy": (
        {
            "configuredAudienceModelArn": PROVIDED_MODEL_ARN,
            "configuredAudienceModelPolicy": document("111122223333"),
        },
        {"configuredAudienceModelPolicy": document("444455556666")},
    ),
    "MLConfiguration": (
        {"membershipIdentifier": MEMBERSHIP_ID, "defaultOutputLocation": location("s3://a/one")},
        {"defaultOutputLocation": location("s3://a/two")},
    ),
    "AudienceExportJob": (
        {"audienceGenerationJobArn": _JOB_ARN, "audienceSize": {"type": "PERCENTAGE", "value": 5}},
        {"audienceSize": {"type": "PERCENTAGE", "value": 10}},
    ),
    "TrainedModelExportJob": (
        {
            "membershipIdentifier": MEMBERSHIP_ID,
            "trainedModelArn": _MODEL_ARN,
            "outputConfiguration": _RECEIVER,
        },
        {"description": "new"},
    ),
    "TrainedModelInferenceJob": (
        {
            "membershipIdentifier": MEMBERSHIP_ID,
            "trainedModelArn": _MODEL_ARN,
            "resourceConfig": {"instanceType": "ml.m5.xlarge", "instanceCount": 2},
            "dataSource": {"mlInputChannelArn": CHANNEL_ARN},
            "outputConfiguration": _RECEIVER,
        },
        {"description": "new"},
    ),
    "AudienceModel": (
        {"trainingDatasetArn": f"{_SERVICE}:training-dataset/66666666-6666-4666-8666-666666666666"},
        {"trainingDataStartTime": "2026-01-01T00:00:00Z"},
    ),
    "TrainedModel": (
        {
            "membershipIdentifier": MEMBERSHIP_ID,
            "configuredModelAlgorithmAssociationArn": (
                f"{_SERVICE}:membership/{MEMBERSHIP_ID}/configured-model-algorithm-association/"
                "55555555-5555-4555-8555-555555555555"
            ),
            "resourceConfig": {"instanceType": "ml.m5.4xlarge", "volumeSizeInGB": 30},
            "dataChannels": [{"channelName": "train", "mlInputChannelArn": CHANNEL_ARN}],
        },
        {"stoppingCondition": {"maxRuntimeInSeconds": 3600}},
    ),
}
KINDS = tuple(_REQUESTS)
RUNS = tuple(kind for kind in KINDS if spec_of(kind).long_running)


def made(kind: str, **more: Any) -> dict[str, Any]:
    """A template with one resource of a kind."""
    resources: Resources = described(kind, _REQUESTS[kind][0], THING, waits=spec_of(kind).long_running, **more)
    if ready(THING) in resources:
        # The physical id: not every kind has an ARN.
        resources[ready(THING)]["Properties"]["Arn"] = {"Ref": THING}
    return template(resources)


def ready_world(world: World, kind: str) -> Stack:
    """A stack in a world with what the kind needs."""
    if kind == "AudienceExportJob":
        world.emulator.seed(Seed("AudienceGenerationJob", identifier=_JOB_ID))
    if kind.startswith("TrainedModel"):
        world.emulator.seed(Seed("TrainedModel", identifier=_MODEL_ID, membership_id=MEMBERSHIP_ID))
        world.emulator.seed(Seed("MLConfiguration", membership_id=MEMBERSHIP_ID))
    return world.stack()


def test_every_kind_is_tested_here_or_there() -> None:
    assert {spec.kind for spec in SPECS} == {*KINDS, *(str(case) for case in CASES)}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_made_changed_and_taken_away(world: World, kind: str) -> None:
    stack = ready_world(world, kind)
    assert stack.create(made(kind)) == "CREATE_COMPLETE"
    first = stack.physical_id(THING)
    before = world.mutations()
    assert stack.update(made(kind)) == "UPDATE_COMPLETE"
    assert world.mutations() == before
    assert stack.update(made(kind, **_REQUESTS[kind][1])) == "UPDATE_COMPLETE"
    assert (stack.physical_id(THING) == first) == (spec_of(kind).update is not None or not spec_of(kind).list)
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


@pytest.mark.parametrize("kind", KINDS)
def test_a_lost_reply_to_a_create_makes_no_second_one(world: World, kind: str) -> None:
    stack = ready_world(world, kind)
    world.emulator.add_fault(Fault(spec_of(kind).create, kind="drop_after"))
    assert stack.create(made(kind)) == "CREATE_COMPLETE"
    assert len(set(world.made(kind))) <= 1
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


@pytest.mark.parametrize("kind", RUNS)
def test_a_run_that_fails_says_why(world: World, kind: str) -> None:
    stack = ready_world(world, kind)
    world.emulator.order_run(RunOrder(kind, status_code="OUT_OF_MEMORY", message="too small"))
    assert stack.create(made(kind)) == "ROLLBACK_COMPLETE"
    assert "OUT_OF_MEMORY too small" in stack.why(ready(THING))


@pytest.mark.parametrize("kind", ["TrainedModel", "TrainedModelInferenceJob"])
def test_a_run_in_progress_is_cancelled_when_it_is_deleted(world: World, kind: str) -> None:
    stack = ready_world(world, kind)
    world.emulator.order_run(RunOrder(kind, seconds=100_000))
    world.after(60, stack.stop)
    assert stack.create(made(kind)) == "ROLLBACK_COMPLETE"
    [deleted] = stack.sent("Delete", THING)
    assert deleted.seconds < 300
    assert world.calls(str(spec_of(kind).cancel)) == 1
    assert not world.leftovers()


def test_statements_of_others_stay_in_the_policy(world: World) -> None:
    stack, other = ready_world(world, "ConfiguredAudienceModelPolicy"), world.stack("other")
    stack.create(made("ConfiguredAudienceModelPolicy"))
    other.create(made("ConfiguredAudienceModelPolicy", configuredAudienceModelPolicy=document("777788889999")))
    assert stack.delete() == "DELETE_COMPLETE"
    policy = world.call("GetConfiguredAudienceModelPolicy", configuredAudienceModelArn=PROVIDED_MODEL_ARN)
    assert "777788889999" in policy["configuredAudienceModelPolicy"]
    assert "111122223333" not in policy["configuredAudienceModelPolicy"]
    assert other.delete() == "DELETE_COMPLETE"


def test_a_configuration_of_others_is_replaced_only_if_told(world: World) -> None:
    world.call(
        "PutMLConfiguration", membershipIdentifier=MEMBERSHIP_ID, defaultOutputLocation=location("s3://theirs/results")
    )
    refused, allowed = world.stack("refused"), world.stack("allowed")
    world.advance(60)
    assert refused.create(made("MLConfiguration")) == "ROLLBACK_COMPLETE"
    assert "allow its replacement with replace_existing=True" in refused.why(THING)
    replacing = made("MLConfiguration")
    replacing["Resources"][THING]["Properties"]["Settings"] = {"ReplaceExisting": True}
    assert allowed.create(replacing) == "CREATE_COMPLETE"
    configuration = world.call("GetMLConfiguration", membershipIdentifier=MEMBERSHIP_ID)
    assert configuration["defaultOutputLocation"] == location("s3://a/one")
