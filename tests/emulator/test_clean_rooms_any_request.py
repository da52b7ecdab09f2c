"""Whatever a request to AWS Clean Rooms is: nothing breaks the emulator."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanrooms_ml_cli.sandbox.emulator import Request
from cleanrooms_ml_cli.sandbox.emulator.kinds import KINDS
from cleanrooms_ml_cli.sandbox.emulator.models import service_model

from .conftest import Bench
from .rooms import Rooms
from .test_any_request import JSON, damage, path_of
from .test_clean_rooms_operations import everything

MODEL = service_model("cleanrooms")


Requests = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def requests(bench: Bench) -> Requests:
    """Every request with which a collaboration comes and goes, for what is there now."""
    rooms = Rooms(bench)
    everything(rooms)
    membership = rooms.membership(rooms.collaboration(creatorMemberAbilities=["CAN_QUERY", "CAN_RUN_JOB"])["id"])
    rooms.associated(membership["id"])
    rooms.template(membership["id"])
    rooms.budget_template(membership["id"])
    rooms.query(membership["id"])
    live = {
        kind.id_field: record["data"][kind.id_field]
        for record in bench.emulator.records()
        for kind in [KINDS.get(record["kind"])]
        if kind is not None and kind.service == "cleanrooms" and kind.id_field
    }
    entries = [entry for entry in bench.emulator.journal if entry.service == "cleanrooms" and entry.status < 300]
    return [
        (entry.operation, {name: live.get(name, value) for name, value in entry.params.items()}) for entry in entries
    ]


def wire(operation: str, params: dict[str, Any], damaged: Any) -> Request:
    """A request as it is sent, with a body of its own."""
    described = MODEL.operations[operation]
    labels = {label: value for label, value in params.items() if f"{{{label}}}" in described.request_uri}
    return Request(
        described.method, path_of(described, labels), body=json.dumps(damaged).encode(), service="cleanrooms"
    )


def in_body(operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """What of a request is in its body."""
    members = MODEL.shapes[MODEL.operations[operation].input or ""]["members"]
    return {name: value for name, value in params.items() if "location" not in members[name]}


@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_request_however_broken_gets_more_than_an_error(
    bench: Bench, requests: Requests, data: st.DataObject
) -> None:
    operation, params = data.draw(st.sampled_from(requests))
    where = data.draw(st.lists(st.integers(0, 20), min_size=1, max_size=6))
    request = wire(operation, params, damage(in_body(operation, params), where, data.draw(JSON)))
    assert isinstance(bench.emulator.authorization(request), list)
    response = bench.emulator.handle(request)
    assert response.status in (200, 204, 400, 402, 403, 404, 409), response.body
    assert response.headers.get("x-amzn-errortype") not in ("EmulatorDefect", "EmulatorUnsupported"), response.body
