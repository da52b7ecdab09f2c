"""What the launcher adds to MiniStack's state machines."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from pathlib import Path
from typing import Any

from cleanrooms_ml_cli.sandbox import Sandbox
from tests.waiting import until

ROLE = "arn:aws:iam::000000000000:role/states"
# Longer than any test goes on.
_FOREVER_SECONDS = 3600


class StateMachine:
    """A state machine, and a queue with the events about its executions."""

    def __init__(self, sandbox: Sandbox, definition: dict[str, Any]) -> None:
        name = f"state-machine-{uuid.uuid4().hex[:8]}"
        self.states: Any = sandbox.client("stepfunctions")
        self._sqs: Any = sandbox.client("sqs")
        created = self.states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)
        self.arn = created["stateMachineArn"]
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

        def end() -> str:
            status = str(self.states.describe_execution(executionArn=arn)["status"])
            return "" if status == "RUNNING" else status

        return until(end, f"the end of {arn}")

    def ends(self, count: int) -> list[tuple[str, str | None, str | None]]:
        """Status, error and cause of the events on the bus about the ends of executions, once so many are there."""
        details: list[dict[str, Any]] = []

        def received() -> list[tuple[str, str | None, str | None]]:
            messages = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", [])
            for message in messages:
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
            details.extend(json.loads(message["Body"])["detail"] for message in messages)
            found = [(it["status"], it["error"], it["cause"]) for it in details if it["status"] != "RUNNING"]
            return found if len(found) >= count else []

        return until(received, f"{count} events")


def waiting(seconds: int, **more: Any) -> dict[str, Any]:
    return {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": seconds, "End": True}}, **more}


def test_an_execution_beyond_its_time_ends_as_timed_out_and_says_so_on_the_bus(sandbox: Sandbox) -> None:
    state_machine = StateMachine(sandbox, waiting(_FOREVER_SECONDS, TimeoutSeconds=1))

    assert state_machine.ended(state_machine.start()) == "TIMED_OUT"

    assert state_machine.ends(1) == [("TIMED_OUT", None, None)]


def test_an_execution_within_its_time_ends_by_itself(sandbox: Sandbox) -> None:
    state_machine = StateMachine(sandbox, waiting(0, TimeoutSeconds=_FOREVER_SECONDS))

    assert state_machine.ended(state_machine.start()) == "SUCCEEDED"

    assert state_machine.ends(1) == [("SUCCEEDED", None, None)]


def test_the_event_of_an_aborted_execution_has_error_and_cause(sandbox: Sandbox) -> None:
    state_machine = StateMachine(sandbox, waiting(_FOREVER_SECONDS))
    arn = state_machine.start()

    state_machine.states.stop_execution(executionArn=arn, error="Overtaken", cause="a later request")

    assert state_machine.ended(arn) == "ABORTED"
    assert state_machine.ends(1) == [("ABORTED", "Overtaken", "a later request")]


# Notes each call, does not end before it is released, and then fails.
HELD = """
import os, pathlib, time

def handler(event, context):
    folder = pathlib.Path(os.environ["FOLDER"])
    with (folder / "calls").open("a") as calls:
        calls.write("called\\n")
    while not (folder / "released").exists():
        time.sleep(0.01)
    raise ValueError("released")
"""


class HeldTask:
    """A function that a task calls; each call goes on until the test lets it fail."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._folder = folder
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("index.py", HELD)
        functions: Any = sandbox.client("lambda")
        created = functions.create_function(
            FunctionName=f"held-{uuid.uuid4().hex[:8]}",
            Runtime="python3.13",
            Handler="index.handler",
            Role=ROLE,
            Timeout=900,
            Code={"ZipFile": archive.getvalue()},
            Environment={"Variables": {"FOLDER": str(folder)}},
        )
        self.arn = created["FunctionArn"]

    def called(self) -> None:
        """Waits for the first call."""
        until(lambda: self.calls, "the first call of the function")

    @property
    def calls(self) -> int:
        """How many calls there were."""
        calls = self._folder / "calls"
        return len(calls.read_text("utf-8").splitlines()) if calls.exists() else 0

    def release(self) -> None:
        """Lets every call fail, those to come at once."""
        (self._folder / "released").touch()


def test_a_task_is_not_tried_again_after_the_end_and_does_not_change_it(sandbox: Sandbox, tmp_path: Path) -> None:
    task = HeldTask(sandbox, tmp_path)
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}
    act = {"Type": "Task", "Resource": task.arn, "Retry": [retry], "End": True}
    state_machine = StateMachine(sandbox, {"StartAt": "Act", "States": {"Act": act}})
    stopped = state_machine.start()
    task.called()

    state_machine.states.stop_execution(executionArn=stopped)
    task.release()

    # One that nobody stops and that fails later: its second attempt comes after the stopped one's would have.
    assert state_machine.ended(state_machine.start()) == "FAILED"
    assert task.calls == 1 + 2
    assert state_machine.ended(stopped) == "ABORTED"
    assert [status for status, _, _ in state_machine.ends(2)] == ["ABORTED", "FAILED"]
