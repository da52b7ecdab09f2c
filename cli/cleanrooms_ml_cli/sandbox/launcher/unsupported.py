"""The answer to a call of a service that the sandbox does not have, in a form that SDKs read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from .pinned import module

CODE = "UnsupportedServiceException"
# Not one that SDKs try again.
_NOT_IMPLEMENTED = 501
_SIGNED_FOR = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/")
_FORM = "application/x-www-form-urlencoded"

Answer = tuple[int, dict[str, str], bytes]


def unsupported(scope: Mapping[str, Any]) -> Answer | None:
    """The refusal of a request that is signed for a service that nothing here answers; None for every other one.

    Args:
        scope: Of the ASGI connection.
    """
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    signed_for = _SIGNED_FOR.search(headers.get("authorization", ""))
    if signed_for is None:
        return None
    router, name = module("core.router"), signed_for[1]
    if name in router.SERVICE_PATTERNS:
        return None
    query = parse_qs(scope["query_string"].decode("ascii"), keep_blank_values=True)
    if router.detect_service(scope["method"], scope["path"], headers, query) in module("app").SERVICE_HANDLERS:
        return None
    message = f"{name} is a service that the sandbox does not have; for those that it has: curl {_listed(headers)}"
    if headers.get("content-type", "").startswith(_FORM):
        error = f"<Error><Type>Sender</Type><Code>{CODE}</Code><Message>{escape(message)}</Message></Error>"
        return _NOT_IMPLEMENTED, {"content-type": "text/xml"}, f"<ErrorResponse>{error}</ErrorResponse>".encode()
    body = json.dumps({"__type": CODE, "message": message}).encode()
    return _NOT_IMPLEMENTED, {"content-type": "application/json", "x-amzn-errortype": CODE}, body


def _listed(headers: Mapping[str, str]) -> str:
    return f"http://{headers.get('host', '')}/_ministack/health"
