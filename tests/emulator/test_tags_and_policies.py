"""Tags of every kind, and the resource policy of a configured audience model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import Options
from cleanrooms_ml_handlers.tags import TAGS_PER_RESOURCE

from .conftest import Bench, MakeBench, error_of

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]})


def tags_of(bench: Bench, arn: str) -> Any:
    return bench.client.list_tags_for_resource(resourceArn=arn)["tags"]


def test_tags_are_added_changed_and_removed_on_every_kind(bench: Bench) -> None:
    model = bench.created_model(tags={"kept": "1", "changed": "2", "removed": "3"})
    arns = [
        model,
        bench.created_job(model, tags={"kept": "1", "changed": "2", "removed": "3"}),
        bench.created_channel(tags={"kept": "1", "changed": "2", "removed": "3"}),
        bench.emulator.seeds.audience_model("t", tags={"kept": "1", "changed": "2", "removed": "3"}),
    ]
    for arn in arns:
        bench.client.tag_resource(resourceArn=arn, tags={"changed": "", "added": "4"})
        bench.client.untag_resource(resourceArn=arn, tagKeys=["removed", "never there"])
        assert tags_of(bench, arn) == {"kept": "1", "changed": "", "added": "4"}


def test_a_resource_has_at_most_fifty_tags(bench: Bench) -> None:
    fifty = {f"key-{number}": "" for number in range(TAGS_PER_RESOURCE)}
    arn = bench.created_channel(tags=fifty)
    bench.client.tag_resource(resourceArn=arn, tags={"key-0": "changed"})
    with pytest.raises(ClientError) as caught:
        bench.client.tag_resource(resourceArn=arn, tags={"one more": ""})
    assert error_of(caught)[:2] == ("ValidationException", 400)
    with pytest.raises(ClientError) as caught:
        bench.created_channel("other", tags={**fifty, "one more": ""})
    assert "has 51 entries" in error_of(caught)[2]
    assert tags_of(bench, arn) == {**fifty, "key-0": "changed"}


@pytest.mark.parametrize("key", ["aws:cloudformation:stack-id", "AWS:x", "aWs:"])
def test_keys_of_aws_are_reserved(bench: Bench, key: str) -> None:
    arn = bench.created_channel()
    calls = (
        lambda: bench.client.tag_resource(resourceArn=arn, tags={key: "x"}),
        lambda: bench.client.untag_resource(resourceArn=arn, tagKeys=[key]),
        lambda: bench.created_channel("other", tags={key: "x"}),
    )
    for call in calls:
        with pytest.raises(ClientError) as caught:
            call()
        assert error_of(caught)[0] == "ValidationException"


def test_tags_of_what_is_not_there_are_not_found(bench: Bench) -> None:
    arn = bench.created_channel() + "x"
    with pytest.raises(ClientError) as caught:
        tags_of(bench, arn)
    assert error_of(caught)[:2] == ("ResourceNotFoundException", 404)


def test_an_inactive_channel_keeps_its_tags_as_they_are(bench: Bench) -> None:
    arn = bench.created_channel(tags={"a": "b"})
    bench.clock.sleep(3)
    bench.emulator.expire(arn)
    with pytest.raises(ClientError) as caught:
        bench.client.tag_resource(resourceArn=arn, tags={"c": "d"})
    assert error_of(caught)[0] == "ConflictException"
    assert tags_of(bench, arn) == {"a": "b"}


def test_an_inactive_channel_can_be_tagged_if_so_chosen(make_bench: MakeBench) -> None:
    bench = make_bench(options=Options(tag_inactive="ok"))
    arn = bench.created_channel()
    bench.clock.sleep(3)
    bench.emulator.expire(arn)
    bench.client.tag_resource(resourceArn=arn, tags={"c": "d"})
    assert tags_of(bench, arn) == {"c": "d"}


def test_a_policy_is_put_read_replaced_and_deleted(bench: Bench) -> None:
    arn = bench.created_model()
    client = bench.client
    with pytest.raises(ClientError) as caught:
        client.get_configured_audience_model_policy(configuredAudienceModelArn=arn)
    assert error_of(caught)[0] == "ResourceNotFoundException"
    put = client.put_configured_audience_model_policy(
        configuredAudienceModelArn=arn, configuredAudienceModelPolicy=POLICY
    )
    read = client.get_configured_audience_model_policy(configuredAudienceModelArn=arn)
    assert read["configuredAudienceModelPolicy"] == POLICY
    assert read["policyHash"] == put["policyHash"]
    other = POLICY.replace("Allow", "Deny")
    again = client.put_configured_audience_model_policy(
        configuredAudienceModelArn=arn,
        configuredAudienceModelPolicy=other,
        previousPolicyHash=put["policyHash"],
        policyExistenceCondition="POLICY_MUST_EXIST",
    )
    assert again["policyHash"] != put["policyHash"]
    assert [record["kind"] for record in bench.emulator.records(seeded=False)] == [
        "ConfiguredAudienceModel",
        "ConfiguredAudienceModelPolicy",
    ]
    record = bench.emulator.record(f"{arn}#policy")
    assert (record["holds"], record["data"]) == (True, {"configuredAudienceModelPolicy": other})
    assert bench.emulator.journal[-1].arn == f"{arn}#policy"
    client.delete_configured_audience_model_policy(configuredAudienceModelArn=arn)
    with pytest.raises(ClientError) as caught:
        client.delete_configured_audience_model_policy(configuredAudienceModelArn=arn)
    assert error_of(caught)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("is_there", "condition", "code"),
    [
        (True, {"policyExistenceCondition": "POLICY_MUST_NOT_EXIST"}, "ValidationException"),
        (False, {"policyExistenceCondition": "POLICY_MUST_EXIST"}, "ResourceNotFoundException"),
        (True, {"previousPolicyHash": "0" * 64}, "ValidationException"),
        (False, {"previousPolicyHash": "0" * 64}, "ValidationException"),
    ],
)
def test_a_policy_is_not_replaced_blindly(bench: Bench, is_there: bool, condition: dict[str, str], code: str) -> None:
    arn = bench.created_model()
    if is_there:
        bench.client.put_configured_audience_model_policy(
            configuredAudienceModelArn=arn, configuredAudienceModelPolicy=POLICY
        )
    with pytest.raises(ClientError) as caught:
        bench.client.put_configured_audience_model_policy(
            configuredAudienceModelArn=arn, configuredAudienceModelPolicy=POLICY, **condition
        )
    assert error_of(caught)[0] == code


def test_a_policy_that_was_put_on_a_seeded_model_is_no_seed(bench: Bench) -> None:
    arn = bench.emulator.seeds.configured_audience_model(policy=POLICY)
    assert bench.emulator.records(seeded=False) == []
    bench.client.put_configured_audience_model_policy(
        configuredAudienceModelArn=arn, configuredAudienceModelPolicy=POLICY
    )
    assert [record["arn"] for record in bench.emulator.records(seeded=False)] == [f"{arn}#policy"]


def test_a_policy_can_be_forgotten(bench: Bench) -> None:
    arn = bench.created_model()
    bench.client.put_configured_audience_model_policy(
        configuredAudienceModelArn=arn, configuredAudienceModelPolicy=POLICY
    )
    bench.emulator.forget(f"{arn}#policy")
    assert [record["kind"] for record in bench.emulator.records(seeded=False)] == ["ConfiguredAudienceModel"]


@pytest.mark.parametrize("policy", ["no JSON", "[]", "{}", '{"Statement": "x"}', "[" * 10_000])
def test_a_policy_without_statements_is_refused(bench: Bench, policy: str) -> None:
    arn = bench.created_model()
    with pytest.raises(ClientError) as caught:
        bench.client.put_configured_audience_model_policy(
            configuredAudienceModelArn=arn, configuredAudienceModelPolicy=policy
        )
    assert error_of(caught)[0] == "ValidationException"


def test_an_association_is_read_listed_and_deleted_once_nothing_uses_it(bench: Bench) -> None:
    arn = bench.association
    record = bench.emulator.record(arn)["data"]
    membership, collaboration = record["membershipIdentifier"], record["collaborationIdentifier"]
    found = bench.client.get_configured_model_algorithm_association(
        configuredModelAlgorithmAssociationArn=arn, membershipIdentifier=membership
    )
    assert found["name"] == "algorithm"
    shared = bench.client.get_collaboration_configured_model_algorithm_association(
        configuredModelAlgorithmAssociationArn=arn, collaborationIdentifier=collaboration
    )
    assert shared["creatorAccountId"] == "000000000000"
    own = bench.client.list_configured_model_algorithm_associations(membershipIdentifier=membership)
    assert len(own["configuredModelAlgorithmAssociations"]) == 1
    theirs = bench.client.list_collaboration_configured_model_algorithm_associations(
        collaborationIdentifier=collaboration
    )
    assert len(theirs["collaborationConfiguredModelAlgorithmAssociations"]) == 1
    channel = bench.created_channel()
    bench.clock.sleep(3)

    def delete() -> None:
        bench.client.delete_configured_model_algorithm_association(
            configuredModelAlgorithmAssociationArn=arn, membershipIdentifier=membership
        )

    with pytest.raises(ClientError) as caught:
        delete()
    assert channel in error_of(caught)[2]
    bench.emulator.expire(channel)
    delete()
    assert arn not in [item["arn"] for item in bench.emulator.records()]


def test_an_association_of_another_account_serves_its_collaboration_only(bench: Bench) -> None:
    collaboration = bench.emulator.record(bench.association)["data"]["collaborationIdentifier"]
    near = bench.emulator.seeds.configured_model_algorithm_association(
        name="near", account="444455556666", collaboration_id=collaboration
    )
    far = bench.emulator.seeds.configured_model_algorithm_association(
        name="far", account="444455556666", collaboration_id="33333333-3333-4333-8333-333333333333"
    )
    assert bench.created_channel("a", configuredModelAlgorithmAssociations=[near])
    with pytest.raises(ClientError) as caught:
        bench.created_channel("b", configuredModelAlgorithmAssociations=[far])
    assert error_of(caught)[0] == "ValidationException"
