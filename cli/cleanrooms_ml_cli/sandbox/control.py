"""The control endpoint of the emulator, from the outside."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from .errors import Refused, SandboxError

# Only for what never answers: on a busy machine even a small request may take its time.
_TIMEOUT_SECONDS = 120.0
# A proxy that the user's environment names could not reach this machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(endpoint: str, method: str, path: str, body: Any = None, timeout: float = _TIMEOUT_SECONDS) -> Any:
    """One request with a JSON answer.

    Raises:
        SandboxError: Nothing answers there, or the answer is an error.
    """
    data = None if body is None else json.dumps(body).encode()
    # Always http:// and this machine.
    request = urllib.request.Request(  # noqa: S310
        endpoint + path, data, {"Content-Type": "application/json"}, method=method
    )
    try:
        with _opener.open(request, timeout=timeout) as response:
            text = response.read()
    except urllib.error.HTTPError as error:
        detail = _explanation(error.read().decode("utf-8", "replace"))
        if error.code == HTTPStatus.BAD_REQUEST:
            raise Refused(f"{method} {path}", detail) from None
        raise SandboxError(f"{method} {path} answered {error.code}: {detail}") from None
    except OSError as error:
        raise SandboxError(f"{endpoint} does not answer: {error}") from None
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        raise SandboxError(f"{method} {path} answered something that is not JSON; {endpoint} is no sandbox") from None


def _explanation(text: str) -> str:
    """The sentence in an answer with an error; the whole answer if there is none."""
    try:
        return str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        return text or "without an explanation; the sandbox's log has more"


class EmulatorControl:
    """The control requests of a test or a demo to the emulated service.

    Args:
        endpoint: Address of the sandbox.
        region: Where `seed` puts resources. Default: the sandbox's own Region.
    """

    def __init__(self, endpoint: str, region: str = "") -> None:
        self._endpoint = endpoint
        self._region = region

    def journal(
        self, operation: str | None = None, since: int | None = None, raw: bool = False
    ) -> list[dict[str, Any]]:
        """The requests that the service received, oldest first.

        Args:
            operation: Only this one.
            since: Only those after the entry of this number.
            raw: With the values that the service calls sensitive, such as SQL.
        """
        return cast("list[dict[str, Any]]", self._get("journal", operation=operation, since=since, raw=raw)["entries"])

    def clear_journal(self) -> None:
        """Forget the requests so far."""
        self._call("DELETE", "journal")

    def records(self, seeded: bool = True, raw: bool = False) -> list[dict[str, Any]]:
        """Everything that the service holds, INACTIVE records included.

        Args:
            seeded: With those that were put there.
            raw: With the values that the service calls sensitive.
        """
        return cast("list[dict[str, Any]]", self._get("records", seeded=seeded, raw=raw)["records"])

    def expire(self, arn: str) -> None:
        """Let the retention of a channel run out now."""
        self._call("POST", "records", {"arn": arn, "do": "expire"})

    def forget(self, arn: str) -> None:
        """Remove a record as if someone else had deleted it."""
        self._call("POST", "records", {"arn": arn, "do": "forget"})

    def seed(self, kind: str, **members: Any) -> dict[str, Any]:
        """Put a resource into the service that no construct creates.

        Returns:
            Its kind with its ``arn``, or with its ``identifier`` or ``name`` where it has none.
        """
        where = {"region": self._region} if self._region else {}
        seeded = self._call("POST", "seed", {"kind": kind, **where, **in_camel_case(members)})["seeded"]
        return cast("dict[str, Any]", seeded[0])

    def add_fault(self, operation: str, **fault: Any) -> None:
        """Make the next calls of an operation fail; see ``Fault`` of the emulator."""
        self._call("POST", "faults", {"operation": operation, **in_camel_case(fault)})

    def clear_faults(self) -> None:
        """Forget every fault that is still to come."""
        self._call("DELETE", "faults")

    def held(self, operation: str | None = None) -> list[dict[str, Any]]:
        """The calls that a fault of the kind ``hold`` holds, of an operation or all."""
        return cast("list[dict[str, Any]]", self._get("held", operation=operation)["held"])

    def release(self, operation: str | None = None) -> list[dict[str, Any]]:
        """Let the held calls of an operation, or all, go on; returns them."""
        body = {} if operation is None else {"operation": operation}
        return cast("list[dict[str, Any]]", self._call("POST", "release", body)["released"])

    def order_run(self, kind: str, **order: Any) -> None:
        """Say how the next runs or deletes of a kind end; see ``RunOrder`` of the emulator."""
        self._call("POST", "runs", {"kind": kind, **in_camel_case(order)})

    def durations(self) -> dict[str, Any]:
        """How long things take, in seconds."""
        return cast("dict[str, Any]", self._get("durations"))

    def set_durations(self, **durations: Any) -> None:
        """Change how long things take, in seconds; see ``Durations`` of the emulator."""
        self._call("POST", "durations", in_camel_case(durations))

    def set_options(self, **options: Any) -> None:
        """Change how it behaves; see ``Options`` of the emulator."""
        self._call("POST", "options", in_camel_case(options))

    def set_quotas(self, quotas: Mapping[str, float]) -> None:
        """Change quotas, by the names that the service gives them."""
        self._call("POST", "quotas", dict(quotas))

    def advance(self, seconds: float) -> None:
        """Let its clock run ahead."""
        self._call("POST", "advance", {"seconds": seconds})

    def reset(self) -> None:
        """Empty the emulated service alone."""
        self._call("POST", "reset")

    def _get(self, what: str, **query: Any) -> Any:
        given = {name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items()}
        text = urllib.parse.urlencode({name: value for name, value in given.items() if value is not None})
        return self._call("GET", f"{what}?{text}")

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        return call(self._endpoint, method, f"/_cleanroomsml/{path}", body)


def in_camel_case(members: Mapping[str, Any]) -> dict[str, Any]:
    """Python names as the control endpoint has them; names that are so already stay."""
    return {re.sub(r"_([a-z])", lambda found: found[1].upper(), name): value for name, value in members.items()}
