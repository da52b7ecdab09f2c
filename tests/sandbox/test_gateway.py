"""The gateway in front of MiniStack."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

from cleanrooms_ml_cli.sandbox.emulator import Emulator, Request
from cleanrooms_ml_cli.sandbox.launcher import gateway


def test_a_defect_in_the_check_of_policies_is_an_error_that_says_so() -> None:
    """MiniStack's own answer would be a bare 500."""

    def authorize(request: Request, headers: Mapping[str, str], query: Mapping[str, list[str]]) -> None:
        raise IndexError("list index out of range")

    async def answered() -> gateway.Answer:
        gateway._wire.set(gateway._Wire("/audience-model", ""))
        return await gateway.Service(Emulator(), authorize).handle_request("GET", "/audience-model", {}, b"", {})

    status, headers, body = asyncio.run(answered())

    assert (status, headers["x-amzn-errortype"]) == (400, "EmulatorDefect")
    message = json.loads(body)["message"]
    assert message.startswith("The sandbox failed in GET /audience-model: IndexError: list index out of range")
