"""Rules for the sizes of audiences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..problem import ID_PREFIX, Path
from .rule import Finding, Occurrence, Rule, Source

MAX_PERCENTAGE = 100
# Quota "audience size": a bin is at most a fifth of the distinct users.
USUAL_PERCENTAGE = 20


def _whole_numbers(at: Occurrence, name: str) -> list[tuple[int, int]]:
    """The known numbers of a list, each with its index."""
    items = at.known(name)
    if not isinstance(items, list | tuple):
        return []
    return [
        (index, item)
        for index, item in enumerate(items)
        if isinstance(item, int) and not isinstance(item, bool) and not at.skip(item)
    ]


def _repeated_bins(at: Occurrence) -> Iterator[Finding]:
    name = "audienceSizeBins"
    counts = Counter(item for _, item in _whole_numbers(at, name))
    repeated = [str(item) for item, count in counts.items() if count > 1]
    if repeated:
        yield (at.path, name), f"has {', '.join(repeated)} more than once; each size is allowed once"


def _percentages(at: Occurrence) -> Iterator[tuple[Path, int]]:
    """The known sizes that are percentages, of a model's bins or of one audience."""
    if at.known("audienceSizeType") == "PERCENTAGE":
        for index, size in _whole_numbers(at, "audienceSizeBins"):
            yield ((at.path, "audienceSizeBins"), index), size
    elif at.known("type") == "PERCENTAGE":
        size = at.known("value")
        if isinstance(size, int):
            yield (at.path, "value"), size


def _large_percentages(at: Occurrence) -> Iterator[Finding]:
    for path, size in _percentages(at):
        if size > MAX_PERCENTAGE:
            yield path, f"is {size}; allowed 1 to {MAX_PERCENTAGE} percent"


def _unusual_percentages(at: Occurrence) -> Iterator[Finding]:
    for path, size in _percentages(at):
        if USUAL_PERCENTAGE < size <= MAX_PERCENTAGE:
            yield path, f"is {size}; the quotas end at {USUAL_PERCENTAGE} percent of the users"


_QUOTAS = Source.guide("clean-rooms-ml-quotas", "Quotas for Clean Rooms ML")

HARD_RULES = (
    Rule(
        id=f"{ID_PREFIX}size-distinct",
        shapes=("AudienceSizeConfig",),
        field="audienceSizeBins",
        limit="distinct",
        reason="The bins are documented as different sizes; a repeated one has no meaning.",
        fix="Name each size once.",
        source=Source.api("AudienceSizeConfig"),
        check=_repeated_bins,
    ),
    Rule(
        id=f"{ID_PREFIX}percentage",
        shapes=("AudienceSizeConfig",),
        field="audienceSizeBins",
        limit=f"with PERCENTAGE 1 to {MAX_PERCENTAGE}",
        reason="The model's bound is the one of absolute sizes.",
        fix="Give a percentage, or use ABSOLUTE.",
        source=Source.api("AudienceSizeConfig"),
        check=_large_percentages,
    ),
    Rule(
        id=f"{ID_PREFIX}percentage",
        shapes=("AudienceSize",),
        field="value",
        limit=f"with PERCENTAGE 1 to {MAX_PERCENTAGE}",
        reason="The model's bound is the one of absolute sizes.",
        fix="Give a percentage, or use ABSOLUTE.",
        source=Source.api("AudienceSize"),
        check=_large_percentages,
    ),
)

SOFT_RULES = (
    Rule(
        id=f"{ID_PREFIX}percentage-quota",
        shapes=("AudienceSizeConfig",),
        field="audienceSizeBins",
        limit=f"with PERCENTAGE usually at most {USUAL_PERCENTAGE}",
        reason="The API documents 1 to 100 percent, the quotas 1 to 20.",
        fix="Use smaller bins.",
        source=_QUOTAS,
        check=_unusual_percentages,
    ),
    Rule(
        id=f"{ID_PREFIX}percentage-quota",
        shapes=("AudienceSize",),
        field="value",
        limit=f"with PERCENTAGE usually at most {USUAL_PERCENTAGE}",
        reason="The API documents 1 to 100 percent, the quotas 1 to 20.",
        fix="Export a smaller audience.",
        source=_QUOTAS,
        check=_unusual_percentages,
    ),
)
