"""Lambda entry point: takes a request of CloudFormation and starts its execution."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from . import startup
from .client import Service
from .errors import Refused
from .log import log
from .named_parents import foreign_parent
from .reply import send
from .request import EVENT_BYTES, canonical, check_signing_time, execution_name, parse
from .rescue import answer_lost, untouched
from .throttling import Pauses

# Throttled calls are repeated for this long; Lambda repeats the invocation later.
_REPEAT_SECONDS = 12.0
_FIX = "An update has the old properties too: shorten them, and keep a query in a file, ProtectedQuery.from_asset(path)"


@cache
def _service() -> Service:
    """One per process: clients are expensive to create."""
    return Service()


startup.finish(lambda service: _service().client(service), "stepfunctions")


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Called by CloudFormation, and by Lambda with an event that the worker could not process."""
    run(event, _service())


def run(
    event: Mapping[str, Any],
    service: Service,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Starts the execution of a request. Idempotent: a request that is delivered again has the same execution.

    Args:
        event: CloudFormation's request, or Lambda's record of an event that the worker could not process.
        service: The calls.
        clock: The time in seconds since 1970.
        sleep: Waits for seconds.
    """
    service = service.with_pause(Pauses(clock, sleep, clock() + _REPEAT_SECONDS, canonical(event)))
    if "requestPayload" in event:
        answer_lost(event, service, os.environ, clock, sleep)
        return
    try:
        request = parse(event, os.environ)
        check_signing_time(request, clock())
    except Refused as refusal:
        log("refused", reason=str(refusal))
        return
    foreign = foreign_parent(request, os.environ)
    if foreign:
        send(request, untouched(request, foreign), sleep)
        log("refused", request, reason="a parent that the template does not name")
        return
    size = len(request.text.encode("utf-8"))
    if size > EVENT_BYTES:
        send(request, untouched(request, f"the request has {size} bytes; allowed are {EVENT_BYTES}. {_FIX}"), sleep)
        log("too large", request, size=size)
        return
    name = execution_name(request)
    service.start_execution(name, request.text)
    log("started", request, execution=name)
