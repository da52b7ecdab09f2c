"""Operations on several records of a kind, or on what a record is filled with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...behaviors.views import view
from ...calls import Call
from ...errors import ApiError
from ...kinds import KINDS
from ...rules.members import require_scope
from ...state.world import World, not_found
from ..outcome import Outcome

_TEMPLATE = KINDS["AnalysisTemplate"]
_MAPPING_TABLE = KINDS["IdMappingTable"]


def _templates(world: World, call: Call) -> Outcome:
    require_scope(world, call)
    found, errors = [], []
    for arn in call.params["analysisTemplateArns"]:
        try:
            record = world.locate(_TEMPLATE, arn)
            if record.data["collaborationIdentifier"] != call.params["collaborationIdentifier"]:
                raise not_found(_TEMPLATE, arn)
            found.append(view(world, record))
        except ApiError as error:
            errors.append({"arn": arn, "code": error.code, "message": error.message})
    return Outcome({"collaborationAnalysisTemplates": found, "errors": errors})


def _populate(world: World, call: Call) -> Outcome:
    """The job that fills a mapping table is one of AWS Entity Resolution, which the emulator does not have."""
    require_scope(world, call)
    identifier = call.params[_MAPPING_TABLE.id_field]
    record = world.locate(_MAPPING_TABLE, identifier)
    if record.data["membershipIdentifier"] != call.params["membershipIdentifier"]:
        raise not_found(_MAPPING_TABLE, identifier)
    return Outcome({"idMappingJobId": world.ids.new()}, record.key)


OPERATIONS: Mapping[str, Any] = {
    "BatchGetCollaborationAnalysisTemplate": _templates,
    "PopulateIdMappingTable": _populate,
}
