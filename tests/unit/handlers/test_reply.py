from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from cleanrooms_ml_handlers.reply import LIMIT_BYTES, Answer, render
from cleanrooms_ml_handlers.request import Request

REQUEST = Request(
    kind="Create",
    stack_id="arn:aws:cloudformation:us-east-1:123456789012:stack/s/guid",
    logical_id="Channel",
    physical_id="",
    resource_type="Custom::CleanRoomsML-MLInputChannel",
    reply_address="https://example.invalid/",
    request_id="r",
    properties={},
    old_properties={},
    signed_at=0.0,
    text="{}",
)


def test_success_carries_the_attributes() -> None:
    body = json.loads(render(REQUEST, Answer("arn", {"Arn": "arn", "NumberOfRecords": 7})))
    assert body["Status"] == "SUCCESS"
    assert body["Data"] == {"Arn": "arn", "NumberOfRecords": 7}
    assert "Reason" not in body


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=50).map(lambda text: text * 200))
def test_x2_any_reason_fits_and_keeps_its_beginning(reason: str) -> None:
    body = render(REQUEST, Answer("arn", reason=reason))
    assert len(body) <= LIMIT_BYTES
    kept = json.loads(body)["Reason"]
    assert kept == reason or (kept.endswith("…") and reason.startswith(kept[:-1]))
    if kept != reason:
        # Not cut by much more than the limit asks for.
        assert len(body) > LIMIT_BYTES - 20


def test_attributes_that_do_not_fit_become_a_failure_that_says_so() -> None:
    body = json.loads(render(REQUEST, Answer("arn", {"Name": "x" * 5000})))
    assert body["Status"] == "FAILED"
    assert body["Reason"].endswith(f"allowed are {LIMIT_BYTES}")
