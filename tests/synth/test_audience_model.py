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
    AudienceExportJob,
    AudienceGenerationJob,
    AudienceModel,
    AudienceSize,
    AudienceSizes,
    SeedAudience,
    TrainingDataset,
)
from tests.synth.stacks import (
    CONFIGURED_ARN,
    SERVICE,
    configured,
    errors_of,
    job,
    logical_id,
    new_stack,
    only,
    resources_of,
    statements_of,
    template_of,
)

NUMBER: Any = cdk.Token.as_number({"Ref": "Parameter"})
DATASET_ARN = f"{SERVICE}:training-dataset/one"
MODEL = "Custom::CleanRoomsML-AudienceModel"
POLICY = "Custom::CleanRoomsML-ConfiguredAudienceModelPolicy"
EXPORT = "Custom::CleanRoomsML-AudienceExportJob"
WAIT = "Custom::CleanRoomsML-Wait"


def audience_model(stack: cdk.Stack, id: str = "Model", **changes: Any) -> AudienceModel:
    """An audience model with the least that it needs."""
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


def test_the_whole_chain_is_made_from_the_model() -> None:
    stack = new_stack()
    output, seeds = s3.Bucket(stack, "Output"), s3.Bucket(stack, "Seeds")
    made = audience_model(stack).add_configured_audience_model(
        "Configured", output_bucket=output, audience_sizes=AudienceSizes.percentage(1, 5)
    )
    run = made.add_generation_job("Job", seed_audience=SeedAudience.from_bucket(seeds, "seed.jsonl"))
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
    made = model.add_configured_audience_model("Configured", output_bucket=s3.Bucket(stack, "Output"))
    arn = f"{SERVICE}:audience-generation-job/one"
    imported = AudienceGenerationJob.from_audience_generation_job_arn(stack, "Job", arn)
    imported.add_export("Export", audience_size=AudienceSize.absolute(10_000))
    someone = iam.Role(stack, "Someone", assumed_by=iam.AccountRootPrincipal())
    model.grants.read(someone)
    template = template_of(stack)
    assert only(template, EXPORT)["Properties"]["audienceGenerationJobArn"] == arn
    assert logical_id(stack, made) in template["Resources"]
    policies = resources_of(template, "AWS::IAM::Policy")
    (policy,) = (each for name, each in policies.items() if name.startswith("Someone"))
    (statement,) = statements_of(policy["Properties"]["PolicyDocument"])
    assert (statement["Action"], statement["Resource"]) == (
        ["cleanrooms-ml:GetAudienceModel"],
        f"{SERVICE}:audience-model/one",
    )


def test_a_size_that_the_model_does_not_offer_is_refused() -> None:
    stack = new_stack()
    model = configured(stack, audience_sizes=AudienceSizes.percentage(1, 5))
    run = job(stack, configured_audience_model=model)
    run.add_export("Export", audience_size=AudienceSize.percentage(7))
    (error,) = errors_of(stack)
    assert "audienceSize is PERCENTAGE 7; the model's sizes are PERCENTAGE 1, 5 (StartAudienceExportJob)" in error


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda stack: AudienceSize.absolute(NUMBER), "the size is a token"),
        (lambda stack: export(stack, audience_generation_job="arn"), "audience_generation_job is a str"),
        (lambda stack: export(stack, audience_size=5), "audience_size is a int; allowed is AudienceSize"),
        (lambda stack: export(stack, wait=5), "wait is a int; allowed is Wait"),
    ],
)
def test_a_wrong_form_is_refused_where_it_is_written(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(new_stack())


def export(stack: cdk.Stack, **changes: Any) -> AudienceExportJob:
    """An export with the least that it needs."""
    given = {"audience_generation_job": job(stack), "audience_size": AudienceSize.percentage(5), **changes}
    return AudienceExportJob(stack, "Export", **given)


def start_statement() -> iam.PolicyStatement:
    """Another account may start jobs of one collaboration."""
    return iam.PolicyStatement(
        sid="Theirs",
        actions=["cleanrooms-ml:StartAudienceGenerationJob"],
        principals=[iam.AccountPrincipal("444455556666")],
        conditions={"StringEquals": {"cleanrooms-ml:CollaborationId": "uuid"}},
    )


def test_statements_of_the_resource_policy_share_one_document() -> None:
    stack = new_stack()
    model = configured(stack)
    for _ in range(2):
        assert model.add_to_resource_policy(start_statement()).statement_added
    template = template_of(stack)
    properties = only(template, POLICY)["Properties"]
    arn = {"Fn::GetAtt": [logical_id(stack, model), "Arn"]}
    assert properties["configuredAudienceModelArn"] == arn
    document = properties["configuredAudienceModelPolicy"]
    assert document["Version"] == "2012-10-17"
    assert len(document["Statement"]) == 2
    statement = document["Statement"][0]
    assert statement["Action"] == "cleanrooms-ml:StartAudienceGenerationJob"
    assert "Sid" not in statement
    assert statement["Condition"] == {"StringEquals": {"cleanrooms-ml:CollaborationId": "uuid"}}
    assert statement["Resource"][0] == arn
    assert statement["Resource"][1]["Fn::Join"][1][-1] == ":audience-generation-job/*"
    assert "444455556666" in str(statement["Principal"])
    assert "tags" not in properties
    assert not resources_of(template, WAIT)


def test_resources_that_a_statement_names_stay() -> None:
    stack = new_stack()
    statement = start_statement()
    statement.add_resources(CONFIGURED_ARN)
    configured(stack).add_to_resource_policy(statement)
    document = only(template_of(stack), POLICY)["Properties"]["configuredAudienceModelPolicy"]
    assert document["Statement"][0]["Resource"] == CONFIGURED_ARN


def test_a_policy_that_is_too_long_is_refused() -> None:
    stack = new_stack()
    statement = iam.PolicyStatement(
        actions=["cleanrooms-ml:StartAudienceGenerationJob"],
        principals=[iam.ArnPrincipal("arn:aws:iam::444455556666:root")],
        resources=[f"{CONFIGURED_ARN}{number:05}" for number in range(300)],
    )
    configured(stack).add_to_resource_policy(statement)
    assert any("configuredAudienceModelPolicy has" in error and "1 to 20480" in error for error in errors_of(stack))
