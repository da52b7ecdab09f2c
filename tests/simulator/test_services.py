"""Who checks the checker: Step Functions, Lambda and the reply bucket behave as AWS documents them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest

from cleanrooms_ml_simulator.cloudformation.replies import DROP, ReplyServer
from cleanrooms_ml_simulator.functions import CrashError, Function, Lambda
from cleanrooms_ml_simulator.simulation import Simulation, StuckError
from cleanrooms_ml_simulator.step_functions.api import StatesApi, status_change
from cleanrooms_ml_simulator.step_functions.language import StateError
from cleanrooms_ml_simulator.step_functions.states import HISTORY_LIMIT, Execution, StateMachine

_ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:app"
_TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    simulation = Simulation()
    yield simulation
    simulation.close()


def state_machine(
    simulation: Simulation, states: Mapping[str, Any], answers: list[Any], ended: list[Execution] | None = None
) -> StateMachine:
    """A state machine whose functions answer with these, one after the other; the last one again and again."""

    def invoke(_name: str, _payload: Any, done: Callable[[Any], None]) -> None:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        simulation.after(0, lambda: done(answer))

    definition = {"StartAt": next(iter(states)), "States": states}
    seen: list[Execution] = [] if ended is None else ended
    return StateMachine(_ARN, definition, simulation, invoke, seen.append)


def run(simulation: Simulation, state_machine: StateMachine, text: str = "{}") -> Execution:
    """An execution and all that follows from it."""
    execution = state_machine.start("one", text)
    simulation.run_until(lambda: not execution.is_running)
    return execution


def task(**more: Any) -> dict[str, Any]:
    """A task that hands on the context object and its input."""
    payload = {"input.$": "$$.Execution.Input", "id.$": "$$.Execution.Id", "n.$": "$.n", "fixed": [1]}
    return {**_TASK, "Parameters": {"FunctionName": "f", "Payload": payload}, "End": True, **more}


def test_data_moves_by_result_selector_and_result_path(simulation: Simulation) -> None:
    seen: list[Any] = []
    states = {
        "First": {"Type": "Pass", "Result": 7, "ResultPath": "$.n", "Next": "Call"},
        "Call": task(ResultSelector={"done.$": "$.Payload.done"}, ResultPath="$.out"),
    }

    def invoke(name: str, payload: Any, done: Callable[[Any], None]) -> None:
        seen.append((name, payload))
        done({"done": True, "more": 1})

    state_machine = StateMachine(_ARN, {"StartAt": "First", "States": states}, simulation, invoke, seen.append)
    execution = run(simulation, state_machine, '{"a": 1}')
    assert seen[0] == ("f", {"input": {"a": 1}, "id": execution.arn, "n": 7, "fixed": [1]})
    assert execution.output == {"a": 1, "n": 7, "out": {"done": True}}


def test_what_one_execution_writes_no_other_sees(simulation: Simulation) -> None:
    """All of them begin with the same result of a Pass state."""
    states: dict[str, Any] = {
        "Begin": {"Type": "Pass", "Result": {"seen": {}}, "ResultPath": "$.progress", "Next": "Write"},
        "Write": {"Type": "Pass", "Parameters": {"own.$": "$.n"}, "ResultPath": "$.progress.seen.it", "End": True},
    }
    machine = state_machine(simulation, states, [None])
    first, second = machine.start("first", '{"n": 1}'), machine.start("second", '{"n": 2}')
    simulation.run_until(lambda: not first.is_running and not second.is_running)
    assert first.output == {"n": 1, "progress": {"seen": {"it": {"own": 1}}}}
    assert second.output == {"n": 2, "progress": {"seen": {"it": {"own": 2}}}}
    assert states["Begin"]["Result"] == {"seen": {}}


@pytest.mark.parametrize("text", ["[]", '{"n": "text"}', '{"n": []}'])
def test_a_result_path_does_not_lead_into_what_has_no_fields(simulation: Simulation, text: str) -> None:
    states = {"Write": {"Type": "Pass", "Result": 1, "ResultPath": "$.n.below", "End": True}}
    execution = run(simulation, state_machine(simulation, states, [None]), text)
    assert (execution.status, execution.error) == ("FAILED", "States.ResultPathMatchFailure")


@pytest.mark.parametrize(
    ("error", "seconds"),
    [("Lambda.TooManyRequestsException", 2 + 4 + 5 + 5), ("Lambda.Unknown", 1), ("ValueError", 1)],
)
def test_a_retrier_waits_longer_each_time_up_to_its_bound(simulation: Simulation, error: str, seconds: float) -> None:
    throttled = {
        "ErrorEquals": ["Lambda.TooManyRequestsException"],
        "IntervalSeconds": 2,
        "BackoffRate": 2,
        "MaxDelaySeconds": 5,
        "MaxAttempts": 4,
    }
    others = {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 1}
    started = simulation.now
    states = {"Call": task(Retry=[throttled, others])}
    execution = run(simulation, state_machine(simulation, states, [StateError(error, "why")]), '{"n": 1}')
    assert (execution.status, execution.error) == ("FAILED", error)
    assert simulation.now - started == seconds


def test_task_failed_does_not_stand_for_a_time_out_and_all_does(simulation: Simulation) -> None:
    failed, everything = [
        {
            "Call": task(Catch=[{"ErrorEquals": [name], "ResultPath": "$.error", "Next": "End"}]),
            "End": {"Type": "Succeed"},
        }
        for name in ("States.TaskFailed", "States.ALL")
    ]
    late = StateError("States.Timeout", "late")
    assert run(simulation, state_machine(simulation, failed, [late]), '{"n": 1}').status == "FAILED"
    caught = run(simulation, state_machine(simulation, everything, [late]), '{"n": 1}')
    assert caught.output == {"n": 1, "error": {"Error": "States.Timeout", "Cause": "late"}}


@pytest.mark.parametrize("seconds", [1.5, "1", -1, True])
def test_a_wait_takes_whole_seconds_alone(simulation: Simulation, seconds: Any) -> None:
    states = {"Wait": {"Type": "Wait", "SecondsPath": "$.wait", "Next": "End"}, "End": {"Type": "Succeed"}}
    execution = run(simulation, state_machine(simulation, states, [None]), json.dumps({"wait": seconds}))
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")


def test_an_execution_that_never_ends_fails_at_the_limit_of_its_history(simulation: Simulation) -> None:
    ended: list[Execution] = []
    states = {"A": {"Type": "Wait", "Seconds": 1, "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}
    execution = run(simulation, state_machine(simulation, states, [None], ended))
    assert execution.status == "FAILED"
    assert execution.events - 1 == HISTORY_LIMIT
    assert [status_change(it)["detail"]["status"] for it in ended] == ["FAILED"]


def test_a_name_is_taken_for_good_and_equal_input_is_the_same_execution_while_it_runs(simulation: Simulation) -> None:
    states = {"Wait": {"Type": "Wait", "Seconds": 10, "Next": "End"}, "End": {"Type": "Succeed"}}
    api = StatesApi({_ARN: state_machine(simulation, states, [None])})

    def start(text: str, name: str = "one") -> tuple[int, Any]:
        request = {"stateMachineArn": _ARN, "name": name, "input": text}
        status, body = api.handle("StartExecution", json.dumps(request).encode())
        answer = json.loads(body)
        return status, answer.get("executionArn") or answer["__type"].rsplit("#")[-1]

    first = start("{}")
    assert first == start("{}") == (200, f"{_ARN.replace('stateMachine', 'execution')}:one")
    assert start('{"a": 1}') == (400, "ExecutionAlreadyExists")
    simulation.advance(60)
    assert start("{}") == (400, "ExecutionAlreadyExists")
    assert start("{}", "no spaces") == (400, "InvalidName")
    assert start("{}", "x" * 81) == (400, "InvalidName")
    assert start(json.dumps("x" * 300_000), "big") == (400, "InvalidExecutionInput")


def test_executions_are_listed_newest_first_in_pages_and_can_be_stopped(simulation: Simulation) -> None:
    states = {"Wait": {"Type": "Wait", "Seconds": 1000, "Next": "End"}, "End": {"Type": "Succeed"}}
    api = StatesApi({_ARN: state_machine(simulation, states, [None])})
    for number in range(5):
        api.state_machines[_ARN].start(str(number), "{}")
    stopped = {"executionArn": api.state_machines[_ARN].executions["3"].arn, "error": "Overtaken"}
    assert api.handle("StopExecution", json.dumps(stopped).encode())[0] == 200
    request: dict[str, Any] = {"stateMachineArn": _ARN, "statusFilter": "RUNNING", "maxResults": 3}
    page = json.loads(api.handle("ListExecutions", json.dumps(request).encode())[1])
    assert [it["name"] for it in page["executions"]] == ["4", "2", "1"]
    request["nextToken"] = page["nextToken"]
    page = json.loads(api.handle("ListExecutions", json.dumps(request).encode())[1])
    assert [it["name"] for it in page["executions"]] == ["0"]
    described = json.loads(api.handle("DescribeExecution", json.dumps(stopped).encode())[1])
    assert (described["status"], described["error"]) == ("ABORTED", "Overtaken")


def test_an_asynchronous_event_is_retried_after_a_minute_and_two_and_then_goes_to_the_destination(
    simulation: Simulation,
) -> None:
    times: list[float] = []
    lost: list[Any] = []

    def fail(_event: Any) -> None:
        times.append(simulation.now)
        raise ValueError("no")

    functions = Lambda(simulation)
    destination = Function("net", "arn:net", lost.append, {}, retries=0, age_seconds=60)
    function = Function("front", "arn:front", fail, {}, retries=2, age_seconds=3600, on_failure=destination)
    started = simulation.now
    functions.deliver(function, {"a": 1})
    simulation.advance(600)
    assert [time - started for time in times] == [0, 60, 180]
    [record] = lost
    assert record["requestPayload"] == {"a": 1}
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3


def test_a_crash_and_a_time_out_have_the_names_that_step_functions_reports(simulation: Simulation) -> None:
    answers: list[StateError] = []

    def crash(_event: Any) -> None:
        raise CrashError

    functions = Lambda(simulation)
    functions.invoke(Function("worker", "arn", crash, {}, 0, 60), {}, answers.append)
    functions.invoke(Function("worker", "arn", lambda _: simulation.sleep(61), {}, 0, 60), {}, answers.append)
    throttled = Function("worker", "arn", lambda _: None, {}, 0, 60, throttled_until=simulation.now + 10)
    functions.invoke(throttled, {}, answers.append)
    simulation.advance(120)
    assert [it.name for it in answers] == ["Lambda.TooManyRequestsException", "Lambda.Unknown", "Sandbox.Timedout"]


def test_processes_take_turns_and_sleep_in_virtual_time(simulation: Simulation) -> None:
    order: list[str] = []

    def two_steps(name: str) -> None:
        order.append(f"{name} begins")
        simulation.sleep(10)
        order.append(f"{name} ends")

    for name in ("a", "b"):
        simulation.spawn(partial(two_steps, name), lambda _: None)
    simulation.advance(10)
    assert order == ["a begins", "b begins", "a ends", "b ends"]
    with pytest.raises(StuckError):
        simulation.run_until(lambda: False)


def test_the_reply_bucket_takes_what_was_signed_and_fails_as_told() -> None:
    replies = ReplyServer()
    taken: list[bytes] = []
    replies.expect("key", lambda _, body: taken.append(body))
    address = f"http://{replies.address}/key?X-Amz-Date=20260131T120000Z"

    def put(url: str, content_type: str = "") -> int:
        request = urllib.request.Request(url, b"{}", {"Content-Type": content_type}, method="PUT")
        try:
            with urllib.request.urlopen(request) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return DROP

    assert put(address) == 200
    assert put(address, "application/json") == 403
    assert put(f"http://{replies.address}/key") == 403
    replies.faults += [500, DROP]
    assert [put(address), put(address), put(address)] == [500, DROP, 200]
    assert len(taken) == 2
    replies.close()
