"""What the launcher adds to MiniStack's state machines."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox import Sandbox

pytestmark = pytest.mark.xdist_group("sandbox-executions")

ROLE = "arn:aws:iam::000000000000:role/states"
_SETTLE_SECONDS = 15.0


class Machine:
    """A state machine, and a queue with the events about its executions."""

    def __init__(self, sandbox: Sandbox, definition: dict[str, Any]) -> None:
        name = f"machine-{uuid.uuid4().hex[:8]}"
        self.states: Any = sandbox.client("stepfunctions")
        self._sqs: Any = sandbox.client("sqs")
        made = self.states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)
        self.arn = made["stateMachineArn"]
        self._queue = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [self.arn]}}
        events: Any = sandbox.client("events")
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=name, Targets=[{"Id": "Queue", "Arn": f"arn:aws:sqs:us-east-1:000000000000:{name}"}])

    def start(self) -> str:
        """Starts an execution."""
        return str(self.states.start_execution(stateMachineArn=self.arn, input="{}")["executionArn"])

    def ended(self, arn: str) -> str:
        """How an execution ends."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while (status := self.states.describe_execution(executionArn=arn)["status"]) == "RUNNING":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return str(status)

    def fails(self, arn: str, count: int) -> None:
        """Waits until a task of an execution has failed so often."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline:
            events = self.states.get_execution_history(executionArn=arn)["events"]
            if [event["type"] for event in events].count("TaskFailed") == count:
                return
            time.sleep(0.05)
        raise AssertionError(f"the task did not fail {count} times")

    def told(self) -> list[tuple[str, str | None, str | None]]:
        """Status, error and cause of the events since the last call, but for the start."""
        messages = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        details = [json.loads(message["Body"])["detail"] for message in messages]
        return [(it["status"], it["error"], it["cause"]) for it in details if it["status"] != "RUNNING"]


def waiting(seconds: int, **more: Any) -> dict[str, Any]:
    return {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": seconds, "End": True}}, **more}


def test_an_execution_beyond_its_time_ends_as_timed_out_and_says_so_on_the_bus(sandbox: Sandbox) -> None:
    machine = Machine(sandbox, waiting(3, TimeoutSeconds=1))

    assert machine.ended(machine.start()) == "TIMED_OUT"

    assert machine.told() == [("TIMED_OUT", None, None)]


def test_an_execution_within_its_time_ends_by_itself(sandbox: Sandbox) -> None:
    machine = Machine(sandbox, waiting(0, TimeoutSeconds=60))

    assert machine.ended(machine.start()) == "SUCCEEDED"

    assert machine.told() == [("SUCCEEDED", None, None)]


def test_the_event_of_an_aborted_execution_tells_error_and_cause(sandbox: Sandbox) -> None:
    machine = Machine(sandbox, waiting(60))
    arn = machine.start()

    machine.states.stop_execution(executionArn=arn, error="Overtaken", cause="a later request")

    assert machine.ended(arn) == "ABORTED"
    assert machine.told() == [("ABORTED", "Overtaken", "a later request")]


def test_a_task_is_not_tried_again_after_the_end_and_does_not_change_it(sandbox: Sandbox) -> None:
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}
    nowhere = "arn:aws:lambda:us-east-1:000000000000:function:none"
    act = {"Type": "Task", "Resource": nowhere, "Retry": [retry], "End": True}
    machine = Machine(sandbox, {"StartAt": "Act", "States": {"Act": act}})
    arn = machine.start()
    machine.fails(arn, 1)

    machine.states.stop_execution(executionArn=arn)
    # Longer than until the next try.
    time.sleep(2)

    machine.fails(arn, 1)
    assert machine.ended(arn) == "ABORTED"
    assert machine.told() == [("ABORTED", None, None)]
