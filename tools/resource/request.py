"""Checks what a person asks the scaffold for: each message says what to write, or where to add what is missing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

import botocore

from cleanrooms_ml_handlers.model import ServiceModel

from ..model.reduce_model import BESIDE_THE_SPECS, installed, reduced

_KIND = re.compile("[A-Z][A-Za-z0-9]*")
# How much alike two operations are of which one is probably a slip of the other: verb and a few letters are not enough.
_CLOSE = 0.8
# How the operations of each purpose begin, without those of Clean Rooms ML that start a run.
_VERBS: Mapping[str, str] = {
    "get": "Get",
    "list": "List",
    "update": "Update",
    "delete": "Delete",
    "cancel": "Cancel",
}


def whole_model(service: str) -> ServiceModel:
    """The model of a service with all of its operations."""
    return ServiceModel(reduced(installed(service)[1], None))


def check_service(service: str) -> None:
    """Refuses a service of which the library stores no model.

    Raises:
        SystemExit: It is none of those.
    """
    if service in BESIDE_THE_SPECS:
        return
    known = {_letters(each): each for each in BESIDE_THE_SPECS}
    if meant := known.get(_letters(service)):
        raise SystemExit(f"service {service}: the service's name in boto3 is {meant}: write --service {meant}")
    raise SystemExit(
        f"service {service}: the library stores no model of it; it knows {', '.join(BESIDE_THE_SPECS)}. A new "
        "service is added to BESIDE_THE_SPECS in tools/model/reduce_model.py, to REFERENCES in "
        "custom_resources/cleanrooms_ml_handlers/permissions.py and to SERVICES in "
        "cli/cleanrooms_ml_cli/sandbox/emulator/calls.py; then run `make model`"
    )


def check_operations(model: ServiceModel, service: str, operations: Mapping[str, str]) -> None:
    """Refuses operations that the service does not have, or that have another purpose.

    Args:
        model: The whole model of the service.
        service: The service.
        operations: API operations by their purpose.

    Raises:
        SystemExit: There is one of these.
    """
    unknown = [name for name in operations.values() if name not in model.operations]
    for other in BESIDE_THE_SPECS:
        if unknown and other != service and set(operations.values()) <= whole_model(other).operations.keys():
            raise SystemExit(f"{service} has no operation {unknown[0]}, but {other} has: write --service {other}")
    if unknown:
        near = [difflib.get_close_matches(name, model.operations, 1, _CLOSE) for name in unknown]
        named = [f"{name} (did you mean {it[0]}?)" if it else name for name, it in zip(unknown, near, strict=True)]
        raise SystemExit(
            f"{service} has no operation {'; '.join(named)}. If AWS added it after botocore "
            f"{botocore.__version__}, raise the pin in requirements-sandbox.txt and run `make model`"
        )
    for purpose, name in operations.items():
        meant = next((each for each, verb in _VERBS.items() if name.startswith(verb)), "create")
        if meant != purpose:
            raise SystemExit(f"--{purpose} {name}: write --{meant} {name}, by what the operation does")


def check_kind(kind: str, operations: Mapping[str, str]) -> None:
    """Refuses what is not the API's name of the resource.

    Args:
        kind: The name.
        operations: API operations by their purpose, which exist.

    Raises:
        SystemExit: It is not; the message has the name of the create operation's resource.
    """
    create = operations["create"]
    written = (_letters(kind), _letters(kind).removesuffix("s"))
    names = [name for name in re.findall("(?=([A-Z].*))", create) if _letters(name) in written]
    if not _KIND.fullmatch(kind) or (names and kind not in names):
        meant = names[0] if names else re.sub("^[A-Z][a-z]+", "", create)
        raise SystemExit(f"{kind}: write the API's name of the resource, as in {create}: {meant}")


def _letters(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())
