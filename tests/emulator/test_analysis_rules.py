"""Analysis rules of tables as CloudFormation creates, changes and deletes them from templates of the constructs."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from cdk_cleanrooms_ml import AnalysisRule
from tests.synth.stacks import only, template_of
from tests.synth.test_analysis_rules import COLUMNS, aggregation
from tests.synth.test_tables import table

from .conftest import Bench
from .native_stack import Template

TABLE = "CleanRooms::ConfiguredTable"


def properties_of(rule: AnalysisRule) -> dict[str, Any]:
    """The properties of a table with a rule, as the construct renders them."""
    stack = cdk.Stack(cdk.App(), "Stack")
    table(stack, allowed_columns=COLUMNS, analysis_rule=rule)
    properties: dict[str, Any] = only(template_of(stack), f"AWS::{TABLE}")["Properties"]
    return properties


def rule_of(bench: Bench, table_id: str, kind: str) -> Any:
    """The rule of a table as the service shows it."""
    client = bench.clean_rooms
    found = client.get_configured_table_analysis_rule(configuredTableIdentifier=table_id, analysisRuleType=kind)
    return found["analysisRule"]["policy"]["v1"]


def test_a_rule_of_the_construct_is_that_of_the_service(bench: Bench) -> None:
    stack = Template(bench)
    created, _ = stack.create(TABLE, **properties_of(aggregation(join_required=True)))
    assert rule_of(bench, created, "AGGREGATION") == {
        "aggregation": {
            "aggregateColumns": [{"columnNames": ["spend"], "function": "SUM"}],
            "joinColumns": ["user_id"],
            "joinRequired": "QUERY_RUNNER",
            "dimensionColumns": ["region"],
            "outputConstraints": [{"columnName": "user_id", "minimum": 100, "type": "COUNT_DISTINCT"}],
            "scalarFunctions": [],
        }
    }
    changed = properties_of(aggregation(dimension_columns=[]))
    assert stack.change(TABLE, created, AnalysisRules=changed["AnalysisRules"])[0] == created
    assert rule_of(bench, created, "AGGREGATION")["aggregation"]["dimensionColumns"] == []
    listed = properties_of(AnalysisRule.list(join_columns=["user_id"], list_columns=["region"]))
    stack.change(TABLE, created, AnalysisRules=listed["AnalysisRules"])
    assert rule_of(bench, created, "LIST")["list"]["listColumns"] == ["region"]
    stack.delete(TABLE, created)
    with pytest.raises(bench.clean_rooms.exceptions.ResourceNotFoundException):
        bench.clean_rooms.get_configured_table(configuredTableIdentifier=created)
