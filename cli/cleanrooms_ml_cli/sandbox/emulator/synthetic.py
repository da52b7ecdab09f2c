"""What the parameters of synthetic data must be.

Sources: the service model, where it shows them in a channel; CreateAnalysisTemplate (the classification of the
columns is required, at most 1000 of them); user guide, "Considerations for synthetic data generation" (exactly one
predictive column).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from cleanrooms_ml_handlers.constraints import Check, Checker, Walk, nothing_is_unknown
from cleanrooms_ml_handlers.model import service_model

from .routes import CLEAN_ROOMS_ML

_MOST_COLUMNS = 1000


def synthetic_problems(parameters: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the parameters of a template."""
    walk = Walk(nothing_is_unknown, show_sensitive=True)
    _check()(parameters, None, False, walk)
    yield from (str(problem) for problem in walk.problems)
    if walk.problems:
        return
    columns = parameters.get("columnClassification", {}).get("columnMapping")
    if columns is None:
        yield "columnClassification is missing; it is required"
        return
    if len(columns) > _MOST_COLUMNS:
        yield f"columnMapping has {len(columns)} items; allowed are at most {_MOST_COLUMNS}"
    predictive = sum(1 for column in columns if column["isPredictiveValue"])
    if predictive != 1:
        yield f"columnMapping has {predictive} predictive columns; exactly one is needed"


@cache
def _check() -> Check:
    return Checker(service_model(CLEAN_ROOMS_ML).shapes).of("MLSyntheticDataParameters")
