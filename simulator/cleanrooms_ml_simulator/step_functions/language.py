"""The parts of the Amazon States Language that say how data moves: paths, templates, matching of errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# These end an execution; States.ALL does not catch them.
TERMINAL_ERRORS = frozenset({"States.Runtime", "States.DataLimitExceeded"})
DATA_LIMIT_BYTES = 262_144


class StateError(Exception):
    """A state failed with an error name and a cause, as Step Functions reports it."""

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(f"{name}: {cause}")
        self.name = name
        self.cause = cause


def read_path(path: str, data: Any, context: Mapping[str, Any]) -> Any:
    """The value at "$.a.b", or at "$$.Execution.Id" in the context object.

    It is part of the data, no copy: nothing here changes what it was given.

    Raises:
        StateError: There is no such value.
    """
    start, names = (context, path[2:]) if path.startswith("$$") else (data, path[1:])
    value = start
    for name in [part for part in names.split(".") if part]:
        if not isinstance(value, Mapping) or name not in value:
            raise StateError("States.ParameterPathFailure", f"the path {path} finds nothing in {json.dumps(data)}")
        value = value[name]
    return value


def write_path(path: str | None, data: Any, value: Any) -> Any:
    """A state's input and its result, combined by ResultPath.

    Raises:
        StateError: The path leads into what has no fields.
    """
    if path is None:
        return data
    if path == "$":
        return value
    result = target = _fields(path, data)
    *names, last = path.removeprefix("$.").split(".")
    for name in names:
        target[name] = _fields(path, target.get(name, {}))
        target = target[name]
    target[last] = value
    return result


def _fields(path: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise StateError("States.ResultPathMatchFailure", f"the path {path} leads into {json.dumps(value)}")
    return dict(value)


def fill(template: Any, data: Any, context: Mapping[str, Any]) -> Any:
    """A payload template with its paths replaced by what they find."""
    if isinstance(template, Mapping):
        return {
            key.removesuffix(".$"): read_path(value, data, context)
            if key.endswith(".$")
            else fill(value, data, context)
            for key, value in template.items()
        }
    if isinstance(template, list):
        return [fill(item, data, context) for item in template]
    return template


def matches(names: list[str], error: StateError) -> bool:
    """Whether a retrier or catcher for these names takes an error."""
    if error.name in TERMINAL_ERRORS:
        return error.name in names
    if error.name in names or "States.ALL" in names:
        return True
    return "States.TaskFailed" in names and error.name != "States.Timeout"


def delay_seconds(retrier: Mapping[str, Any], attempts: int) -> float:
    """How long a retrier waits before its next attempt, after so many."""
    delay: float = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** attempts
    longest: float = retrier.get("MaxDelaySeconds", delay)
    return min(delay, longest)


def through_json(value: Any) -> Any:
    """A value as it is after its way from one service to another.

    Raises:
        StateError: It is larger than Step Functions takes.
    """
    text = json.dumps(value)
    if len(text.encode("utf-8")) > DATA_LIMIT_BYTES:
        raise StateError("States.DataLimitExceeded", f"{len(text)} characters; allowed are {DATA_LIMIT_BYTES} bytes")
    return json.loads(text)
