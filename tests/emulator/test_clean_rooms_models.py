"""The model with which the emulator answers AWS Clean Rooms."""

from __future__ import annotations

import pytest

from cleanrooms_ml_cli.sandbox.emulator.models import service_model
from cleanrooms_ml_handlers.constraints import Checker
from cleanrooms_ml_handlers.model import service_model as stored_model

MODEL = service_model("cleanrooms")


def test_it_has_every_operation_that_the_functions_ship() -> None:
    assert len(MODEL.operations) >= 103
    assert stored_model("cleanrooms").operations.keys() <= MODEL.operations.keys()
    assert service_model("cleanroomsml") is stored_model("cleanroomsml")


def test_every_shape_of_it_can_be_checked() -> None:
    checker = Checker(MODEL.shapes)
    assert all(callable(checker.of(name)) for name in MODEL.shapes)


@pytest.mark.parametrize(
    "role",
    [
        "arn:aws:iam::123456789012:role/tables",
        "arn:aws-cn:iam::123456789012:role/tables",
        "arn:aws-us-gov:iam::123456789012:role/tables",
    ],
)
def test_a_role_can_be_of_every_partition(role: str) -> None:
    identifier = "11111111-1111-4111-8111-111111111111"
    request = {
        "membershipIdentifier": identifier,
        "configuredTableIdentifier": identifier,
        "name": "sales",
        "roleArn": role,
    }
    assert MODEL.check("CreateConfiguredTableAssociation", request) == []
    assert MODEL.check("CreateConfiguredTableAssociation", {**request, "roleArn": role.replace("role/", "user/")})


@pytest.mark.parametrize("region", ["eu-west-2", "us-gov-west-1", "cn-north-1"])
def test_a_template_can_be_of_every_region(region: str) -> None:
    template = f"arn:aws:cleanrooms:{region}:123456789012:membership/m/analysistemplate/t"
    policy = {"v1": {"custom": {"allowedAnalyses": [template]}}}
    request = {
        "configuredTableIdentifier": "11111111-1111-4111-8111-111111111111",
        "analysisRuleType": "CUSTOM",
        "analysisRulePolicy": policy,
    }
    assert MODEL.check("CreateConfiguredTableAnalysisRule", request) == []
