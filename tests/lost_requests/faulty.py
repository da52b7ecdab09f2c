"""Entry points of the functions with faults that a test orders: a file that lies beside the functions' code.

The folder of the orders is known to the functions of the test's own stacks alone. An order strikes at a place: the
start of an invocation ("front", "worker"), or before or after a call ("worker before CreateMLInputChannel").
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cleanrooms_ml_handlers import client
from cleanrooms_ml_handlers import front as real_front
from cleanrooms_ml_handlers import worker as real_worker

_ORDERS = Path(os.environ["FAULTS"])
_STRUCK = _ORDERS.with_suffix(".struck")
_RELEASED = _ORDERS.with_suffix(".released")
_call = client.Service.call
_role = ""


def front(event: Mapping[str, Any], context: object) -> None:
    """In place of the front's handler."""
    global _role
    _role = "front"
    _strike(_role)
    real_front.handler(event, context)


def worker(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """In place of the worker's handler."""
    global _role
    _role = "worker"
    _strike(_role)
    return real_worker.handler(event, context)


def _call_with_faults(self: client.Service, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
    _strike(f"{_role} before {operation}")
    answer = _call(self, service, operation, request)
    _strike(f"{_role} after {operation}")
    return answer


client.Service.call = _call_with_faults  # type: ignore[method-assign]


def _strike(place: str) -> None:
    """Does what was ordered for the place."""
    with _ORDERS.open("r+") as file:
        # Several processes run at once.
        fcntl.flock(file, fcntl.LOCK_EX)
        orders = json.load(file)
        if not orders or orders[0]["at"] != place:
            return
        order = orders[0]
        order["count"] -= 1
        if order["count"] <= 0:
            del orders[0]
        file.seek(0)
        file.truncate()
        json.dump(orders, file)
        file.flush()
        with _STRUCK.open("a") as struck:
            struck.write(f"{place}: {order['how']}\n")
    if order["how"] == "crash":
        os._exit(1)
    if order["how"] == "raise":
        raise ConnectionResetError("ordered")
    if order["how"] == "hang":
        # Lambda's own time-out ends it.
        time.sleep(600.0)
    if order["how"] == "hold":
        while not _RELEASED.exists():
            time.sleep(0.02)
