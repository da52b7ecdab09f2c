"""An ML input channel, from its create to the INACTIVE record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import Options

from .conftest import MEMBERSHIP, START_SECONDS, Bench, MakeBench, error_of


def test_a_channel_passes_every_status_until_its_retention_runs_out(bench: Bench) -> None:
    arn = bench.created_channel()
    seen = {}
    for second in (0.0, 0.5, 0.7, 2.9, 3.0, 22.9, 23.0):
        bench.clock.seconds = START_SECONDS + second
        seen[second] = bench.read_channel(arn)["status"]
    assert seen == {
        0.0: "CREATE_PENDING",
        0.5: "CREATE_PENDING",
        0.7: "CREATE_IN_PROGRESS",
        2.9: "CREATE_IN_PROGRESS",
        3.0: "ACTIVE",
        22.9: "ACTIVE",
        23.0: "INACTIVE",
    }


def test_a_channel_reads_back_as_it_was_asked(bench: Bench) -> None:
    compute = {"worker": {"type": "CR.4X", "number": 16, "properties": {"spark": {"spark.task.maxFailures": "8"}}}}
    request = bench.channel(description="für alle 🎈", tags={"team": "ads"})
    source = request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    source |= {"computeConfiguration": compute, "resultFormat": "PARQUET"}
    arn = bench.client.create_ml_input_channel(**request)["mlInputChannelArn"]
    bench.clock.sleep(3)
    channel = bench.read_channel(arn)
    for member, value in request.items():
        assert channel[member] == value, member
    assert channel["createTime"] == datetime.fromtimestamp(START_SECONDS, UTC)
    assert channel["updateTime"] == datetime.fromtimestamp(START_SECONDS + 3, UTC)
    assert channel["mlInputChannelArn"] == arn
    assert arn.startswith(f"arn:aws:cleanrooms-ml:us-east-1:000000000000:membership/{MEMBERSHIP}/ml-input-channel/")
    assert "statusDetails" not in channel


def test_figures_come_when_the_channel_is_ready_and_are_the_same_for_a_name(bench: Bench) -> None:
    arn = bench.created_channel()
    assert "protectedQueryIdentifier" not in bench.read_channel(arn)
    bench.clock.sleep(1)
    running = bench.read_channel(arn)
    assert running["protectedQueryIdentifier"]
    assert "numberOfRecords" not in running
    bench.clock.sleep(2)
    first = bench.read_channel(arn)
    assert first["protectedQueryIdentifier"] == running["protectedQueryIdentifier"]
    bench.emulator.forget(arn)
    arn = bench.created_channel()
    bench.clock.sleep(3)
    second = bench.read_channel(arn)
    figures = ("numberOfRecords", "numberOfFiles", "sizeInGb")
    assert [first[name] for name in figures] == [second[name] for name in figures]
    assert first["numberOfRecords"] >= 20_000
    assert isinstance(first["numberOfFiles"], float)


def test_deleting_the_data_keeps_an_inactive_record_with_its_name(bench: Bench) -> None:
    arn = bench.created_channel()
    bench.clock.sleep(3)
    bench.client.delete_ml_input_channel_data(mlInputChannelArn=arn, membershipIdentifier=MEMBERSHIP)
    statuses = [bench.read_channel(arn)["status"]]
    for _ in range(2):
        bench.clock.sleep(0.5)
        statuses.append(bench.read_channel(arn)["status"])
    assert statuses == ["DELETE_PENDING", "DELETE_IN_PROGRESS", "INACTIVE"]
    bench.clock.sleep(1000)
    assert bench.read_channel(arn)["status"] == "INACTIVE"
    with pytest.raises(ClientError) as caught:
        bench.created_channel()
    code, status, message = error_of(caught)
    assert (code, status) == ("ConflictException", 409)
    assert '"channel" is taken' in message
    assert "INACTIVE" in message


@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_a_channel_in_progress_cannot_be_deleted(bench: Bench, seconds: float) -> None:
    arn = bench.created_channel()
    bench.clock.sleep(seconds)
    with pytest.raises(ClientError) as caught:
        bench.client.delete_ml_input_channel_data(mlInputChannelArn=arn, membershipIdentifier=MEMBERSHIP)
    assert error_of(caught)[:2] == ("ConflictException", 409)
    bench.clock.sleep(3)
    assert bench.read_channel(arn)["status"] == "ACTIVE"


def test_the_same_name_is_free_in_another_membership(bench: Bench) -> None:
    other = bench.emulator.seeds.membership("22222222-2222-4222-8222-222222222222", _collaboration(bench))
    bench.created_channel()
    assert bench.created_channel(membershipIdentifier=other)


def test_a_channel_is_not_found_through_another_membership(bench: Bench) -> None:
    arn = bench.created_channel()
    with pytest.raises(ClientError) as caught:
        bench.client.get_ml_input_channel(
            mlInputChannelArn=arn, membershipIdentifier="22222222-2222-4222-8222-222222222222"
        )
    assert error_of(caught)[:2] == ("ResourceNotFoundException", 404)


def test_other_members_see_a_channel_without_its_query_and_key(bench: Bench) -> None:
    arn = bench.created_channel(tags={"a": "b"})
    collaboration = _collaboration(bench)
    channel = bench.client.get_collaboration_ml_input_channel(
        mlInputChannelArn=arn, collaborationIdentifier=collaboration
    )
    assert channel["name"] == "channel"
    assert channel["creatorAccountId"] == "000000000000"
    assert not channel.keys() & {"inputChannel", "tags", "kmsKeyArn"}
    listed = bench.client.list_collaboration_ml_input_channels(collaborationIdentifier=collaboration)
    assert [item["mlInputChannelArn"] for item in listed["collaborationMLInputChannelsList"]] == [arn]


def test_a_client_has_to_follow_the_pages(bench: Bench) -> None:
    created = [bench.created_channel(f"channel-{number}") for number in range(23)]
    first = bench.client.list_ml_input_channels(membershipIdentifier=MEMBERSHIP)
    assert len(first["mlInputChannelsList"]) == 10
    assert first["nextToken"]
    pages = bench.client.get_paginator("list_ml_input_channels").paginate(membershipIdentifier=MEMBERSHIP)
    assert [item["mlInputChannelArn"] for page in pages for item in page["mlInputChannelsList"]] == created
    one = bench.client.list_ml_input_channels(membershipIdentifier=MEMBERSHIP, maxResults=100)
    assert len(one["mlInputChannelsList"]) == 23
    assert "nextToken" not in one


def test_a_token_serves_only_the_list_that_gave_it(bench: Bench) -> None:
    for number in range(11):
        bench.created_channel(f"channel-{number}")
    token = bench.client.list_ml_input_channels(membershipIdentifier=MEMBERSHIP)["nextToken"]
    with pytest.raises(ClientError) as caught:
        bench.client.list_audience_models(nextToken=token)
    assert error_of(caught)[:2] == ("ValidationException", 400)
    with pytest.raises(ClientError) as caught:
        bench.client.list_ml_input_channels(membershipIdentifier=MEMBERSHIP, nextToken="made up")
    assert error_of(caught)[:2] == ("ValidationException", 400)


def test_a_synthetic_channel_shows_its_score(bench: Bench) -> None:
    template = bench.emulator.seeds.analysis_template(
        MEMBERSHIP, synthetic={"epsilon": 3.0, "maxMembershipInferenceAttackScore": 0.7}, score=0.53
    )
    arn = bench.client.create_ml_input_channel(**_from_template(bench, template))["mlInputChannelArn"]
    bench.clock.sleep(5.9)
    assert bench.read_channel(arn)["status"] == "CREATE_IN_PROGRESS"
    bench.clock.sleep(0.1)
    synthetic = bench.read_channel(arn)["syntheticDataConfiguration"]
    assert synthetic["syntheticDataParameters"] == {"epsilon": 3.0, "maxMembershipInferenceAttackScore": 0.7}
    scores = synthetic["syntheticDataEvaluationScores"]["dataPrivacyScores"]["membershipInferenceAttackScores"]
    assert scores == [{"attackVersion": "DISTANCE_TO_CLOSEST_RECORD_V1", "score": 0.53}]


def test_a_score_above_the_threshold_fails_the_channel(bench: Bench) -> None:
    template = bench.emulator.seeds.analysis_template(
        MEMBERSHIP, synthetic={"epsilon": 3.0, "maxMembershipInferenceAttackScore": 0.5}, score=0.61
    )
    arn = bench.client.create_ml_input_channel(**_from_template(bench, template))["mlInputChannelArn"]
    bench.clock.sleep(6)
    channel = bench.read_channel(arn)
    assert channel["status"] == "CREATE_FAILED"
    assert channel["statusDetails"]["statusCode"] == "MEMBERSHIP_INFERENCE_ATTACK_SCORE_TOO_HIGH"
    assert "0.61" in channel["statusDetails"]["message"]


def test_a_failed_channel_can_be_deleted(bench: Bench) -> None:
    arn = bench.client.create_ml_input_channel(**bench.query("SELECT 1 FROM no_such_table"))["mlInputChannelArn"]
    bench.clock.sleep(3)
    assert bench.read_channel(arn)["status"] == "CREATE_FAILED"
    bench.clock.sleep(1000)
    assert bench.read_channel(arn)["status"] == "CREATE_FAILED"
    bench.client.delete_ml_input_channel_data(mlInputChannelArn=arn, membershipIdentifier=MEMBERSHIP)
    bench.clock.sleep(1)
    channel = bench.read_channel(arn)
    assert channel["status"] == "INACTIVE"
    assert "statusDetails" not in channel


def test_an_expired_channel_can_hide_its_figures(make_bench: MakeBench) -> None:
    bench = make_bench(options=Options(inactive_figures=False))
    arn = bench.created_channel()
    bench.clock.sleep(3)
    bench.emulator.expire(arn)
    channel = bench.read_channel(arn)
    assert channel["status"] == "INACTIVE"
    assert "numberOfRecords" not in channel


def _collaboration(bench: Bench) -> str:
    record: dict[str, Any] = bench.emulator.record(bench.association)
    return str(record["data"]["collaborationIdentifier"])


def _from_template(bench: Bench, template: str) -> dict[str, Any]:
    request = bench.channel()
    request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]["sqlParameters"] = {
        "analysisTemplateArn": template,
        "parameters": {"since": "2026-01-01"},
    }
    return request


def test_each_channel_takes_one_of_the_privacy_budget(bench: Bench) -> None:
    first, second = bench.created_channel("one"), bench.created_channel("two")
    assert "privacyBudgets" not in bench.read_channel(first)
    bench.clock.sleep(3)
    budgets = [bench.read_channel(arn)["privacyBudgets"]["accessBudgets"][0] for arn in (first, second)]
    assert [budget["aggregateRemainingBudget"] for budget in budgets] == [99, 98]
    assert budgets[0]["details"][0]["budget"] == 100
    bench.emulator.options = replace(bench.emulator.options, access_budget=0)
    third = bench.created_channel("three")
    bench.clock.sleep(3)
    assert "privacyBudgets" not in bench.read_channel(third)
