"""The state machine that runs a request from its first step to its answer."""

from __future__ import annotations

from typing import Any

from .timing import SETTLING_SECONDS

# A step whose function is throttled for longer than this many minutes is lost, and so is its rescue. Then Lambda
# tries for `WORKER_EVENT_AGE_SECONDS`, and the front answers: all within CloudFormation's hour.
_THROTTLED_MINUTES = 25
_RESCUE_THROTTLED_MINUTES = 10


def definition(worker_arn: str, partition: str = "aws") -> dict[str, Any]:
    """The definition in the Amazon States Language: act, done?, wait for the worker's seconds, act again.

    The execution's input is the CloudFormation event and nothing else; it never changes. What a step passes to the
    next one is ``progress``.

    Args:
        worker_arn: ARN of the worker function.
        partition: The AWS partition of the service integration.
    """
    payload = {
        "input.$": "$$.Execution.Input",
        "execution.$": "$$.Execution.Id",
        "progress.$": "$.progress",
        # How often a function was lost in this step: it may have made a call whose answer was lost.
        "retries.$": "$$.State.RetryCount",
    }
    invoke = {
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::lambda:invoke",
        "ResultSelector": {
            "done.$": "$.Payload.done",
            "wait.$": "$.Payload.wait",
            "progress.$": "$.Payload.progress",
        },
    }
    return {
        "StartAt": "Begin",
        "States": {
            "Begin": {"Type": "Pass", "Result": {}, "ResultPath": "$.progress", "Next": "Act"},
            "Act": {
                **invoke,
                "Retry": _retries(_THROTTLED_MINUTES),
                "Parameters": {"FunctionName": worker_arn, "Payload": payload},
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Rescue"}],
                "Next": "Done?",
            },
            "Done?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.done", "BooleanEquals": True, "Next": "Answered"}],
                "Default": "Wait",
            },
            "Wait": {"Type": "Wait", "SecondsPath": "$.wait", "Next": "Act"},
            "Rescue": {
                **invoke,
                "Retry": _retries(_RESCUE_THROTTLED_MINUTES),
                "Parameters": {
                    "FunctionName": worker_arn,
                    "Payload": {**payload, "error.$": "$.error"},
                },
                "Next": "Answered",
            },
            "Answered": {"Type": "Succeed"},
        },
    }


def _retries(throttled_minutes: int) -> list[dict[str, Any]]:
    return [
        {
            "ErrorEquals": ["Lambda.TooManyRequestsException"],
            "IntervalSeconds": 2,
            "BackoffRate": 2,
            "MaxDelaySeconds": 60,
            # The first five take another minute.
            "MaxAttempts": throttled_minutes + 4,
        },
        {
            "ErrorEquals": ["States.TaskFailed", "States.Timeout"],
            # What a lost step may have created must show before the next one looks for it.
            "IntervalSeconds": SETTLING_SECONDS,
            "BackoffRate": 1,
            "MaxAttempts": 4,
        },
    ]
