"""Lambda entry point: takes a request of CloudFormation and starts its execution."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from .client import Service
from .errors import Refused
from .log import log
from .request import execution_name, parse
from .rescue import answer_lost


@cache
def _service() -> Service:
    """One per process: clients are expensive to create."""
    return Service()


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Called by CloudFormation, and by Lambda with an event that the worker could not process."""
    run(event, _service())


def run(event: Mapping[str, Any], service: Service) -> None:
    """Starts the execution of a request. Idempotent: a request that is delivered again has the same execution."""
    if "requestPayload" in event:
        answer_lost(event, os.environ, time.sleep)
        return
    try:
        request = parse(event, os.environ)
    except Refused as refusal:
        log("refused", reason=str(refusal))
        return
    name = execution_name(request)
    service.start_execution(name, request.text)
    log("started", request, execution=name)
