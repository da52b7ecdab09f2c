"""Real functions with real policies on the sandbox: what is taken out of a template is deleted without its permissions.

app.py as a whole is deployed, updated and destroyed with policies enforced by tests/e2e/test_example.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import AudienceGenerationJob, AudienceModel, ConfiguredAudienceModel, SeedAudience
from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_handlers.shared_names import RESOURCE_TYPE_PREFIX
from cleanrooms_ml_simulator.sandbox.assembly import Assembly, Template, channel, synthesized
from cleanrooms_ml_simulator.sandbox.deployment import Deployment, prepared

MODEL_ARN = "arn:aws:cleanrooms-ml:us-east-1:000000000000:audience-model/5fac8731-d13d-5385-ae9a-94d3cf54d191"
DURATIONS = {verb: {"MLInputChannel": 1.0, "AudienceGenerationJob": 1.0} for verb in ("create", "delete")}


@dataclass(frozen=True)
class Site:
    """A sandbox with the stack's assets in it."""

    sandbox: Sandbox
    assembly: Assembly

    def left(self) -> list[str]:
        """What exists in the service."""
        records = self.sandbox.emulator.records(seeded=False)
        return [f"{record['kind']} {record['status']}" for record in records if record["status"] != "INACTIVE"]


def build(stack: cdk.Stack) -> None:
    """Of several kinds, and something that is not ours."""
    bucket = s3.Bucket(stack, "Audiences")
    model = ConfiguredAudienceModel(
        stack,
        "Lookalike",
        audience_model=AudienceModel.from_audience_model_arn(stack, "Model", MODEL_ARN),
        output_bucket=bucket,
    )
    seed = SeedAudience.from_bucket(s3.Bucket.from_bucket_name(stack, "Seeds", "seeds"), "seeds/seed.jsonl")
    AudienceGenerationJob(stack, "Audience", configured_audience_model=model, seed_audience=seed)
    start = iam.PolicyStatement(
        actions=["cleanrooms-ml:StartAudienceGenerationJob"],
        principals=[iam.AccountPrincipal("444455556666")],
        resources=[model.configured_audience_model_arn],
    )
    model.add_to_resource_policy(start)
    channel(stack)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    assembly = synthesized(tmp_path_factory.mktemp("assembly"), build)
    with prepared(tmp_path_factory.mktemp("sandboxes"), assembly, durations=DURATIONS) as sandbox:
        yield Site(sandbox, assembly)


def without(template: Template, *prefixes: str) -> Template:
    """A template without the resources whose logical ids begin with something."""
    kept = {name: each for name, each in template["Resources"].items() if not name.startswith(prefixes)}
    return {**template, "Resources": kept}


def test_the_last_resource_of_each_kind_goes_with_the_permissions_to_create_it(site: Site, tmp_path: Path) -> None:
    def build_models_only(stack: cdk.Stack) -> None:
        ConfiguredAudienceModel(
            stack,
            "Lookalike",
            audience_model=AudienceModel.from_audience_model_arn(stack, "Model", MODEL_ARN),
            output_bucket=s3.Bucket(stack, "Audiences"),
        )

    less = synthesized(tmp_path, build_models_only)
    stack = Deployment(site.sandbox, "LastOfAKind")
    assert stack.deploy(site.assembly.template) == "CREATE_COMPLETE", stack.reasons()
    assert len(site.left()) == 4

    assert stack.deploy(less.template) == "UPDATE_COMPLETE", stack.reasons()

    assert site.left() == ["ConfiguredAudienceModel ACTIVE"]
    (policy,) = [
        each["Properties"]["PolicyDocument"]
        for name, each in less.template["Resources"].items()
        if name == "CleanRoomsMLWorkerPolicy"
    ]
    assert "CreateMLInputChannel" not in str(policy)
    assert "DeleteMLInputChannelData" in str(policy)
    assert stack.delete() == "DELETE_COMPLETE", stack.reasons()
    assert site.left() == []


def test_everything_of_ours_goes_at_once_functions_and_all(site: Site) -> None:
    stack = Deployment(site.sandbox, "AllAtOnce")
    assert stack.deploy(site.assembly.template) == "CREATE_COMPLETE", stack.reasons()

    ours = [
        name
        for name, each in site.assembly.template["Resources"].items()
        if each["Type"].startswith(RESOURCE_TYPE_PREFIX)
    ]
    rest = without(site.assembly.template, "CleanRoomsML", "Channel", "Lookalike", *ours)
    rest = without(rest, *[name for name in rest["Resources"] if not name.startswith("Audiences")])
    assert stack.deploy(rest) == "UPDATE_COMPLETE", stack.reasons()

    assert site.left() == []
    assert stack.delete() == "DELETE_COMPLETE"


def test_every_call_was_made_as_the_worker_and_none_was_refused_for_long(site: Site) -> None:
    journal = site.sandbox.emulator.journal()
    assert {entry["error"] for entry in journal} <= {"", "ResourceNotFoundException", "ConflictException"}
    callers = {entry["caller"].rpartition("/")[2] for entry in journal}
    assert all("CleanRoomsMLWorkerRole" in caller for caller in callers), callers
