"""The types of AWS Clean Rooms in CloudFormation, as the API shows what they created."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import NativeError

from .conftest import ROLE, Bench
from .native_stack import Template

TABLE = {
    "Name": "clicks",
    "AllowedColumns": ["user", "item"],
    "AnalysisMethod": "DIRECT_QUERY",
    "TableReference": {"Glue": {"DatabaseName": "ads", "TableName": "clicks"}},
}
LIST = {"Type": "LIST", "Policy": {"V1": {"List": {"JoinColumns": ["user"], "ListColumns": ["item"]}}}}
CUSTOM = {"Type": "CUSTOM", "Policy": {"V1": {"Custom": {"AllowedAnalyses": ["ANY_QUERY"]}}}}


@pytest.fixture
def stack(bench: Bench) -> Template:
    return Template(bench)


def operations(bench: Bench) -> list[str]:
    """What CloudFormation called."""
    return [entry.operation for entry in bench.emulator.journal if entry.caller == "cloudformation.amazonaws.com"]


def test_the_rules_of_a_table_are_resources_of_the_api(bench: Bench, stack: Template) -> None:
    table, _ = stack.create("CleanRooms::ConfiguredTable", **TABLE, AnalysisRules=[LIST])
    named = {"configuredTableIdentifier": table}

    def types() -> list[str]:
        return list(bench.clean_rooms.get_configured_table(**named)["configuredTable"]["analysisRuleTypes"])

    rule = bench.clean_rooms.get_configured_table_analysis_rule(**named, analysisRuleType="LIST")["analysisRule"]
    assert rule["policy"] == {"v1": {"list": {"joinColumns": ["user"], "listColumns": ["item"]}}}
    changed = {"Type": "LIST", "Policy": {"V1": {"List": {"JoinColumns": ["item"], "ListColumns": []}}}}
    stack.change("CleanRooms::ConfiguredTable", table, AnalysisRules=[changed])
    assert types() == ["LIST"]
    stack.change("CleanRooms::ConfiguredTable", table, AnalysisRules=[CUSTOM])
    assert types() == ["CUSTOM"]
    stack.change("CleanRooms::ConfiguredTable", table, AnalysisRules=None)
    assert types() == []
    assert operations(bench) == [
        "CreateConfiguredTable",
        "CreateConfiguredTableAnalysisRule",
        "UpdateConfiguredTableAnalysisRule",
        "DeleteConfiguredTableAnalysisRule",
        "CreateConfiguredTableAnalysisRule",
        "DeleteConfiguredTableAnalysisRule",
    ]


def test_a_table_whose_rule_is_refused_is_not_there(bench: Bench, stack: Template) -> None:
    wrong = {"Type": "LIST", "Policy": {"V1": {"List": {"JoinColumns": [], "ListColumns": []}}}}
    with pytest.raises(NativeError) as caught:
        stack.create("CleanRooms::ConfiguredTable", **TABLE, AnalysisRules=[wrong])
    assert "joinColumns has 0 items" in str(caught.value)
    assert bench.clean_rooms.list_configured_tables()["configuredTableSummaries"] == []


def test_the_rules_of_an_association_too(bench: Bench, stack: Template) -> None:
    membership = stack.membership(stack.collaboration())
    table, _ = stack.create("CleanRooms::ConfiguredTable", **TABLE)
    policy = {"V1": {"List": {"AllowedResultReceivers": [bench.emulator.account]}}}
    physical_id, attributes = stack.create(
        "CleanRooms::ConfiguredTableAssociation",
        MembershipIdentifier=membership,
        ConfiguredTableIdentifier=table,
        Name="clicks",
        RoleArn=ROLE,
        ConfiguredTableAssociationAnalysisRules=[{"Type": "LIST", "Policy": policy}],
    )
    named = {
        "membershipIdentifier": membership,
        "configuredTableAssociationIdentifier": attributes["ConfiguredTableAssociationIdentifier"],
    }
    found = bench.clean_rooms.get_configured_table_association(**named)["configuredTableAssociation"]
    assert found["analysisRuleTypes"] == ["LIST"]
    stack.delete("CleanRooms::ConfiguredTableAssociation", physical_id)
    assert {record["kind"] for record in bench.emulator.records(seeded=False)} == {
        "Collaboration",
        "Membership",
        "ConfiguredTable",
    }


def test_an_update_of_a_membership_reaches_the_api(bench: Bench, stack: Template) -> None:
    membership = stack.membership(stack.collaboration())
    pays = {"QueryCompute": {"IsResponsible": True}}
    same, _ = stack.change(
        "CleanRooms::Membership", membership, QueryLogStatus="ENABLED", PaymentConfiguration=pays, IsMetricsEnabled=True
    )
    assert same == membership
    found = bench.clean_rooms.get_membership(membershipIdentifier=membership)["membership"]
    assert (found["queryLogStatus"], found["paymentConfiguration"]["queryCompute"]) == (
        "ENABLED",
        {"isResponsible": True},
    )


def budget(membership: str, **changes: Any) -> dict[str, Any]:
    return {
        "MembershipIdentifier": membership,
        "AutoRefresh": "CALENDAR_MONTH",
        "PrivacyBudgetType": "DIFFERENTIAL_PRIVACY",
        "Parameters": {"Epsilon": "3", "UsersNoisePerQuery": "40"},
        **changes,
    }


def test_a_privacy_budget_template(bench: Bench, stack: Template) -> None:
    membership = stack.membership(stack.collaboration())
    physical_id, attributes = stack.create("CleanRooms::PrivacyBudgetTemplate", **budget(membership))
    identifier = attributes["PrivacyBudgetTemplateIdentifier"]
    assert physical_id == f"{identifier}|{membership}"
    assert attributes["MembershipArn"].endswith(f":membership/{membership}")
    parameters = {"Epsilon": 5, "UsersNoisePerQuery": 40}
    assert stack.change("CleanRooms::PrivacyBudgetTemplate", physical_id, Parameters=parameters)[0] == physical_id
    named = {"membershipIdentifier": membership, "privacyBudgetTemplateIdentifier": identifier}
    found = bench.clean_rooms.get_privacy_budget_template(**named)["privacyBudgetTemplate"]
    assert found["parameters"] == {"differentialPrivacy": {"epsilon": 5, "usersNoisePerQuery": 40}}
    stack.delete("CleanRooms::PrivacyBudgetTemplate", physical_id)
    listed = bench.clean_rooms.list_privacy_budget_templates(membershipIdentifier=membership)
    assert listed["privacyBudgetTemplateSummaries"] == []


def test_a_budget_of_accesses_is_changed_in_its_limits(bench: Bench, stack: Template) -> None:
    membership = stack.membership(stack.collaboration())
    arn = f"arn:aws:cleanrooms:us-east-1:{bench.emulator.account}:membership/{membership}/configuredtableassociation/t"

    def limits(count: int) -> dict[str, Any]:
        return {"BudgetParameters": [{"Type": "CALENDAR_DAY", "Budget": count}], "ResourceArn": arn}

    properties = budget(membership, PrivacyBudgetType="ACCESS_BUDGET", Parameters=limits(5))
    physical_id, _ = stack.create("CleanRooms::PrivacyBudgetTemplate", **properties)
    stack.change("CleanRooms::PrivacyBudgetTemplate", physical_id, Parameters=limits(9))
    listed = bench.clean_rooms.list_privacy_budgets(membershipIdentifier=membership, privacyBudgetType="ACCESS_BUDGET")
    found = listed["privacyBudgetSummaries"][0]["budget"]["accessBudget"]
    assert (found["resourceArn"], found["aggregateRemainingBudget"]) == (arn, 9)


def test_a_namespace_and_a_mapping_table(bench: Bench, stack: Template) -> None:
    membership = stack.membership(stack.collaboration())
    base = f"arn:aws:entityresolution:us-east-1:{bench.emulator.account}"

    def reference(resource: str) -> dict[str, Any]:
        return {"InputReferenceArn": f"{base}:{resource}", "ManageResourcePolicies": "true"}

    namespace, attributes = stack.create(
        "CleanRooms::IdNamespaceAssociation",
        MembershipIdentifier=membership,
        Name="people",
        InputReferenceConfig=reference("idnamespace/people"),
    )
    assert attributes["InputReferenceProperties.IdNamespaceType"] == "SOURCE"
    table, attributes = stack.create(
        "CleanRooms::IdMappingTable",
        MembershipIdentifier=membership,
        Name="mapping",
        InputReferenceConfig=reference("idmappingworkflow/people"),
    )
    sources = attributes["InputReferenceProperties.IdMappingTableInputSource"]
    assert sources[0]["idNamespaceAssociationId"] == namespace.split("|")[0]
    assert stack.change("CleanRooms::IdMappingTable", table, Description="d")[0] == table
    assert stack.change("CleanRooms::IdMappingTable", table, Name="other")[0] != table
