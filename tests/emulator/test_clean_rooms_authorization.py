"""Which IAM actions the operations of AWS Clean Rooms need."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Request
from cleanrooms_ml_cli.sandbox.emulator.kinds import GRANTING_KEY_ACTIONS, KIND_OF_OPERATION
from cleanrooms_ml_cli.sandbox.emulator.models import service_model
from cleanrooms_ml_cli.sandbox.emulator.rules.authorization import dependent_actions
from cleanrooms_ml_cli.sandbox.emulator.rules.clean_rooms_actions import authorized_operations

from .conftest import ACCOUNT, ROLE, Bench
from .rooms import INVITED, Rooms

BASE = f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}"
# The reference authorizes these on no resource.
ON_NOTHING = {"ListCollaborations", "ListConfiguredTables", "ListMemberships"}
# They are authorized on the resource that they tag.
TAGS = {"ListTagsForResource", "TagResource", "UntagResource"}


@pytest.fixture
def rooms(bench: Bench) -> Rooms:
    return Rooms(bench)


@pytest.fixture
def needs(bench: Bench) -> dict[str, list[tuple[str, str]]]:
    """What each operation needed when it was last called."""
    found: dict[str, list[tuple[str, str]]] = {}
    handle = bench.emulator.handle

    def watch(request: Request) -> Any:
        needed = bench.emulator.authorization(request)
        response = handle(request)
        found[bench.emulator.journal[-1].operation] = [(action, arn) for action, arn, _ in needed]
        return response

    bench.emulator.handle = watch  # type: ignore[method-assign]
    return found


def test_the_table_has_every_operation_of_the_model() -> None:
    assert service_model("cleanrooms").operations.keys() - authorized_operations() == ON_NOTHING | TAGS | NOT_IN_IT


# The reference that the table was read from does not have them yet.
NOT_IN_IT = {
    name
    for name in service_model("cleanrooms").operations
    if "IntermediateTable" in name or "AnalysisLogExport" in name
}


def test_an_operation_is_authorized_on_what_it_names(rooms: Rooms, needs: dict[str, list[tuple[str, str]]]) -> None:
    membership = rooms.membership()
    table, collaboration = rooms.table(tags={"a": "b"}), membership["collaborationId"]
    rooms.rule(table["id"])
    joined = rooms.association(membership["id"], table["id"])
    rooms.client.get_schema(collaborationIdentifier=collaboration, name="sales")
    rooms.client.list_memberships()
    assert needs["CreateMembership"][:2] == [
        ("cleanrooms:CreateMembership", f"{BASE}:collaboration/{collaboration}"),
        ("cleanrooms:CreateMembership", f"{BASE}:membership/*"),
    ]
    assert ("cleanrooms:TagResource", f"{BASE}:configuredtable/*") in needs["CreateConfiguredTable"]
    assert needs["CreateConfiguredTableAnalysisRule"] == [
        ("cleanrooms:CreateConfiguredTableAnalysisRule", table["arn"])
    ]
    action = "cleanrooms:CreateConfiguredTableAssociation"
    assert needs["CreateConfiguredTableAssociation"] == [
        (action, table["arn"]),
        (action, f"{BASE}:membership/{membership['id']}/configuredtableassociation/*"),
        (action, membership["arn"]),
        ("iam:PassRole", ROLE),
    ]
    assert needs["GetSchema"] == [
        ("cleanrooms:GetSchema", f"{BASE}:collaboration/{collaboration}"),
        ("cleanrooms:GetSchema", joined["arn"]),
    ]
    assert needs["ListMemberships"] == [("cleanrooms:ListMemberships", "*")]


def test_what_is_said_of_an_operation_is_all_that_its_requests_need(
    rooms: Rooms, needs: dict[str, list[tuple[str, str]]]
) -> None:
    """What the scaffold prints to be named in the permissions of a new kind."""
    output = {"outputConfiguration": {"s3": {"resultFormat": "CSV", "bucket": "results", "keyPrefix": "out"}}}
    membership = rooms.membership(queryLogStatus="ENABLED", defaultResultConfiguration=output)
    table = rooms.table()
    rooms.client.update_configured_table(configuredTableIdentifier=table["id"], allowedColumns=["buyer"])
    rooms.mapping_table(membership["id"])
    rooms.query(
        membership["id"],
        sqlParameters={"analysisTemplateArn": rooms.template(membership["id"], tags={"a": "b"})["arn"]},
    )
    rooms.client.create_configured_audience_model_association(
        membershipIdentifier=membership["id"],
        configuredAudienceModelArn=rooms.bench.created_model(),
        configuredAudienceModelAssociationName="a",
        manageResourcePolicies=True,
    )
    rooms.client.delete_collaboration(collaborationIdentifier=membership["collaborationId"])
    everywhere = {"iam:PassRole", "cleanrooms:TagResource"}
    for operation, needed in needs.items():
        service = "cleanrooms" if operation in service_model("cleanrooms").operations else "cleanroomsml"
        own = {f"cleanrooms:{operation}", f"cleanrooms-ml:{operation}"}
        said = dependent_actions(service, operation, service_model(service).input_members(operation))
        assert {action for action, _ in needed} - own - everywhere <= set(said), operation
    said = dependent_actions("cleanrooms", "CreateIdMappingTable", ())
    assert said == ("entityresolution:AddPolicyStatement", "entityresolution:GetIdMappingWorkflow")
    assert dependent_actions("cleanrooms", "GetIdMappingTable", ()) == ()
    assert dependent_actions("cleanroomsml", "GetTrainedModel", ["membershipIdentifier", "name"]) == (
        "cleanrooms:PassMembership",
    )


@pytest.mark.parametrize("creates", [True, False])
def test_another_key_is_used_as_the_first_one_is(
    rooms: Rooms, needs: dict[str, list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch, creates: bool
) -> None:
    """Of no kind of AWS Clean Rooms the sandbox knows what the caller needs on its key: as if it did of one."""
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/abc"
    for operation in ("CreateIdMappingTable", "UpdateIdMappingTable"):
        known = replace(KIND_OF_OPERATION[operation], keys=GRANTING_KEY_ACTIONS)
        monkeypatch.setitem(KIND_OF_OPERATION, operation, known)
    membership = rooms.membership()["id"]
    table = rooms.mapping_table(membership, **({"kmsKeyArn": key} if creates else {}))
    mapped = {"membershipIdentifier": membership, "idMappingTableIdentifier": table["id"]}
    rooms.client.update_id_mapping_table(**mapped, description="d")
    assert key not in dict(needs["UpdateIdMappingTable"]).values()
    rooms.client.update_id_mapping_table(**mapped, kmsKeyArn=key)
    operation = "CreateIdMappingTable" if creates else "UpdateIdMappingTable"
    assert {action for action, arn in needs[operation] if arn == key} == set(GRANTING_KEY_ACTIONS)


def test_a_collaboration_of_another_account_keeps_its_arn(
    rooms: Rooms, needs: dict[str, list[tuple[str, str]]]
) -> None:
    collaboration = rooms.collaboration()
    with rooms.bench.as_account(INVITED):
        rooms.membership(collaboration["id"])
    assert ("cleanrooms:CreateMembership", collaboration["arn"]) in needs["CreateMembership"]


def test_a_table_is_read_from_the_catalog_in_the_callers_name(
    rooms: Rooms, needs: dict[str, list[tuple[str, str]]]
) -> None:
    rooms.table()
    catalog = f"arn:aws:glue:us-east-1:{ACCOUNT}"
    assert ("glue:GetDatabase", f"{catalog}:database/shop") in needs["CreateConfiguredTable"]
    assert ("glue:GetTable", f"{catalog}:table/shop/sales") in needs["CreateConfiguredTable"]


def test_a_query_reads_the_schema_and_writes_the_results(rooms: Rooms, needs: dict[str, list[tuple[str, str]]]) -> None:
    membership = rooms.membership(queryLogStatus="ENABLED")
    template = rooms.template(membership["id"])["arn"]
    rooms.query(membership["id"], sqlParameters={"analysisTemplateArn": template})
    assert needs["StartProtectedQuery"] == [
        ("cleanrooms:StartProtectedQuery", membership["arn"]),
        ("cleanrooms:GetSchema", membership["collaborationArn"]),
        ("cleanrooms:GetCollaborationAnalysisTemplate", template),
        ("s3:GetBucketLocation", "arn:aws:s3:::results"),
        ("s3:ListBucket", "arn:aws:s3:::results"),
        ("s3:PutObject", "arn:aws:s3:::results/out*"),
    ]
    assert ("logs:CreateLogGroup", "*") in needs["CreateMembership"]


def test_what_an_update_of_a_table_changes_has_actions_of_its_own(
    rooms: Rooms, needs: dict[str, list[tuple[str, str]]]
) -> None:
    table = rooms.table()
    named = {"configuredTableIdentifier": table["id"]}
    rooms.client.update_configured_table(**named, description="d")
    assert needs["UpdateConfiguredTable"] == [("cleanrooms:UpdateConfiguredTable", table["arn"])]
    rooms.client.update_configured_table(**named, allowedColumns=["buyer"])
    assert ("cleanrooms:UpdateConfiguredTableAllowedColumns", table["arn"]) in needs["UpdateConfiguredTable"]


def test_identifiers_of_people_are_those_of_entity_resolution(
    rooms: Rooms, needs: dict[str, list[tuple[str, str]]]
) -> None:
    membership = rooms.membership()["id"]
    created = rooms.namespace(membership)
    namespace = created["inputReferenceConfig"]["inputReferenceArn"]
    assert needs["CreateIdNamespaceAssociation"][2:] == [
        ("entityresolution:AddPolicyStatement", namespace),
        ("entityresolution:GetIdNamespace", namespace),
    ]
    rooms.client.delete_id_namespace_association(
        membershipIdentifier=membership, idNamespaceAssociationIdentifier=created["id"]
    )
    assert ("entityresolution:DeletePolicyStatement", namespace) in needs["DeleteIdNamespaceAssociation"]


def test_the_end_of_a_collaboration_takes_the_policies_of_its_models(
    rooms: Rooms, needs: dict[str, list[tuple[str, str]]]
) -> None:
    membership, model = rooms.membership(), rooms.bench.created_model()
    rooms.client.create_configured_audience_model_association(
        membershipIdentifier=membership["id"],
        configuredAudienceModelArn=model,
        configuredAudienceModelAssociationName="a",
        manageResourcePolicies=True,
    )
    rooms.client.delete_collaboration(collaborationIdentifier=membership["collaborationId"])
    assert ("cleanrooms-ml:DeleteConfiguredAudienceModelPolicy", model) in needs["DeleteCollaboration"]
