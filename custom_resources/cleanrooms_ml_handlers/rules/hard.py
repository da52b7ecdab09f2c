"""What a request must not be, though the service model allows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ..problem import ID_PREFIX, Path, shown
from .rule import Finding, Place, Rule, RuleSet, Source
from .stories import HARD_OF_STORIES

# The model says 200.
TAGS_PER_RESOURCE = 50
# In any combination of upper and lower case; such tags do not count.
RESERVED_TAG_PREFIX = "aws:"
MAX_PERCENTAGE = 100


def is_reserved_tag(key: str) -> bool:
    """Whether a tag key belongs to AWS."""
    return key.lower().startswith(RESERVED_TAG_PREFIX)


def counted_tags(keys: Iterable[str]) -> int:
    """How many tags count against the limit."""
    return sum(1 for key in keys if not is_reserved_tag(key))


def _certain_keys(place: Place) -> Iterator[str]:
    for key, item in place.value.items():
        if isinstance(key, str) and not place.skip(key) and not place.skip(item):
            yield key


def _too_many_tags(place: Place) -> Iterator[Finding]:
    count = counted_tags(_certain_keys(place))
    if count > TAGS_PER_RESOURCE:
        yield place.path, f"has {count} entries; allowed 0 to {TAGS_PER_RESOURCE}"


def _reserved_tags(place: Place) -> Iterator[Finding]:
    for key in place.value:
        if isinstance(key, str) and not place.skip(key) and is_reserved_tag(key):
            yield place.path, f"has the key {shown(key)}; a key that begins with {RESERVED_TAG_PREFIX} is AWS's own"


def _whole_numbers(place: Place, name: str) -> list[tuple[int, int]]:
    """The known numbers of a list, each with its index."""
    items = place.known(name)
    if not isinstance(items, list | tuple):
        return []
    return [
        (index, item)
        for index, item in enumerate(items)
        if isinstance(item, int) and not isinstance(item, bool) and not place.skip(item)
    ]


def _repeated_bins(place: Place) -> Iterator[Finding]:
    name = "audienceSizeBins"
    counts = Counter(item for _, item in _whole_numbers(place, name))
    repeated = [str(item) for item, count in counts.items() if count > 1]
    if repeated:
        yield (place.path, name), f"has {', '.join(repeated)} more than once; each size once is allowed"


def _large_percentages(place: Place) -> Iterator[Finding]:
    for path, size in percentages(place):
        if size > MAX_PERCENTAGE:
            yield path, f"is {size}; allowed 1 to {MAX_PERCENTAGE} percent"


def percentages(place: Place) -> Iterator[tuple[Path, int]]:
    """The known sizes that are percentages, of a model's sizes or of the size of one audience."""
    if place.known("audienceSizeType") == "PERCENTAGE":
        for index, size in _whole_numbers(place, "audienceSizeBins"):
            yield ((place.path, "audienceSizeBins"), index), size
    elif place.known("type") == "PERCENTAGE":
        size = place.known("value")
        if isinstance(size, int):
            yield (place.path, "value"), size


def _one_of(place: Place, first: str, second: str, *, what_to_do: str) -> Iterator[Finding]:
    if place.has(first) and place.has(second):
        yield place.path, f"has both {first} and {second}; exactly one of them is allowed. {what_to_do}"
    elif not place.may_have(first) and not place.may_have(second):
        yield place.path, f"has neither {first} nor {second}; exactly one of them is needed. {what_to_do}"


def _one_seed(place: Place) -> Iterator[Finding]:
    return _one_of(place, "dataSource", "sqlParameters", what_to_do="Take the seed from S3 or from a query")


def _one_query(place: Place) -> Iterator[Finding]:
    return _one_of(place, "queryString", "analysisTemplateArn", what_to_do="Give the query's text or a template")


def _compute_without_query(place: Place) -> Iterator[Finding]:
    if place.has("sqlComputeConfiguration") and not place.may_have("sqlParameters"):
        yield (
            (place.path, "sqlComputeConfiguration"),
            "is given without sqlParameters; it is allowed only with a query. Drop it",
        )


def _parameters_without_template(place: Place) -> Iterator[Finding]:
    if place.known("parameters") and not place.may_have("analysisTemplateArn"):
        yield (
            (place.path, "parameters"),
            "is given without analysisTemplateArn; it is allowed only with a template. Use a template or drop it",
        )


_TAGS = Source.api("CreateMLInputChannel")
_SEGMENT = Source.guide("create-ml-segment-create", "Creating a lookalike segment")

HARD = RuleSet(
    (
        Rule(
            id=f"{ID_PREFIX}tag-count",
            shapes=("TagMap",),
            field="",
            limit=f"at most {TAGS_PER_RESOURCE} entries, aspects' tags included",
            reason="AWS allows this many tags per resource; the service model allows four times as many.",
            fix="Drop tags.",
            source=_TAGS,
            judge=_too_many_tags,
        ),
        Rule(
            id=f"{ID_PREFIX}tag-prefix",
            shapes=("TagMap",),
            field="",
            limit=f"no key begins with `{RESERVED_TAG_PREFIX}`, in any case",
            reason="The prefix is reserved for AWS.",
            fix="Choose another key.",
            source=_TAGS,
            judge=_reserved_tags,
        ),
        Rule(
            id=f"{ID_PREFIX}size-distinct",
            shapes=("AudienceSizeConfig",),
            field="audienceSizeBins",
            limit="distinct",
            reason="The bins are documented as different sizes; a repeated one says nothing.",
            fix="Name each size once.",
            source=Source.api("AudienceSizeConfig"),
            judge=_repeated_bins,
        ),
        Rule(
            id=f"{ID_PREFIX}percentage",
            shapes=("AudienceSizeConfig",),
            field="audienceSizeBins",
            limit=f"with PERCENTAGE 1 to {MAX_PERCENTAGE}",
            reason="The model's bound is the one of absolute sizes.",
            fix="Give a percentage, or use ABSOLUTE.",
            source=Source.api("AudienceSizeConfig"),
            judge=_large_percentages,
        ),
        Rule(
            id=f"{ID_PREFIX}percentage",
            shapes=("AudienceSize",),
            field="value",
            limit=f"with PERCENTAGE 1 to {MAX_PERCENTAGE}",
            reason="The model's bound is the one of absolute sizes.",
            fix="Give a percentage, or use ABSOLUTE.",
            source=Source.api("AudienceSize"),
            judge=_large_percentages,
        ),
        Rule(
            id=f"{ID_PREFIX}one-seed",
            shapes=("AudienceGenerationJobDataSource",),
            field="",
            limit="exactly one of dataSource and sqlParameters",
            reason="A seed comes from S3 or from a query; the console offers one of them.",
            fix="Keep the one that you mean.",
            source=_SEGMENT,
            judge=_one_seed,
        ),
        Rule(
            id=f"{ID_PREFIX}seed-compute",
            shapes=("AudienceGenerationJobDataSource",),
            field="sqlComputeConfiguration",
            limit="only with sqlParameters",
            reason="Workers run a query; a seed from S3 has none.",
            fix="Drop the compute configuration, or take the seed from a query.",
            source=_SEGMENT,
            judge=_compute_without_query,
        ),
        Rule(
            id=f"{ID_PREFIX}one-query",
            shapes=("ProtectedQuerySQLParameters",),
            field="",
            limit="exactly one of queryString and analysisTemplateArn",
            reason="A protected query is a text or an analysis template.",
            fix="Keep the one that you mean.",
            source=Source.api("ProtectedQuerySQLParameters", inferred=True),
            judge=_one_query,
        ),
        Rule(
            id=f"{ID_PREFIX}query-parameters",
            shapes=("ProtectedQuerySQLParameters",),
            field="parameters",
            limit="only with analysisTemplateArn",
            reason="The parameters are those that an analysis template declares.",
            fix="Use a template, or write the values into the query.",
            source=Source.api("ProtectedQuerySQLParameters", inferred=True),
            judge=_parameters_without_template,
        ),
        *HARD_OF_STORIES,
    )
)
