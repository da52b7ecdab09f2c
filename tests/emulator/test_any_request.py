"""Whatever a request is: replies are complete by the service model, and nothing breaks the emulator."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanrooms_ml_cli.sandbox.emulator import Emulator, Request, Seed
from cleanrooms_ml_cli.sandbox.emulator.kinds import KINDS, Verb
from cleanrooms_ml_cli.sandbox.emulator.models import service_model as whole_model
from cleanrooms_ml_handlers.model import Operation, service_model
from cleanrooms_ml_handlers.resources import SPECS

from .conftest import MEMBERSHIP, ROLE, Bench
from .replies import problems

SERVICES = ("cleanroomsml", "cleanrooms")
READING = (Verb.GET, Verb.LIST, Verb.VERSIONS)


def path_of(operation: Operation, labels: Mapping[str, Any]) -> str:
    """The path of a request, with what is in it encoded as a client does."""
    return operation.request_uri.format_map({name: quote(str(value), safe="") for name, value in labels.items()})


def reads(emulator: Emulator) -> Iterator[Request]:
    """Every request that reads something that is there."""
    for record in emulator.records():
        kind = KINDS.get(record["kind"])
        if kind is None:
            continue
        labels = {**record["data"], **dict.fromkeys(kind.also_named_by, record["arn"])}
        for name, verb in kind.operations.items():
            if verb in READING:
                operation = whole_model(kind.service).operations[name]
                yield Request("GET", path_of(operation, labels), service=kind.service)


def start_everything(bench: Bench) -> None:
    """A run of every kind, some of which fail, and one of each other kind that has a spec."""
    bench.emulator.seeds.ml_configuration(MEMBERSHIP)
    bench.client.create_ml_input_channel(**bench.synthetic_channel())
    bench.created_channel("plain")
    too_small = {"dataSource": {"s3Uri": "s3://bucket/too-small.jsonl"}, "roleArn": ROLE}
    model = bench.created_model()
    bench.created_job(model, "failing", seedAudience=too_small)
    bench.client.start_audience_export_job(**bench.audience_export(bench.ready_job(model)))
    bench.client.create_audience_model(name="m", trainingDatasetArn=bench.emulator.seeds.training_dataset())
    bench.clean_rooms.create_configured_audience_model_association(
        membershipIdentifier=MEMBERSHIP,
        configuredAudienceModelArn=model,
        configuredAudienceModelAssociationName="a",
        manageResourcePolicies=True,
    )
    bench.client.create_configured_model_algorithm(**bench.algorithm())
    channel = bench.ready_channel("input")
    trained = bench.ready_training(channel, "trained")
    base = [{"trainedModelArn": trained, "channelName": "base"}]
    bench.created_training(channel, "trained", incrementalTrainingDataChannels=base)
    bench.created_training(channel, "stopped", stoppingCondition={"maxRuntimeInSeconds": 1})
    bench.client.start_trained_model_export_job(**bench.model_export(trained))
    bench.started_inference(trained, channel)
    there = {record["kind"] for record in bench.emulator.records()}
    for spec in SPECS:
        if spec.kind in KINDS and spec.kind not in there:
            bench.emulator.seed(Seed(spec.kind, "seeded", membership_id=MEMBERSHIP))


def test_every_reply_has_all_that_the_model_requires_at_every_moment(bench: Bench) -> None:
    start_everything(bench)
    seen = set()
    for second in range(12):
        if second == 6:
            for record in bench.emulator.records(seeded=False):
                if record["kind"] in ("MLInputChannel", "TrainedModel") and record["status"] == "ACTIVE":
                    bench.delete(record)
        for request in reads(bench.emulator):
            response = bench.emulator.handle(request)
            entry = bench.emulator.journal[-1]
            assert response.status == 200, response.body
            assert problems(entry.service, entry.operation, response.body) == []
            seen.add(entry.operation)
        bench.clock.sleep(1)
    read = {
        operation
        for service in SERVICES
        for operation in service_model(service).operations
        if operation.startswith(("Get", "List")) and "Policy" not in operation and "Tags" not in operation
    }
    assert seen >= read


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_can_be_seeded_and_read(bench: Bench, kind: str) -> None:
    key = bench.emulator.seed(Seed(kind, "seeded", membership_id=MEMBERSHIP, tags={"a": "b"}))
    assert key in {record["arn"] for record in bench.emulator.records() if record["kind"] == kind}
    assert bench.emulator.record(key)["seeded"]
    for request in reads(bench.emulator):
        response = bench.emulator.handle(request)
        entry = bench.emulator.journal[-1]
        assert response.status == 200, response.body
        assert problems(entry.service, entry.operation, response.body) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


def damage(value: Any, path: list[int], replacement: Any) -> Any:
    """A copy of a value with the value at the path of the numbers replaced."""
    if not path or not isinstance(value, dict | list) or not value:
        return replacement
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    chosen = keys[path[0] % len(keys)]
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[chosen] = damage(value[chosen], path[1:], replacement)
    return copied


def requests_to_damage(bench: Bench) -> dict[str, dict[str, Any]]:
    """A valid request of each operation that creates something."""
    channel = bench.association.replace("configured-model-algorithm-association", "ml-input-channel")
    model = channel.replace("ml-input-channel", "trained-model")
    configured = bench.audience_model.replace("audience-model", "configured-audience-model")
    job = bench.audience_model.replace("audience-model", "audience-generation-job")
    return {
        "CreateMLInputChannel": bench.channel(tags={"a": "b"}),
        "CreateConfiguredAudienceModel": bench.model(
            audienceSizeConfig={"audienceSizeType": "ABSOLUTE", "audienceSizeBins": [1]}
        ),
        "StartAudienceGenerationJob": bench.job(configured),
        "CreateTrainingDataset": bench.dataset(tags={"a": "b"}),
        "CreateConfiguredModelAlgorithm": bench.algorithm(),
        "CreateTrainedModel": bench.training(
            channel, incrementalTrainingDataChannels=[{"trainedModelArn": model, "channelName": "c"}]
        ),
        "StartTrainedModelInferenceJob": bench.inference(model, channel),
        "StartTrainedModelExportJob": bench.model_export(model),
        "StartAudienceExportJob": bench.audience_export(job),
        "PutMLConfiguration": {"membershipIdentifier": MEMBERSHIP, "defaultOutputLocation": {"roleArn": ROLE}},
        "CreateCollaboration": bench.new_collaboration("444455556666"),
    }


@given(st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_request_however_broken_gets_more_than_an_error(bench: Bench, data: st.DataObject) -> None:
    requests = requests_to_damage(bench)
    name = data.draw(st.sampled_from(sorted(requests)))
    where = data.draw(st.lists(st.integers(0, 20), min_size=1, max_size=6))
    service = next(service for service in SERVICES if name in service_model(service).operations)
    operation = service_model(service).operations[name]
    request = requests[name]
    labels = {label: request.pop(label) for label in list(request) if f"{{{label}}}" in operation.request_uri}
    body = json.dumps(damage(request, where, data.draw(JSON))).encode()
    wire = Request(operation.method, path_of(operation, labels), body=body, service=service)
    assert isinstance(bench.emulator.authorization(wire), list)
    response = bench.emulator.handle(wire)
    assert response.status in (200, 400, 402, 403, 404, 409), response.body
    assert response.headers.get("x-amzn-errortype") not in ("EmulatorDefect", "EmulatorUnsupported"), response.body
    assert isinstance(json.loads(response.body or b"{}"), dict)
