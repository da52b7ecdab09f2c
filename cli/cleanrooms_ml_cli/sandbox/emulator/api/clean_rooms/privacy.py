"""Privacy budgets: what is left of the templates.

How many aggregations a budget allows is not documented as a formula. Here it grows with both parameters, and each
protected query that succeeds in the collaboration takes one of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...behaviors.views import view
from ...calls import Call
from ...rules.members import membership, require_scope
from ...state.lifecycle import Record
from ...state.world import World
from ..outcome import Outcome
from ..pages import Numbered, page

_AGGREGATIONS = ("AVG", "COUNT", "COUNT_DISTINCT", "SUM", "STDDEV")


def _allowed(parameters: Mapping[str, Any]) -> int:
    return int(parameters["epsilon"] * parameters["usersNoisePerQuery"])


def _queries(world: World, collaboration: str) -> int:
    now = world.now()
    return sum(
        record.data["collaborationIdentifier"] == collaboration and record.status(now) == "ACTIVE"
        for record in world.of_kind("ProtectedQuery")
    )


def _budget(world: World, template: Record) -> dict[str, Any]:
    used = _queries(world, template.data["collaborationIdentifier"])
    parameters = template.data["parameters"]
    if "accessBudget" in parameters:
        return {"accessBudget": _accesses(template, used)}
    of_template = parameters["differentialPrivacy"]
    most = _allowed(of_template)
    counts = {"maxCount": most, "remainingCount": max(0, most - used)}
    aggregations = [{"type": name, **counts} for name in _AGGREGATIONS]
    return {"differentialPrivacy": {"aggregations": aggregations, "epsilon": of_template["epsilon"]}}


def _accesses(template: Record, used: int) -> dict[str, Any]:
    of_template = template.data["parameters"]["accessBudget"]
    details = [
        {
            "startTime": template.created,
            "remainingBudget": max(0, limit["budget"] - used),
            "budget": limit["budget"],
            "budgetType": limit["type"],
            "autoRefresh": limit.get("autoRefresh"),
        }
        for limit in of_template["budgetParameters"]
    ]
    remaining = min(detail["remainingBudget"] for detail in details)
    return {"resourceArn": of_template["resourceArn"], "details": details, "aggregateRemainingBudget": remaining}


def _summaries(world: World, call: Call, collaboration: str) -> list[Numbered]:
    wanted, resource = call.params["privacyBudgetType"], call.params.get("accessBudgetResourceArn")
    found = []
    for template in world.of_kind("PrivacyBudgetTemplate"):
        budget = _budget(world, template)
        is_of_resource = resource in (None, budget.get("accessBudget", {}).get("resourceArn"))
        is_of_scope = template.data["collaborationIdentifier"] == collaboration
        if is_of_scope and is_of_resource and template.data["privacyBudgetType"] == wanted:
            shown = view(world, template)
            named = {"privacyBudgetTemplateId": shown["id"], "privacyBudgetTemplateArn": template.arn}
            found.append((template.number, {**shown, **named, "type": wanted, "budget": budget}))
    return found


def _list(world: World, call: Call) -> Outcome:
    """Those of the whole collaboration: the member who queries spends the budgets of the others."""
    require_scope(world, call)
    of_membership = membership(world, call.params["membershipIdentifier"])
    return Outcome(page(world, call, _summaries(world, call, of_membership.data["collaborationIdentifier"])))


def _list_of_collaboration(world: World, call: Call) -> Outcome:
    require_scope(world, call)
    return Outcome(page(world, call, _summaries(world, call, call.params["collaborationIdentifier"])))


def _preview(world: World, call: Call) -> Outcome:
    require_scope(world, call)
    most = _allowed(call.params["parameters"]["differentialPrivacy"])
    aggregations = [{"type": name, "maxCount": most} for name in _AGGREGATIONS]
    return Outcome({"privacyImpact": {"differentialPrivacy": {"aggregations": aggregations}}})


OPERATIONS: Mapping[str, Any] = {
    "ListPrivacyBudgets": _list,
    "ListCollaborationPrivacyBudgets": _list_of_collaboration,
    "PreviewPrivacyImpact": _preview,
}
