"""More runs in one stack than the service allows at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cleanrooms_ml_cli.sandbox.emulator import PENDING_AUDIENCE_MODELS, PENDING_SYNTHETIC_ML_INPUT_CHANNELS
from cleanrooms_ml_cli.sandbox.emulator.state.journal import Entry
from cleanrooms_ml_simulator.templates import (
    ASSOCIATION_ARN,
    DATASET_ARN,
    MEMBERSHIP_ID,
    ROLE_ARN,
    Resources,
    described,
    linked,
    ready,
    template,
)
from cleanrooms_ml_simulator.world import World

_AT_A_TIME = 2
_MINUTE, _HOUR = 60.0, 3600.0
_MODELS = ("ModelA", "ModelB", "ModelC")
_CHANNELS = ("ChannelA", "ChannelB", "ChannelC")
_CREATES = {"AudienceModel": "CreateAudienceModel", "MLInputChannel": "CreateMLInputChannel"}


def model(logical_id: str) -> Resources:
    """A lookalike model."""
    return described("AudienceModel", {"trainingDatasetArn": DATASET_ARN}, logical_id, waits=True)


def synthetic_channel(logical_id: str, analysis_template: str) -> Resources:
    """A channel of a template that generates synthetic data."""
    source = {"protectedQueryInputParameters": {"sqlParameters": {"analysisTemplateArn": analysis_template}}}
    request = {
        "membershipIdentifier": MEMBERSHIP_ID,
        "configuredModelAlgorithmAssociations": [ASSOCIATION_ARN],
        "inputChannel": {"dataSource": source, "roleArn": ROLE_ARN},
        "retentionInDays": 30,
    }
    return described("MLInputChannel", request, logical_id, waits=True)


def six_runs(world: World) -> Resources:
    """Three models and three synthetic channels, none of which depends on another."""
    privacy = {"epsilon": 1.0, "maxMembershipInferenceAttackScore": 1.0, "columnClassification": {"columnMapping": []}}
    analysis_template = world.emulator.seeds.analysis_template(MEMBERSHIP_ID, synthetic=privacy, score=0.5)
    resources: Resources = {}
    for logical_id in _MODELS:
        resources |= model(logical_id)
    for logical_id in _CHANNELS:
        resources |= synthetic_channel(logical_id, analysis_template)
    return resources


def creates(world: World, kind: str) -> Iterator[Entry]:
    """The create calls of a kind."""
    return (entry for entry in world.emulator.journal if entry.operation == _CREATES[kind])


def the_third_waited_for_its_place(calls: list[Entry]) -> None:
    """Two were created at once, the third was refused until one of them had ended, and retried at growing intervals."""
    first, second, third = (entry for entry in calls if entry.took_effect)
    refused = [entry for entry in calls if not entry.took_effect]
    assert {(entry.error, entry.status) for entry in refused} == {("ServiceQuotaExceededException", 402)}
    assert third.time - first.time >= 20 * _MINUTE > second.time - first.time
    assert refused[1].time - refused[0].time < 5
    assert 30 < refused[-1].time - refused[-2].time <= 60


@pytest.fixture
def slow(world: World) -> World:
    """A world in which the runs of one stack overlap, and which allows two of each kind at a time."""
    durations = dict.fromkeys(("AudienceModel", "MLInputChannel", "MLInputChannel.synthetic"), 20 * _MINUTE)
    world.emulator.durations = world.emulator.durations.changed(create=durations)
    world.emulator.set_quota(PENDING_AUDIENCE_MODELS, _AT_A_TIME)
    world.emulator.set_quota(PENDING_SYNTHETIC_ML_INPUT_CHANNELS, _AT_A_TIME)
    return world


def test_three_models_and_three_synthetic_channels_of_one_stack_all_become_active(slow: World) -> None:
    stack = slow.stack()
    assert stack.create(template(six_runs(slow))) == "CREATE_COMPLETE", stack.reason
    for kind, logical_ids in (("AudienceModel", _MODELS), ("MLInputChannel", _CHANNELS)):
        records = slow.records(kind)
        assert [record["status"] for record in records] == ["ACTIVE"] * 3
        assert {stack.attribute(logical_id, "Arn") for logical_id in logical_ids} == {it["arn"] for it in records}
        assert {stack.attribute(ready(logical_id), "Status") for logical_id in logical_ids} == {"ACTIVE"}
        the_third_waited_for_its_place(list(creates(slow, kind)))
    slow.settle()
    assert stack.delete() == "DELETE_COMPLETE"
    assert not slow.leftovers()
    assert not slow.audit()


def test_a_model_that_waits_for_a_slot_leaves_nothing_when_the_stack_is_deleted(slow: World) -> None:
    stack = slow.stack()
    slow.after(5 * _MINUTE, stack.stop)
    assert stack.create(template(six_runs(slow))) == "ROLLBACK_COMPLETE"
    slow.settle()
    assert len(slow.created("AudienceModel")) == len(slow.created("MLInputChannel")) == _AT_A_TIME
    assert not slow.leftovers()
    assert not slow.audit()


def test_models_that_train_for_hours_wait_for_each_other_by_a_dependency(slow: World) -> None:
    slow.emulator.durations = slow.emulator.durations.changed(create={"AudienceModel": 3 * _HOUR})
    resources: Resources = {}
    for logical_id in _MODELS:
        resources |= linked(model(logical_id), logical_id, 4)
    resources["ModelC"]["DependsOn"] = [ready("ModelA")]
    stack = slow.stack()
    assert stack.create(template(resources)) == "CREATE_COMPLETE", stack.reason
    assert [record["status"] for record in slow.records("AudienceModel")] == ["ACTIVE"] * 3
    assert all(entry.took_effect for entry in creates(slow, "AudienceModel"))
    assert not slow.audit()
