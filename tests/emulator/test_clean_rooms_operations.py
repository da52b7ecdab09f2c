"""Every operation of AWS Clean Rooms, called with success.

The fixture of the clients checks each reply against botocore's model.
"""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator.models import service_model

from .conftest import ROLE, Bench
from .rooms import INVITED, Rooms
from .test_every_operation import lookalike


@pytest.fixture
def rooms(bench: Bench) -> Rooms:
    return Rooms(bench)


def tables(rooms: Rooms, membership: str) -> None:
    """A table with its rules, in a collaboration and out of it again."""
    client = rooms.client
    table = rooms.table()
    named = {"configuredTableIdentifier": table["id"]}
    typed = {**named, "analysisRuleType": "LIST"}
    rule = rooms.rule(table["id"])
    assert (rule["configuredTableId"], rule["configuredTableArn"], rule["type"]) == (table["id"], table["arn"], "LIST")
    changed = {"v1": {"list": {"joinColumns": ["amount"], "listColumns": ["buyer"]}}}
    client.update_configured_table_analysis_rule(**typed, analysisRulePolicy=changed)
    assert client.get_configured_table_analysis_rule(**typed)["analysisRule"]["policy"] == changed
    found = client.get_configured_table(**named)["configuredTable"]
    assert found["analysisRuleTypes"] == ["LIST"]
    client.update_configured_table(**named, description="more")
    assert [item["id"] for item in client.list_configured_tables()["configuredTableSummaries"]] == [table["id"]]
    joined = rooms.association(membership, table["id"])
    assert (joined["configuredTableId"], joined["membershipId"]) == (table["id"], membership)
    ours = {"membershipIdentifier": membership, "configuredTableAssociationIdentifier": joined["id"]}
    client.update_configured_table_association(**ours, description="d", roleArn=ROLE)
    policy = {"v1": {"list": {"allowedResultReceivers": [rooms.bench.emulator.account]}}}
    created = client.create_configured_table_association_analysis_rule(
        **ours, analysisRuleType="LIST", analysisRulePolicy=policy
    )["analysisRule"]
    assert (created["membershipIdentifier"], created["configuredTableAssociationId"]) == (membership, joined["id"])
    assert created["configuredTableAssociationArn"] == joined["arn"]
    client.update_configured_table_association_analysis_rule(
        **ours, analysisRuleType="LIST", analysisRulePolicy={"v1": {"list": {"allowedResultReceivers": []}}}
    )
    client.get_configured_table_association_analysis_rule(**ours, analysisRuleType="LIST")
    found = client.get_configured_table_association(**ours)["configuredTableAssociation"]
    assert (found["description"], found["analysisRuleTypes"]) == ("d", ["LIST"])
    listed = client.list_configured_table_associations(membershipIdentifier=membership)
    assert [item["name"] for item in listed["configuredTableAssociationSummaries"]] == ["sales"]
    schemas(rooms, found)
    client.delete_configured_table_association_analysis_rule(**ours, analysisRuleType="LIST")
    client.delete_configured_table_association(**ours)
    client.delete_configured_table_analysis_rule(**typed)
    client.delete_configured_table(**named)


def schemas(rooms: Rooms, joined: dict[str, Any]) -> None:
    """What every member sees of a table."""
    membership = rooms.client.get_membership(membershipIdentifier=joined["membershipId"])["membership"]
    shared = {"collaborationIdentifier": membership["collaborationId"]}
    named = {**shared, "name": "sales"}
    schema = rooms.client.get_schema(**named)["schema"]
    assert [column["name"] for column in schema["columns"]] == ["buyer", "amount"]
    assert (schema["resourceArn"], schema["analysisRuleTypes"]) == (joined["arn"], ["LIST"])
    assert [detail["status"] for detail in schema["schemaStatusDetails"]] == ["READY"]
    listed = rooms.client.list_schemas(**shared, schemaType="TABLE")["schemaSummaries"]
    assert [item["name"] for item in listed] == ["sales"]
    assert rooms.client.list_schemas(**shared, schemaType="ID_MAPPING_TABLE")["schemaSummaries"] == []
    rule = rooms.client.get_schema_analysis_rule(**named, type="LIST")["analysisRule"]
    assert rule["policy"]["v1"]["list"]["joinColumns"] == ["amount"]
    consolidated = rule["consolidatedPolicy"]["v1"]["list"]
    assert consolidated == {**rule["policy"]["v1"]["list"], "allowedResultReceivers": []}
    batch = rooms.client.batch_get_schema(**shared, names=["sales", "lost"])
    assert ([item["name"] for item in batch["schemas"]], [item["name"] for item in batch["errors"]]) == (
        ["sales"],
        ["lost"],
    )
    asked = [{"name": "sales", "type": "LIST"}, {"name": "sales", "type": "CUSTOM"}]
    rules = rooms.client.batch_get_schema_analysis_rule(**shared, schemaAnalysisRuleRequests=asked)
    assert [item["type"] for item in rules["analysisRules"]] == ["LIST"]
    assert [(item["type"], item["code"]) for item in rules["errors"]] == [("CUSTOM", "ResourceNotFoundException")]


def templates(rooms: Rooms, membership: dict[str, Any]) -> None:
    """An analysis template of a member, which all members read."""
    client, shared = rooms.client, {"collaborationIdentifier": membership["collaborationId"]}
    created = rooms.template(membership["id"])
    named = {"membershipIdentifier": membership["id"], "analysisTemplateIdentifier": created["id"]}
    client.update_analysis_template(**named, description="d")
    assert client.get_analysis_template(**named)["analysisTemplate"]["description"] == "d"
    listed = client.list_analysis_templates(membershipIdentifier=membership["id"])["analysisTemplateSummaries"]
    assert [(item["id"], item["isSyntheticData"]) for item in listed] == [(created["id"], False)]
    found = client.get_collaboration_analysis_template(**shared, analysisTemplateArn=created["arn"])
    assert found["collaborationAnalysisTemplate"]["source"] == {"text": "SELECT amount FROM sales"}
    shown = client.list_collaboration_analysis_templates(**shared)["collaborationAnalysisTemplateSummaries"]
    assert [item["creatorAccountId"] for item in shown] == [rooms.bench.emulator.account]
    lost = created["arn"].replace(created["id"], "11111111-1111-4111-8111-111111111110")
    batch = client.batch_get_collaboration_analysis_template(**shared, analysisTemplateArns=[created["arn"], lost])
    assert [item["arn"] for item in batch["collaborationAnalysisTemplates"]] == [created["arn"]]
    assert [item["arn"] for item in batch["errors"]] == [lost]
    client.delete_analysis_template(**named)


def budgets(rooms: Rooms, membership: dict[str, Any]) -> None:
    """A privacy budget template, and what is left of it."""
    client, shared = rooms.client, {"collaborationIdentifier": membership["collaborationId"]}
    ours, typed = {"membershipIdentifier": membership["id"]}, {"privacyBudgetType": "DIFFERENTIAL_PRIVACY"}
    created = rooms.budget_template(membership["id"])
    named = {**ours, "privacyBudgetTemplateIdentifier": created["id"]}
    changed = {"differentialPrivacy": {"usersNoisePerQuery": 20}}
    client.update_privacy_budget_template(**named, **typed, parameters=changed)
    parameters = client.get_privacy_budget_template(**named)["privacyBudgetTemplate"]["parameters"]
    assert parameters == {"differentialPrivacy": {"epsilon": 3, "usersNoisePerQuery": 20}}
    listed = client.list_privacy_budget_templates(**ours)["privacyBudgetTemplateSummaries"]
    assert [item["id"] for item in listed] == [created["id"]]
    identified = {"privacyBudgetTemplateIdentifier": created["id"]}
    client.get_collaboration_privacy_budget_template(**shared, **identified)
    shown = client.list_collaboration_privacy_budget_templates(**shared)["collaborationPrivacyBudgetTemplateSummaries"]
    assert [item["id"] for item in shown] == [created["id"]]
    budget = client.list_privacy_budgets(**ours, **typed)["privacyBudgetSummaries"][0]
    of_all = client.list_collaboration_privacy_budgets(**shared, **typed)["collaborationPrivacyBudgetSummaries"][0]
    assert budget["budget"] == of_all["budget"]
    assert budget["privacyBudgetTemplateId"] == created["id"]
    preview = client.preview_privacy_impact(
        **ours, parameters={"differentialPrivacy": {"epsilon": 3, "usersNoisePerQuery": 20}}
    )["privacyImpact"]["differentialPrivacy"]["aggregations"]
    counts = {item["type"]: item["maxCount"] for item in preview}
    assert {
        item["type"]: item["maxCount"] for item in budget["budget"]["differentialPrivacy"]["aggregations"]
    } == counts
    client.delete_privacy_budget_template(**named)


def identities(rooms: Rooms, membership: dict[str, Any]) -> None:
    """Namespaces and a mapping table of AWS Entity Resolution."""
    client, shared = rooms.client, {"collaborationIdentifier": membership["collaborationId"]}
    ours = {"membershipIdentifier": membership["id"]}
    source, target = rooms.namespace(membership["id"]), rooms.namespace(membership["id"], "target")
    named = {"idNamespaceAssociationIdentifier": source["id"]}
    client.update_id_namespace_association(**ours, **named, description="d")
    assert client.get_id_namespace_association(**ours, **named)["idNamespaceAssociation"]["description"] == "d"
    client.get_collaboration_id_namespace_association(**shared, **named)
    listed = client.list_id_namespace_associations(**ours)["idNamespaceAssociationSummaries"]
    shown = client.list_collaboration_id_namespace_associations(**shared)
    assert [item["id"] for item in listed] == [source["id"], target["id"]]
    assert [item["id"] for item in shown["collaborationIdNamespaceAssociationSummaries"]] == [
        source["id"],
        target["id"],
    ]
    table = rooms.mapping_table(membership["id"])
    sources = table["inputReferenceProperties"]["idMappingTableInputSource"]
    assert [item["idNamespaceAssociationId"] for item in sources] == [source["id"], target["id"]]
    mapped = {**ours, "idMappingTableIdentifier": table["id"]}
    assert client.populate_id_mapping_table(**mapped)["idMappingJobId"]
    client.update_id_mapping_table(**mapped, description="d")
    assert client.get_id_mapping_table(**mapped)["idMappingTable"]["description"] == "d"
    assert len(client.list_id_mapping_tables(**ours)["idMappingTableSummaries"]) == 1
    client.delete_id_mapping_table(**mapped)
    for one in (source, target):
        client.delete_id_namespace_association(**ours, idNamespaceAssociationIdentifier=one["id"])


def analyses(rooms: Rooms, membership: dict[str, Any]) -> None:
    """Queries and a job, one of which is canceled."""
    client, ours = rooms.client, {"membershipIdentifier": membership["id"]}
    query = {**ours, "protectedQueryIdentifier": rooms.query(membership["id"])["id"]}
    client.update_protected_query(**query, targetStatus="CANCELLED")
    assert client.get_protected_query(**query)["protectedQuery"]["status"] == "CANCELLING"
    assert len(client.list_protected_queries(**ours)["protectedQueries"]) == 1
    rooms.bench.clock.sleep(1)
    s3 = {"bucket": "logs"}
    export = client.start_analysis_log_export(
        **ours,
        analysisId=query["protectedQueryIdentifier"],
        analysisType="PROTECTED_QUERY",
        resultConfiguration={"outputConfiguration": {"s3": s3}},
    )["analysisLogExport"]
    exported = {**ours, "analysisLogExportIdentifier": export["analysisLogExportId"]}
    rooms.bench.clock.sleep(1)
    assert client.get_analysis_log_export(**exported)["analysisLogExport"]["status"] == "SUCCESS"
    listed = client.list_analysis_log_exports(**ours, analysisIdentifier=query["protectedQueryIdentifier"])
    assert [item["status"] for item in listed["analysisLogExports"]] == ["SUCCESS"]
    job = {**ours, "protectedJobIdentifier": rooms.job(membership["id"], rooms.template(membership["id"])["arn"])["id"]}
    client.update_protected_job(**job, targetStatus="CANCELLED")
    assert client.get_protected_job(**job)["protectedJob"]["status"] == "CANCELLING"
    assert len(client.list_protected_jobs(**ours)["protectedJobs"]) == 1


def intermediate(rooms: Rooms, membership: dict[str, Any]) -> None:
    """A table that a query fills."""
    client, ours = rooms.client, {"membershipIdentifier": membership["id"]}
    created = client.create_intermediate_table(
        **ours,
        name="recent",
        populationAnalysisConfiguration={"sqlParameters": {"queryString": "SELECT amount FROM sales"}},
    )["intermediateTable"]
    named = {**ours, "intermediateTableIdentifier": created["id"]}
    typed = {**named, "analysisRuleType": "CUSTOM"}
    policy = {"v1": {"custom": {"allowedAnalyses": ["ANY_QUERY"]}}}
    client.create_intermediate_table_analysis_rule(**typed, analysisRulePolicy=policy)
    client.update_intermediate_table_analysis_rule(**typed, analysisRulePolicy={"v1": {"custom": {}}})
    rule = client.get_intermediate_table_analysis_rule(**typed)["analysisRule"]
    assert (rule["intermediateTableArn"], rule["analysisRulePolicy"]) == (created["arn"], {"v1": {"custom": {}}})
    filled = client.populate_intermediate_table(**named)
    query = {**ours, "protectedQueryIdentifier": filled["analysisId"]}
    assert client.get_protected_query(**query)["protectedQuery"]["status"] == "SUBMITTED"
    assert client.get_intermediate_table(**named)["intermediateTable"]["status"] == "POPULATE_STARTED"
    rooms.bench.clock.sleep(2)
    found = client.get_intermediate_table(**named)["intermediateTable"]
    assert (found["status"], found["intermediateTableVersion"]["versionId"]) == (
        "POPULATE_SUCCESS",
        filled["versionId"],
    )
    versions = client.list_intermediate_table_versions(**named)["intermediateTableVersionSummaries"]
    assert [version["status"] for version in versions] == ["POPULATE_SUCCESS"]
    client.update_intermediate_table(**named, description="d")
    client.disallow_intermediate_table(**ours, intermediateTableName="recent")
    listed = client.list_intermediate_tables(**ours)["intermediateTableSummaries"]
    assert [(item["description"], item["status"]) for item in listed] == [("d", "DISALLOWED_BY_DATA_PROVIDER")]
    with pytest.raises(client.exceptions.ConflictException):
        client.populate_intermediate_table(**named)
    client.delete_intermediate_table_analysis_rule(**typed)
    client.delete_intermediate_table(**named)


def changes(rooms: Rooms, collaboration: str) -> None:
    """A member more, whom nobody else has to approve."""
    client, named = rooms.client, {"collaborationIdentifier": collaboration}
    member = {"accountId": "222222222222", "displayName": "Second", "memberAbilities": []}
    created = client.create_collaboration_change_request(
        **named, changes=[{"specificationType": "MEMBER", "specification": {"member": member}}]
    )["collaborationChangeRequest"]
    assert (created["status"], created["changes"][0]["types"]) == ("APPROVED", ["ADD_MEMBER"])
    identified = {**named, "changeRequestIdentifier": created["id"]}
    client.update_collaboration_change_request(**identified, action="COMMIT")
    assert client.get_collaboration_change_request(**identified)["collaborationChangeRequest"]["status"] == "COMMITTED"
    listed = client.list_collaboration_change_requests(**named, status="COMMITTED")
    assert [item["id"] for item in listed["collaborationChangeRequestSummaries"]] == [created["id"]]
    members = client.list_members(**named)["memberSummaries"]
    assert [it["displayName"] for it in members] == ["Creator", "Guest", "Second"]


def everything(rooms: Rooms) -> None:
    """A collaboration from its beginning to its end."""
    client = rooms.client
    abilities = ["CAN_QUERY", "CAN_RECEIVE_RESULTS", "CAN_RUN_JOB", "CAN_EXPORT_QUERY_ANALYSIS_LOG"]
    collaboration = rooms.collaboration(creatorMemberAbilities=abilities)
    named = {"collaborationIdentifier": collaboration["id"]}
    membership = rooms.membership(collaboration["id"])
    tables(rooms, membership["id"])
    templates(rooms, membership)
    budgets(rooms, membership)
    identities(rooms, membership)
    analyses(rooms, membership)
    intermediate(rooms, membership)
    changes(rooms, collaboration["id"])
    client.list_collaborations(memberStatus="ACTIVE")
    client.update_collaboration(**named, name="renamed")
    client.get_collaboration(**named)
    client.list_members(**named)
    client.delete_member(**named, accountId=INVITED)
    client.get_membership(membershipIdentifier=membership["id"])
    client.update_membership(membershipIdentifier=membership["id"], queryLogStatus="DISABLED")
    client.list_memberships(status="ACTIVE")
    model = rooms.bench.created_model("of-all")
    association = client.create_configured_audience_model_association(
        membershipIdentifier=membership["id"],
        configuredAudienceModelArn=model,
        configuredAudienceModelAssociationName="audience",
        manageResourcePolicies=False,
    )["configuredAudienceModelAssociation"]
    identified = {"configuredAudienceModelAssociationIdentifier": association["id"]}
    client.get_collaboration_configured_audience_model_association(**named, **identified)
    client.list_collaboration_configured_audience_model_associations(**named)
    client.delete_configured_audience_model_association(membershipIdentifier=membership["id"], **identified)
    rooms.bench.clock.sleep(5)
    for template in client.list_analysis_templates(membershipIdentifier=membership["id"])["analysisTemplateSummaries"]:
        client.delete_analysis_template(
            membershipIdentifier=membership["id"], analysisTemplateIdentifier=template["id"]
        )
    client.delete_membership(membershipIdentifier=membership["id"])
    client.delete_collaboration(**named)


def test_every_operation_is_called_with_success(rooms: Rooms) -> None:
    lookalike(rooms.bench)
    everything(rooms)
    called = {
        entry.operation
        for entry in rooms.bench.emulator.journal
        if entry.service == "cleanrooms" and 200 <= entry.status < 300
    }
    assert service_model("cleanrooms").operations.keys() - called == set()
