"""What members of a collaboration that is known in full can do there, and who pays."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ACCOUNT, ROLE, Bench, error_of
from .requests import OTHER_ACCOUNT

PAYS = {"isResponsible": True}


def join(bench: Bench, *members: str, **changes: Any) -> str:
    """A collaboration of this account, its membership and an association; returns the membership."""
    created = bench.clean_rooms.create_collaboration(**bench.new_collaboration(*members, **changes))["collaboration"]
    joined = bench.clean_rooms.create_membership(collaborationIdentifier=created["id"], queryLogStatus="DISABLED")
    identifier = str(joined["membership"]["id"])
    bench.association = bench.emulator.seeds.configured_model_algorithm_association(identifier)
    return identifier


def create(bench: Bench, membership: str, name: str = "channel", **changes: Any) -> Any:
    """A channel of a membership."""
    arn = bench.created_channel(name, membershipIdentifier=membership, **changes)
    bench.clock.sleep(3)
    return bench.client.get_ml_input_channel(mlInputChannelArn=arn, membershipIdentifier=membership)


def refused(bench: Bench, membership: str, **changes: Any) -> tuple[str, str]:
    """The code and the message with which a channel is refused."""
    with pytest.raises(ClientError) as caught:
        create(bench, membership, **changes)
    code, _, message = error_of(caught)
    return code, message


def test_only_who_can_query_creates_channels(bench: Bench) -> None:
    nobody = {"queryCompute": {"isResponsible": False}}
    membership = join(bench, creatorMemberAbilities=["CAN_RECEIVE_RESULTS"], creatorPaymentConfiguration=nobody)
    code, message = refused(bench, membership)
    assert code == "AccessDeniedException"
    assert "CAN_QUERY" in message
    assert create(bench, join(bench))["status"] == "ACTIVE"


def test_the_only_candidate_pays(bench: Bench) -> None:
    assert create(bench, join(bench))["payerConfiguration"] == {"computePayerAccountId": ACCOUNT}


def test_one_of_several_candidates_has_to_be_chosen(bench: Bench) -> None:
    other = {
        "accountId": OTHER_ACCOUNT,
        "displayName": "other",
        "memberAbilities": [],
        "paymentConfiguration": {"queryCompute": PAYS},
    }
    membership = join(bench, members=[other])
    code, message = refused(bench, membership)
    assert code == "ValidationException"
    assert f"{ACCOUNT}, {OTHER_ACCOUNT} all may pay for queryCompute" in message
    chosen = create(bench, membership, payerConfiguration={"computePayerAccountId": OTHER_ACCOUNT})
    assert chosen["payerConfiguration"] == {"computePayerAccountId": OTHER_ACCOUNT}
    code, message = refused(bench, membership, name="x", payerConfiguration={"computePayerAccountId": "111122223333"})
    assert "does not pay for queryCompute" in message


def test_who_pays_for_training_and_inference_is_shown(bench: Bench) -> None:
    membership = join(
        bench, OTHER_ACCOUNT, creatorMLMemberAbilities={"customMLMemberAbilities": ["CAN_RECEIVE_INFERENCE_OUTPUT"]}
    )
    bench.emulator.seeds.ml_configuration(membership)
    channel = create(bench, membership, retentionInDays=30)["mlInputChannelArn"]
    named = {"membershipIdentifier": membership}
    model = bench.created_training(channel, **named)
    bench.clock.sleep(5)
    found = bench.client.get_trained_model(trainedModelArn=model, **named)
    assert found["mlModelTrainingPayerAccountId"] == ACCOUNT
    job = bench.started_inference(model, channel, **named)
    found = bench.client.get_trained_model_inference_job(trainedModelInferenceJobArn=job, **named)
    assert found["mlModelInferencePayerAccountId"] == ACCOUNT
    with pytest.raises(ClientError) as caught:
        bench.client.start_trained_model_export_job(**bench.model_export(model, **named))
    assert "lacks the ability CAN_RECEIVE_MODEL_OUTPUT" in error_of(caught)[2]


def test_a_job_of_a_collaboration_needs_both_accounts_in_it(bench: Bench) -> None:
    bench.emulator.seeds.membership(account=OTHER_ACCOUNT)
    created = bench.clean_rooms.create_collaboration(**bench.new_collaboration(OTHER_ACCOUNT))["collaboration"]
    asked = {"collaborationId": created["id"]}
    model = bench.created_model()
    with pytest.raises(ClientError) as caught:
        bench.created_job(model, **asked)
    assert "no active member" in error_of(caught)[2]
    bench.clean_rooms.create_membership(collaborationIdentifier=created["id"], queryLogStatus="DISABLED")
    assert bench.created_job(model, **asked)


def test_without_anybody_named_who_can_query_pays(bench: Bench) -> None:
    membership = join(bench, OTHER_ACCOUNT, creatorPaymentConfiguration={"queryCompute": {"isResponsible": False}})
    assert create(bench, membership)["payerConfiguration"] == {"computePayerAccountId": ACCOUNT}


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        (None, "paymentConfiguration is missing; 444455556666 pays for modelTraining, queryCompute"),
        ({"queryCompute": {"isResponsible": False}}, "says false to queryCompute; 444455556666 pays for it"),
        (
            {"queryCompute": PAYS, "machineLearning": {"modelInference": PAYS}},
            "says true to modelInference; 444455556666 does not pay for it",
        ),
        ({"queryCompute": PAYS, "machineLearning": {"modelTraining": PAYS}}, ""),
    ],
)
def test_a_member_accepts_what_the_collaboration_has_it_pay(
    bench: Bench, accepted: dict[str, Any] | None, expected: str
) -> None:
    other = {
        "accountId": OTHER_ACCOUNT,
        "displayName": "other",
        "memberAbilities": [],
        "paymentConfiguration": {"queryCompute": PAYS, "machineLearning": {"modelTraining": PAYS}},
    }
    created = bench.clean_rooms.create_collaboration(**bench.new_collaboration(members=[other]))["collaboration"]
    payment = {"paymentConfiguration": accepted} if accepted else {}
    with bench.as_account(OTHER_ACCOUNT):
        if not expected:
            joined = bench.clean_rooms.create_membership(
                collaborationIdentifier=created["id"], queryLogStatus="DISABLED", **payment
            )
            assert joined["membership"]["paymentConfiguration"] == accepted
            return
        with pytest.raises(ClientError) as caught:
            bench.clean_rooms.create_membership(
                collaborationIdentifier=created["id"], queryLogStatus="DISABLED", **payment
            )
    assert expected in error_of(caught)[2]


def test_an_ml_configuration_is_one_of_its_membership(bench: Bench) -> None:
    named = {"membershipIdentifier": join(bench)}
    with pytest.raises(ClientError) as caught:
        bench.client.get_ml_configuration(**named)
    assert error_of(caught)[:2] == ("ResourceNotFoundException", 404)
    first = {"roleArn": ROLE}
    bench.client.put_ml_configuration(defaultOutputLocation=first, **named)
    before = bench.client.get_ml_configuration(**named)
    assert before["defaultOutputLocation"] == first
    bench.clock.sleep(60)
    second = {"destination": {"s3Destination": {"s3Uri": "s3://bucket/out"}}, "roleArn": ROLE}
    bench.client.put_ml_configuration(defaultOutputLocation=second, **named)
    after = bench.client.get_ml_configuration(**named)
    assert after["defaultOutputLocation"] == second
    assert after["createTime"] == before["createTime"]
    assert after["updateTime"] > before["updateTime"]
    assert [item["kind"] for item in bench.emulator.records(seeded=False)].count("MLConfiguration") == 1
    bench.client.delete_ml_configuration(**named)
    with pytest.raises(ClientError) as caught:
        bench.client.delete_ml_configuration(**named)
    assert error_of(caught)[0] == "ResourceNotFoundException"


def test_an_algorithm_is_held_by_its_associations(bench: Bench) -> None:
    named = {"membershipIdentifier": join(bench)}
    algorithm = bench.client.create_configured_model_algorithm(**bench.algorithm())["configuredModelAlgorithmArn"]
    association = bench.client.create_configured_model_algorithm_association(
        name="a", configuredModelAlgorithmArn=algorithm, **named
    )["configuredModelAlgorithmAssociationArn"]
    with pytest.raises(ClientError) as caught:
        bench.client.delete_configured_model_algorithm(configuredModelAlgorithmArn=algorithm)
    assert association in error_of(caught)[2]
    bench.client.delete_configured_model_algorithm_association(
        configuredModelAlgorithmAssociationArn=association, **named
    )
    bench.client.delete_configured_model_algorithm(configuredModelAlgorithmArn=algorithm)
