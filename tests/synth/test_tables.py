"""Tables in collaborations: configured tables, their associations, and privacy budgets."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import (
    AdditionalAnalyses,
    AnalysisRule,
    AssociationAnalysisRule,
    ConfiguredTable,
    ConfiguredTableAssociation,
    Membership,
    PrivacyBudget,
    PrivacyBudgetTemplate,
)
from tests.synth.stacks import ACCOUNT, MEMBERSHIP, errors_of, new_stack, only, template_of


def table(stack: cdk.Stack, **changes: Any) -> ConfiguredTable:
    """A table with the least that it needs."""
    given: dict[str, Any] = {"database": "shop", "table": "customers", "allowed_columns": ["user_id"], **changes}
    return ConfiguredTable(stack, "Customers", **given)


def association(stack: cdk.Stack, **changes: Any) -> ConfiguredTableAssociation:
    """An association with the least that it needs."""
    given: dict[str, Any] = {
        "membership": Membership.from_membership_id(stack, "Member", MEMBERSHIP),
        **({} if "configured_table" in changes else {"configured_table": table(stack, bucket=_bucket(stack))}),
        **changes,
    }
    return ConfiguredTableAssociation(stack, "Association", **given)


def _bucket(stack: cdk.Stack) -> s3.Bucket:
    return s3.Bucket(stack, "Data", encryption_key=kms.Key(stack, "Key"))


def test_a_table_has_its_columns_and_its_rule() -> None:
    stack = new_stack()
    rule = AnalysisRule.custom(
        allowed_analyses=["ANY_QUERY"],
        allowed_analysis_providers=[ACCOUNT],
        additional_analyses=AdditionalAnalyses.ALLOWED,
    )
    table(stack, analysis_rule=rule, tags={"a": "b"}, description="d")
    properties = only(template_of(stack), "AWS::CleanRooms::ConfiguredTable")["Properties"]
    assert properties.pop("Name").startswith("StackCustomers")
    assert properties == {
        "AllowedColumns": ["user_id"],
        "AnalysisMethod": "DIRECT_QUERY",
        "AnalysisRules": [
            {
                "Type": "CUSTOM",
                "Policy": {
                    "V1": {
                        "Custom": {
                            "AllowedAnalyses": ["ANY_QUERY"],
                            "AllowedAnalysisProviders": [ACCOUNT],
                            "AdditionalAnalyses": "ALLOWED",
                        }
                    }
                },
            }
        ],
        "Description": "d",
        "TableReference": {"Glue": {"DatabaseName": "shop", "TableName": "customers"}},
        "Tags": [{"Key": "a", "Value": "b"}],
    }


def test_a_rule_may_be_a_list() -> None:
    stack = new_stack()
    table(stack, analysis_rule=AnalysisRule.list(join_columns=["user_id"], list_columns=["region"]))
    (rule,) = only(template_of(stack), "AWS::CleanRooms::ConfiguredTable")["Properties"]["AnalysisRules"]
    assert rule == {
        "Type": "LIST",
        "Policy": {"V1": {"List": {"JoinColumns": ["user_id"], "ListColumns": ["region"]}}},
    }


def test_an_association_has_a_role_that_reads_its_table_and_nothing_else() -> None:
    stack = new_stack()
    rule = AssociationAnalysisRule(allowed_result_receivers=[ACCOUNT])
    made = association(
        stack, configured_table=table(stack, bucket=_bucket(stack), prefix="customers/"), analysis_rule=rule
    )
    template = template_of(stack)
    properties = only(template, "AWS::CleanRooms::ConfiguredTableAssociation")["Properties"]
    assert properties["Name"] == "association"
    assert properties["MembershipIdentifier"] == MEMBERSHIP
    assert properties["ConfiguredTableAssociationAnalysisRules"][0]["Policy"]["V1"]["Custom"] == {
        "AllowedResultReceivers": [ACCOUNT]
    }
    assert properties["RoleArn"] == stack.resolve(made.role.role_arn)
    role = only(template, "AWS::IAM::Role")["Properties"]
    trust = role["AssumeRolePolicyDocument"]["Statement"][0]
    assert trust["Principal"] == {"Service": "cleanrooms.amazonaws.com"}
    assert f"membership/{MEMBERSHIP}" in json.dumps(trust["Condition"]["ArnEquals"])
    text = json.dumps(role["Policies"])
    assert "table/shop/customers" in text
    assert "/customers/*" in text
    assert "kms:Decrypt" in text


def test_a_role_needs_to_know_the_bucket() -> None:
    stack = new_stack()
    with pytest.raises(ValueError, match=r"Stack/Association: the bucket of the table's data is not known"):
        association(stack, configured_table=table(stack))


@pytest.mark.parametrize(
    ("budget", "properties"),
    [
        (
            lambda _: PrivacyBudget.differential_privacy(epsilon=3, users_noise_per_query=20),
            {
                "PrivacyBudgetType": "DIFFERENTIAL_PRIVACY",
                "AutoRefresh": "CALENDAR_MONTH",
                "Parameters": {"Epsilon": 3, "UsersNoisePerQuery": 20},
            },
        ),
        (
            lambda stack: PrivacyBudget.access(association(stack, role=None), lifetime=100, daily=10),
            {
                "PrivacyBudgetType": "ACCESS_BUDGET",
                "AutoRefresh": "NONE",
                "Parameters": {
                    "BudgetParameters": [
                        {"AutoRefresh": "ENABLED", "Budget": 10, "Type": "CALENDAR_DAY"},
                        {"Budget": 100, "Type": "LIFETIME"},
                    ],
                },
            },
        ),
    ],
    ids=["differential privacy", "access"],
)
def test_a_budget_is_of_one_of_two_types(budget: Any, properties: dict[str, Any]) -> None:
    stack = new_stack()
    member = Membership.from_membership_id(stack, "Owner", MEMBERSHIP)
    PrivacyBudgetTemplate(stack, "Budget", membership=member, budget=budget(stack))
    found = only(template_of(stack), "AWS::CleanRooms::PrivacyBudgetTemplate")["Properties"]
    found["Parameters"].pop("ResourceArn", None)
    assert found == {"MembershipIdentifier": MEMBERSHIP, **properties}


def test_limits_are_those_of_the_api() -> None:
    stack = new_stack()
    table(stack, allowed_columns=["user id!"], description="d" * 256)
    member = Membership.from_membership_id(stack, "Owner", MEMBERSHIP)
    budget = PrivacyBudget.differential_privacy(epsilon=21, users_noise_per_query=20)
    PrivacyBudgetTemplate(stack, "Budget", membership=member, budget=budget)
    text = "\n".join(errors_of(stack))
    assert 'allowedColumns[0] is "user id!"' in text
    assert "description has 256 characters; allowed 0 to 255 (CreateConfiguredTable)" in text
    assert "epsilon is 21; allowed 1 to 20 (CreatePrivacyBudgetTemplate)" in text
