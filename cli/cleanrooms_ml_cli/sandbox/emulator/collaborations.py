"""What is special about collaborations, memberships and what is in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .behaviour import Behaviour
from .checks import validation_error
from .kinds import KINDS
from .lifecycle import Record
from .members import accounts, collaboration, memberships
from .synthetic import synthetic_problems
from .wire import ApiError
from .world import World, not_found

_TABLE = re.compile(r"\b(?:from|join)\s+([\w.`\"]+)", re.IGNORECASE)


def _end_collaboration(world: World, record: Record) -> None:
    """Documented: each member keeps its membership, but nothing can be done in it any more."""
    for joined in memberships(world, record.data["collaborationIdentifier"]).values():
        joined.data["collaborationIsDeleted"] = True


def _prepare_membership(world: World, record: Record) -> None:
    identifier = record.data["collaborationIdentifier"]
    known = collaboration(world, identifier)
    if known is None:
        raise not_found(KINDS["Collaboration"], identifier)
    if world.account not in accounts(world, identifier):
        raise ApiError("AccessDeniedException", f"Account {world.account} is not invited to {identifier}")
    if world.account in memberships(world, identifier):
        raise ApiError("ConflictException", f"Account {world.account} is a member of {identifier} already")
    record.data |= {"collaborationArn": known.arn, "collaborationCreatorAccountId": known.account}


def _complete_template(world: World, record: Record) -> None:
    joined = world.locate(KINDS["Membership"], record.data["membershipIdentifier"])
    text = record.data.get("source", {}).get("text", "")
    tables = sorted({name.replace("`", "").replace('"', "") for name in _TABLE.findall(text)})
    record.data |= {
        "membershipArn": joined.arn,
        "collaborationArn": joined.data["collaborationArn"],
        "schema": {"referencedTables": tables},
    }


def _prepare_template(world: World, record: Record) -> None:
    if "syntheticDataParameters" not in record.data:
        return
    synthetic = record.data["syntheticDataParameters"].get("mlSyntheticDataParameters", {})
    problems = [f"syntheticDataParameters: {problem}" for problem in synthetic_problems(synthetic)]
    if record.data.get("format") != "SQL":
        problems.append("syntheticDataParameters is allowed only with the format SQL")
    if problems:
        raise validation_error(*problems)


BEHAVIOURS: Mapping[str, Behaviour] = {
    "Collaboration": Behaviour(deleted=_end_collaboration),
    "Membership": Behaviour(prepare=_prepare_membership),
    "AnalysisTemplate": Behaviour(complete=_complete_template, prepare=_prepare_template),
}
