"""What the events of a stack say about how long its resources took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_CUSTOM = "Custom::"

Event = Mapping[str, Any]


def custom_seconds(events: Sequence[Event], operation: str) -> float:
    """The seconds from the first event of a custom resource to the last one.

    Args:
        events: The events of the stack.
        operation: CREATE, UPDATE or DELETE.
    """
    return _span([it for it in events if _is_custom(it) and it["ResourceStatus"].startswith(operation)])


def machinery_seconds(events: Sequence[Event]) -> float:
    """The seconds from the first event of the creation of a stack to the first one of a custom resource."""
    first = min(it["Timestamp"] for it in events if _is_custom(it))
    own = [it for it in events if it["Timestamp"] <= first]
    return _span(own)


def _is_custom(event: Event) -> bool:
    return str(event["ResourceType"]).startswith(_CUSTOM)


def _span(events: Sequence[Event]) -> float:
    times = [it["Timestamp"] for it in events]
    return float((max(times) - min(times)).total_seconds())
