"""Closes what MiniStack's custom resources lack against CloudFormation.

What MiniStack does by itself: Create, Update, the cleanup Delete of the old id after a successful
replacement (with the old properties), Update back of resources that were updated in place, Delete of
what an update created. What it lacks, and what is added here:

- reply addresses carry their signing time, as CloudFormation's presigned ones do;
- events are delivered as Lambda delivers asynchronous ones (``delivery``);
- an answer that CloudFormation would refuse (no id, too long) fails the resource;
- after a failed Create the resource is deleted, with the id of the FAILED answer or an invented one;
- a replacement that is rolled back is sent back first (old properties, new id) and then cleaned up;
  likewise when a failed Update answered with a new id;
- the Delete of an update's cleanup is tried three times;
- what a custom resource depends on stays when its Delete fails with the stack's;
- what does not change in an update of a nested stack keeps its attributes.
"""

from __future__ import annotations

import datetime
import json
import secrets
import string
import threading
from typing import Any

from . import delivery, rollback
from .pinned import module

_REPLY_MAX_BYTES = 4096
_TYPE = "AWS::CloudFormation::CustomResource"


def install(endpoint: str) -> None:
    """Hook all of it into the imported MiniStack."""
    custom_resource = module("services.cloudformation.custom_resource")
    replies = _Replies(endpoint, custom_resource)
    custom_resource._response_url = replies.address
    custom_resource.deliver_response = replies.deliver
    custom_resource.invoke_custom_resource = replies.invoke
    delivery.install()
    rollback.install()
    _keep_attributes_in_nested_stacks()


def _keep_attributes_in_nested_stacks() -> None:
    """Gives the update of a nested stack's resource its attributes, as that of another stack's has them.

    Without them, an unchanged resource has none after the update, and a reference to one fails.
    """
    provisioners = module("services.cloudformation.provisioners")
    stacks = module("services.cloudformation")._stacks
    update = provisioners._update_resource

    def keeping(
        resource_type: str,
        physical_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        stack_name: str,
        logical_id: str | None = None,
        attributes: dict[str, Any] | None = None,
    ) -> tuple[str, dict[str, Any]]:
        held = stacks.get(stack_name, {}).get("_resources", {}).get(logical_id, {}).get("Attributes", {})
        kept = held if attributes is None else attributes
        found: tuple[str, dict[str, Any]] = update(resource_type, physical_id, old, new, stack_name, logical_id, kept)
        return found

    # The update of a stack that is not nested has the function under a name of its own, and passes them.
    provisioners._update_resource = keeping


class _Replies:
    """The way of an event and its answer, with the answer kept where MiniStack forgets it."""

    def __init__(self, endpoint: str, custom_resource: Any) -> None:
        self._endpoint = endpoint
        self._invoke = custom_resource.invoke_custom_resource
        self._deliver = custom_resource.deliver_response
        self._current = threading.local()
        self._answers: dict[str, dict[str, Any]] = {}

    def address(self, token: str) -> str:
        """The reply address; the signing time is the part of CloudFormation's that handlers read."""
        self._current.token = token
        now = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
        return f"{self._endpoint}/_ministack/cfn-response/{token}?X-Amz-Date={now}&X-Amz-Expires=7200"

    def deliver(self, token: str, response: Any) -> bool:
        """Take an answer as CloudFormation does."""
        read = _as_read(response)
        self._answers[token] = read
        known: bool = self._deliver(token, read)
        if not known:
            self._answers.pop(token, None)
        return known

    def invoke(
        self,
        request_type: str,
        logical_id: str,
        props: dict[str, Any],
        stack_name: str,
        stack_id: str,
        resource_type: str,
        physical_id: str | None = None,
        old_props: dict[str, Any] | None = None,
    ) -> Any:
        """Send one event, and note what a failure leaves behind."""
        stack = module("services.cloudformation")._stacks.get(stack_name)
        if stack is not None and request_type == "Create":
            rollback.forget_failed_create(stack, logical_id)
        self._current.token = ""
        try:
            with delivery.by_cloudformation():
                return self._invoke(
                    request_type,
                    logical_id,
                    props,
                    stack_name,
                    stack_id,
                    resource_type or _TYPE,
                    physical_id=physical_id,
                    old_props=old_props,
                )
        except (RuntimeError, TimeoutError):
            answered = self._answers.get(self._current.token, {}).get("PhysicalResourceId")
            if stack is not None and request_type == "Create":
                physical = answered or _invented_id(stack_name, logical_id)
                rollback.note_failed_create(stack, logical_id, resource_type, physical, props)
            elif stack is not None and request_type == "Update" and answered and answered != physical_id:
                rollback.note_failed_replacement(stack, logical_id, answered)
            raise
        finally:
            self._answers.pop(self._current.token, None)


def _as_read(response: Any) -> dict[str, Any]:
    """The answer as CloudFormation understands it."""
    if not isinstance(response, dict):
        return {"Status": "FAILED", "Reason": "Invalid response object"}
    text = json.dumps(response, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > _REPLY_MAX_BYTES:
        return {**response, "Status": "FAILED", "Reason": "Response object is too long.", "Data": {}}
    if response.get("Status") not in ("SUCCESS", "FAILED"):
        return {**response, "Status": "FAILED", "Reason": f"Invalid Status {response.get('Status')!r}"}
    if response["Status"] == "SUCCESS" and not response.get("PhysicalResourceId"):
        return {**response, "Status": "FAILED", "Reason": "Invalid PhysicalResourceId"}
    return response


def _invented_id(stack_name: str, logical_id: str) -> str:
    """An id as CloudFormation invents one for a create that never answered with one."""
    tail = "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(12))
    return f"{stack_name}-{logical_id}-{tail}"
