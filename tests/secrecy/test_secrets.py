"""Markers in everything that is secret, for every way in which a request can end: no output contains them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import CASES, THING, Case
from cleanrooms_ml_simulator.templates import (
    ASSET_BUCKET,
    MEMBERSHIP_ID,
    Resources,
    channel,
    generation_job,
    ready,
    template,
)
from cleanrooms_ml_simulator.wire import Call
from cleanrooms_ml_simulator.world import World

MARKER = "planted_marker"
SQL = f"SELECT {MARKER}_column FROM purchases"
PARAMETERS = {"since": f"{MARKER}_value", "until": "2026-01-01"}
# The signature of reply addresses.
SIGNATURE, KEY = "5ec4e75ec4e75ec4e75ec4e75ec4e7", "AKIAIOSFODNN7EXAMPLE"
BUCKET, OBJECT = ASSET_BUCKET, f"{'0' * 64}.sql"

Run = Callable[[World], str]


def inline(_: World) -> Resources:
    """The query as text."""
    return channel(THING, query=SQL)


def from_a_file(world: World) -> Resources:
    """The query in an S3 object."""
    world.put_object(BUCKET, OBJECT, SQL)
    return channel(THING, query={"S3Bucket": BUCKET, "S3Key": OBJECT})


def by_parameters(world: World) -> Resources:
    """An analysis template with parameters."""
    resources = channel(THING)
    source = resources[THING]["Properties"]["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    arn = world.emulator.seeds.analysis_template(MEMBERSHIP_ID)
    source["sqlParameters"] = {"analysisTemplateArn": arn, "parameters": dict(PARAMETERS)}
    return resources


def seed_query(_: World) -> Resources:
    """The seed of a generation job by a query."""
    resources = generation_job(THING)
    resources[THING]["Properties"]["seedAudience"] |= {
        "sqlParameters": {"queryString": SQL},
        "dataSource": None,
        "sqlComputeConfiguration": None,
    }
    seed = resources[THING]["Properties"]["seedAudience"]
    resources[THING]["Properties"]["seedAudience"] = {key: value for key, value in seed.items() if value is not None}
    return resources


PLANTS = [inline, from_a_file, by_parameters, seed_query]


def goes_well(world: World, stack: Stack, resources: Resources) -> None:
    """Created, replaced and deleted."""
    stack.create(template(resources))
    resources[THING]["Properties"]["RunId"] = "2"
    stack.update(template(resources))
    stack.delete()


def is_refused(world: World, stack: Stack, resources: Resources) -> None:
    """The service repeats what it refuses."""
    for code in ("ValidationException", "AccessDeniedException", "ConflictException", "InternalServiceException"):
        message = f"cannot take this: {planted(resources)}"
        world.emulator.add_fault(Fault(create_of(resources), error_code=code, message=message, count=3))
        stack.create(template(resources))


def fails(world: World, stack: Stack, resources: Resources) -> None:
    """The run fails with a message that repeats the query."""
    kind = resources[THING]["Type"].rpartition("-")[2]
    message = f"ran {planted(resources)} and found nothing"
    world.emulator.order_run(RunOrder(kind, status_code="INTERNAL_ERROR", message=message))
    stack.create(template(resources))


def breaks(world: World, stack: Stack, resources: Resources) -> None:
    """An exception of the library repeats it."""

    def fault(call: Call) -> None:
        if call.operation == create_of(resources):
            raise KeyError(planted(resources))

    world.wire.before.append(fault)
    stack.create(template(resources))


def is_lost(world: World, stack: Stack, resources: Resources) -> None:
    """Every function dies, and the safety net answers."""
    world.crash(create_of(resources), count=12, after=True)
    world.crash("StartExecution", count=3)
    stack.create(template(resources))


def is_invalid(world: World, stack: Stack, resources: Resources) -> None:
    """The model forbids the request, as boto3 does."""
    properties = resources[THING]["Properties"]
    properties["tags"] = {f"{number}": "x" for number in range(60)}
    _everywhere(properties, "queryString", lambda text: f"{SQL} {'x' * 600_000}")
    _everywhere(properties, "parameters", lambda values: {key: text * 5_000 for key, text in values.items()})
    stack.create(template(resources))


def reply_is_refused(world: World, stack: Stack, resources: Resources) -> None:
    """CloudFormation's bucket does not accept the answer at first."""
    world.replies.faults += [500, 403, 0, 500]
    stack.create(template(resources))


def planted(resources: Resources) -> str:
    """What a service would repeat of a request."""
    return PARAMETERS["since"] if "parameters" in json.dumps(resources) else SQL


def create_of(resources: Resources) -> str:
    """The operation that creates the resource."""
    return next(spec.create for spec in SPECS if spec.resource_type == resources[THING]["Type"])


WAYS = [goes_well, is_refused, fails, breaks, is_lost, is_invalid, reply_is_refused]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_no_output_contains_a_marker(
    world: World,
    capsys: pytest.CaptureFixture[str],
    plant: Callable[[World], Resources],
    way: Callable[[World, Stack, Resources], None],
) -> None:
    stack = world.stack()
    resources = plant(world)
    way(world, stack, resources)
    world.settle()

    assert stack.exchanges
    outputs = {"logs": capsys.readouterr().out, **outputs_of(world, stack)}
    for where, text in outputs.items():
        for secret in (MARKER, SIGNATURE, KEY):
            assert secret not in text, (where, text[max(0, text.find(secret) - 200) :][:400])
    # The markers were planted, and they are where they belong.
    if plant is not from_a_file:
        assert MARKER in json.dumps([exchange.event for exchange in stack.exchanges])
    assert "Thing" in outputs["logs"]


def outputs_of(world: World, stack: Stack) -> dict[str, str]:
    """Everything that leaves the functions except calls of the service: answers, reasons, outputs, events."""
    return {
        "answers": " ".join(answer.text.decode() for it in stack.exchanges for answer in it.answers),
        "reasons": " ".join(event.reason for event in stack.events),
        "outputs": json.dumps(stack.outputs),
        "events": json.dumps(world.wire.bus),
        "names": json.dumps([record["name"] for record in world.records()]),
        "tags": json.dumps([record["tags"] for record in world.records()]),
        "executions": json.dumps([(it.name, it.error, it.cause) for it in world.states.executions()]),
    }


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_kind_shows_what_the_model_marks_as_sensitive(
    world: World, capsys: pytest.CaptureFixture[str], case: Case
) -> None:
    """Not even if the service repeats it when it refuses the request."""
    resources = case.resources(**case.members)
    model, properties = service_model(case.spec.service), resources[THING]["Properties"]
    shape = model.operations[case.spec.create].input
    assert shape
    sensitive = {text for text in model.sensitive_texts(shape, properties) if len(text) > 5}
    refused, accepted = world.stack(), world.stack("accepted")
    world.emulator.add_fault(
        Fault(case.spec.create, error_code="ValidationException", message=f"refused: {' '.join(sorted(sensitive))}")
    )
    assert refused.create(template(resources)) == "ROLLBACK_COMPLETE"
    assert any("refused: " in event.reason for event in refused.events)
    assert accepted.create(template(resources)) == "CREATE_COMPLETE"
    assert accepted.delete() == "DELETE_COMPLETE"
    world.settle()
    logs = capsys.readouterr().out
    assert "Thing" in logs
    for outputs in ({"logs": logs}, outputs_of(world, refused), outputs_of(world, accepted)):
        for where, text in outputs.items():
            for secret in (*sensitive, SIGNATURE, KEY):
                assert secret not in text, where


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_query_of_a_file_travels_between_steps(world: World, way: Callable[[World, Stack, Resources], None]) -> None:
    """Step Functions stores what one step passes to the next: of a query in a file only the address."""
    stack = world.stack()
    way(world, stack, from_a_file(world))
    world.settle()
    executions = [execution.text for execution in world.states.executions()]
    steps = [it.answer for it in world.functions.invocations if it.function.name == "worker"]
    assert MARKER not in json.dumps([executions, steps])


def test_the_event_of_a_watch_contains_no_marker(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for order in (None, RunOrder("MLInputChannel", status_code="INTERNAL_ERROR", message=f"ran {SQL}")):
        if order:
            world.emulator.order_run(order)
        stack = world.stack("failing" if order else "watched")
        resources = inline(world)
        del resources[ready(THING)]
        resources[THING]["Properties"]["Settings"] = {"Watch": True}
        assert stack.create(template(resources)) == "CREATE_COMPLETE"
        world.settle()
    assert len(world.wire.bus) == 2
    assert MARKER not in json.dumps(world.wire.bus) + capsys.readouterr().out


def test_the_model_marks_the_planted_members_as_sensitive() -> None:
    model = service_model("cleanroomsml")
    shape = model.operations["CreateMLInputChannel"].input
    assert shape
    for parameters in ({"queryString": SQL}, {"parameters": PARAMETERS}):
        request: Mapping[str, Any] = {
            "inputChannel": {"dataSource": {"protectedQueryInputParameters": {"sqlParameters": parameters}}}
        }
        assert any(MARKER in text for text in model.sensitive_texts(shape, request))


def _everywhere(value: Any, member: str, change: Callable[[Any], Any]) -> None:
    """Changes a member at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == member and not (isinstance(inner, dict) and "S3Key" in inner):
                value[name] = change(inner)
            else:
                _everywhere(inner, member, change)
