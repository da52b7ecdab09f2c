"""One JSON line per occurrence; never a property, a reply address or a service's answer."""

from __future__ import annotations

import json

from .request import Request


def log(what: str, request: Request | None = None, **facts: object) -> None:
    """Prints a line to the function's log."""
    line: dict[str, object] = {"what": what}
    if request is not None:
        line |= {"request": request.kind, "resource": request.logical_id, "type": request.resource_type}
    print(json.dumps({**line, **facts}, default=str))
