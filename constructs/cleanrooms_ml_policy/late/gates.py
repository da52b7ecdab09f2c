"""Thresholds that no result of the run can meet."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from cleanrooms_ml_handlers.model import real_number
from cleanrooms_ml_handlers.problem import ID_PREFIX, Problem
from cleanrooms_ml_handlers.rules.rule import CrossRequestRule, Source

from ..organization_checks import ANALYSIS_TEMPLATE, SYNTHETIC_DATA
from ..template import is_unknown
from .stack import Stack, dig

# The whole result is at most that long; an OFFSET may follow. Comments may hide anything.
_LIMIT = re.compile(r"\bLIMIT\s+(\d{1,18})(?:\s+OFFSET\s+\d+)?$", re.IGNORECASE)
_COMMENT = re.compile(r"--|/\*")
_SQL = ("inputChannel", "dataSource", "protectedQueryInputParameters", "sqlParameters")
# API reference, CreateConfiguredAudienceModel: what omitting minMatchingSeedSize means.
_DEFAULT_SEED_SIZE = 500
_MODEL = "Custom::CleanRoomsML-ConfiguredAudienceModel"

QUERY_LIMIT = CrossRequestRule(
    f"{ID_PREFIX}query-limit",
    "LIMIT at the end of a query",
    "at least `minimum_records` of the channel, and at least `min_matching_seed_size` of the model for a seed",
    "The run is over, and paid for, before the missing records show.",
    "Raise the LIMIT, or lower the threshold.",
    Source.guide("create-custom-ml-input-channel", "Creating an ML input channel"),
)
ATTACK_SCORE = CrossRequestRule(
    f"{ID_PREFIX}attack-score",
    "`maximum_membership_inference_attack_score`",
    "only where an analysis template asks for synthetic data",
    "No other data has such a score, so that the threshold cannot be checked.",
    "Drop the threshold, or use an analysis template with synthetic_data.",
    Source.guide("synthetic-data-generation", "Synthetic data generation"),
)
RULES = (QUERY_LIMIT, ATTACK_SCORE)


def check(stack: Stack) -> Iterator[tuple[str, Problem]]:
    """Yields each threshold that cannot be met."""
    for name, request in stack.of_kind("MLInputChannel"):
        gates = dig(stack.ends[name].properties, "Settings", "Gates") if name in stack.ends else None
        if isinstance(gates, Mapping) and not is_unknown(gates):
            sql = dig(request, *_SQL)
            yield from ((stack.ends[name].logical_id, problem) for problem in _of_channel(stack, gates, sql))
    for name, request in stack.of_kind("AudienceGenerationJob"):
        model = stack.referred(request.get("configuredAudienceModelArn"), _MODEL)
        most = _limit(dig(request, "seedAudience", "sqlParameters", "queryString"))
        least = _number(dig(model.properties, "minMatchingSeedSize") or _DEFAULT_SEED_SIZE) if model else None
        if most is not None and least is not None and most < least:
            message = (
                f"ends with LIMIT {most}, but its configured audience model needs {least:g} users of the seed "
                "(minMatchingSeedSize): the job can only fail"
            )
            yield name, Problem("seedAudience.sqlParameters.queryString", message, QUERY_LIMIT.id)


def _of_channel(stack: Stack, gates: Mapping[str, Any], sql: Any) -> Iterator[Problem]:
    most, least = _limit(dig(sql, "queryString")), _number(gates.get("minimumRecords"))
    if most is not None and least is not None and most < least:
        message = f"is {least:g}, but the query ends with LIMIT {most}: no result has that many records"
        yield Problem("Settings.Gates.minimumRecords", message, QUERY_LIMIT.id)
    if gates.get("maximumMembershipInferenceAttackScore") is None:
        return
    template = stack.referred(dig(sql, "analysisTemplateArn"), ANALYSIS_TEMPLATE)
    without = None
    if dig(sql, "queryString") is not None:
        without = "the query is SQL"
    elif template is not None and dig(template.properties, SYNTHETIC_DATA) is None:
        without = "the analysis template does not ask for synthetic data"
    if without:
        message = f"needs the score of synthetic data, but {without}"
        yield Problem("Settings.Gates.maximumMembershipInferenceAttackScore", message, ATTACK_SCORE.id)


def _limit(text: object) -> int | None:
    """How many records a query has at most; None if it does not say."""
    if not isinstance(text, str) or is_unknown(text) or _COMMENT.search(text) or "${Token[" in text:
        return None
    found = _LIMIT.search(text.rstrip().removesuffix(";").rstrip())
    return int(found[1]) if found else None


def _number(value: Any) -> float | None:
    number = real_number(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    # A template may contain integers beyond every float.
    return float(number) if abs(number) <= sys.float_info.max else None
