from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_handlers.errors import Refused
from cleanrooms_ml_handlers.reply_address import may_answer
from cleanrooms_ml_handlers.request import execution_name, parse

STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/6f5b1a2c-0000-11ef-8000-0e0000000001"
ENVIRONMENT = {"STACK_ID": STACK}
ADDRESS = (
    "https://cloudformation-custom-resource-response-useast1.s3.us-east-1.amazonaws.com/arn%3Aaws?"
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261121T120000Z&X-Amz-Signature=abc"
)


def event(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "RequestType": "Create",
        "StackId": STACK,
        "RequestId": "1",
        "ResponseURL": ADDRESS,
        "ResourceType": "Custom::CleanRoomsML-MLInputChannel",
        "LogicalResourceId": "Channel4F1A2B3C",
        "ResourceProperties": {"ServiceToken": "arn"},
    }
    return {**base, **changes}


def name(changed: dict[str, Any]) -> str:
    return execution_name(parse(changed, ENVIRONMENT))


def test_the_same_event_has_the_same_execution_and_another_signing_time_another() -> None:
    later = event(ResponseURL=ADDRESS.replace("T120000Z", "T120001Z"))
    assert name(event()) == name(dict(reversed(event().items())))
    assert name(event()) != name(later)
    # One logical id's executions are found by what their names begin with, in the order of their times.
    assert name(event())[:17] == name(later)[:17]
    assert name(event()) < name(later)
    assert len(name(event())) <= 80


def test_deadlines_count_from_the_signing_time() -> None:
    request = parse(event(), ENVIRONMENT)
    assert request.deadline - request.signed_at == 3300
    short = parse(event(ResourceProperties={"Settings": {"TimeoutSeconds": "60"}}), ENVIRONMENT)
    assert short.deadline - short.signed_at == 60


@pytest.mark.parametrize(
    "changes",
    [
        {"StackId": STACK.replace("shop", "other")},
        {"ResponseURL": ADDRESS.replace("amazonaws.com", "amazonaws.com.example.org")},
        {"ResponseURL": ADDRESS.replace("https://", "http://")},
        {"ResponseURL": "https://evil.example/?X-Amz-Date=20261121T120000Z"},
        {"ResponseURL": "https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/x"},
        {"RequestType": "Drop"},
        {"LogicalResourceId": None, "ResponseURL": None},
    ],
)
def test_x9_a_forged_event_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        parse(event(**changes), ENVIRONMENT)


def test_the_sandbox_host_counts_only_if_the_process_says_so() -> None:
    address = "http://127.0.0.1:4566/reply"
    assert not may_answer(address, STACK, {})
    assert may_answer(address, STACK, {"CLEANROOMS_ML_REPLY_HOST": "127.0.0.1:4566"})
