"""Errors of the service: rules E1 to E3 of the lifecycle contract."""

from __future__ import annotations

from typing import Literal

import pytest

from cleanrooms_ml_cli.sandbox.emulator import (
    CONFIGURED_AUDIENCE_MODELS,
    PENDING_AUDIENCE_GENERATION_JOBS,
    PENDING_SYNTHETIC_ML_INPUT_CHANNELS,
    Fault,
    RunOrder,
)
from cleanrooms_ml_simulator.lifecycle.cases import TAG, THING, Case
from cleanrooms_ml_simulator.templates import (
    MEMBERSHIP_ID,
    ROLE_ARN,
    Resources,
    channel,
    configured_audience_model,
    generation_job,
    template,
)
from cleanrooms_ml_simulator.wire import Call
from cleanrooms_ml_simulator.world import World

_Passing = Literal["error", "throttle", "drop_before"]
_KINDS: tuple[_Passing, ...] = ("error", "throttle", "drop_before")


@pytest.mark.parametrize("kind", _KINDS)
def test_e1_a_transient_fault_of_the_service_is_retried(world: World, case: Case, kind: _Passing) -> None:
    for operation in case.operations:
        world.emulator.add_fault(Fault(operation, count=3, kind=kind, http_status=None if kind == "throttle" else 503))
    stack = world.stack()
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    assert len(world.created()) == 1
    assert not world.leftovers()
    assert not world.emulator.faults()


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("operation", ["UpdateConfiguredAudienceModel", "TagResource", "UntagResource"])
def test_a_transient_fault_during_an_update_is_retried(world: World, operation: str, kind: _Passing) -> None:
    stack = world.stack()
    stack.create(template(configured_audience_model(THING, tags={"old": "1"}, description="one")))
    world.emulator.add_fault(Fault(operation, count=3, kind=kind))
    changed = template(configured_audience_model(THING, tags={"new": "1"}, description="two"))
    assert stack.update(changed) == "UPDATE_COMPLETE"
    record = world.record(stack.physical_id(THING))
    assert record["data"]["description"] == "two"
    assert {"new": "1"}.items() <= record["tags"].items()
    assert "old" not in record["tags"]
    # A call that has taken effect is not repeated.
    assert world.calls("UpdateConfiguredAudienceModel") == (4 if operation.startswith("Update") else 1)


def test_e1_a_role_that_takes_effect_after_a_while_is_waited_for(world: World, with_role: Case) -> None:
    world.refuse_role(ROLE_ARN, seconds=20)
    stack = world.stack()
    assert stack.create(with_role.template()) == "CREATE_COMPLETE"
    assert len(world.created()) == 1
    assert 19 <= stack.sent("Create", THING)[0].seconds < 30


def test_an_update_waits_for_a_role_too(world: World) -> None:
    stack = world.stack()
    stack.create(template(configured_audience_model(THING)))
    role = f"{ROLE_ARN}-new"
    world.refuse_role(role, seconds=30)
    destination = {"s3Destination": {"s3Uri": "s3://audiences/other/"}}
    changed = configured_audience_model(THING, outputConfig={"destination": destination, "roleArn": role})
    assert stack.update(template(changed)) == "UPDATE_COMPLETE"
    assert world.created() == [stack.physical_id(THING)]


@pytest.mark.parametrize("code", ["ValidationException", "ResourceNotFoundException", "SomethingNewException"])
def test_e2_a_permanent_error_is_not_retried(world: World, case: Case, code: str) -> None:
    world.emulator.add_fault(
        Fault(case.spec.create, count=1000, error_code=code, message="it will not do", http_status=400)
    )
    stack = world.stack()
    assert stack.create(case.template()) == "ROLLBACK_COMPLETE"
    assert world.calls(case.spec.create) == 1
    assert stack.sent("Create", THING)[0].seconds < 5
    assert f"{code}: it will not do ({case.spec.create})" in stack.why(THING)


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException", "ServiceQuotaExceededException"])
@pytest.mark.parametrize("verb", ["look", "create"])
def test_e3_the_code_and_the_message_of_the_service_are_in_the_reason(
    world: World, case: Case, verb: str, code: str
) -> None:
    operation = case.look if verb == "look" else case.spec.create
    world.emulator.add_fault(Fault(operation, count=1000, error_code=code, message=f"it will not {verb}"))
    stack = world.stack()
    stack.create(template({THING: case.resources()[THING]}), disable_rollback=True)
    assert f"{code}: it will not {verb} ({operation})" in stack.why(THING)


def test_e2_a_quota_that_time_does_not_free_is_final(world: World) -> None:
    world.emulator.set_quota(CONFIGURED_AUDIENCE_MODELS, 0)
    stack = world.stack()
    assert stack.create(template(configured_audience_model(THING))) == "ROLLBACK_COMPLETE"
    assert world.calls("CreateConfiguredAudienceModel") == 1
    assert "ServiceQuotaExceededException: The quota is reached" in stack.why(THING)


def test_a_quota_on_jobs_in_flight_counts_as_pending(world: World) -> None:
    world.emulator.set_quota(PENDING_AUDIENCE_GENERATION_JOBS, 1)
    stack = world.stack()
    parts = [generation_job(f"Job{number}") for number in range(3)]
    assert stack.create(template(*parts)) == "CREATE_COMPLETE"
    assert len(world.created("AudienceGenerationJob")) == 3


def test_a_quota_on_jobs_in_flight_that_is_never_freed_fails_at_the_deadline(world: World) -> None:
    world.emulator.set_quota(PENDING_AUDIENCE_GENERATION_JOBS, 0)
    stack = world.stack()
    assert stack.create(template(generation_job(THING))) == "ROLLBACK_COMPLETE"
    assert 3300 <= stack.sent("Create", THING)[0].seconds < 3600
    assert "ServiceQuotaExceededException" in stack.why(THING)
    assert "after 55 minutes" in stack.why(THING)
    assert not world.leftovers()


def test_synthetic_channels_wait_for_each_other(world: World) -> None:
    privacy = {"epsilon": 1.0, "maxMembershipInferenceAttackScore": 1.0, "columnClassification": {"columnMapping": []}}
    arn = world.emulator.seeds.analysis_template(MEMBERSHIP_ID, synthetic=privacy, score=0.5)
    world.emulator.set_quota(PENDING_SYNTHETIC_ML_INPUT_CHANNELS, 1)
    stack = world.stack()
    assert stack.create(template(synthetic("One", arn), synthetic("Two", arn))) == "CREATE_COMPLETE"
    assert len(world.created("MLInputChannel")) == 2


def synthetic(logical_id: str, template_arn: str) -> Resources:
    """A channel whose data an analysis template generates."""
    resources = channel(logical_id)
    source = resources[logical_id]["Properties"]["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    source["sqlParameters"] = {"analysisTemplateArn": template_arn}
    return resources


def test_a_limit_of_the_model_is_reported_without_a_call_of_the_service(world: World) -> None:
    stack = world.stack()
    assert stack.create(template(configured_audience_model(THING, minMatchingSeedSize=3))) == "ROLLBACK_COMPLETE"
    assert "minMatchingSeedSize is 3; allowed 25 to 500000 (CreateConfiguredAudienceModel)" in stack.why(THING)
    assert world.calls("CreateConfiguredAudienceModel") == 0


def test_x3_a_service_that_takes_nine_seconds_for_every_call_is_not_a_fault(world: World, case: Case) -> None:
    def dawdle(call: Call) -> None:
        if call.service == "cleanroomsml":
            world.simulation.sleep(9)

    world.wire.before.append(dawdle)
    if case.spec.long_running:
        world.emulator.order_run(RunOrder(case.spec.kind, seconds=100))
    stack = world.stack()
    assert stack.create(case.template(**case.run(1), tags=TAG)) == "CREATE_COMPLETE"
    assert stack.update(case.template(**case.run(2), tags=TAG)) == "UPDATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    assert len(world.created()) == 2
    assert not any(invocation.error for invocation in world.functions.invocations)
