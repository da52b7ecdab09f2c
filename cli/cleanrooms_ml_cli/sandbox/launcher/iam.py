"""MiniStack's IAM for the emulator: what a caller may do, and whether a role can be assumed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from ..emulator import Emulator, Request
from .gateway import Authorize
from .partitions import in_aws
from .pinned import module
from .unsupported import Answer


def install() -> None:
    """Lets policies have a condition on the source of events, which MiniStack's own context lacks."""
    actions = module("core.iam_actions")
    actions.request_tag_context = _with_event_sources(actions.request_tag_context)


def _with_event_sources(context_of: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def request_tag_context(service: str, iam_action: str, body: bytes, params: Any) -> dict[str, Any]:
        context = context_of(service, iam_action, body, params)
        if iam_action != "events:PutEvents":
            return context
        sources = _sources_of(body)
        return {**context, "events:source": sources[0] if len(sources) == 1 else sources}

    return request_tag_context


def _sources_of(body: bytes) -> list[str]:
    """The sources of the events of a request; a malformed request has none."""
    try:
        entries = json.loads(body)["Entries"]
        return sorted({str(entry["Source"]) for entry in entries})
    except (ValueError, KeyError, TypeError):
        return []


def role_problem(role_arn: str, principal: str) -> str | None:
    """Why a service cannot assume a role, or None when it can."""
    role_arn = in_aws(role_arn)  # MiniStack has roles of that partition alone
    parts = role_arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "iam" or not parts[5].startswith("role/"):
        return "that is not the ARN of a role"
    role = module("services.iam")._roles.get(parts[5].rsplit("/", 1)[-1])
    if role is None or role["Arn"] != role_arn:
        return "it does not exist"
    if not _trusts(role["AssumeRolePolicyDocument"], principal):
        return "its trust policy does not allow that"
    return None


def authorizer(emulator: Emulator) -> Authorize:
    """The check of a call against the policies of its caller (``AUTH=true``).

    MiniStack knows neither the actions nor the resources of a service that was plugged in, so it has
    checked only the signature so far.
    """
    evaluator = module("core.iam_evaluator")
    router = module("core.router")

    def authorize(request: Request, headers: Mapping[str, str], query: Mapping[str, list[str]]) -> Answer | None:
        access_key = router.extract_access_key_id(headers, query)
        region = router.extract_region(headers, query)
        for action, resource, context in emulator.authorization(request):
            # The service decides whose resource policies count: a key's, for one.
            service = action.partition(":")[0]
            denied = evaluator.enforce(
                access_key, action, service, region, resource_arn=resource, service_context=context
            )
            if denied is None:
                continue
            if isinstance(denied, evaluator.AuthError):
                return _refusal(denied.code, denied.message)
            because = (
                "with an explicit deny in an identity-based policy"
                if denied.decision == "Deny"
                else f"because no identity-based policy allows the {action} action"
            )
            return _refusal(
                "AccessDeniedException",
                f"User: {denied.principal_arn} is not authorized to perform: {action} "
                f"on resource: {resource} {because}",
            )
        return None

    return authorize


def _refusal(code: str, message: str) -> Answer:
    headers = {
        "content-type": "application/json",
        "x-amzn-errortype": code,
        "x-amzn-requestid": str(uuid.uuid4()),
    }
    return 403, headers, json.dumps({"message": message}).encode()


def _trusts(document: str | dict[str, Any], principal: str) -> bool:
    """Whether a trust policy names the service; its conditions are not evaluated."""
    policy = json.loads(document) if isinstance(document, str) else document
    return any(
        statement.get("Effect") == "Allow"
        and "sts:AssumeRole" in _list(statement.get("Action"))
        and isinstance(statement.get("Principal"), dict)
        and principal in _list(statement["Principal"].get("Service"))
        for statement in _list(policy.get("Statement"))
    )


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
