"""Complete use cases, and their examples."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import AudienceSizes, Membership, TrainingDataset
from cdk_cleanrooms_ml.patterns import LookalikeProvider
from tests.synth.stacks import MEMBERSHIP, POLICY, SERVICE, errors_of, new_stack, only, template_of

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
ROOT = EXAMPLES.parent
MODEL_ARN = f"{SERVICE}:configured-audience-model/theirs"


def synthesized(example: str, outdir: Path, **context: str) -> dict[str, Any]:
    """The templates of an example by the names of its stacks."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "CDK_OUTDIR": str(outdir),
        "CDK_VALIDATION": "false",
        "CDK_CONTEXT_JSON": json.dumps(context),
        "PYTHONPATH": os.pathsep.join(str(ROOT / each) for each in ("constructs", "custom_resources")),
    }
    command = [sys.executable, "-W", "error", str(EXAMPLES / example / "app.py")]
    ran = subprocess.run(command, env=environment, cwd=outdir, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    suffix = ".template.json"
    return {path.name.removesuffix(suffix): json.loads(path.read_text("utf-8")) for path in outdir.glob(f"*{suffix}")}


def published(template: Mapping[str, Any], stack: str) -> set[str]:
    """The names of the SSM parameters under a stack's name."""
    resources = template["Resources"].values()
    names = [each["Properties"]["Name"] for each in resources if each["Type"] == "AWS::SSM::Parameter"]
    assert all(name.startswith(f"/{stack}/") for name in names), names
    return {name.removeprefix(f"/{stack}/") for name in names}


@pytest.mark.parametrize("example", ["custom-model", "lookalike"])
def test_a_walkthrough_needs_no_l1(example: str) -> None:
    assert not [path for path in (EXAMPLES / example).iterdir() if "Cfn" in path.read_text("utf-8")]


def referred(value: Any) -> Iterator[str]:
    """The logical ids that a value names."""
    if isinstance(value, Mapping):
        if set(value) == {"Ref"}:
            yield value["Ref"]
        elif "Fn::GetAtt" in value:
            yield value["Fn::GetAtt"][0]
        for item in value.values():
            yield from referred(item)
    elif isinstance(value, list):
        for item in value:
            yield from referred(item)


def before(template: Mapping[str, Any], logical_id: str) -> set[str]:
    """Everything that CloudFormation makes before a resource, and deletes after it."""
    resources, pending = template["Resources"], [logical_id]
    found: set[str] = set()
    while pending:
        resource = resources[pending.pop()]
        depends = resource.get("DependsOn", [])
        names = {*referred(resource.get("Properties", {})), *([depends] if isinstance(depends, str) else depends)}
        new = {name for name in names if name in resources} - found
        found |= new
        pending += new
    return found


def test_a_custom_model_goes_away_in_the_order_of_its_dependencies(tmp_path: Path) -> None:
    template = synthesized("custom-model", tmp_path)["CustomModel"]
    by_type: dict[str, list[str]] = {}
    for name, resource in template["Resources"].items():
        by_type.setdefault(resource["Type"].removeprefix("Custom::CleanRoomsML-").split("::")[-1], []).append(name)
    for jobs in ("TrainedModelInferenceJob", "TrainedModelExportJob"):
        order = [
            jobs,
            "TrainedModel",
            "MLInputChannel",
            "ConfiguredModelAlgorithmAssociation",
            "ConfiguredModelAlgorithm",
            "MLConfiguration",
            "ConfiguredTableAssociation",
            "ConfiguredTable",
            "Membership",
            "Collaboration",
        ]
        for first, then in pairwise(order):
            for name in by_type[first]:
                assert set(by_type[then]) <= before(template, name), (first, then)
    assert published(template, "CustomModel") >= {"TrainingDataScore", "ModelStatus", "ExportStatus", "InferenceStatus"}


def test_the_consumer_is_deployed_with_the_results_of_the_provider(tmp_path: Path) -> None:
    alone, both = tmp_path / "alone", tmp_path / "both"
    alone.mkdir()
    both.mkdir()
    assert synthesized("lookalike", alone).keys() == {"LookalikeProvider"}
    templates = synthesized("lookalike", both, collaborationId=MEMBERSHIP, configuredAudienceModelArn=MODEL_ARN)
    provider, consumer = templates["LookalikeProvider"], templates["LookalikeConsumer"]
    assert published(provider, "LookalikeProvider") == {
        "CollaborationId",
        "AudienceModelStatus",
        "ConfiguredAudienceModelArn",
    }
    association = only(provider, "Custom::CleanRoomsML-ConfiguredAudienceModelAssociation")["Properties"]
    assert association["manageResourcePolicies"] is True
    job = only(consumer, "Custom::CleanRoomsML-AudienceGenerationJob")
    assert job["Properties"]["configuredAudienceModelArn"] == MODEL_ARN
    assert job["Properties"]["collaborationId"] == MEMBERSHIP
    types = {consumer["Resources"][name]["Type"] for name in job["DependsOn"]}
    assert "AWS::CleanRooms::Membership" in types
    export = only(consumer, "Custom::CleanRoomsML-AudienceExportJob")["Properties"]
    assert export["audienceSize"] == {"type": "PERCENTAGE", "value": 5}


def provider(stack: cdk.Stack, **changes: Any) -> LookalikeProvider:
    """A provider with only the required arguments."""
    return LookalikeProvider(
        stack,
        "Provider",
        training_dataset=TrainingDataset.from_training_dataset_arn(stack, "D", f"{SERVICE}:training-dataset/one"),
        output_bucket=s3.Bucket.from_bucket_name(stack, "B", "audiences"),
        audience_sizes=AudienceSizes.percentage(5),
        **changes,
    )


def test_a_provider_without_a_membership_allows_single_consumers() -> None:
    stack = new_stack()
    provider(stack).allow_consumer("444455556666", collaboration_id=MEMBERSHIP)
    document = only(template_of(stack), POLICY)["Properties"]["configuredAudienceModelPolicy"]
    (statement,) = document["Statement"]
    assert statement["Condition"] == {"StringEquals": {"cleanrooms-ml:CollaborationId": MEMBERSHIP}}


@pytest.mark.parametrize("allowed", [True, False])
def test_a_provider_with_a_membership_leaves_policies_to_clean_rooms(allowed: bool) -> None:
    stack = new_stack()
    one = provider(stack, membership=Membership.from_membership_id(stack, "Member", MEMBERSHIP))
    assert one.association is not None
    if not allowed:
        assert template_of(stack)
        return
    one.allow_consumer("444455556666", collaboration_id=MEMBERSHIP)
    (error,) = errors_of(stack)
    assert "whose association manages the model's policy" in error
