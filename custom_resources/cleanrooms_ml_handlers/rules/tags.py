"""Rules for tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..problem import ID_PREFIX, shown
from .rule import Finding, Occurrence, Rule, Source

# The model says 200.
TAGS_PER_RESOURCE = 50
# The library's own tag, which takes one of them on a resource that it creates.
OWNERSHIP_TAG_KEY = "cdk-cleanrooms-ml:owner"
# In any combination of upper and lower case; such tags do not count.
RESERVED_TAG_PREFIX = "aws:"


def is_reserved_tag(key: str) -> bool:
    """Whether a tag key is reserved for AWS."""
    return key.lower().startswith(RESERVED_TAG_PREFIX)


def counted_tags(keys: Iterable[str]) -> int:
    """How many tags count against the limit."""
    return sum(1 for key in keys if not is_reserved_tag(key))


def ownership_tag_problems(tags: Mapping[str, object]) -> Iterator[str]:
    """Why the ownership tag finds no slot among a user's tags."""
    if OWNERSHIP_TAG_KEY in tags:
        yield f"has the key {shown(OWNERSHIP_TAG_KEY)}, which is the library's ownership tag. Choose another key"
    count, most = counted_tags(tags), TAGS_PER_RESOURCE - 1
    if count > most:
        yield (
            f"has {count} entries; allowed 0 to {most}, because the ownership tag takes one of the "
            f"{TAGS_PER_RESOURCE} that AWS allows. Drop a tag"
        )


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


_TAGS = Source.api("CreateMLInputChannel")

HARD_RULES = (
    Rule(
        id=f"{ID_PREFIX}tag-count",
        shapes=("TagMap",),
        field="",
        limit=f"at most {TAGS_PER_RESOURCE} entries, tags of aspects included",
        reason="AWS allows this many tags per resource; the service model allows four times as many.",
        fix="Drop tags.",
        source=_TAGS,
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
        check=_reserved_tags,
    ),
)
