"""Who pays and what is left of budgets, as Clean Rooms answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber

from cleanrooms_ml_cli.account.errors import Refused
from cleanrooms_ml_cli.account.session import Session
from cleanrooms_ml_cli.plan.facts import AccountCollaborations
from cleanrooms_ml_simulator.templates import COLLABORATION_ID, MEMBERSHIP_ID

# The sandbox answers none of these operations.
_MEMBERS: Any = [
    {
        "accountId": account,
        "status": "ACTIVE",
        "displayName": account,
        "abilities": [],
        "createTime": 0,
        "updateTime": 0,
        "paymentConfiguration": {
            "queryCompute": {"isResponsible": pays},
            "machineLearning": {"modelTraining": {"isResponsible": not pays}},
        },
    }
    for account, pays in (("111122223333", True), ("444455556666", False))
]


@pytest.fixture
def collaborations() -> Iterator[tuple[AccountCollaborations, Stubber]]:
    found = AccountCollaborations(Session(region="us-east-1"))
    with Stubber(found._client) as stubber:
        yield found, stubber


def _membership() -> dict[str, Any]:
    arn = f"arn:aws:cleanrooms:us-east-1:111122223333:membership/{MEMBERSHIP_ID}"
    return {
        "membership": {
            **dict.fromkeys(("id",), MEMBERSHIP_ID),
            "arn": arn,
            "collaborationArn": f"arn:aws:cleanrooms:us-east-1:111122223333:collaboration/{COLLABORATION_ID}",
            "collaborationId": COLLABORATION_ID,
            "collaborationCreatorAccountId": "111122223333",
            "collaborationCreatorDisplayName": "one",
            "collaborationName": "ours",
            "createTime": 0,
            "updateTime": 0,
            "status": "ACTIVE",
            "memberAbilities": [],
            "queryLogStatus": "DISABLED",
            "paymentConfiguration": {"queryCompute": {"isResponsible": True}},
        }
    }


def test_those_pay_whom_the_collaboration_names(collaborations: tuple[AccountCollaborations, Stubber]) -> None:
    found, stubber = collaborations
    stubber.add_response("get_membership", _membership(), {"membershipIdentifier": MEMBERSHIP_ID})
    stubber.add_response("list_members", {"memberSummaries": _MEMBERS}, {"collaborationIdentifier": COLLABORATION_ID})
    assert found.payers(MEMBERSHIP_ID, "queryCompute") == ["111122223333"]
    # Asked once for both.
    assert found.payers(MEMBERSHIP_ID, "machineLearning.modelTraining") == ["444455556666"]
    assert found.payers(MEMBERSHIP_ID, "machineLearning.modelInference") == []


def test_budgets_are_reported_with_what_is_left(collaborations: tuple[AccountCollaborations, Stubber]) -> None:
    found, stubber = collaborations
    arn = f"arn:aws:cleanrooms:us-east-1:111122223333:membership/{MEMBERSHIP_ID}"
    common = {
        "id": MEMBERSHIP_ID,
        "privacyBudgetTemplateId": MEMBERSHIP_ID,
        "privacyBudgetTemplateArn": f"{arn}/privacybudgettemplate/{MEMBERSHIP_ID}",
        "membershipId": MEMBERSHIP_ID,
        "membershipArn": arn,
        "collaborationId": COLLABORATION_ID,
        "collaborationArn": f"arn:aws:cleanrooms:us-east-1:111122223333:collaboration/{COLLABORATION_ID}",
        "createTime": 0,
        "updateTime": 0,
    }
    table = f"{arn}/configuredtableassociation/{MEMBERSHIP_ID}"
    lifetime = {"startTime": 0, "remainingBudget": 4, "budget": 9, "budgetType": "LIFETIME"}
    access = {"resourceArn": table, "details": [lifetime], "aggregateRemainingBudget": 4}
    private = {"aggregations": [{"type": "AVG", "maxCount": 9, "remainingCount": 3}], "epsilon": 1}
    for kind, budget in (
        ("ACCESS_BUDGET", {"accessBudget": access}),
        ("DIFFERENTIAL_PRIVACY", {"differentialPrivacy": private}),
    ):
        stubber.add_response(
            "list_privacy_budgets",
            {"privacyBudgetSummaries": [{**common, "type": kind, "budget": budget}]},
            {"membershipIdentifier": MEMBERSHIP_ID, "privacyBudgetType": kind},
        )
    assert found.budgets(MEMBERSHIP_ID) == [
        f"the access budget of {table}: 4 left",
        "the differential privacy budget: 3 of 9 AVG left",
    ]


def test_who_may_not_ask_is_refused(collaborations: tuple[AccountCollaborations, Stubber]) -> None:
    found, stubber = collaborations
    stubber.add_client_error("get_membership", "AccessDeniedException", "not you", 403)
    with pytest.raises(Refused, match="not you"):
        found.payers(MEMBERSHIP_ID, "queryCompute")
