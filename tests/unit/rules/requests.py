"""Requests within all limits, to break one thing of."""

from __future__ import annotations

from typing import Any

from cleanrooms_ml_handlers import rules

MEMBERSHIP = "a1b2c3d4-0000-4000-8000-000000000001"
ROLE = "arn:aws:iam::123456789012:role/query"
TEMPLATE = f"arn:aws:cleanrooms:us-east-1:123456789012:membership/{MEMBERSHIP}/analysistemplate/t"
MODEL = "arn:aws:cleanrooms-ml:us-east-1:123456789012:configured-audience-model/m"
ASSOCIATION = (
    f"arn:aws:cleanrooms-ml:us-east-1:123456789012:membership/{MEMBERSHIP}/configured-model-algorithm-association/a"
)

CREATE_CHANNEL = "CreateMLInputChannel"
CREATE_MODEL = "CreateConfiguredAudienceModel"
START_JOB = "StartAudienceGenerationJob"


class Unknown(str):
    """Represents a value that only the deployment knows."""

    __slots__ = ()


def unknown(value: object) -> bool:
    """The `skip` of these tests: a text of ours, or a map that a function of CloudFormation makes."""
    return isinstance(value, Unknown) or (isinstance(value, dict) and "Fn::If" in value)


# What CloudFormation may drop.
MAYBE: dict[str, Any] = {"Fn::If": ["Condition", "something", {"Ref": "AWS::NoValue"}]}


def channel(query: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A CreateMLInputChannel request."""
    return {
        "membershipIdentifier": MEMBERSHIP,
        "configuredModelAlgorithmAssociations": [ASSOCIATION],
        "inputChannel": {
            "dataSource": {
                "protectedQueryInputParameters": {
                    "sqlParameters": {"queryString": "SELECT 1"} if query is None else query,
                    "computeConfiguration": {"worker": {"type": "CR.4X", "number": 16}},
                }
            },
            "roleArn": ROLE,
        },
        "name": "sales",
        "retentionInDays": 30,
        **changes,
    }


def worker_of(request: dict[str, Any]) -> dict[str, Any]:
    """The worker of a channel's query."""
    query = request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    found: dict[str, Any] = query["computeConfiguration"]["worker"]
    return found


def channel_with(**worker: Any) -> dict[str, Any]:
    """A CreateMLInputChannel request with changes of its worker."""
    request = channel()
    worker_of(request).update(worker)
    return request


def spark(**properties: Any) -> dict[str, Any]:
    """A channel with Spark properties; "__" represents a dot."""
    return channel_with(properties={"spark": {key.replace("__", "."): value for key, value in properties.items()}})


def job(seed: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A StartAudienceGenerationJob request."""
    source = {"dataSource": {"s3Uri": "s3://seeds/seed.jsonl"}} if seed is None else seed
    return {
        "name": "job",
        "configuredAudienceModelArn": MODEL,
        "seedAudience": {"roleArn": ROLE, **source},
        **changes,
    }


def model(bins: list[Any], kind: Any = "ABSOLUTE", **changes: Any) -> dict[str, Any]:
    """A CreateConfiguredAudienceModel request."""
    return {
        "name": "model",
        "audienceModelArn": "arn:aws:cleanrooms-ml:us-east-1:123456789012:audience-model/m",
        "outputConfig": {"destination": {"s3Destination": {"s3Uri": "s3://out/audiences"}}, "roleArn": ROLE},
        "sharedAudienceMetrics": ["NONE"],
        "audienceSizeConfig": {"audienceSizeType": kind, "audienceSizeBins": bins},
        **changes,
    }


def broken(operation: str, request: dict[str, Any], service: str = "cleanroomsml") -> list[str]:
    """The ids of the rules that a request breaks, and of the advice about it."""
    found = [
        *(problem.rule for problem in rules.problems(service, operation, request, unknown)),
        *(advice.id for advice in rules.advice(service, operation, request, unknown)),
    ]
    return [str(each).removeprefix("cleanrooms-ml:") for each in found]
