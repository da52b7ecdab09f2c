"""Valid requests to AWS Clean Rooms, and what they create."""

from __future__ import annotations

from typing import Any

from .conftest import Bench
from .requests import ROLE

INVITED = "111111111111"
UNKNOWN_ID = "00000000-0000-0000-0000-000000000000"


class Rooms:
    """What a member does in AWS Clean Rooms."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.client = bench.clean_rooms

    def collaboration(self, name: str = "together", **changes: Any) -> dict[str, Any]:
        """A collaboration whose creator queries and gets the results."""
        request = {
            "name": name,
            "description": "two companies",
            "creatorDisplayName": "Creator",
            "creatorMemberAbilities": ["CAN_QUERY", "CAN_RECEIVE_RESULTS"],
            "queryLogStatus": "ENABLED",
            "members": [{"accountId": INVITED, "displayName": "Guest", "memberAbilities": ["CAN_QUERY"]}],
            **changes,
        }
        return dict(self.client.create_collaboration(**request)["collaboration"])

    def membership(self, collaboration: str = "", **changes: Any) -> dict[str, Any]:
        """The caller's membership, in a collaboration of its own if none is named."""
        identifier = collaboration or self.collaboration()["id"]
        request = {"collaborationIdentifier": identifier, "queryLogStatus": "DISABLED", **changes}
        return dict(self.client.create_membership(**request)["membership"])

    def table(self, name: str = "sales", **changes: Any) -> dict[str, Any]:
        """A configured table."""
        request = {
            "name": name,
            "description": "what was sold",
            "tableReference": {"glue": {"databaseName": "shop", "tableName": name}},
            "allowedColumns": ["buyer", "amount"],
            "analysisMethod": "DIRECT_QUERY",
            **changes,
        }
        return dict(self.client.create_configured_table(**request)["configuredTable"])

    def rule(self, table: str, **changes: Any) -> dict[str, Any]:
        """The analysis rule of a table."""
        request = {
            "configuredTableIdentifier": table,
            "analysisRuleType": "LIST",
            "analysisRulePolicy": {"v1": {"list": {"joinColumns": ["buyer"], "listColumns": ["amount"]}}},
            **changes,
        }
        return dict(self.client.create_configured_table_analysis_rule(**request)["analysisRule"])

    def association(self, membership: str, table: str, name: str = "sales", **changes: Any) -> dict[str, Any]:
        """A table in a collaboration."""
        request = {
            "membershipIdentifier": membership,
            "configuredTableIdentifier": table,
            "name": name,
            "roleArn": ROLE,
            **changes,
        }
        return dict(self.client.create_configured_table_association(**request)["configuredTableAssociation"])

    def associated(self, membership: str, name: str = "sales") -> dict[str, Any]:
        """A table with its rule in a collaboration."""
        table = self.table(name)
        self.rule(table["id"])
        return self.association(membership, table["id"], name)

    def template(self, membership: str, name: str = "template", **changes: Any) -> dict[str, Any]:
        """An analysis template."""
        request = {
            "membershipIdentifier": membership,
            "name": name,
            "format": "SQL",
            "source": {"text": "SELECT amount FROM sales"},
            **changes,
        }
        return dict(self.client.create_analysis_template(**request)["analysisTemplate"])

    def query(self, membership: str, text: str = "SELECT amount FROM sales", **changes: Any) -> dict[str, Any]:
        """A protected query that has just begun."""
        s3 = {"resultFormat": "CSV", "bucket": "results", "keyPrefix": "out"}
        request = {
            "type": "SQL",
            "membershipIdentifier": membership,
            "sqlParameters": {"queryString": text},
            "resultConfiguration": {"outputConfiguration": {"s3": s3}},
            **changes,
        }
        return dict(self.client.start_protected_query(**request)["protectedQuery"])

    def job(self, membership: str, template: str, **changes: Any) -> dict[str, Any]:
        """A protected job that has just begun."""
        request = {
            "type": "PYSPARK",
            "membershipIdentifier": membership,
            "jobParameters": {"analysisTemplateArn": template},
            **changes,
        }
        return dict(self.client.start_protected_job(**request)["protectedJob"])

    def budget_template(self, membership: str, **changes: Any) -> dict[str, Any]:
        """A privacy budget template."""
        request = {
            "membershipIdentifier": membership,
            "autoRefresh": "CALENDAR_MONTH",
            "privacyBudgetType": "DIFFERENTIAL_PRIVACY",
            "parameters": {"differentialPrivacy": {"epsilon": 3, "usersNoisePerQuery": 40}},
            **changes,
        }
        return dict(self.client.create_privacy_budget_template(**request)["privacyBudgetTemplate"])

    def namespace(self, membership: str, name: str = "source") -> dict[str, Any]:
        """An association of an ID namespace."""
        arn = f"arn:aws:entityresolution:us-east-1:000000000000:idnamespace/{name}"
        return dict(
            self.client.create_id_namespace_association(
                membershipIdentifier=membership,
                name=name,
                inputReferenceConfig={"inputReferenceArn": arn, "manageResourcePolicies": True},
            )["idNamespaceAssociation"]
        )

    def mapping_table(self, membership: str, name: str = "mapping", **changes: Any) -> dict[str, Any]:
        """An ID mapping table."""
        arn = f"arn:aws:entityresolution:us-east-1:000000000000:idmappingworkflow/{name}"
        return dict(
            self.client.create_id_mapping_table(
                membershipIdentifier=membership,
                name=name,
                inputReferenceConfig={"inputReferenceArn": arn, "manageResourcePolicies": True},
                **changes,
            )["idMappingTable"]
        )
