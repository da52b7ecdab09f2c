"""Rules for the seed of a lookalike audience."""

from __future__ import annotations

from collections.abc import Iterator

from ..problem import ID_PREFIX
from .rule import Finding, Occurrence, Rule, Source, exactly_one_of


def _one_seed(at: Occurrence) -> Iterator[Finding]:
    return exactly_one_of(at, "dataSource", "sqlParameters", what_to_do="Take the seed from S3 or from a query")


def _compute_without_query(at: Occurrence) -> Iterator[Finding]:
    if at.has("sqlComputeConfiguration") and not at.may_have("sqlParameters"):
        yield (
            (at.path, "sqlComputeConfiguration"),
            "is set without sqlParameters; it is allowed only with a query. Drop it",
        )


def _seed_in_output(at: Occurrence) -> Iterator[Finding]:
    if at.known("includeSeedInOutput") is True:
        yield (
            (at.path, "includeSeedInOutput"),
            "is true; everyone who may read the output then sees the users of the seed",
        )


_SEGMENT = Source.guide("create-ml-segment-create", "Creating a lookalike segment")

HARD_RULES = (
    Rule(
        id=f"{ID_PREFIX}one-seed",
        shapes=("AudienceGenerationJobDataSource",),
        field="",
        limit="exactly one of dataSource and sqlParameters",
        reason="A seed comes from S3 or from a query; the console offers one of them.",
        fix="Keep one of them.",
        source=_SEGMENT,
        check=_one_seed,
    ),
    Rule(
        id=f"{ID_PREFIX}seed-compute",
        shapes=("AudienceGenerationJobDataSource",),
        field="sqlComputeConfiguration",
        limit="only with sqlParameters",
        reason="Workers run a query; a seed from S3 has none.",
        fix="Drop the compute configuration, or take the seed from a query.",
        source=_SEGMENT,
        check=_compute_without_query,
    ),
)

SOFT_RULES = (
    Rule(
        id=f"{ID_PREFIX}seed-in-output",
        shapes=("StartAudienceGenerationJobRequest",),
        field="includeSeedInOutput",
        limit="usually false",
        reason="The owner of the model gets the audience, and otherwise never sees the seed.",
        fix="Omit it, unless both parties agreed on it.",
        source=Source.guide("ml-privacy", "Privacy protections of Clean Rooms ML"),
        check=_seed_in_output,
    ),
)
