"""Hard rules: what a request must not be, though the service model allows it."""

from __future__ import annotations

from . import audience_size, custom_model, distinct, query, seed, synthetic_data, tags, training_data
from .rule import RuleSet

HARD = RuleSet(
    (
        *tags.HARD_RULES,
        *audience_size.HARD_RULES,
        *seed.HARD_RULES,
        *query.HARD_RULES,
        *training_data.HARD_RULES,
        *custom_model.HARD_RULES,
        *distinct.HARD_RULES,
        *synthetic_data.HARD_RULES,
    )
)
