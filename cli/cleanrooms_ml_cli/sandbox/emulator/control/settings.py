"""The settings of the emulator as the control endpoint shows and changes them: durations, options and quotas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..fields import BadInputError, Field, read
from ..kinds import KINDS
from ..rules.quotas import QUOTAS
from ..state.lifecycle import Durations
from .member_names import to_json, to_python

if TYPE_CHECKING:
    from ..emulator import Emulator

_DURATION_FIELDS = {
    "create": Field("map of numbers", least=0),
    "delete": Field("map of numbers", least=0),
    "cancel": Field("map of numbers", least=0),
    "pendingShare": Field("number", least=0, most=1),
    "retentionDaySeconds": Field("number", least=0),
}
_OPTION_FIELDS = {
    "throttle": Field("flag"),
    "pageSize": Field("whole", least=1),
    "uniqueNames": Field("list of texts"),
    "tagInactive": Field("text", ("conflict", "ok")),
    "inactiveFigures": Field("flag"),
    "newVersion": Field("text", ("same name", "always")),
    "latestVersion": Field("text", ("usable", "any")),
    "inactiveFreesName": Field("flag"),
    "unlistedSparkKeys": Field("text", ("accepted", "refused")),
    "busyDelete": Field("text", ("conflict", "validation")),
    "deletingHolds": Field("flag"),
    "accessBudget": Field("whole", least=0),
    "undeclaredNotFound": Field("text", ("not found", "access denied")),
}


def durations(emulator: Emulator, query: Mapping[str, str], body: Any) -> Any:
    """The durations."""
    return to_json(emulator.durations)


def change_durations(emulator: Emulator, query: Mapping[str, str], body: Any) -> Any:
    """Changes durations; what is left out stays."""
    emulator.durations = changed_durations(emulator.durations, body)
    return durations(emulator, query, body)


def changed_durations(known: Durations, given: Any, where: str = "body") -> Durations:
    """Durations with some changed.

    Args:
        known: The ones to change.
        given: Members of `Durations` in camelCase.
        where: What the object is called in messages.

    Raises:
        BadInputError: A member is not known or not as it should be; the message names every problem of it.
    """
    given = read(_DURATION_FIELDS, given, where)
    for phase in ("create", "delete", "cancel"):
        keys = tuple(getattr(known, phase))
        read({key: Field("number") for key in keys}, given.get(phase, {}), f"{where}.{phase}")
    return known.changed(**to_python(given))


def options(emulator: Emulator, query: Mapping[str, str], body: Any) -> Any:
    """The options."""
    found = to_json(emulator.options)
    return {**found, "uniqueNames": sorted(found["uniqueNames"])}


def change_options(emulator: Emulator, query: Mapping[str, str], body: Any) -> Any:
    """Changes options; what is left out stays."""
    given = to_python(read(_OPTION_FIELDS, body))
    if "unique_names" in given:
        if unknown := set(given["unique_names"]) - KINDS.keys():
            raise BadInputError(f"body.uniqueNames has {', '.join(sorted(unknown))}; allowed are {', '.join(KINDS)}")
        given["unique_names"] = frozenset(given["unique_names"])
    emulator.options = replace(emulator.options, **given)
    return options(emulator, query, body)


def quotas(emulator: Emulator, query: Mapping[str, str], body: Any) -> Any:
    """The quotas."""
    return {"quotas": {quota.name: quota.value for quota in QUOTAS} | dict(emulator.options.quotas)}


def change_quotas(emulator: Emulator, query: Mapping[str, str], body: Any) -> Any:
    """Changes quotas; what is left out stays."""
    given = read({quota.name: Field("number", least=0) for quota in QUOTAS}, body)
    for name, value in given.items():
        emulator.set_quota(name, value)
    return quotas(emulator, query, body)
