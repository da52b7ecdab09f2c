"""A cloud assembly as the CDK writes it: its stacks, with what is known of their values without deploying them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import Prerequisite

_ENVIRONMENT = re.compile(r"aws://([^/]+)/(.+)")
_UNKNOWN = ("unknown-account", "unknown-region")
_MAX_DEPTH = 10


@dataclass(frozen=True)
class Stack:
    """One stack.

    Args:
        account: Whose it is; empty if that is open until it is deployed.
        region: Where it is; empty likewise.
        resources: Its resources by logical id, as in the template.
        name: Its artifact in the assembly.
    """

    account: str
    region: str
    resources: Mapping[str, Any]
    name: str = ""


def stacks(folder: Path, depth: int = 0) -> Iterator[Stack]:
    """The stacks of an assembly and of those within it.

    Raises:
        Prerequisite: The folder holds no cloud assembly.
    """
    artifacts = _json(folder / "manifest.json").get("artifacts", {})
    for name, artifact in artifacts.items():
        properties = artifact.get("properties", {})
        if artifact.get("type") == "aws:cloudformation:stack":
            found = _ENVIRONMENT.fullmatch(artifact.get("environment", ""))
            account, region = ("" if part in _UNKNOWN else part for part in (found.groups() if found else _UNKNOWN))
            template = _json(folder / properties["templateFile"])
            yield Stack(account, region, template.get("Resources") or {}, name)
        elif artifact.get("type") == "cdk:cloud-assembly" and depth < _MAX_DEPTH:
            yield from stacks(folder / properties["directoryName"], depth + 1)


def resolved(value: Any, pseudo: Mapping[str, str]) -> Any:
    """A value of a template with the pseudo parameters put in; what only a deployment knows stays as it is."""
    if isinstance(value, list):
        return [resolved(item, pseudo) for item in value]
    if not isinstance(value, Mapping):
        return value
    if value.keys() == {"Ref"} and value["Ref"] in pseudo:
        return pseudo[value["Ref"]]
    inner = {name: resolved(item, pseudo) for name, item in value.items()}
    if inner.keys() == {"Fn::Join"}:
        separator, parts = inner["Fn::Join"]
        if isinstance(parts, list) and all(isinstance(part, str) for part in parts):
            return separator.join(parts)
    if inner.keys() == {"Fn::Sub"} and isinstance(inner["Fn::Sub"], str):
        text = inner["Fn::Sub"]
        for name, known in pseudo.items():
            text = text.replace(f"${{{name}}}", known)
        return inner if "${" in text else text
    return inner


def _json(path: Path) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise Prerequisite(f"{path} cannot be read: {problem}; is its folder a cloud assembly of the CDK?") from None
    return value
