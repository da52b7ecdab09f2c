"""Associations of configured audience models: operations of Clean Rooms that the emulator has, too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import Options, Request, quotas

from .conftest import MEMBERSHIP, Bench, MakeBench, error_of
from .requests import ACCOUNT, OTHER_ACCOUNT

OURS = {"membershipIdentifier": MEMBERSHIP}


def associate(bench: Bench, model: str, name: str = "association", managed: bool = True, **changes: Any) -> Any:
    """What an association is once it was created."""
    return bench.clean_rooms.create_configured_audience_model_association(
        configuredAudienceModelArn=model,
        configuredAudienceModelAssociationName=name,
        manageResourcePolicies=managed,
        **{**OURS, **changes},
    )["configuredAudienceModelAssociation"]


def read(bench: Bench, identifier: str) -> Any:
    """What Get says of an association."""
    return bench.clean_rooms.get_configured_audience_model_association(
        configuredAudienceModelAssociationIdentifier=identifier, **OURS
    )["configuredAudienceModelAssociation"]


def delete(bench: Bench, identifier: str) -> Any:
    return bench.clean_rooms.delete_configured_audience_model_association(
        configuredAudienceModelAssociationIdentifier=identifier, **OURS
    )


def statements_of(bench: Bench, model: str) -> list[dict[str, Any]]:
    """The statements of a model's policy; none if it has none."""
    try:
        found = bench.client.get_configured_audience_model_policy(configuredAudienceModelArn=model)
    except bench.client.exceptions.ResourceNotFoundException:
        return []
    statements: list[dict[str, Any]] = json.loads(found["configuredAudienceModelPolicy"])["Statement"]
    return statements


def test_an_association_reads_back(bench: Bench) -> None:
    model = bench.created_model()
    created = associate(bench, model, description="d", tags={"a": "b"})
    found = read(bench, created["id"])
    assert found == created
    assert found["arn"] == (
        f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:membership/{MEMBERSHIP}/"
        f"configuredaudiencemodelassociation/{created['id']}"
    )
    assert (found["name"], found["description"]) == ("association", "d")
    assert found["configuredAudienceModelArn"] == model
    assert (found["membershipId"], found["collaborationId"]) == (MEMBERSHIP, bench.collaboration)
    assert bench.clean_rooms.list_tags_for_resource(resourceArn=created["arn"])["tags"] == {"a": "b"}


def test_times_travel_as_numbers_and_a_delete_answers_204(bench: Bench) -> None:
    created = associate(bench, bench.created_model())
    path = f"/memberships/{MEMBERSHIP}/configuredaudiencemodelassociations/{created['id']}"
    body = json.loads(bench.emulator.handle(Request("GET", path)).body)
    assert isinstance(body["configuredAudienceModelAssociation"]["createTime"], float)
    response = bench.emulator.handle(Request("DELETE", path))
    assert (response.status, response.body) == (204, b"")
    response = bench.emulator.handle(Request("GET", path))
    assert response.status == 404
    assert json.loads(response.body)["resourceId"] == created["id"]


def test_an_update_changes_name_and_description_alone(bench: Bench) -> None:
    created = associate(bench, bench.created_model())
    bench.clock.sleep(60)
    bench.clean_rooms.update_configured_audience_model_association(
        configuredAudienceModelAssociationIdentifier=created["id"], name="renamed", **OURS
    )
    found = read(bench, created["id"])
    assert {name for name in found if found[name] != created.get(name)} == {"name", "updateTime"}
    listed = bench.clean_rooms.list_configured_audience_model_associations(**OURS)
    assert [item["name"] for item in listed["configuredAudienceModelAssociationSummaries"]] == ["renamed"]


def test_a_managed_policy_comes_and_goes_and_leaves_other_statements_alone(bench: Bench) -> None:
    model = bench.created_model()
    own = {"Sid": "own", "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "x:*", "Resource": "*"}
    bench.client.put_configured_audience_model_policy(
        configuredAudienceModelArn=model, configuredAudienceModelPolicy=json.dumps({"Statement": [own]})
    )
    joined = bench.emulator.seeds.membership(collaboration_id=bench.collaboration, account=OTHER_ACCOUNT)
    created = associate(bench, model)
    assert joined
    added = statements_of(bench, model)[1]
    assert added["Principal"] == {"AWS": [OTHER_ACCOUNT]}
    assert added["Action"] == ["cleanrooms-ml:StartAudienceGenerationJob"]
    assert added["Condition"] == {"StringEquals": {"cleanrooms-ml:CollaborationId": bench.collaboration}}
    assert added["Resource"] == [model, f"arn:aws:cleanrooms-ml:us-east-1:{ACCOUNT}:audience-generation-job/*"]
    delete(bench, created["id"])
    assert statements_of(bench, model) == [own]


def test_a_policy_that_is_not_managed_stays_unchanged(bench: Bench) -> None:
    model = bench.created_model()
    created = associate(bench, model, managed=False)
    assert statements_of(bench, model) == []
    delete(bench, created["id"])


def test_the_last_statement_takes_the_policy_along(bench: Bench) -> None:
    model = bench.created_model()
    delete(bench, associate(bench, model)["id"])
    assert statements_of(bench, model) == []
    assert [record["kind"] for record in bench.emulator.records(seeded=False)] == ["ConfiguredAudienceModel"]


def test_deleting_the_model_takes_its_associations_along(bench: Bench) -> None:
    model = bench.created_model()
    created = associate(bench, model)
    bench.client.delete_configured_audience_model(configuredAudienceModelArn=model)
    with pytest.raises(ClientError) as caught:
        read(bench, created["id"])
    assert error_of(caught)[:2] == ("ResourceNotFoundException", 404)


def test_a_membership_has_five_associations(bench: Bench) -> None:
    model = bench.created_model()
    for number in range(5):
        associate(bench, model, f"association-{number}")
    with pytest.raises(ClientError) as caught:
        associate(bench, model, "more")
    assert error_of(caught)[:2] == ("ServiceQuotaExceededException", 402)
    assert caught.value.response["quotaName"] == quotas.CONFIGURED_AUDIENCE_MODEL_ASSOCIATIONS


def test_names_are_free_unless_chosen_otherwise(make_bench: MakeBench) -> None:
    bench = make_bench(options=Options(unique_names=frozenset({"ConfiguredAudienceModelAssociation"})))
    model = bench.created_model()
    associate(bench, model)
    with pytest.raises(ClientError) as caught:
        associate(bench, model)
    assert error_of(caught)[0] == "ConflictException"


def test_only_an_own_model_can_be_associated(bench: Bench) -> None:
    foreign = bench.emulator.seeds.configured_audience_model(account=OTHER_ACCOUNT)
    for model, code in ((foreign, "AccessDeniedException"), (foreign + "x", "ResourceNotFoundException")):
        with pytest.raises(ClientError) as caught:
            associate(bench, model)
        assert error_of(caught)[0] == code


def test_clean_rooms_has_its_own_rate(make_bench: MakeBench) -> None:
    bench = make_bench()
    for _ in range(5):
        bench.clean_rooms.list_configured_audience_model_associations(**OURS)
    with pytest.raises(ClientError) as caught:
        bench.clean_rooms.list_configured_audience_model_associations(**OURS)
    assert error_of(caught)[:2] == ("ThrottlingException", 429)
    bench.client.list_ml_input_channels(**OURS)


def test_each_service_tags_its_own(bench: Bench) -> None:
    created, channel = associate(bench, bench.created_model()), bench.created_channel()
    for client, arn in ((bench.client, created["arn"]), (bench.clean_rooms, channel)):
        with pytest.raises(ClientError):
            client.list_tags_for_resource(resourceArn=arn)
