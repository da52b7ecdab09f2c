"""Counts the calls to the CDK's kernel, the Node.js process in which the CDK works."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from jsii._kernel.providers.process import ProcessProvider

_KINDS = ("create", "get", "set", "sget", "sset", "invoke", "sinvoke", "complete")


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Counts the calls inside the block, by kind and by the member that is called."""
    calls: Counter[str] = Counter()
    with ExitStack() as spies:
        for kind in _KINDS:
            spies.enter_context(patch.object(ProcessProvider, kind, _spy(kind, calls)))
        yield calls


def _spy(kind: str, calls: Counter[str]) -> Callable[..., Any]:
    original = getattr(ProcessProvider, kind)

    def spy(self: object, request: Any) -> Any:
        calls[f"{kind} {_member_of(request)}"] += 1
        return original(self, request)

    return spy


def _member_of(request: Any) -> str:
    for name in ("method", "property", "property_", "fqn"):
        member = getattr(request, name, None)
        if member:
            return str(member)
    return ""
