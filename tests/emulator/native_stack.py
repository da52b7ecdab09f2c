"""A stack of CloudFormation's own types, by hand."""

from __future__ import annotations

from typing import Any

from .conftest import Bench
from .requests import OTHER_ACCOUNT

PAYS = {"IsResponsible": True}
COLLABORATION = {
    "Name": "collaboration",
    "Description": "d",
    "CreatorDisplayName": "creator",
    "CreatorMemberAbilities": ["CAN_QUERY"],
    "CreatorMLMemberAbilities": {"CustomMLMemberAbilities": ["CAN_RECEIVE_MODEL_OUTPUT"]},
    "CreatorPaymentConfiguration": {
        "QueryCompute": PAYS,
        "MachineLearning": {"ModelTraining": PAYS, "ModelInference": PAYS, "SyntheticDataGeneration": PAYS},
    },
    "Members": [{"AccountId": OTHER_ACCOUNT, "DisplayName": "other", "MemberAbilities": ["CAN_RECEIVE_RESULTS"]}],
    "QueryLogStatus": "DISABLED",
}
COLUMNS = [
    {"ColumnName": f"c{number}", "ColumnType": "NUMERICAL", "IsPredictiveValue": number == 0} for number in range(5)
]
SYNTHETIC = {
    "MlSyntheticDataParameters": {
        "Epsilon": "3.0",
        "MaxMembershipInferenceAttackScore": 0.6,
        "ColumnClassification": {"ColumnMapping": COLUMNS},
    }
}


class Template:
    """Resources of a stack of an account, as CloudFormation would create them."""

    def __init__(self, bench: Bench, account: str = "") -> None:
        self._native = bench.emulator.native
        self._account = account
        self.properties: dict[str, dict[str, Any]] = {}

    def create(self, type_name: str, **properties: Any) -> tuple[str, dict[str, Any]]:
        """Creates a resource."""
        found = self._native.create(f"AWS::{type_name}", properties, account=self._account)
        self.properties[found[0]] = properties
        return found

    def change(self, type_name: str, physical_id: str, **changes: Any) -> tuple[str, dict[str, Any]]:
        """Updates a resource; None takes a property away."""
        old = self.properties[physical_id]
        new = {name: value for name, value in {**old, **changes}.items() if value is not None}
        found = self._native.update(f"AWS::{type_name}", physical_id, old, new, account=self._account)
        self.properties[found[0]] = new
        return found

    def delete(self, type_name: str, physical_id: str) -> None:
        """Deletes a resource."""
        self._native.delete(f"AWS::{type_name}", physical_id, account=self._account)

    def collaboration(self, **changes: Any) -> str:
        return self.create("CleanRooms::Collaboration", **{**COLLABORATION, **changes})[0]

    def membership(self, collaboration: str) -> str:
        return self.create("CleanRooms::Membership", CollaborationIdentifier=collaboration, QueryLogStatus="DISABLED")[
            0
        ]

    def template(self, membership: str, name: str = "t", **changes: Any) -> tuple[str, dict[str, Any]]:
        created = {
            "MembershipIdentifier": membership,
            "Name": name,
            "Format": "SQL",
            "Source": {"Text": "SELECT * FROM clicks JOIN users ON a = b"},
            **changes,
        }
        return self.create("CleanRooms::AnalysisTemplate", **created)
