"""Entry points of the functions with faults that a test orders: a file that lies beside the functions' code.

The folder of the orders is known to the functions of the test's own stacks alone. An order applies at a position: the
start of an invocation ("front", "worker"), or before or after a call ("worker before CreateMLInputChannel"); and, if
it names a logical id, only in requests for that resource.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cleanrooms_ml_handlers import front as real_front
from cleanrooms_ml_handlers import worker as real_worker
from cleanrooms_ml_handlers.client import Service

_ORDERS = Path(os.environ["FAULTS"])
_STRUCK = _ORDERS.with_suffix(".struck")
_RELEASED = _ORDERS.with_suffix(".released")


class _FaultyService(Service):
    """The calls of a function, with faults before and after each.

    Attributes:
        function: The function: "front" or "worker".
        logical_id: The resource of the request; empty if the event is no request.
    """

    function = ""
    logical_id = ""

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.strike(f"{self.function} before {operation}")
        answer = super().call(service, operation, request)
        self.strike(f"{self.function} after {operation}")
        return answer

    def strike(self, position: str) -> None:
        """Does what was ordered for a position."""
        how, number = _ordered(position, self.logical_id)
        if how == "crash":
            os._exit(1)
        if how == "raise":
            raise ConnectionResetError("ordered")
        if how == "hang":
            # Lambda's own time-out ends it.
            time.sleep(600.0)
        if how == "hold":
            while not _RELEASED.exists() or int(_RELEASED.read_text("utf-8") or 0) < number:
                time.sleep(0.02)


_service = _FaultyService()
# As long as the module is loaded, no time-out counts: nothing that takes a slow machine seconds is left for later.
for _name in ("cleanroomsml", "stepfunctions"):
    _service.client(_name)


def front(event: Mapping[str, Any], context: object) -> None:
    """In place of the front's handler."""
    _begin("front", event)
    real_front.run(event, _service)


def worker(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """In place of the worker's handler."""
    _begin("worker", event.get("input", {}))
    return real_worker.run(event, _service)


def _begin(function: str, request: Mapping[str, Any]) -> None:
    _service.function, _service.logical_id = function, request.get("LogicalResourceId", "")
    _service.strike(function)


def _ordered(position: str, logical_id: str) -> tuple[str, int]:
    """How the next order strikes, if it is for here, and how many have struck then."""
    with _ORDERS.open("r+") as file:
        # Several processes run at once.
        fcntl.flock(file, fcntl.LOCK_EX)
        orders = json.load(file)
        if not orders or orders[0]["at"] != position or orders[0]["of"] not in ("", logical_id):
            return "", 0
        order = orders[0]
        order["count"] -= 1
        if order["count"] <= 0:
            del orders[0]
        file.seek(0)
        file.truncate()
        json.dump(orders, file)
        file.flush()
        with _STRUCK.open("a") as struck:
            struck.write(f"{position}: {order['how']}\n")
        return order["how"], len(_STRUCK.read_text("utf-8").splitlines())
