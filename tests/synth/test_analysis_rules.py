"""Analysis rules of tables: everything that the API has, in typed form, checked at synth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

import cdk_cleanrooms_ml
from cdk_cleanrooms_ml import (
    AdditionalAnalyses,
    AggregateColumn,
    AggregateExpressionType,
    AggregateFunction,
    AggregationConstraint,
    AggregationThreshold,
    AnalysisMethod,
    AnalysisRule,
    AssociationAnalysisRule,
    ComparisonControls,
    JoinOperator,
    ScalarFunction,
)
from cleanrooms_ml_handlers.model import service_model
from tests.synth.stacks import errors_of, new_stack, only, template_of
from tests.synth.test_tables import association, table
from tests.synth.test_warnings import warnings_of

TABLE, ASSOCIATION = "AWS::CleanRooms::ConfiguredTable", "AWS::CleanRooms::ConfiguredTableAssociation"
COLUMNS = ["user_id", "spend", "region", "email"]
SPEND = AggregateColumn(columns=["spend"], function=AggregateFunction.SUM)
USERS = AggregationConstraint(column="user_id", minimum=100)


def aggregation(**changes: Any) -> AnalysisRule:
    """An aggregation rule with the least that it needs."""
    given: dict[str, Any] = {
        "aggregate_columns": [SPEND],
        "join_columns": ["user_id"],
        "dimension_columns": ["region"],
        "output_constraints": [USERS],
        **changes,
    }
    return AnalysisRule.aggregation(**given)


def rule_in_template(rule: AnalysisRule) -> Any:
    """The rule of a table as CloudFormation gets it, with no problem and no warning."""
    stack = new_stack()
    table(stack, allowed_columns=COLUMNS, analysis_rule=rule)
    (found,) = only(template_of(stack), TABLE)["Properties"]["AnalysisRules"]
    assert warnings_of(stack) == {}
    return found


def test_an_aggregation_rule_has_everything_that_the_api_has() -> None:
    rule = aggregation(
        scalar_functions=[ScalarFunction.ROUND, ScalarFunction.TO_DATE],
        join_required=True,
        allowed_join_operators=[JoinOperator.AND, JoinOperator.OR],
        additional_analyses=AdditionalAnalyses.NOT_ALLOWED,
    )
    found = rule_in_template(rule)
    assert found == {
        "Type": "AGGREGATION",
        "Policy": {
            "V1": {
                "Aggregation": {
                    "AggregateColumns": [{"ColumnNames": ["spend"], "Function": "SUM"}],
                    "JoinColumns": ["user_id"],
                    "DimensionColumns": ["region"],
                    "OutputConstraints": [{"ColumnName": "user_id", "Minimum": 100, "Type": "COUNT_DISTINCT"}],
                    "ScalarFunctions": ["ROUND", "TO_DATE"],
                    "JoinRequired": "QUERY_RUNNER",
                    "AllowedJoinOperators": ["AND", "OR"],
                    "AdditionalAnalyses": "NOT_ALLOWED",
                }
            }
        },
    }
    assert members_of("AnalysisRuleAggregation") == set(found["Policy"]["V1"]["Aggregation"])


def test_an_aggregation_rule_needs_no_more_than_the_api() -> None:
    found = rule_in_template(aggregation())["Policy"]["V1"]["Aggregation"]
    assert set(found) == {name[0].upper() + name[1:] for name in required_of("AnalysisRuleAggregation")}
    assert found["ScalarFunctions"] == []


def test_a_custom_rule_has_everything_that_cloudformation_has() -> None:
    rule = AnalysisRule.custom(
        allowed_analyses=["ANY_QUERY"],
        allowed_analysis_providers=["111122223333"],
        additional_analyses=AdditionalAnalyses.REQUIRED,
        disallowed_output_columns=["email"],
        differential_privacy_columns=["user_id"],
        aggregation_thresholds=[
            AggregationThreshold(
                identity_columns=["user_id"],
                minimum_identity_count=10,
                allowed_aggregate_expression_type=AggregateExpressionType.COLUMNS_ONLY,
                output_column_thresholds={"total": 50},
            )
        ],
        comparison_controls=ComparisonControls(
            allowed_literal_comparison_columns=["region"], allowed_column_comparison_columns=["user_id"]
        ),
    )
    found = rule_in_template(rule)["Policy"]["V1"]["Custom"]
    assert found == {
        "AllowedAnalyses": ["ANY_QUERY"],
        "AllowedAnalysisProviders": ["111122223333"],
        "AdditionalAnalyses": "REQUIRED",
        "DisallowedOutputColumns": ["email"],
        "DifferentialPrivacy": {"Columns": [{"Name": "user_id"}]},
        "AggregationThresholds": [
            {
                "IdentityColumns": ["user_id"],
                "MinimumIdentityCount": 10,
                "Type": "COUNT_DISTINCT",
                "AllowedAggregateExpressionType": "COLUMNS_ONLY",
                "OutputColumnThresholds": [{"OutputColumnName": "total", "MinimumIdentityCount": 50}],
            }
        ],
        "ComparisonControls": {
            "AllowedLiteralComparisonColumns": ["region"],
            "AllowedColumnComparisonColumns": ["user_id"],
        },
    }


def test_a_list_has_everything_that_the_api_has() -> None:
    rule = AnalysisRule.list(
        join_columns=["user_id"],
        list_columns=["region"],
        allowed_join_operators=[JoinOperator.OR],
        additional_analyses=AdditionalAnalyses.ALLOWED,
    )
    found = rule_in_template(rule)["Policy"]["V1"]["List"]
    assert members_of("AnalysisRuleList") == set(found)
    assert found["AllowedJoinOperators"] == ["OR"]


def members_of(shape: str) -> set[str]:
    """The members of a shape, as CloudFormation spells them."""
    return {name[0].upper() + name[1:] for name in service_model("cleanrooms").shapes[shape]["members"]}


def required_of(shape: str) -> list[str]:
    """The members that a shape requires."""
    found: list[str] = service_model("cleanrooms").shapes[shape]["required"]
    return found


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (AdditionalAnalyses, "AdditionalAnalyses"),
        (AggregateExpressionType, "AllowedAggregateExpressionType"),
        (AggregateFunction, "AggregateFunctionName"),
        (AnalysisMethod, "SelectedAnalysisMethod"),
        (JoinOperator, "JoinOperator"),
        (ScalarFunction, "ScalarFunctions"),
    ],
)
def test_constants_are_those_of_the_api(kind: Any, shape: str) -> None:
    constants = {name for name, value in vars(kind).items() if isinstance(value, kind)}
    assert {getattr(kind, name).value for name in constants} == set(service_model("cleanrooms").shapes[shape]["enum"])
    assert kind.__name__ in cdk_cleanrooms_ml.__all__


@pytest.mark.parametrize(
    ("create", "message"),
    [
        (lambda: aggregation(aggregate_columns=SPEND), "aggregate_columns is an AggregateColumn; allowed is a list of"),
        (lambda: aggregation(aggregate_columns=[{"columns": ["a"]}]), "aggregate_columns is a dict; allowed is Agg"),
        (lambda: aggregation(join_columns="user_id"), "join_columns is a str; allowed is a list of texts"),
        (lambda: aggregation(scalar_functions=["ABS"]), "scalar_functions is a str; allowed is ScalarFunction"),
        (lambda: aggregation(join_required="QUERY_RUNNER"), "join_required is a str; allowed is True or False"),
        (
            lambda: AnalysisRule.list(
                join_columns=["a"],
                list_columns=[],
                allowed_join_operators=["OR"],  # type: ignore[list-item]
            ),
            "allowed_join_operators is a str; allowed is JoinOperator",
        ),
        (
            lambda: aggregation(additional_analyses=True),
            r"additional_analyses is a bool; allowed is AdditionalAnalyses\.ALLOWED",
        ),
        (lambda: AnalysisRule.custom(allowed_analyses="ANY_QUERY"), "allowed_analyses is a str; allowed is a list"),
        (
            lambda: AnalysisRule.custom(allowed_analyses=[], comparison_controls={}),  # type: ignore[arg-type]
            "comparison_controls is a dict; allowed is ComparisonControls",
        ),
    ],
)
def test_another_form_is_refused_at_once(create: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        create()


def test_limits_are_those_of_the_api() -> None:
    stack = new_stack()
    constraints = [AggregationConstraint(column="user_id", minimum=1)]
    columns = [AggregateColumn(columns=[], function=AggregateFunction.of("MEDIAN"))]
    rule = aggregation(
        output_constraints=constraints, aggregate_columns=columns, allowed_join_operators=[JoinOperator.OR] * 3
    )
    table(stack, allowed_columns=COLUMNS, analysis_rule=rule)
    text = "\n".join(errors_of(stack))
    at = "Stack/Customers: analysisRulePolicy.v1.aggregation."
    assert f"{at}outputConstraints[0].minimum is 1; allowed 2 to 100000 (CreateConfiguredTableAnalysisRule)" in text
    assert f"{at}aggregateColumns[0].columnNames has 0 items" in text
    assert f"{at}allowedJoinOperators has 3 items" in text
    assert "MEDIAN" not in text


def test_a_newer_function_is_a_warning() -> None:
    stack = new_stack()
    columns = [AggregateColumn(columns=["spend"], function=AggregateFunction.of("MEDIAN"))]
    table(stack, allowed_columns=COLUMNS, analysis_rule=aggregation(aggregate_columns=columns))
    ((id, (text,)),) = warnings_of(stack).items()
    assert id == "cleanrooms-ml:newer-value"
    assert 'function is "MEDIAN"; allowed are SUM' in text


def test_a_column_of_a_rule_should_be_an_allowed_one() -> None:
    stack = new_stack()
    rule = aggregation(join_columns=["mail"], dimension_columns=["region", "city"])
    table(stack, allowed_columns=COLUMNS, analysis_rule=rule)
    ((id, (text,)),) = warnings_of(stack).items()
    assert id == "cleanrooms-ml:rule-columns"
    assert 'aggregation.joinColumns[0] is "mail", which is not among the columns that the table allows' in text
    assert 'aggregation.dimensionColumns[1] is "city"' in text


def data_bucket(stack: cdk.Stack) -> s3.IBucket:
    """The bucket of the table's data."""
    return s3.Bucket.from_bucket_name(stack, "Data", "customers")


@pytest.mark.parametrize(
    ("methods", "expected"),
    [
        ([], ("DIRECT_QUERY", None)),
        ([AnalysisMethod.DIRECT_JOB], ("DIRECT_JOB", None)),
        (
            [AnalysisMethod.DIRECT_QUERY, AnalysisMethod.DIRECT_JOB],
            ("MULTIPLE", ["DIRECT_QUERY", "DIRECT_JOB"]),
        ),
    ],
    ids=["default", "jobs", "both"],
)
def test_a_table_is_for_queries_and_jobs(methods: list[AnalysisMethod], expected: Any) -> None:
    stack = new_stack()
    table(stack, analysis_methods=methods)
    found = only(template_of(stack), TABLE)["Properties"]
    assert (found["AnalysisMethod"], found.get("SelectedAnalysisMethods")) == expected


def test_an_association_has_a_rule_of_the_tables_type() -> None:
    stack = new_stack()
    own = table(stack, allowed_columns=COLUMNS, analysis_rule=aggregation(), bucket=data_bucket(stack))
    association(stack, configured_table=own, analysis_rule=AssociationAnalysisRule())
    (found,) = only(template_of(stack), ASSOCIATION)["Properties"]["ConfiguredTableAssociationAnalysisRules"]
    assert found == {"Type": "AGGREGATION", "Policy": {"V1": {"Aggregation": {}}}}
    assert warnings_of(stack) == {}


def test_a_rule_of_another_type_is_a_warning() -> None:
    stack = new_stack()
    own = table(stack, allowed_columns=COLUMNS, analysis_rule=aggregation(), bucket=data_bucket(stack))
    association(stack, configured_table=own, analysis_rule=AssociationAnalysisRule(type="LIST"))
    ((id, (text,)),) = warnings_of(stack).items()
    assert id == "cleanrooms-ml:association-rule-type"
    assert 'analysisRuleType is "LIST"; the rule of the table is "AGGREGATION"' in text


def test_limits_of_an_associations_rule_are_those_of_the_api() -> None:
    stack = new_stack()
    rule = AssociationAnalysisRule(allowed_result_receivers=["me"], type="ANY")
    association(stack, analysis_rule=rule)
    text = "\n".join(errors_of(stack))
    assert 'analysisRuleType is "ANY"; allowed are AGGREGATION' in text
    assert "(CreateConfiguredTableAssociationAnalysisRule)" in text


def test_a_generated_name_is_short_enough() -> None:
    stack = new_stack("S" * 120)
    table(stack)
    assert len(only(template_of(stack), TABLE)["Properties"]["Name"]) <= 100
