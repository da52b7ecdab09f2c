"""AWS Clean Rooms around Clean Rooms ML on a running sandbox: over HTTP, in stacks, with policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox import Sandbox

from .test_iam import client_with
from .test_native_types import Stack, att, ref, resource, role

BASE = "arn:aws:cleanrooms:us-east-1:000000000000"
TABLE = {
    "name": "sales",
    "tableReference": {"glue": {"databaseName": "shop", "tableName": "sales"}},
    "allowedColumns": ["buyer"],
    "analysisMethod": "DIRECT_QUERY",
}
CREATE_TABLE = {"Action": "cleanrooms:CreateConfiguredTable", "Resource": f"{BASE}:configuredtable/*"}
CATALOG = {"Action": "glue:*", "Resource": "arn:aws:glue:us-east-1:000000000000:*"}


@pytest.fixture(scope="module")
def sandbox(sandbox_home: None) -> Iterator[Sandbox]:
    with Sandbox.start(iam=True) as started:
        yield started


@pytest.fixture(autouse=True)
def own_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handlers lead boto3 to models that have only what they call."""
    monkeypatch.delenv("AWS_DATA_PATH", raising=False)


def analysis() -> dict[str, Any]:
    """A stack from a collaboration to a table that can be queried, with a budget."""
    rule = {"Type": "LIST", "Policy": {"V1": {"List": {"JoinColumns": ["buyer"], "ListColumns": []}}}}
    return {
        "Collaboration": resource(
            "CleanRooms::Collaboration",
            Name="together",
            Description="d",
            CreatorDisplayName="creator",
            CreatorMemberAbilities=["CAN_QUERY", "CAN_RECEIVE_RESULTS"],
            QueryLogStatus="DISABLED",
        ),
        "Membership": resource(
            "CleanRooms::Membership", CollaborationIdentifier=ref("Collaboration"), QueryLogStatus="DISABLED"
        ),
        "Table": resource(
            "CleanRooms::ConfiguredTable",
            Name="sales",
            AllowedColumns=["buyer"],
            AnalysisMethod="DIRECT_QUERY",
            TableReference={"Glue": {"DatabaseName": "shop", "TableName": "sales"}},
            AnalysisRules=[rule],
        ),
        "Role": role("cleanrooms.amazonaws.com"),
        "Association": resource(
            "CleanRooms::ConfiguredTableAssociation",
            ConfiguredTableIdentifier=ref("Table"),
            MembershipIdentifier=ref("Membership"),
            Name="sales",
            RoleArn=att("Role", "Arn"),
        ),
        "Budget": resource(
            "CleanRooms::PrivacyBudgetTemplate",
            MembershipIdentifier=ref("Membership"),
            AutoRefresh="NONE",
            PrivacyBudgetType="DIFFERENTIAL_PRIVACY",
            Parameters={"Epsilon": 3, "UsersNoisePerQuery": 40},
        ),
    }


def test_a_query_runs_on_what_a_stack_created(sandbox: Sandbox) -> None:
    stack = Stack(sandbox)
    outputs = {"Membership": ref("Membership"), "Collaboration": ref("Collaboration")}
    assert stack.deploy(analysis(), **outputs) == "CREATE_COMPLETE"
    found = stack.outputs()
    client = sandbox.client("cleanrooms")
    schemas = client.list_schemas(collaborationIdentifier=found["Collaboration"])["schemaSummaries"]
    assert [(item["name"], item["analysisRuleTypes"]) for item in schemas] == [("sales", ["LIST"])]
    s3 = {"resultFormat": "CSV", "bucket": "results"}
    # Longer than a slow machine takes until the next call.
    sandbox.emulator.set_durations(create={"ProtectedQuery": 600.0})
    query = client.start_protected_query(
        type="SQL",
        membershipIdentifier=found["Membership"],
        sqlParameters={"queryString": "SELECT buyer FROM sales"},
        resultConfiguration={"outputConfiguration": {"s3": s3}},
    )["protectedQuery"]
    named = {"membershipIdentifier": found["Membership"], "protectedQueryIdentifier": query["id"]}
    assert client.get_protected_query(**named)["protectedQuery"]["status"] in ("SUBMITTED", "STARTED")
    sandbox.emulator.advance(600)
    assert client.get_protected_query(**named)["protectedQuery"]["status"] == "SUCCESS"
    assert stack.delete() == "DELETE_COMPLETE"


def test_a_table_needs_the_catalog_too(sandbox: Sandbox) -> None:
    allowed, _ = client_with(sandbox, CREATE_TABLE, CATALOG, service="cleanrooms")
    created = allowed.create_configured_table(**TABLE)["configuredTable"]
    assert created["arn"].startswith(f"{BASE}:configuredtable/")
    for statement, missing in ((CATALOG, "cleanrooms:CreateConfiguredTable"), (CREATE_TABLE, "glue:GetDatabase")):
        client, _ = client_with(sandbox, statement, service="cleanrooms")
        with pytest.raises(ClientError) as caught:
            client.create_configured_table(**TABLE)
        assert missing in str(caught.value)


def test_a_policy_can_name_one_table(sandbox: Sandbox) -> None:
    owner = sandbox.client("cleanrooms")
    first, second = (owner.create_configured_table(**TABLE)["configuredTable"] for _ in range(2))
    client, _ = client_with(
        sandbox, {"Action": "cleanrooms:GetConfiguredTable", "Resource": first["arn"]}, service="cleanrooms"
    )
    assert client.get_configured_table(configuredTableIdentifier=first["id"])["configuredTable"]["id"] == first["id"]
    with pytest.raises(ClientError) as caught:
        client.get_configured_table(configuredTableIdentifier=second["id"])
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
