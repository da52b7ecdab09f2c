"""Quotas, request rates, durations."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import (
    ACTIVE_ML_INPUT_CHANNELS,
    CONFIGURED_AUDIENCE_MODELS,
    PENDING_AUDIENCE_GENERATION_JOBS,
    PENDING_AUDIENCE_MODELS,
    PENDING_SYNTHETIC_ML_INPUT_CHANNELS,
    Durations,
    Options,
)
from cleanrooms_ml_cli.sandbox.emulator.kinds import KINDS, Ending, Verb
from cleanrooms_ml_cli.sandbox.emulator.rules.rates import rate
from cleanrooms_ml_handlers.model import service_model

from .conftest import MEMBERSHIP, Bench, MakeBench, error_of


def refused(create: Callable[[], object]) -> tuple[str, float]:
    """The quota that refuses a create."""
    with pytest.raises(ClientError) as caught:
        create()
    assert error_of(caught)[:2] == ("ServiceQuotaExceededException", 402)
    response = caught.value.response
    return response["quotaName"], response["quotaValue"]


def test_ten_jobs_run_at_a_time(bench: Bench) -> None:
    model = bench.created_model()
    for number in range(10):
        bench.created_job(model, f"job-{number}")
    assert refused(lambda: bench.created_job(model, "more")) == (PENDING_AUDIENCE_GENERATION_JOBS, 10.0)
    bench.clock.sleep(4)
    assert bench.created_job(model, "more")


def test_two_audience_models_train_at_a_time(bench: Bench) -> None:
    dataset = bench.emulator.seeds.training_dataset()
    for name in ("a", "b"):
        bench.client.create_audience_model(name=name, trainingDatasetArn=dataset)
    found = refused(lambda: bench.client.create_audience_model(name="c", trainingDatasetArn=dataset))
    assert found == (PENDING_AUDIENCE_MODELS, 2.0)


def test_two_synthetic_channels_run_at_a_time_and_others_beside_them(bench: Bench) -> None:
    template = bench.emulator.seeds.analysis_template(
        MEMBERSHIP, synthetic={"epsilon": 1.0, "maxMembershipInferenceAttackScore": 0.9}
    )

    def create(name: str) -> str:
        request = bench.channel(name)
        source = request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
        source["sqlParameters"] = {"analysisTemplateArn": template}
        return str(bench.client.create_ml_input_channel(**request)["mlInputChannelArn"])

    create("a"), create("b")
    assert refused(lambda: create("c")) == (PENDING_SYNTHETIC_ML_INPUT_CHANNELS, 2.0)
    assert bench.created_channel("plain")


def test_a_membership_has_so_many_active_channels(bench: Bench) -> None:
    bench.emulator.set_quota(ACTIVE_ML_INPUT_CHANNELS, 2)
    first = bench.created_channel("a")
    bench.created_channel("b")
    assert refused(lambda: bench.created_channel("c")) == (ACTIVE_ML_INPUT_CHANNELS, 2.0)
    collaboration = bench.emulator.record(first)["data"]["collaborationIdentifier"]
    other = bench.emulator.seeds.membership("22222222-2222-4222-8222-222222222222", collaboration)
    assert bench.created_channel("c", membershipIdentifier=other)
    bench.clock.sleep(3)
    bench.emulator.expire(first)
    assert bench.created_channel("c")


def test_quotas_can_be_set(make_bench: MakeBench) -> None:
    bench = make_bench(options=Options(quotas={CONFIGURED_AUDIENCE_MODELS: 1}))
    bench.created_model()
    assert refused(bench.created_model) == (CONFIGURED_AUDIENCE_MODELS, 1.0)


def test_a_refused_create_leaves_nothing(bench: Bench) -> None:
    bench.emulator.set_quota(ACTIVE_ML_INPUT_CHANNELS, 0)
    with pytest.raises(ClientError):
        bench.created_channel()
    assert bench.emulator.records(seeded=False) == []


def test_calls_above_the_rate_are_throttled_without_effect(make_bench: MakeBench) -> None:
    bench = make_bench()
    model = bench.created_model()
    for number in range(5):
        bench.created_job(model, f"job-{number}")
    with pytest.raises(ClientError) as caught:
        bench.created_job(model, "job-5")
    assert error_of(caught)[:2] == ("ThrottlingException", 429)
    bench.clock.sleep(1)
    assert bench.created_job(model, "job-5")
    with pytest.raises(ClientError):
        bench.created_job(model, "job-6")


def test_every_emulated_operation_has_its_documented_rate() -> None:
    unlimited = {
        (service, name)
        for service in ("cleanroomsml", "cleanrooms")
        for name in service_model(service).operations
        if rate(service, name) is None
    }
    assert {service for service, _ in unlimited} == {"cleanroomsml"}
    assert {name for _, name in unlimited if "MLInputChannel" not in name} == {
        "CancelTrainedModel",
        "CancelTrainedModelInferenceJob",
    }


def test_durations_can_be_changed_for_what_starts_later(bench: Bench) -> None:
    running = bench.created_channel("running")
    bench.emulator.durations = bench.emulator.durations.changed(create={"MLInputChannel": 100.0})
    later = bench.created_channel("later")
    bench.clock.sleep(3)
    assert bench.read_channel(running)["status"] == "ACTIVE"
    bench.clock.sleep(96)
    assert bench.read_channel(later)["status"] == "CREATE_IN_PROGRESS"
    bench.clock.sleep(1)
    assert bench.read_channel(later)["status"] == "ACTIVE"


def test_realistic_durations_are_hours(make_bench: MakeBench) -> None:
    bench = make_bench(durations=Durations.realistic())
    job = bench.created_job(bench.created_model())
    channel = bench.created_channel()
    bench.clock.sleep(600)
    assert bench.read_channel(channel)["status"] == "ACTIVE"
    assert bench.read_job(job)["status"] == "CREATE_PENDING"
    bench.clock.sleep(4 * 3600)
    assert bench.read_job(job)["status"] == "ACTIVE"
    bench.clock.sleep(2 * 86400)
    assert bench.read_channel(channel)["status"] == "INACTIVE"


@pytest.mark.parametrize("durations", [Durations(), Durations.realistic()])
def test_every_run_delete_and_cancellation_takes_time(durations: Durations) -> None:
    kinds = KINDS.values()
    assert {name.split(".")[0] for name in durations.create} == {kind.name for kind in kinds if kind.runs}
    slow = {kind.name for kind in kinds if kind.ending is not Ending.AT_ONCE}
    assert set(durations.delete) == slow
    assert set(durations.cancel) == {kind.name for kind in kinds if Verb.CANCEL in kind.operations.values()}


def test_names_can_be_unique_by_option(make_bench: MakeBench) -> None:
    bench = make_bench(options=Options(unique_names=frozenset({"ConfiguredAudienceModel"})))
    bench.created_model()
    with pytest.raises(ClientError) as caught:
        bench.created_model()
    assert error_of(caught)[0] == "ConflictException"
