"""What a try shows, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Price(StrEnum):
    """What a try costs.

    NOTHING: it only reads, or calls what changes nothing.
    QUERY: a protected query, billed in CRPU-hours, usually of a few minutes.
    TWO_QUERIES: the same twice.
    TRAINING: a training that is canceled at once, billed in hours of an instance.
    """

    NOTHING = "nothing"
    QUERY = "one protected query, billed in CRPU-hours; usually a few minutes"
    TWO_QUERIES = "two protected queries, billed in CRPU-hours; usually a few minutes"
    TRAINING = "one training that is canceled at once, billed in hours of the instance"


@dataclass(frozen=True)
class Seen:
    """What a try shows. It names nothing of the account, so that it can be published.

    Attributes:
        side: The value of the assumption that holds; empty if the try does not show it.
        evidence: What was seen, or why nothing was.
        left: What could not be removed again, for the user's eyes alone.
    """

    side: str
    evidence: str
    left: tuple[str, ...] = ()
