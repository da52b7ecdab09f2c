"""Whatever a request is: replies are complete by the service model, and nothing breaks the emulator."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanrooms_ml_cli.sandbox.emulator import Request
from cleanrooms_ml_handlers.model import service_model

from .conftest import MEMBERSHIP, ROLE, Bench

MODEL = service_model("cleanroomsml")


def missing(shape_name: str, value: Any, path: str = "") -> list[str]:
    """The required members that a reply lacks, at any depth; and values that are in no enumeration."""
    shape = MODEL.shapes[shape_name]
    if shape["type"] == "structure":
        lacking = [f"{path}.{name}" for name in shape.get("required", ()) if name not in value]
        return lacking + [
            problem
            for name, item in value.items()
            for problem in missing(shape["members"][name]["shape"], item, f"{path}.{name}")
        ]
    if shape["type"] == "list":
        return [problem for item in value for problem in missing(shape["member"]["shape"], item, f"{path}[]")]
    return [f"{path}={value}"] if value not in shape.get("enum", [value]) else []


def test_every_reply_has_all_that_the_model_requires_at_every_moment(bench: Bench) -> None:
    template = bench.emulator.seed_analysis_template(
        MEMBERSHIP, synthetic={"epsilon": 1.0, "maxMembershipInferenceAttackScore": 0.9}
    )
    synthetic = bench.channel("synthetic")
    source = synthetic["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    source["sqlParameters"] = {"analysisTemplateArn": template}
    channels = [bench.created_channel("plain"), bench.client.create_ml_input_channel(**synthetic)["mlInputChannelArn"]]
    model = bench.created_model()
    jobs = [
        bench.created_job(model, "a"),
        bench.created_job(
            model, "b", seedAudience={"dataSource": {"s3Uri": "s3://bucket/too-small.jsonl"}, "roleArn": ROLE}
        ),
    ]
    collaboration = bench.emulator.record(channels[0])["data"]["collaborationIdentifier"]
    ours, theirs = f"/memberships/{MEMBERSHIP}", f"/collaborations/{collaboration}"
    arns = {
        f"{ours}/ml-input-channels": channels,
        f"{theirs}/ml-input-channels": channels,
        f"{ours}/configured-model-algorithm-associations": [bench.association],
        f"{theirs}/configured-model-algorithm-associations": [bench.association],
        "/audience-model": [bench.audience_model],
        "/configured-audience-model": [model],
        "/audience-generation-job": jobs,
    }
    paths = [path for base, named in arns.items() for path in (base, *(f"{base}/{quote(a, safe='')}" for a in named))]
    for second in range(30):
        if second == 10:
            bench.client.delete_ml_input_channel_data(mlInputChannelArn=channels[0], membershipIdentifier=MEMBERSHIP)
        for path in paths:
            response = bench.emulator.handle(Request("GET", path))
            assert response.status == 200, response.body
            output = MODEL.operations[bench.emulator.journal[-1].operation].output
            assert output is not None
            assert missing(output, json.loads(response.body)) == []
        bench.clock.sleep(1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A kind of request and a body in which something is replaced by anything."""
    base = draw(st.sampled_from(["channel", "model", "job"]))
    path = draw(st.lists(st.integers(0, 20), min_size=1, max_size=6))
    return base, {"path": path, "value": draw(JSON)}


def damage(value: Any, path: list[int], replacement: Any) -> Any:
    """A copy of a value with the place that the numbers lead to replaced."""
    if not path or not isinstance(value, dict | list) or not value:
        return replacement
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    chosen = keys[path[0] % len(keys)]
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[chosen] = damage(value[chosen], path[1:], replacement)
    return copied


@given(damaged())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_request_however_broken_gets_more_than_an_error(bench: Bench, broken: tuple[str, dict[str, Any]]) -> None:
    base, how = broken
    request = {
        "channel": bench.channel(tags={"a": "b"}),
        "model": bench.model(audienceSizeConfig={"audienceSizeType": "ABSOLUTE", "audienceSizeBins": [1]}),
        "job": bench.job(bench.audience_model.replace("audience-model", "configured-audience-model")),
    }[base]
    path = {
        "channel": f"/memberships/{request.pop('membershipIdentifier', '')}/ml-input-channels",
        "model": "/configured-audience-model",
        "job": "/audience-generation-job",
    }[base]
    body = json.dumps(damage(request, how["path"], how["value"])).encode()
    wire = Request("POST", path, body=body)
    assert isinstance(bench.emulator.authorization(wire), list)
    response = bench.emulator.handle(wire)
    assert response.status in (200, 400, 402, 403, 404, 409), response.body
    assert json.loads(response.body)
