"""The tables to which configured tables refer: of AWS Glue, Amazon Athena and Snowflake."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import aws_iam as iam

from cdk_cleanrooms_ml import (
    AnalysisRule,
    TableReference,
)
from tests.synth.stacks import errors_of, new_stack, only, template_of
from tests.synth.test_analysis_rules import COLUMNS, TABLE, aggregation, data_bucket
from tests.synth.test_tables import association, table

SNOWFLAKE = TableReference.snowflake(
    account="shop-eu",
    database="shop",
    schema="public",
    table="customers",
    secret_arn="arn:aws:secretsmanager:eu-west-1:111122223333:secret:snowflake",
    columns={"user_id": "VARCHAR"},
)
ATHENA = TableReference.athena(
    database="shop",
    table="customers",
    work_group="primary",
    output_location="s3://athena-results/",
    catalog="AwsDataCatalog",
    region="eu-west-1",
)


@pytest.mark.parametrize("reference", [ATHENA, SNOWFLAKE], ids=["athena", "snowflake"])
def test_a_table_outside_of_s3_has_custom_rules_only(reference: TableReference) -> None:
    stack = new_stack()
    given: dict[str, Any] = {"database": None, "table": None, "table_reference": reference}
    table(stack, **given, allowed_columns=COLUMNS, analysis_rule=aggregation())
    (error,) = errors_of(stack)
    assert 'analysisRuleType is "AGGREGATION"; allowed is CUSTOM for a table of' in error


def test_a_table_may_be_of_athena_or_snowflake() -> None:
    stack = new_stack()
    rule = AnalysisRule.custom(allowed_analyses=["ANY_QUERY"])
    given: dict[str, Any] = {"database": None, "table": None, "table_reference": ATHENA, "analysis_rule": rule}
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/reader")
    with pytest.raises(ValueError, match=r"no role is known that reads a table outside of AWS Glue\. Pass role="):
        association(new_stack(), configured_table=table(new_stack("Other"), **given))
    association(stack, configured_table=table(stack, **given), role=role)
    template = template_of(stack)
    assert only(template, TABLE)["Properties"]["TableReference"] == {
        "Athena": {
            "DatabaseName": "shop",
            "TableName": "customers",
            "WorkGroup": "primary",
            "OutputLocation": "s3://athena-results/",
            "CatalogName": "AwsDataCatalog",
            "Region": "eu-west-1",
        }
    }
    other = new_stack()
    table(other, **{**given, "table_reference": SNOWFLAKE})
    found = only(template_of(other), TABLE)["Properties"]["TableReference"]["Snowflake"]
    assert found["TableSchema"] == {"V1": [{"ColumnName": "user_id", "ColumnType": "VARCHAR"}]}


def test_a_table_of_another_region_is_read_there() -> None:
    stack = new_stack()
    reference = TableReference.glue(database="shop", table="customers", region="eu-west-2")
    bucket = data_bucket(stack)
    association(
        stack,
        configured_table=table(stack, database=None, table=None, table_reference=reference, bucket=bucket),
    )
    statement = only(template_of(stack), "AWS::IAM::Role")["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert all("eu-west-2" in str(resource) for resource in statement[0]["Resource"])


@pytest.mark.parametrize(
    "given",
    [{"database": None}, {"table": None}, {"table_reference": ATHENA}, {"database": None, "table": None}],
    ids=["no database", "no table", "both", "neither"],
)
def test_a_table_refers_to_one_table(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Stack/Customers: pass either database= and table="):
        table(new_stack(), **given)
