"""Rules for tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from ..problem import ID_PREFIX, Problem, shown
from ..tags import RESERVED_TAG_PREFIX, TAGS_PER_RESOURCE, counted_tags, is_reserved_tag
from .rule import Finding, Occurrence, Rule, Source

P = TypeVar("P")


def _certain_keys(at: Occurrence) -> Iterator[str]:
    for key, item in at.value.items():
        if isinstance(key, str) and not at.skip(key) and not at.skip(item):
            yield key


def _too_many_tags(at: Occurrence) -> Iterator[Finding]:
    count = counted_tags(_certain_keys(at))
    if count > TAGS_PER_RESOURCE:
        yield at.path, f"has {count} entries; allowed 0 to {TAGS_PER_RESOURCE}"


def _reserved_tags(at: Occurrence) -> Iterator[Finding]:
    for key in at.value:
        if isinstance(key, str) and not at.skip(key) and is_reserved_tag(key):
            yield at.path, f"has the key {shown(key)}; a key that begins with {RESERVED_TAG_PREFIX} is AWS's own"


_TAGS = Source.api("TagResource")
# The API reference of AWS Clean Rooms says nothing about it.
_TAGS_OF_AWS = Source(
    "Tag Editor user guide, Service quotas", "https://docs.aws.amazon.com/tag-editor/latest/userguide/reference.html"
)

HARD_RULES = (
    Rule(
        id=f"{ID_PREFIX}tag-count",
        shapes=("TagMap",),
        field="",
        limit=f"at most {TAGS_PER_RESOURCE} entries, tags of aspects included",
        reason="AWS allows this many tags per resource; the service model allows four times as many.",
        fix="Drop tags.",
        source=_TAGS,
        source_elsewhere=_TAGS_OF_AWS,
        check=_too_many_tags,
    ),
    Rule(
        id=f"{ID_PREFIX}tag-prefix",
        shapes=("TagMap",),
        field="",
        limit=f"no key begins with `{RESERVED_TAG_PREFIX}`, in any case",
        reason="The prefix is reserved for AWS.",
        fix="Choose another key.",
        source=_TAGS,
        source_elsewhere=_TAGS_OF_AWS,
        check=_reserved_tags,
    ),
)


def without_counts_of_tags(problems: Iterable[P], tags: Mapping[str, object]) -> list[P]:
    """Problems without those of the number of tags, if the ownership tag's slot is one already: it is the narrowest.

    Args:
        problems: The problems of a request.
        tags: Its tags.
    """
    if counted_tags(tags) < TAGS_PER_RESOURCE:
        return list(problems)
    return [
        each
        for each in problems
        if not (isinstance(each, Problem) and each.path == "tags" and each.rule.endswith("count"))
    ]
