"""Templates in the form that the constructs render."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

ACCOUNT = "000000000000"
MEMBERSHIP_ID = "11111111-1111-4111-8111-111111111111"
COLLABORATION_ID = "22222222-2222-4222-8222-222222222222"
_CLEAN_ROOMS_ML = f"arn:aws:cleanrooms-ml:us-east-1:{ACCOUNT}"
AUDIENCE_MODEL_ID = "33333333-3333-4333-8333-333333333333"
AUDIENCE_MODEL_ARN = f"{_CLEAN_ROOMS_ML}:audience-model/{AUDIENCE_MODEL_ID}"
PROVIDED_MODEL_ID = "44444444-4444-4444-8444-444444444444"
PROVIDED_MODEL_ARN = f"{_CLEAN_ROOMS_ML}:configured-audience-model/{PROVIDED_MODEL_ID}"
ASSOCIATION_ID = "55555555-5555-4555-8555-555555555555"
ASSOCIATION_ARN = (
    f"{_CLEAN_ROOMS_ML}:membership/{MEMBERSHIP_ID}/configured-model-algorithm-association/{ASSOCIATION_ID}"
)
DATASET_ID = "66666666-6666-4666-8666-666666666666"
DATASET_ARN = f"{_CLEAN_ROOMS_ML}:training-dataset/{DATASET_ID}"
CHANNEL_ID = "77777777-7777-4777-8777-777777777777"
CHANNEL_ARN = f"{_CLEAN_ROOMS_ML}:membership/{MEMBERSHIP_ID}/ml-input-channel/{CHANNEL_ID}"
PROVIDED_JOB_ID = "88888888-8888-4888-8888-888888888888"
PROVIDED_JOB_ARN = f"{_CLEAN_ROOMS_ML}:audience-generation-job/{PROVIDED_JOB_ID}"
TRAINED_MODEL_ID = "99999999-9999-4999-8999-999999999999"
TRAINED_MODEL_ARN = f"{_CLEAN_ROOMS_ML}:membership/{MEMBERSHIP_ID}/trained-model/{TRAINED_MODEL_ID}"
# Memberships without a configuration, and models without a policy.
FREE_COUNT = 6
OTHERS_NUMBER = FREE_COUNT - 1
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/cleanrooms-ml/app/service"
FRONT_ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:app-front"
ASSET_BUCKET = f"cdk-assets-{ACCOUNT}-us-east-1"
QUERY = "SELECT user_id, spend FROM purchases"

Resources = dict[str, dict[str, Any]]

_OURS: Mapping[str, Any] = {"ServiceToken": FRONT_ARN, "ServiceTimeout": 3600}


def free_membership_id(number: int) -> str:
    """A membership that nothing has been configured for."""
    return f"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaa{number}"


def free_model_id(number: int) -> str:
    """The identifier of a configured audience model that has no policy."""
    return f"cccccccc-cccc-4ccc-8ccc-ccccccccccc{number}"


def free_model_arn(number: int) -> str:
    """The ARN of a configured audience model that has no policy."""
    return f"{_CLEAN_ROOMS_ML}:configured-audience-model/{free_model_id(number)}"


def template(*parts: Resources, outputs: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A template of resources; later parts replace earlier ones of the same logical id."""
    resources: Resources = {}
    for part in parts:
        resources.update(part)
    return {
        "Resources": copy.deepcopy(resources),
        "Outputs": {name: {"Value": value} for name, value in (outputs or {}).items()},
    }


def retaining(resources: Resources) -> Resources:
    """Resources that stay when they leave the stack, or are replaced."""
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    return {logical_id: {**resource, **kept} for logical_id, resource in resources.items()}


def get(logical_id: str, attribute: str) -> dict[str, list[str]]:
    """Fn::GetAtt."""
    return {"Fn::GetAtt": [logical_id, attribute]}


def ready(logical_id: str) -> str:
    """The logical id of the `Ready` beside a `Resource`."""
    return f"{logical_id}Ready"


def channel(
    logical_id: str = "Channel",
    *,
    query: str | Mapping[str, str] = QUERY,
    run_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    gates: Mapping[str, float] | None = None,
    timeout_seconds: int | None = None,
    **members: Any,
) -> Resources:
    """An ML input channel with its `Ready`.

    Args:
        logical_id: Of the `Resource`.
        query: SQL, or the address of an S3 object with it.
        run_id: The run.
        tags: The tags.
        gates: Quality gates.
        timeout_seconds: How long `Ready` waits, if not as long as it can.
        members: Further members of the create request, or others instead.
    """
    source = {"protectedQueryInputParameters": {"sqlParameters": {"queryString": query}}}
    request = {
        "membershipIdentifier": MEMBERSHIP_ID,
        "configuredModelAlgorithmAssociations": [ASSOCIATION_ARN],
        "inputChannel": {"dataSource": source, "roleArn": ROLE_ARN},
        "retentionInDays": 30,
        **members,
    }
    return {
        logical_id: _resource("MLInputChannel", request, run_id, tags),
        ready(logical_id): _ready("MLInputChannel", logical_id, gates, timeout_seconds),
    }


def linked(resources: Resources, logical_id: str, count: int) -> Resources:
    """A run whose `Ready` comes after links that wait for 55 minutes each."""
    result = dict(resources)
    last = result.pop(ready(logical_id))
    own = {key: value for key, value in last["Properties"].items() if key != "Settings"}
    before: list[str] = []
    for number in range(1, count + 1):
        properties = {**own, "Settings": {"Link": True}}
        result[link(logical_id, number)] = {"Type": last["Type"], "Properties": properties, "DependsOn": before}
        before = [link(logical_id, number)]
    properties = {**last["Properties"]}
    properties["Settings"] = {**properties.get("Settings", {}), "WaitedSeconds": 3300 * count}
    result[ready(logical_id)] = {**last, "Properties": properties, "DependsOn": before}
    return result


def link(logical_id: str, number: int) -> str:
    """The logical id of a link, from 1."""
    return f"{logical_id}Wait{number}"


def watched(resources: Resources, logical_id: str) -> Resources:
    """A run that nothing waits for: an event reports its end."""
    resource = resources[logical_id]
    return {logical_id: {**resource, "Properties": {**resource["Properties"], "Settings": {"Watch": True}}}}


def tuned_channel(logical_id: str = "Channel", *, number: int = 16, **others: Any) -> Resources:
    """A channel with its own compute: a number, and ten Spark properties that look like numbers and booleans."""
    resources = channel(logical_id, **others)
    source = resources[logical_id]["Properties"]["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    properties = {
        "spark.sql.shuffle.partitions": "400",
        "spark.task.maxFailures": "8",
        "spark.network.timeout": "240s",
        "spark.rdd.compress": "true",
        "spark.shuffle.compress": "false",
        "spark.memory.fraction": "0.6",
        "spark.scheduler.mode": "FAIR",
        "spark.sql.adaptive.enabled": "true",
        "spark.sql.files.maxPartitionBytes": "268435456",
        "spark.sql.broadcastTimeout": "600",
    }
    source["computeConfiguration"] = {
        "worker": {"type": "CR.4X", "number": number, "properties": {"spark": properties}}
    }
    source["resultFormat"] = "PARQUET"
    return resources


def configured_audience_model(
    logical_id: str = "Model",
    *,
    run_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    **members: Any,
) -> Resources:
    """A configured audience model; a synchronous kind, so without a `Ready`."""
    destination = {"s3Destination": {"s3Uri": "s3://audiences/output/"}}
    request = {
        "audienceModelArn": AUDIENCE_MODEL_ARN,
        "outputConfig": {"destination": destination, "roleArn": ROLE_ARN},
        "sharedAudienceMetrics": ["NONE"],
        **members,
    }
    return {logical_id: _resource("ConfiguredAudienceModel", request, run_id, tags)}


def generation_job(
    logical_id: str = "Job",
    *,
    model: str | Mapping[str, Any] = PROVIDED_MODEL_ARN,
    seed: str = "s3://seeds/seed.jsonl",
    run_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    gates: Mapping[str, float] | None = None,
    timeout_seconds: int | None = None,
    **members: Any,
) -> Resources:
    """An audience generation job with its `Ready`.

    Args:
        logical_id: Of the `Resource`.
        model: The configured audience model's ARN, or a reference to one of the template.
        seed: Where the seed lies; one that ends with `too-small.jsonl` fails the job.
        run_id: The run.
        tags: The tags.
        gates: Quality gates.
        timeout_seconds: How long `Ready` waits, if not as long as it can.
        members: Further members of the create request, or others instead.
    """
    request = {
        "configuredAudienceModelArn": model,
        "seedAudience": {"dataSource": {"s3Uri": seed}, "roleArn": ROLE_ARN},
        "includeSeedInOutput": False,
        **members,
    }
    return {
        logical_id: _resource("AudienceGenerationJob", request, run_id, tags),
        ready(logical_id): _ready("AudienceGenerationJob", logical_id, gates, timeout_seconds),
    }


def described(
    kind: str,
    request: Mapping[str, Any],
    logical_id: str,
    *,
    waits: bool,
    run_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    gates: Mapping[str, float] | None = None,
    timeout_seconds: int | None = None,
    **members: Any,
) -> Resources:
    """A resource of any kind, with its `Ready` if it takes time.

    Args:
        kind: The kind.
        request: The create request.
        logical_id: Of the `Resource`.
        waits: Whether it has a `Ready`.
        run_id: The run.
        tags: The tags.
        gates: Quality gates.
        timeout_seconds: How long `Ready` waits, if not as long as it can.
        members: Further members of the create request, or others instead.
    """
    resources = {logical_id: _resource(kind, {**request, **members}, run_id, tags)}
    if waits:
        resources[ready(logical_id)] = _ready(kind, logical_id, gates, timeout_seconds)
    return resources


def _resource(
    kind: str, request: Mapping[str, Any], run_id: str | None, tags: Mapping[str, str] | None
) -> dict[str, Any]:
    properties = {**_OURS, **request}
    if run_id is not None:
        properties["RunId"] = run_id
    if tags:
        properties["tags"] = dict(tags)
    return {"Type": f"Custom::CleanRoomsML-{kind}", "Properties": copy.deepcopy(properties)}


def _ready(
    kind: str, logical_id: str, gates: Mapping[str, float] | None, timeout_seconds: int | None
) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if timeout_seconds is not None:
        settings["TimeoutSeconds"] = timeout_seconds
    if gates:
        settings["Gates"] = dict(gates)
    properties = {
        **_OURS,
        "Kind": kind,
        "Arn": {"Ref": logical_id},
        "RequestHash": get(logical_id, "RequestHash"),
        **({"Settings": settings} if settings else {}),
    }
    return {"Type": "Custom::CleanRoomsML-Wait", "Properties": properties}
