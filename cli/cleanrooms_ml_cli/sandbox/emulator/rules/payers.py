"""Who pays in a collaboration that is known in full, and what a member has to accept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from ..errors import validation_error
from ..state.lifecycle import Record
from ..state.world import World
from .members import CAN_QUERY, CAN_RUN_JOB, abilities, accounts, collaboration, specification

Cost = Literal["queryCompute", "jobCompute", "modelTraining", "modelInference", "syntheticDataGeneration"]
_COSTS: tuple[Cost, ...] = get_args(Cost)
# Those that a payment configuration names in addition to machine learning.
_COMPUTE = ("queryCompute", "jobCompute")


def payer(
    world: World, collaboration_id: str, cost: Cost, chosen: str | None, member: str, *, preferred: str = ""
) -> str | None:
    """Who pays for a run: the one that the request chooses, or the only candidate.

    Args:
        world: The world.
        collaboration_id: Where it runs.
        cost: What for.
        chosen: Who the request says.
        member: The member of the request that says so.
        preferred: Who of several candidates it is if the request does not say.

    Raises:
        ApiError: ValidationException: the one chosen is no candidate, or nobody is chosen of several.
    """
    if collaboration(world, collaboration_id) is None:
        return chosen
    candidates = sorted(_candidates(world, collaboration_id, cost))
    if chosen is not None and chosen not in candidates:
        allowed = ", ".join(candidates) or "none"
        raise validation_error(f"{member} is {chosen}, who does not pay for {cost}; candidates are {allowed}")
    if chosen is None and preferred in candidates:
        return preferred
    if chosen is None and len(candidates) > 1:
        raise validation_error(f"{member} is missing; {', '.join(candidates)} all may pay for {cost}")
    return chosen or next(iter(candidates), None)


def require_acceptance(world: World, membership: Record) -> None:
    """Refuses a membership that accepts other costs than those its collaboration has it pay.

    Documented: the configuration is required of who pays but cannot query, and must not say otherwise than the
    collaboration.

    Raises:
        ApiError: ValidationException.
    """
    identifier, account = membership.data["collaborationIdentifier"], membership.account
    said = specification(world, identifier, account) or {}
    owed = {cost for cost in _COSTS if account in _candidates(world, identifier, cost)}
    accepted = membership.data.get("paymentConfiguration")
    if accepted is None:
        if owed and CAN_QUERY not in abilities(said):
            raise validation_error(f"paymentConfiguration is missing; {account} pays for {', '.join(sorted(owed))}")
        return
    for cost in _COSTS:
        answer = _of(accepted, cost)
        if answer is not None and answer != (cost in owed):
            fact = "pays" if cost in owed else "does not pay"
            problem = f"paymentConfiguration says {str(answer).lower()} to {cost}; {account} {fact} for it"
            raise validation_error(problem)


def responsibility(world: World, collaboration_id: str, account: str) -> dict[str, Any]:
    """What a member pays for: query compute in any case, and whatever else the collaboration says of the member."""
    said = (specification(world, collaboration_id, account) or {}).get("paymentConfiguration", {})
    owed: dict[str, Any] = {}
    for cost in _COSTS:
        if cost == "queryCompute" or _of(said, cost) is not None:
            costs = owed if cost in _COMPUTE else owed.setdefault("machineLearning", {})
            costs[cost] = {"isResponsible": account in _candidates(world, collaboration_id, cost)}
    return owed


def _candidates(world: World, collaboration_id: str, cost: Cost) -> set[str]:
    """Documented: if nobody is said to pay, the members who can query, or run jobs, do."""
    everybody = accounts(world, collaboration_id)
    said = {account: specification(world, collaboration_id, account) or {} for account in everybody}
    named = {account for account, member in said.items() if _of(member.get("paymentConfiguration", {}), cost)}
    ability = CAN_RUN_JOB if cost == "jobCompute" else CAN_QUERY
    return named or {account for account, member in said.items() if ability in abilities(member)}


def _of(payment: Mapping[str, Any], cost: Cost) -> bool | None:
    """What a payment configuration says of a cost; None if nothing."""
    costs = payment if cost in _COMPUTE else payment.get("machineLearning", {})
    answer: bool | None = costs.get(cost, {}).get("isResponsible")
    return answer
