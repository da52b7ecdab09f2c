"""The check itself never fails, whatever is in a template."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from cleanrooms_ml_policy import Policy, check_template

from .samples import (
    ACCOUNT,
    QUERY,
    analysis_template,
    audience_model,
    channel,
    configured,
    export,
    job,
    policy,
    ready,
    statement,
    template,
    trained_model,
)

EVERYTHING = Policy(
    max_retention_days=14,
    required_tags=("owner",),
    require_encryption_key=True,
    require_analysis_template=True,
    forbid_seed_in_output=True,
    shared_audience_metrics=("NONE",),
    allowed_worker_types=("CR.1X",),
    max_workers=4,
    max_epsilon=1,
    max_membership_inference_attack_score=0.6,
    allowed_principals=(ACCOUNT,),
)
REFERRED = {"Fn::GetAtt": ["Configured", "Arn"]}
TEMPLATE = template(
    channel({f"{QUERY}.computeConfiguration.worker.properties.spark": {"spark.rdd.compress": "true"}}, tags={"a": "b"}),
    configured(),
    job(configuredAudienceModelArn=REFERRED, includeSeedInOutput=False),
    export(),
    ready(Settings={"TimeoutSeconds": 60, "Gates": {"minimumRecords": 1}}),
    policy(statement({"AWS": ACCOUNT})),
    audience_model(DependsOn="Job"),
    trained_model("a"),
    analysis_template(),
)
ODD_ARGUMENTS: dict[str, list[Any]] = {
    "Ref": [None, [], {}, "AWS::NoValue"],
    "Fn::GetAtt": [None, 3, "", "Job", [], {}, [{}], ["Job"], [0, 0]],
    "Fn::Sub": [None, [], {}, [3], "${", "${}", "${.}", "${!Job}"],
    "Fn::If": [None, [], "x", ["c", 1], ["c", {"Ref": "AWS::NoValue"}, []]],
    "Fn::Join": [None, [], ["", {}], [{}, [1]]],
    "Fn::ToJsonString": [[3]],
    "Fn::Transform": [[3]],
    "Fn::ForEach::x": [[3]],
    "S3Bucket": [3],
}
ODD: list[Any] = [
    *(None, True, "", "\ud800", "${", "${}", "{{resolve:ssm:x}}", 10**400, float("nan"), float("inf"), [], [None], {}),
    *({function: argument} for function, arguments in ODD_ARGUMENTS.items() for argument in arguments),
]


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each value inside a value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in members:
        yield (*path, step)
        yield from paths(item, (*path, step))


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_no_value_at_any_path_makes_the_check_fail(odd: Any) -> None:
    for *way, last in paths(TEMPLATE["Resources"]):
        changed = copy.deepcopy(TEMPLATE)
        position = changed["Resources"]
        for step in way:
            position = position[step]
        position[last] = odd
        for finding in check_template(changed, EVERYTHING, advice=True):
            assert finding.message
