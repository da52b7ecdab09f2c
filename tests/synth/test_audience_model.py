"""AudienceModel, its resource policy's writers, and exports: what is rendered and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import (
    AudienceGenerationJob,
    AudienceModel,
    AudienceSize,
    AudienceSizes,
    SeedAudience,
    TrainingDataset,
)
from tests.synth.stacks import (
    SERVICE,
    logical_id,
    new_stack,
    only,
    resources_of,
    statements_of,
    template_of,
)

DATASET_ARN = f"{SERVICE}:training-dataset/one"
MODEL = "Custom::CleanRoomsML-AudienceModel"
EXPORT = "Custom::CleanRoomsML-AudienceExportJob"


def audience_model(stack: cdk.Stack, id: str = "Model", **changes: Any) -> AudienceModel:
    """An audience model with only the required arguments."""
    dataset = TrainingDataset.from_training_dataset_arn(stack, f"{id}Dataset", DATASET_ARN)
    return AudienceModel(stack, id, training_dataset=dataset, **changes)


def test_a_model_is_the_request_in_the_apis_words() -> None:
    stack = new_stack()
    key = kms.Key(stack, "Key")
    model = audience_model(
        stack,
        training_data_start=datetime(2026, 1, 31, 1, tzinfo=timezone(timedelta(hours=2))),
        training_data_end=datetime(2026, 6, 30, tzinfo=UTC),
        encryption_key=key,
        run_id="2026-11",
        audience_model_name="spring",
        description="monthly",
        tags={"team": "growth"},
    )
    template = template_of(stack)
    properties = dict(only(template, MODEL)["Properties"])
    del properties["ServiceToken"]
    assert properties == {
        "ServiceTimeout": 3600,
        "name": "spring",
        "description": "monthly",
        "trainingDatasetArn": DATASET_ARN,
        "trainingDataStartTime": "2026-01-30T23:00:00Z",
        "trainingDataEndTime": "2026-06-30T00:00:00Z",
        "kmsKeyArn": stack.resolve(key.key_arn),
        "RunId": "2026-11",
        "tags": {"team": "growth"},
    }
    assert stack.resolve(model.status) == {"Fn::GetAtt": [logical_id(stack, model, "Ready"), "Status"]}
    assert stack.resolve(model.audience_model_name) == {"Fn::GetAtt": [logical_id(stack, model), "Name"]}
    grants = [each for each in key_statements(template) if "kms:CreateGrant" in each["Action"]]
    assert [each["Action"] for each in grants] == [["kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey"]] * 2


def key_statements(template: Any) -> list[Any]:
    """The key policy's statements but for the account's own."""
    return statements_of(only(template, "AWS::KMS::Key")["Properties"]["KeyPolicy"])[1:]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="training_data_start is 2026-01-31T00:00:00, without a time zone"):
        audience_model(new_stack(), training_data_start=datetime(2026, 1, 31))
    with pytest.raises(ValueError, match="training_data_end is a str; allowed is a datetime"):
        audience_model(new_stack(), training_data_end="2026-01-31")
    with pytest.raises(ValueError, match="training_dataset is a str; allowed is a training dataset"):
        AudienceModel(new_stack(), "Model", training_dataset="arn")  # type: ignore[arg-type]


def test_the_whole_chain_is_created_from_the_model() -> None:
    stack = new_stack()
    output, seeds = s3.Bucket(stack, "Output"), s3.Bucket(stack, "Seeds")
    created = audience_model(stack).add_configured_audience_model(
        "Configured", output_bucket=output, audience_sizes=AudienceSizes.percentage(1, 5)
    )
    run = created.add_generation_job("Job", seed_audience=SeedAudience.from_bucket(seeds, "seed.jsonl"))
    export = run.add_export("Export", audience_size=AudienceSize.percentage(5), run_id="1", description="five")
    template = template_of(stack)
    assert export.node.path == "Stack/Model/Configured/Job/Export"
    properties = dict(only(template, EXPORT)["Properties"])
    del properties["ServiceToken"]
    assert properties == {
        "ServiceTimeout": 3600,
        "description": "five",
        "audienceGenerationJobArn": {"Fn::GetAtt": [logical_id(stack, run), "Arn"]},
        "audienceSize": {"type": "PERCENTAGE", "value": 5},
        "RunId": "1",
    }
    assert logical_id(stack, run, "Ready") in only(template, EXPORT)["DependsOn"]
    ready = template["Resources"][logical_id(stack, export, "Ready")]["Properties"]
    # An export has no ARN: it is known by its physical id.
    assert ready["Arn"] == {"Ref": logical_id(stack, export)}
    assert stack.resolve(export.output_location)["Fn::GetAtt"][1] == "OutputLocation"
    assert stack.resolve(export.status)["Fn::GetAtt"][1] == "Status"
    assert stack.resolve(export.audience_export_job_name)["Fn::GetAtt"] == [logical_id(stack, export), "Name"]


def test_imports_start_chains_too() -> None:
    stack = new_stack()
    model = AudienceModel.from_audience_model_arn(stack, "Model", f"{SERVICE}:audience-model/one")
    created = model.add_configured_audience_model("Configured", output_bucket=s3.Bucket(stack, "Output"))
    arn = f"{SERVICE}:audience-generation-job/one"
    imported = AudienceGenerationJob.from_audience_generation_job_arn(stack, "Job", arn)
    imported.add_export("Export", audience_size=AudienceSize.absolute(10_000))
    someone = iam.Role(stack, "Someone", assumed_by=iam.AccountRootPrincipal())
    model.grants.read(someone)
    template = template_of(stack)
    assert only(template, EXPORT)["Properties"]["audienceGenerationJobArn"] == arn
    assert logical_id(stack, created) in template["Resources"]
    policies = resources_of(template, "AWS::IAM::Policy")
    (policy,) = (each for name, each in policies.items() if name.startswith("Someone"))
    (statement,) = statements_of(policy["Properties"]["PolicyDocument"])
    assert (statement["Action"], statement["Resource"]) == (
        ["cleanrooms-ml:GetAudienceModel"],
        f"{SERVICE}:audience-model/one",
    )
