"""Delivers to functions as Lambda delivers asynchronous events: queued, with retries and the on-failure destination.

MiniStack calls the function of a custom resource, of an event rule and of an on-failure destination once, directly.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .pinned import module

# An event of CloudFormation, and the record that an on-failure destination gets.
_QUEUED = ({"ResponseURL", "RequestType"}, {"requestContext", "requestPayload", "responseContext"})


def install() -> None:
    """Hook it into the imported MiniStack."""
    lambda_service = module("services.lambda_svc")
    lambda_service._execute_function_with_config_scope = _queued(
        lambda_service._execute_function_with_config_scope, lambda_service.invoke_async_with_retry
    )
    events = module("services.eventbridge")
    events._dispatch_to_lambda = _dispatch


def _queued(run_now: Callable[..., Any], run_later: Callable[..., Any]) -> Callable[..., Any]:
    def deliver(function: dict[str, Any], event: Any) -> Any:
        if isinstance(event, dict) and any(keys <= event.keys() for keys in _QUEUED):
            return run_later(function, event)
        return run_now(function, event)

    return deliver


def _dispatch(arn: str, payload: str) -> None:
    """What a rule does with an event for a function."""
    lambda_service = module("services.lambda_svc")
    try:
        event = json.loads(payload)
    except (ValueError, TypeError):
        event = {"body": payload}
    function, config, _ = lambda_service._get_func_record_for_ref(arn)
    if function and config:
        lambda_service.invoke_async_with_retry(lambda_service._execution_record_for_config(function, config), event)
