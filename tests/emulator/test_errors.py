"""Whatever goes wrong inside the emulator reaches the person as one message that says what is missing."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import Emulator, NativeError, Request
from cleanrooms_ml_cli.sandbox.emulator.api.specials import SPECIALS
from cleanrooms_ml_cli.sandbox.emulator.kinds import KIND_OF_OPERATION
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.spec import ResourceSpec

from .conftest import MEMBERSHIP, Bench, error_of


@pytest.mark.parametrize("service", ["cleanroomsml", "cleanrooms"])
def test_every_operation_of_the_service_models_is_emulated(service: str) -> None:
    missing = service_model(service).operations.keys() - KIND_OF_OPERATION.keys() - SPECIALS.keys()
    assert not missing, f"add {sorted(missing)} to a Kind in cleanrooms_ml_cli/sandbox/emulator/kinds/"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_every_spec_has_a_kind_in_the_emulator(spec: ResourceSpec) -> None:
    called = {spec.create, spec.get, spec.list, spec.update, spec.delete, spec.cancel} - {None}
    missing = called - KIND_OF_OPERATION.keys() - SPECIALS.keys()
    assert not missing, f"add a Kind of the spec {spec.kind} to cleanrooms_ml_cli/sandbox/emulator/kinds/"


def test_an_operation_without_a_kind_says_where_to_add_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(KIND_OF_OPERATION, "CreateMLInputChannel")
    with pytest.raises(ClientError) as caught:
        bench.created_channel()
    code, status, message = error_of(caught)
    assert (code, status) == ("EmulatorUnsupported", 400)
    assert "CreateMLInputChannel of cleanroomsml" in message
    assert "the most similar operations that it has are GetMLInputChannel, " in message
    assert "see Kind in cleanrooms_ml_cli/sandbox/emulator/kinds/" in message


def test_a_path_that_the_model_lacks_says_which_model_that_is(bench: Bench) -> None:
    response = bench.emulator.handle(Request("GET", "/no-such-path", service="cleanrooms"))
    message = json.loads(response.body)["message"]
    assert "cleanrooms has no operation for GET /no-such-path in the service model of the sandbox" in message


def broken(*_: object) -> None:
    raise IndexError("list index out of range")


def test_a_defect_in_a_handler_is_an_error_that_names_operation_and_line(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bench.emulator.state.world, "locate", broken)
    with pytest.raises(ClientError) as caught:
        bench.client.get_ml_configuration(membershipIdentifier=MEMBERSHIP)
    code, status, message = error_of(caught)
    assert (code, status) == ("EmulatorDefect", 400)
    assert "failed in GetMLConfiguration: IndexError: list index out of range (test_errors.py, line" in message
    assert "not of your app" in message
    assert "Traceback" in caplog.text
    entry = bench.emulator.journal[-1]
    assert (entry.error, entry.message, entry.took_effect) == (code, message, False)


def test_a_defect_behind_a_native_type_is_a_reason_for_the_stack(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.emulator.state.world, "new_record", broken)
    properties = {"Name": "c", "Description": "d", "CreatorDisplayName": "n", "QueryLogStatus": "DISABLED"}
    with pytest.raises(NativeError, match=r"failed in CreateCollaboration: IndexError: list index out of range"):
        bench.emulator.native.create("AWS::CleanRooms::Collaboration", properties)


def test_a_defect_in_a_control_request_is_an_answer_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    emulator = Emulator()
    monkeypatch.setattr(emulator, "faults", broken)
    response = emulator.control(Request("GET", "/_cleanroomsml/faults"))
    assert response.status == 500
    error = json.loads(response.body)["error"]
    assert "failed in GET /_cleanroomsml/faults: IndexError: list index out of range" in error
