"""Limits that AWS documents but its service model does not state, each with its source."""

from __future__ import annotations

from collections.abc import Iterable

# API reference, `tags` of every create operation: "Maximum number of tags per resource - 50". The model says 200.
TAGS_PER_RESOURCE = 50
# API reference, `tags`: reserved in any combination of upper and lower case; such tags do not count.
RESERVED_TAG_PREFIX = "aws:"


def is_reserved_tag(key: str) -> bool:
    """Whether a tag key belongs to AWS."""
    return key.lower().startswith(RESERVED_TAG_PREFIX)


def counted_tags(keys: Iterable[str]) -> int:
    """How many tags count against the limit."""
    return sum(1 for key in keys if not is_reserved_tag(key))
