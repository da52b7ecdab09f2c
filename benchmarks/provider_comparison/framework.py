"""A model of the framework of ``custom_resources.Provider`` (aws-cdk-lib 2.275.0) for the simulator.

Three functions of the framework and a waiter state machine around the user's two functions, as its README and its
published behavior describe them: the framework calls the user's functions synchronously and answers FAILED at once if
they fail; a Create that fails before it returns an id gets a marker as its id, and the Delete of a marker is answered
without calling the user's functions; ``isComplete`` is repeated every 5 seconds by throwing, until the time is up, and
then the answer is "Operation timed out"; the waiter's execution is named after the request. Lambda delivers
asynchronous events up to three times, and there is no destination for events that finally fail.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from cleanrooms_ml_simulator.functions import Function, Lambda
from cleanrooms_ml_simulator.simulation import Simulation
from cleanrooms_ml_simulator.step_functions.api import StatesApi
from cleanrooms_ml_simulator.step_functions.language import StateError
from cleanrooms_ml_simulator.step_functions.states import StateMachine

MARKER = "AWSCDK::CustomResourceProviderFramework::CREATE_FAILED"
QUERY_SECONDS = 5
# The README allows an hour at most; less leaves time for the answer.
TOTAL_SECONDS = 55 * 60
# The framework's own functions may take 15 minutes, as long as the user's.
_FRAMEWORK_TIMEOUT_SECONDS = 900
_USER_TIMEOUT_SECONDS = 60
_RETRIES, _AGE_SECONDS = 2, 21_600
_ACCOUNT = "arn:aws:{service}:us-east-1:000000000000"

Event = dict[str, Any]
Handler = Callable[[Event], Event]


class Retry(Exception):
    """Not complete yet."""


class Framework:
    """The provider of one stack.

    Args:
        simulation: The clock.
        functions: Lambda.
        states: Step Functions.
        on_event: The user's handler.
        is_complete: The user's other handler.

    Attributes:
        entry: The service token.
        users: The user's functions.
        state_machine: The waiter.
    """

    def __init__(
        self, simulation: Simulation, functions: Lambda, states: StatesApi, on_event: Handler, is_complete: Handler
    ) -> None:
        self._simulation = simulation
        self._functions = functions
        self._states = states
        self.users = {
            "onEvent": self._function("user-on-event", on_event, _USER_TIMEOUT_SECONDS),
            "isComplete": self._function("user-is-complete", is_complete, _USER_TIMEOUT_SECONDS),
        }
        self.entry = self._function("framework-onEvent", self._on_event)
        own = [self._function("framework-isComplete", self._is_complete)]
        own.append(self._function("framework-onTimeout", self._on_timeout))
        arn = f"{_ACCOUNT.format(service='states')}:stateMachine:waiter"
        by_arn = {function.arn: function for function in own}
        self.state_machine = StateMachine(
            arn,
            _waiter(own[0].arn, own[1].arn),
            simulation,
            lambda name, payload, done: functions.invoke(by_arn[name], payload, done),
            lambda _: None,
        )
        states.state_machines[arn] = self.state_machine

    def _function(self, name: str, run: Handler, timeout: float = _FRAMEWORK_TIMEOUT_SECONDS) -> Function:
        arn = f"{_ACCOUNT.format(service='lambda')}:function:{name}"
        return Function(name, arn, run, {}, _RETRIES, _AGE_SECONDS, timeout)

    # -- the framework's functions -----------------------------------------------------------------------------------

    def _on_event(self, event: Event) -> Event:
        if event["RequestType"] == "Delete" and event["PhysicalResourceId"] == MARKER:
            self._answer("SUCCESS", event)
            return {}
        return self._safely(event, self._begin)

    def _begin(self, event: Event) -> None:
        result = self._call("onEvent", event) or {}
        its_id = result.get("PhysicalResourceId") or event.get("PhysicalResourceId") or event["RequestId"]
        if event["RequestType"] == "Delete" and its_id != event["PhysicalResourceId"]:
            raise RuntimeError(f'DELETE: cannot change the physical resource ID from "{event["PhysicalResourceId"]}"')
        waiting = {**event, **result, "PhysicalResourceId": its_id}
        body = {"stateMachineArn": self.state_machine.arn, "name": event["RequestId"], "input": json.dumps(waiting)}
        status, answer = self._states.handle("StartExecution", json.dumps(body).encode())
        if status != 200:
            raise RuntimeError(json.loads(answer)["message"])

    def _is_complete(self, event: Event) -> Event:
        return self._safely(event, self._look)

    def _look(self, event: Event) -> None:
        result = self._call("isComplete", event)
        if not result.get("IsComplete"):
            raise Retry(json.dumps(event))
        self._answer("SUCCESS", {**event, "Data": {**event.get("Data", {}), **result.get("Data", {})}})

    def _on_timeout(self, event: Event) -> Event:
        request = json.loads(json.loads(event["Cause"])["errorMessage"])
        self._answer("FAILED", request, "Operation timed out")
        return {}

    def _safely(self, event: Event, act: Callable[[Event], None]) -> Event:
        try:
            act(event)
        except Retry:
            raise
        except Exception as error:
            if event["RequestType"] == "Create" and not event.get("PhysicalResourceId"):
                event = {**event, "PhysicalResourceId": MARKER}
            self._answer("FAILED", event, str(error))
        return {}

    def _call(self, name: str, event: Event) -> Event:
        """Call a function of the user's and wait for it."""
        answers: list[Any] = []
        self._functions.invoke(self.users[name], event, answers.append)
        while not answers:
            self._simulation.sleep(0.05)
        (answer,) = answers
        if isinstance(answer, StateError):
            raise RuntimeError(json.loads(answer.cause)["errorMessage"])
        found: Event = answer
        return found

    def _answer(self, status: str, event: Mapping[str, Any], reason: str = "") -> None:
        body = {
            "Status": status,
            "Reason": reason or status,
            "StackId": event["StackId"],
            "RequestId": event["RequestId"],
            "PhysicalResourceId": event.get("PhysicalResourceId") or MARKER,
            "LogicalResourceId": event["LogicalResourceId"],
            "Data": event.get("Data") or {},
        }
        # The simulator's own address.
        request = urllib.request.Request(  # noqa: S310
            event["ResponseURL"], json.dumps(body).encode(), {"Content-Type": ""}
        )
        request.method = "PUT"
        for attempt in range(5):
            try:
                with urllib.request.urlopen(request):  # noqa: S310
                    return
            except (urllib.error.URLError, ConnectionError):
                self._simulation.sleep(2**attempt)
        raise RuntimeError("the answer was not taken")


def _waiter(is_complete: str, on_timeout: str) -> dict[str, Any]:
    def invoke(arn: str) -> dict[str, Any]:
        parameters = {"FunctionName": arn, "Payload.$": "$"}
        return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": parameters, "End": True}

    again = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": QUERY_SECONDS, "BackoffRate": 1}
    look = {
        **invoke(is_complete),
        "Retry": [{**again, "MaxAttempts": TOTAL_SECONDS // QUERY_SECONDS}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "onTimeout"}],
    }
    return {"StartAt": "isComplete", "States": {"isComplete": look, "onTimeout": invoke(on_timeout)}}
