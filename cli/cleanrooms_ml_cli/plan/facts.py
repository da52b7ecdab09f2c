"""What a new run means for those who pay, and for whose data it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..account.errors import Refused
from ..account.handlers import ResourceSpec, values
from ..account.intrinsics import Unknown
from ..account.session import Session
from ..account.usual import USUAL, Cost

_MEMBERSHIP = "membershipIdentifier"


@dataclass(frozen=True)
class NewRun:
    """A run that a deployment starts.

    Attributes:
        spec: Its kind.
        request: The create request.
        shown: What the service shows of the run that it replaces; empty if there is none.
        is_synthetic: Whether it creates synthetic data, as far as can be seen.
    """

    spec: ResourceSpec
    request: Mapping[str, Any]
    shown: Mapping[str, Any]
    is_synthetic: bool


class Collaborations(Protocol):
    """Knows collaborations."""

    def payers(self, membership_id: str, payment: str) -> list[str]:
        """The accounts that pay for a cost; empty where the collaboration names none. Raises Refused."""
        ...

    def budgets(self, membership_id: str) -> list[str]:
        """What is left of each privacy budget of a membership's collaboration, a line each. Raises Refused."""
        ...


class Facts:
    """What is said of a new run.

    Args:
        collaborations: Knows who pays, and budgets. Default: nobody does.
    """

    def __init__(self, collaborations: Collaborations | None = None) -> None:
        self._collaborations = collaborations

    def of_run(self, run: NewRun) -> Iterator[str]:
        """The lines about a new run."""
        usual, request = USUAL.get(run.spec.kind), run.request
        if usual is None:
            yield "how long it takes is not known"
            return
        yield f"takes {usual.duration_of(request)}"
        membership = request.get(_MEMBERSHIP)
        costs = [usual.cost, usual.also if run.is_synthetic else None]
        for cost in (each for each in costs if each is not None):
            yield f"billed in {cost.unit}, paid by {self._payer(cost, request, membership)}"
        if usual.cost is not None and usual.cost.payment == "queryCompute":
            yield from self._budgets(membership, run.shown)

    def _payer(self, cost: Cost, request: Mapping[str, Any], membership: object) -> str:
        chosen = values(request, cost.payer_field) if cost.payer_field else []
        if chosen:
            return f"account {chosen[0]}"
        if not cost.payment:
            return cost.owner_pays
        named = "the member that the collaboration designates"
        if self._collaborations is None or not isinstance(membership, str) or isinstance(membership, Unknown):
            return named
        try:
            payers = self._collaborations.payers(membership, cost.payment)
        except Refused:
            return named
        return " or ".join(f"account {account}" for account in payers) if payers else named

    def _budgets(self, membership: object, shown: Mapping[str, Any]) -> Iterator[str]:
        lines: list[str] = []
        if self._collaborations is not None and isinstance(membership, str) and not isinstance(membership, Unknown):
            try:
                lines = self._collaborations.budgets(membership)
            except Refused:
                lines = []
        if not lines:
            budgets = (shown.get("privacyBudgets") or {}).get("accessBudgets") or ()
            lines = [access_budget(each) for each in budgets]
        if not lines:
            yield "draws on the privacy budgets of the tables that it reads, if they have any"
        yield from (f"draws on {line}" for line in lines)


def access_budget(budget: Mapping[str, Any]) -> str:
    """What is left of an access budget."""
    return f"the access budget of {budget['resourceArn']}: {budget['aggregateRemainingBudget']} left"


class AccountCollaborations:
    """Collaborations as Clean Rooms knows them.

    Args:
        session: Where clients come from.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._client = session.client("cleanrooms")
        self._members: dict[str, list[Mapping[str, Any]]] = {}

    def payers(self, membership_id: str, payment: str) -> list[str]:
        """The accounts that pay for a cost."""
        found = []
        for member in self._of(membership_id):
            if any(values(member.get("paymentConfiguration") or {}, f"{payment}.isResponsible")[:1]):
                found.append(str(member["accountId"]))
        return found

    def budgets(self, membership_id: str) -> list[str]:
        """What is left of each privacy budget."""
        found: list[str] = []
        for kind in ("ACCESS_BUDGET", "DIFFERENTIAL_PRIVACY"):
            for summary in self._listed(
                "list_privacy_budgets",
                "privacyBudgetSummaries",
                membershipIdentifier=membership_id,
                privacyBudgetType=kind,
            ):
                found += _lines_of(summary["budget"])
        return found

    def _listed(self, operation: str, field: str, **parameters: str) -> list[Mapping[str, Any]]:
        paginator = self._client.get_paginator(operation)
        pages = self._session.asked(lambda: list(paginator.paginate(**parameters)))
        return [each for page in pages for each in page[field]]

    def _of(self, membership_id: str) -> list[Mapping[str, Any]]:
        if membership_id not in self._members:
            ask, client = self._session.asked, self._client
            membership = ask(lambda: client.get_membership(membershipIdentifier=membership_id))["membership"]
            self._members[membership_id] = self._listed(
                "list_members", "memberSummaries", collaborationIdentifier=membership["collaborationId"]
            )
        return self._members[membership_id]


def _lines_of(budget: Mapping[str, Any]) -> Iterator[str]:
    if "accessBudget" in budget:
        yield access_budget(budget["accessBudget"])
    for one in budget.get("differentialPrivacy", {}).get("aggregations", ()):
        yield f"the differential privacy budget: {one['remainingCount']} of {one['maxCount']} {one['type']} left"
