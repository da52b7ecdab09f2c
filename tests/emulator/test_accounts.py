"""Two accounts: a provider and a consumer of audiences, two members of a collaboration."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ACCOUNT, MEMBERSHIP, Bench, error_of
from .requests import OTHER_ACCOUNT, ROLE

# The provider is the bench's own account; the consumer starts jobs.
CONSUMER = OTHER_ACCOUNT
CONSUMER_ROLE = ROLE.replace(ACCOUNT, CONSUMER)
SEED = {"dataSource": {"s3Uri": "s3://seeds/seed.jsonl"}, "roleArn": CONSUMER_ROLE}


@pytest.fixture
def shared(bench: Bench) -> str:
    """A model that its association opens to the consumer."""
    bench.emulator.seeds.membership(collaboration_id=bench.collaboration, account=CONSUMER)
    model = bench.created_model(tags={"team": "ads"}, childResourceTagOnCreatePolicy="FROM_PARENT_RESOURCE")
    bench.clean_rooms.create_configured_audience_model_association(
        membershipIdentifier=MEMBERSHIP,
        configuredAudienceModelArn=model,
        configuredAudienceModelAssociationName="a",
        manageResourcePolicies=True,
    )
    return model


def start(bench: Bench, model: str, **changes: Any) -> str:
    """Starts a job as the consumer; returns its ARN."""
    asked = {"collaborationId": bench.collaboration, "seedAudience": SEED, "tags": {"own": "1"}, **changes}
    with bench.as_account(CONSUMER):
        return bench.created_job(model, **asked)


def test_a_job_is_in_both_accounts_under_arns_that_differ_in_the_account(bench: Bench, shared: str) -> None:
    theirs = start(bench, shared)
    ours = theirs.replace(CONSUMER, ACCOUNT)
    bench.clock.sleep(4)
    seen = bench.read_job(ours)
    with bench.as_account(CONSUMER):
        own = bench.read_job(theirs)
    assert (seen["name"], own["name"]) == (f"{CONSUMER}-job", "job")
    assert (seen["status"], own["status"]) == ("ACTIVE", "ACTIVE")
    assert "seedAudience" not in seen
    assert own["seedAudience"] == SEED
    assert (seen["tags"], own["tags"]) == ({"team": "ads"}, {"own": "1"})
    assert seen["startedBy"] == own["startedBy"] == CONSUMER
    assert seen["metrics"] == own["metrics"]


def test_neither_account_reaches_the_other_arn(bench: Bench, shared: str) -> None:
    theirs = start(bench, shared)
    with pytest.raises(ClientError) as caught:
        bench.read_job(theirs)
    assert error_of(caught)[:2] == ("AccessDeniedException", 403)
    assert [job["audienceGenerationJobArn"] for job in jobs(bench)] == [theirs.replace(CONSUMER, ACCOUNT)]
    with bench.as_account(CONSUMER):
        assert [job["audienceGenerationJobArn"] for job in jobs(bench)] == [theirs]


def jobs(bench: Bench) -> list[Any]:
    """The jobs of the account."""
    found: list[Any] = bench.client.list_audience_generation_jobs()["audienceGenerationJobs"]
    return found


@pytest.mark.parametrize("account", [ACCOUNT, CONSUMER])
def test_either_account_deletes_the_job_for_both(bench: Bench, shared: str, account: str) -> None:
    theirs = start(bench, shared)
    bench.clock.sleep(4)
    with bench.as_account(account):
        bench.client.delete_audience_generation_job(audienceGenerationJobArn=theirs.replace(CONSUMER, account))
    assert jobs(bench)[0]["status"] == "DELETE_PENDING"
    bench.clock.sleep(1)
    assert jobs(bench) == []
    bench.client.delete_configured_audience_model(configuredAudienceModelArn=shared)


def test_only_the_owner_of_the_model_sees_the_location_of_an_export(bench: Bench, shared: str) -> None:
    theirs = start(bench, shared)
    bench.clock.sleep(4)
    with bench.as_account(CONSUMER):
        bench.client.start_audience_export_job(**bench.audience_export(theirs))
        bench.clock.sleep(2)
        (own,) = bench.client.list_audience_export_jobs(audienceGenerationJobArn=theirs)["audienceExportJobs"]
    ours = theirs.replace(CONSUMER, ACCOUNT)
    (seen,) = bench.client.list_audience_export_jobs(audienceGenerationJobArn=ours)["audienceExportJobs"]
    assert (own["status"], seen["status"]) == ("ACTIVE", "ACTIVE")
    assert "outputLocation" not in own
    assert seen["outputLocation"] == "s3://bucket/out"


@pytest.mark.parametrize("collaboration", [{}, {"collaborationId": "33333333-3333-4333-8333-333333333333"}])
def test_the_policy_holds_for_its_collaboration_alone(bench: Bench, shared: str, collaboration: dict[str, str]) -> None:
    with bench.as_account(CONSUMER), pytest.raises(ClientError) as caught:
        bench.created_job(shared, seedAudience=SEED, **collaboration)
    assert error_of(caught)[:2] == ("AccessDeniedException", 403)


def test_jobs_count_for_the_account_that_started_them(bench: Bench, shared: str) -> None:
    for number in range(10):
        start(bench, shared, name=f"job-{number}")
    assert bench.created_job(shared, "own")
    with pytest.raises(ClientError) as caught:
        start(bench, shared, name="more")
    assert error_of(caught)[0] == "ServiceQuotaExceededException"


def test_what_an_account_has_is_its_own(bench: Bench) -> None:
    model, channel = bench.created_model(), bench.created_channel()
    with bench.as_account(CONSUMER):
        assert bench.client.list_configured_audience_models()["configuredAudienceModels"] == []
        for operation, named in (
            ("get_configured_audience_model", {"configuredAudienceModelArn": model}),
            ("list_ml_input_channels", {"membershipIdentifier": MEMBERSHIP}),
            ("list_collaboration_ml_input_channels", {"collaborationIdentifier": bench.collaboration}),
        ):
            with pytest.raises(ClientError) as caught:
                getattr(bench.client, operation)(**named)
            assert error_of(caught)[:2] == ("AccessDeniedException", 403)
        with pytest.raises(ClientError) as caught:
            bench.read_channel(channel)
        assert error_of(caught)[0] == "ResourceNotFoundException"
        with pytest.raises(ClientError) as caught:
            bench.client.tag_resource(resourceArn=model, tags={"a": "b"})
        assert error_of(caught)[0] == "ResourceNotFoundException"


def test_any_member_sees_and_deletes_the_data_of_channels_and_models(bench: Bench) -> None:
    channel = bench.ready_channel(retentionInDays=30)
    model = bench.ready_training(channel)
    joined = bench.emulator.seeds.membership(collaboration_id=bench.collaboration, account=CONSUMER)
    with bench.as_account(CONSUMER):
        named = {"membershipIdentifier": joined}
        shared = {"collaborationIdentifier": bench.collaboration}
        assert bench.client.get_collaboration_trained_model(trainedModelArn=model, **shared)["status"] == "ACTIVE"
        with pytest.raises(ClientError) as caught:
            bench.client.get_trained_model(trainedModelArn=model, **named)
        assert error_of(caught)[0] == "ResourceNotFoundException"
        bench.client.delete_trained_model_output(trainedModelArn=model, **named)
        bench.client.delete_ml_input_channel_data(mlInputChannelArn=channel, **named)
    bench.clock.sleep(1)
    assert (bench.read_training(model)["status"], bench.read_channel(channel)["status"]) == ("INACTIVE", "INACTIVE")


def test_a_model_is_exported_by_the_member_who_trained_it(bench: Bench) -> None:
    model = bench.ready_training()
    joined = bench.emulator.seeds.membership(collaboration_id=bench.collaboration, account=CONSUMER)
    bench.emulator.seeds.ml_configuration(MEMBERSHIP)
    with bench.as_account(CONSUMER), pytest.raises(ClientError) as caught:
        bench.client.start_trained_model_export_job(**bench.model_export(model, membershipIdentifier=joined))
    assert error_of(caught)[:2] == ("AccessDeniedException", 403)


def test_rates_are_each_accounts_own(bench: Bench) -> None:
    bench.emulator.options = type(bench.emulator.options)(throttle=True)
    datasets = {}
    for account in (ACCOUNT, CONSUMER):
        with bench.as_account(account):
            request = bench.dataset(roleArn=ROLE.replace(ACCOUNT, account))
            datasets[account] = bench.client.create_training_dataset(**request)["trainingDatasetArn"]
    for _ in range(3):
        with pytest.raises(ClientError):
            bench.client.create_audience_model(name="m", trainingDatasetArn=datasets[ACCOUNT] + "x")
    with pytest.raises(ClientError) as caught:
        bench.client.create_audience_model(name="m", trainingDatasetArn=datasets[ACCOUNT])
    assert error_of(caught)[0] == "ThrottlingException"
    with bench.as_account(CONSUMER):
        assert bench.client.create_audience_model(name="m", trainingDatasetArn=datasets[CONSUMER])
    entry = bench.emulator.journal[-1]
    assert (entry.operation, entry.account) == ("CreateAudienceModel", CONSUMER)
