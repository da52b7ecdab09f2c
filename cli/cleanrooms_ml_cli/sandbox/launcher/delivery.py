"""Delivers to functions as Lambda delivers asynchronous events: queued, with retries and the on-failure destination.

MiniStack calls the function of a custom resource, of an event rule and of an on-failure destination once, directly.
A caller that invokes a function synchronously, as the CDK's provider framework does with events of CloudFormation,
still gets its answer.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from .pinned import module

_caller = threading.local()


def install() -> None:
    """Hook it into the imported MiniStack."""
    lambda_service = module("services.lambda_svc")
    lambda_service._execute_function_with_config_scope = _queued(
        lambda_service._execute_function_with_config_scope, lambda_service.invoke_async_with_retry
    )
    lambda_service._route_async_failure = _routed(lambda_service._route_async_failure)
    module("services.eventbridge")._dispatch_to_lambda = _dispatch


@contextlib.contextmanager
def by_cloudformation() -> Iterator[None]:
    """What this thread sends to functions meanwhile are events of CloudFormation."""
    _caller.is_cloudformation = True
    try:
        yield
    finally:
        _caller.is_cloudformation = False


def _queued(run_now: Callable[..., Any], run_later: Callable[..., Any]) -> Callable[..., Any]:
    def deliver(function: dict[str, Any], event: Any) -> Any:
        if getattr(_caller, "is_cloudformation", False):
            return run_later(function, event)
        return run_now(function, event)

    return deliver


def _routed(route: Callable[..., None]) -> Callable[..., None]:
    def route_failure(target: str, name: str, event: Any, result: dict[str, Any]) -> None:
        if target.split(":")[2:3] == ["lambda"]:
            _send(target, _failure(name, event, result))
        else:
            route(target, name, event, result)

    return route_failure


def _failure(name: str, event: Any, result: dict[str, Any]) -> dict[str, Any]:
    """The record that an on-failure destination gets."""
    function = module("services.lambda_svc")._functions.get(name, {}).get("config", {}).get("FunctionArn", "")
    return {
        "version": "1.0",
        "timestamp": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": f"{function}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": event,
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": result.get("function_error") or "Unhandled",
        },
        "responsePayload": result["body"] if isinstance(result.get("body"), dict) else {},
    }


def _dispatch(arn: str, payload: str) -> None:
    """What a rule does with an event for a function."""
    try:
        event = json.loads(payload)
    except (ValueError, TypeError):
        event = {"body": payload}
    _send(arn, event)


def _send(arn: str, event: Any) -> None:
    lambda_service = module("services.lambda_svc")
    function, config, _ = lambda_service._get_func_record_for_ref(arn)
    if function and config:
        lambda_service.invoke_async_with_retry(lambda_service._execution_record_for_config(function, config), event)
