"""Quotas on what is under way that new runs would meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..account.handlers import (
    DEFAULT_TIMEOUT_SECONDS,
    IN_FLIGHT_QUOTAS,
    InFlightQuota,
    Phase,
    ResourceSpec,
    ServiceError,
    values,
)
from ..account.intrinsics import has_unknown
from ..account.service import Reader
from .change import Change
from .facts import NewRun

SYNTHETIC = "syntheticDataConfiguration"


def quota_notes(changes: Sequence[Change], runs: Mapping[int, NewRun], reader: Reader) -> list[Change]:
    """The changes, with a note where a new run would meet a quota.

    Args:
        changes: The changes.
        runs: The new runs among them: by the index of the change.
        reader: Reads Clean Rooms ML.
    """
    result = list(changes)
    for quota in IN_FLIGHT_QUOTAS:
        groups: dict[str, list[int]] = {}
        for index, run in runs.items():
            if run.spec.kind == quota.kind and (run.is_synthetic or not quota.is_synthetic):
                groups.setdefault(str(run.request.get(quota.per)) if quota.per else "", []).append(index)
        for indexes in groups.values():
            new = [runs[index] for index in indexes]
            under_way = sum(1 for _ in _under_way(quota, new, reader))
            if under_way + len(new) <= quota.value:
                continue
            note = (
                f"{under_way} {quota.noun} are under way and {len(new)} more are planned; by default AWS allows "
                f"{quota}, and one more waits {DEFAULT_TIMEOUT_SECONDS // 60} minutes for a free slot and then fails"
            )
            for index in indexes:
                result[index] = replace(result[index], notes=(*result[index].notes, note))
    return result


def _under_way(quota: InFlightQuota, new: Sequence[NewRun], reader: Reader) -> Iterator[Mapping[str, Any]]:
    """The runs that count against a quota, as far as the lists of the new ones show them."""
    seen: set[str] = set()
    for run in new:
        spec = run.spec
        parameters = {key: run.request[key] for key in spec.list_parameters if key in run.request}
        key = str(sorted(parameters.items()))
        if spec.list is None or key in seen or has_unknown(parameters):
            continue
        seen.add(key)
        for summary in _listed(spec, parameters, reader):
            if spec.statuses.get(str(summary.get("status"))) is Phase.PENDING and (
                not quota.is_synthetic or _is_synthetic(spec, summary, reader)
            ):
                yield summary


def _listed(spec: ResourceSpec, parameters: Mapping[str, Any], reader: Reader) -> Iterator[Mapping[str, Any]]:
    request = dict(parameters)
    while True:
        try:
            page = reader.call(spec.service, spec.list or "", request)
        except ServiceError:
            return  # what it would be in is not there
        yield from page.get(spec.list_field, ())
        if not page.get("nextToken"):
            return
        request = {**parameters, "nextToken": page["nextToken"]}


def _is_synthetic(spec: ResourceSpec, summary: Mapping[str, Any], reader: Reader) -> bool:
    identifiers = spec.identifiers(spec.physical_id(summary))
    if identifiers is None or spec.get is None:
        return False
    return bool(values(reader.call(spec.service, spec.get, identifiers), SYNTHETIC))
