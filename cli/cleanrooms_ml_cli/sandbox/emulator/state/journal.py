"""The journal: every request that the emulator received and what became of it."""

from __future__ import annotations

import copy
import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cleanrooms_ml_handlers.model import ServiceModel

from ..kinds import KIND_OF_OPERATION, Kind
from ..models import service_model

# A sandbox that polls for days must not grow without end.
_MAX_ENTRIES = 50_000


@dataclass(frozen=True)
class Entry:
    """One request.

    Args:
        number: Its number in the journal, from 1.
        time: When it arrived, by the emulator's clock.
        service: The service by its name in boto3.
        operation: Its operation; empty if no operation has its path.
        params: Its parameters with their types, sensitive ones too.
        status: HTTP status that the caller got; 0 if the connection was dropped.
        error: Error type that the caller got; empty without an error.
        message: Message of that error.
        arn: The resource that it concerned: its ARN, or its key if it has none.
        account: The account that it came from.
        region: The Region that it was for.
        caller: The role that signed it; cloudformation.amazonaws.com for what is no custom resource.
        took_effect: Whether the operation was carried out, whatever the caller got.
        fault: Kind of the fault that hit it.
        request_id: The reply's x-amzn-requestid.
        method: HTTP method.
        path: HTTP path.
    """

    number: int
    time: float
    service: str
    operation: str
    params: Mapping[str, Any]
    status: int
    error: str
    message: str
    arn: str
    account: str
    region: str
    caller: str
    took_effect: bool
    fault: str
    request_id: str
    method: str
    path: str

    def as_json(self, *, raw: bool = False) -> dict[str, Any]:
        """The entry for the control endpoint; sensitive values are replaced unless `raw`."""
        return {
            "number": self.number,
            "time": self.time,
            "service": self.service,
            "operation": self.operation,
            "params": self.params if raw else self._redacted_params(),
            "status": self.status,
            "error": self.error,
            "message": self.message,
            "arn": self.arn,
            "account": self.account,
            "region": self.region,
            "caller": self.caller,
            "tookEffect": self.took_effect,
            "fault": self.fault,
            "requestId": self.request_id,
            "method": self.method,
            "path": self.path,
        }

    def _redacted_params(self) -> Mapping[str, Any]:
        model = service_model(self.service)
        described = model.operations.get(self.operation)
        if described is not None and described.input is not None:
            redacted_params: Mapping[str, Any] = redacted(model, described.input, self.params)
            return redacted_params
        kind = KIND_OF_OPERATION.get(self.operation)
        return hidden_members(kind, self.params) if kind is not None else self.params


class Journal:
    """The entries, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_MAX_ENTRIES)
        self._count = 0
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> Entry:
        return self._entries[index]

    def add(self, **fields: Any) -> Entry:
        """Writes an entry; `params` is copied."""
        fields["params"] = copy.deepcopy(fields["params"])
        with self._lock:
            self._count += 1
            entry = Entry(number=self._count, **fields)
            self._entries.append(entry)
        return entry

    def select(self, operation: str | None = None, since: int = 0) -> list[Entry]:
        """The entries of an operation, or of all, after the entry with the number `since`."""
        return [entry for entry in self if entry.number > since and (operation is None or entry.operation == operation)]

    def numbers(self) -> dict[str, int]:
        """The numbers of the first entry that is kept and of the last one so far."""
        with self._lock:
            return {"first": self._count - len(self._entries) + 1, "last": self._count}

    def clear(self) -> None:
        """Forgets all entries; numbers go on, so that `since` stays meaningful."""
        with self._lock:
            self._entries.clear()


def redacted(model: ServiceModel, shape_name: str, value: Any, *, hidden: bool = False) -> Any:
    """A copy of a value in which what AWS marks as sensitive shows its length alone."""
    shape = model.shapes.get(shape_name, {})
    hidden = hidden or bool(shape.get("sensitive"))
    if isinstance(value, Mapping):
        if shape.get("type") == "map":
            return {key: redacted(model, shape["value"]["shape"], item, hidden=hidden) for key, item in value.items()}
        members = shape.get("members", {})
        return {
            name: redacted(model, members.get(name, {}).get("shape", ""), item, hidden=hidden)
            for name, item in value.items()
        }
    if isinstance(value, list):
        member = shape.get("member", {}).get("shape", "")
        return [redacted(model, member, item, hidden=hidden) for item in value]
    if not hidden:
        return value
    return _hidden(value)


def redacted_record(kind: Kind, members: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the members of a record without what AWS marks as sensitive."""
    model = service_model(kind.service)
    shape = kind.shown_shape(model)
    return hidden_members(kind, redacted(model, shape, members) if shape else members)


def hidden_members(kind: Kind, data: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of members of a kind whose operations our model lacks."""
    return {name: _hidden(value) if name in kind.sensitive else value for name, value in data.items()}


def _hidden(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"*** ({len(text)} characters)"
