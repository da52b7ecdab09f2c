"""The API of Step Functions, as much of it as the functions call, in its wire format (AWS JSON 1.0)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .language import DATA_LIMIT_BYTES
from .states import Execution, StateMachine

_NAME = re.compile(r"[-_.0-9A-Za-z]{1,80}")
_PAGE = 100


class StatesError(Exception):
    """An error of the API: its type and its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass
class StatesApi:
    """The service's front door.

    Attributes:
        state_machines: The state machines by ARN.
        started: Called with each execution that starts.
        list_lag_seconds: How long it takes until ListExecutions shows that an execution has started or ended.
        longest_page: How many executions a page of ListExecutions has at most; AWS may return fewer than asked for.
    """

    state_machines: dict[str, StateMachine] = field(default_factory=dict)
    started: list[Callable[[Execution], None]] = field(default_factory=list)
    list_lag_seconds: float = 0
    longest_page: int = 1000

    def handle(self, operation: str, body: bytes) -> tuple[int, bytes]:
        """The HTTP status and the body for a request."""
        operations: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "StartExecution": self._start,
            "DescribeExecution": self._describe,
            "ListExecutions": self._list,
            "StopExecution": self._stop,
        }
        try:
            return 200, json.dumps(operations[operation](json.loads(body))).encode("utf-8")
        except StatesError as error:
            fault = {"__type": f"com.amazonaws.swf.service.v2.model#{error.code}", "message": error.message}
            return 400, json.dumps(fault).encode("utf-8")

    def executions(self) -> list[Execution]:
        """All executions of all state machines, in the order in which they were started."""
        found = [
            execution
            for state_machine in self.state_machines.values()
            for execution in state_machine.executions.values()
        ]
        return sorted(found, key=lambda execution: execution.started)

    def _state_machine(self, arn: str) -> StateMachine:
        if arn not in self.state_machines:
            raise StatesError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return self.state_machines[arn]

    def _execution(self, arn: str) -> Execution:
        for state_machine in self.state_machines.values():
            found = state_machine.executions.get(arn.rsplit(":", 1)[1])
            if found is not None and found.arn == arn:
                return found
        raise StatesError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")

    def _start(self, request: Mapping[str, Any]) -> dict[str, Any]:
        state_machine = self._state_machine(request["stateMachineArn"])
        name, text = request["name"], request.get("input", "{}")
        if not _NAME.fullmatch(name):
            raise StatesError("InvalidName", f"Invalid Name: '{name}'")
        if len(text.encode("utf-8")) > DATA_LIMIT_BYTES:
            raise StatesError("InvalidExecutionInput", "the input is too long")
        earlier = state_machine.executions.get(name)
        # Once an execution is closed its name is taken, even for equal input.
        if earlier is not None and not (earlier.is_running and earlier.text == text):
            raise StatesError("ExecutionAlreadyExists", f"Execution Already Exists: '{earlier.arn}'")
        execution = earlier or state_machine.start(name, text)
        if earlier is None:
            for hook in self.started:
                hook(execution)
        return {"executionArn": execution.arn, "startDate": execution.started}

    def _describe(self, request: Mapping[str, Any]) -> dict[str, Any]:
        execution = self._execution(request["executionArn"])
        shown = {**summary(execution), "input": execution.text, "inputDetails": {"included": True}}
        if execution.error:
            shown |= {"error": execution.error, "cause": execution.cause}
        if execution.status == "SUCCEEDED":
            shown |= {"output": json.dumps(execution.output), "outputDetails": {"included": True}}
        return shown

    def _list(self, request: Mapping[str, Any]) -> dict[str, Any]:
        state_machine = self._state_machine(request["stateMachineArn"])
        shown_until = state_machine.now - self.list_lag_seconds
        listed = [
            summary(execution, shown_until)
            for execution in reversed(state_machine.executions.values())
            if execution.started <= shown_until
        ]
        found = [item for item in listed if request.get("statusFilter", item["status"]) == item["status"]]
        start = int(request.get("nextToken", "0"))
        end = start + min(request.get("maxResults") or _PAGE, self.longest_page)
        page: dict[str, Any] = {"executions": found[start:end]}
        if end < len(found):
            page["nextToken"] = str(end)
        return page

    def _stop(self, request: Mapping[str, Any]) -> dict[str, Any]:
        execution = self._execution(request["executionArn"])
        execution.state_machine.end(execution, "ABORTED", request.get("error", ""), request.get("cause", ""))
        return {"stopDate": execution.stopped}


def summary(execution: Execution, until: float = float("inf")) -> dict[str, Any]:
    """What lists show of an execution.

    Args:
        execution: The execution.
        until: An end later than this does not show yet.
    """
    has_ended = execution.stopped is not None and execution.stopped <= until
    shown = {
        "executionArn": execution.arn,
        "stateMachineArn": execution.state_machine.arn,
        "name": execution.name,
        "status": execution.status if has_ended else "RUNNING",
        "startDate": execution.started,
    }
    return {**shown, "stopDate": execution.stopped} if has_ended else shown


def status_change(execution: Execution) -> dict[str, Any]:
    """The event that Step Functions puts on the default bus when an execution has ended."""
    assert execution.stopped is not None
    return {
        "version": "0",
        "id": "00000000-0000-4000-8000-000000000000",
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": "000000000000",
        "region": "us-east-1",
        "resources": [execution.arn],
        "detail": {
            "executionArn": execution.arn,
            "stateMachineArn": execution.state_machine.arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": int(execution.started * 1000),
            "stopDate": int(execution.stopped * 1000),
            "input": execution.text,
            "output": None,
            "inputDetails": {"included": True},
            "outputDetails": None,
            "error": execution.error or None,
            "cause": execution.cause or None,
        },
    }
