"""Tags: their operations, how many a resource can have, and the library's own among them.

The handlers need this alone of the rules, all of which take long to import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .problem import shown

# The operations that read tags, which not every get operation returns, and those that change them.
TAG_READS = ("ListTagsForResource",)
TAG_CHANGES = ("TagResource", "UntagResource")

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
    for key in tags:
        # The condition keys of IAM, aws:ResourceTag among them, do not distinguish upper and lower case.
        if isinstance(key, str) and key.strip().lower() == OWNERSHIP_TAG_KEY:
            yield f"has the key {shown(key)}, which is the library's ownership tag. Choose another key"
    count, most = counted_tags(tags), TAGS_PER_RESOURCE - 1
    if count > most:
        yield (
            f"has {count} entries; allowed 0 to {most}, because the ownership tag takes one of the "
            f"{TAGS_PER_RESOURCE} that AWS allows. Drop a tag"
        )
