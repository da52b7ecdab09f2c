"""Tokens that come back, imports, dependencies."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cleanrooms as cleanrooms
from aws_cdk import aws_cleanroomsml as cleanroomsml

from cdk_cleanrooms_ml import (
    AudienceGenerationJob,
    AudienceModel,
    MLInputChannel,
    ProtectedQuery,
    TrainingDataset,
)
from tests.synth.stacks import (
    MEMBERSHIP,
    MODEL_ARN,
    SERVICE,
    channel,
    configured,
    job,
    logical_id,
    new_stack,
    only,
    template_of,
)

CHANNEL = "Custom::CleanRoomsML-MLInputChannel"


@pytest.fixture(scope="module")
def stack() -> cdk.Stack:
    stack = new_stack()
    configured(stack)
    channel(stack)
    job(stack)
    return stack


@pytest.mark.parametrize(
    ("id", "attribute", "child", "name"),
    [
        ("Configured", "configured_audience_model_arn", "Resource", "Arn"),
        ("Configured", "configured_audience_model_name", "Resource", "Name"),
        ("Channel", "ml_input_channel_arn", "Resource", "Arn"),
        ("Channel", "ml_input_channel_name", "Resource", "Name"),
        ("Channel", "status", "Ready", "Status"),
        ("Channel", "number_of_records", "Ready", "NumberOfRecords"),
        ("Channel", "number_of_files", "Ready", "NumberOfFiles"),
        ("Channel", "size_in_gb", "Ready", "SizeInGb"),
        ("Channel", "protected_query_identifier", "Ready", "ProtectedQueryIdentifier"),
        ("Channel", "membership_inference_attack_score", "Ready", "MembershipInferenceAttackScore"),
        ("Channel", "remaining_privacy_budget", "Ready", "RemainingPrivacyBudget"),
        ("Channel", "privacy_budget", "Ready", "PrivacyBudget"),
        ("Job", "started_by", "Ready", "StartedBy"),
        ("Job", "collaboration_id", "Ready", "CollaborationId"),
        ("Job", "audience_generation_job_arn", "Resource", "Arn"),
        ("Job", "audience_generation_job_name", "Resource", "Name"),
        ("Job", "status", "Ready", "Status"),
        ("Job", "recall", "Ready", "Recall"),
        ("Job", "protected_query_identifier", "Ready", "ProtectedQueryIdentifier"),
    ],
)
def test_an_attribute_is_a_token_of_the_right_custom_resource(
    stack: cdk.Stack, id: str, attribute: str, child: str, name: str
) -> None:
    construct = stack.node.find_child(id)
    value = getattr(construct, attribute)
    assert stack.resolve(value) == {"Fn::GetAtt": [logical_id(stack, construct, child), name]}
    assert getattr(construct, attribute) == value
    assert isinstance(value, float) == (name in _NUMBERS)


_NUMBERS = (
    *("NumberOfRecords", "NumberOfFiles", "SizeInGb", "MembershipInferenceAttackScore", "Recall"),
    *("RemainingPrivacyBudget", "PrivacyBudget"),
)


def test_a_dependency_on_a_channel_covers_its_end() -> None:
    stack = new_stack()
    first, later = channel(stack, "First"), configured(stack)
    later.node.add_dependency(first)
    waits = template_of(stack)["Resources"][logical_id(stack, later)]["DependsOn"]
    assert {logical_id(stack, first), logical_id(stack, first, "Ready")} <= set(waits)


def test_what_needs_an_active_one_waits_for_its_end() -> None:
    stack = new_stack()
    dataset = TrainingDataset.from_training_dataset_arn(stack, "Dataset", f"{SERVICE}:training-dataset/one")
    model = AudienceModel(stack, "Model", training_dataset=dataset)
    later = configured(stack, audience_model=model)
    assert logical_id(stack, model, "Ready") in template_of(stack)["Resources"][logical_id(stack, later)]["DependsOn"]


def test_an_output_in_another_stack_is_an_export() -> None:
    app = cdk.App()
    source, user = new_stack("Source", app), new_stack("User", app)
    cdk.CfnOutput(user, "Arn", value=channel(source).ml_input_channel_arn)
    assert "Fn::ImportValue" in template_of(user)["Outputs"]["Arn"]["Value"]


def test_imports_carry_their_arns() -> None:
    stack = new_stack()
    channel_arn = f"{SERVICE}:membership/{MEMBERSHIP}/ml-input-channel/one"
    job_arn = f"{SERVICE}:audience-generation-job/one"
    assert AudienceModel.from_audience_model_arn(stack, "M", MODEL_ARN).audience_model_arn == MODEL_ARN
    assert MLInputChannel.from_ml_input_channel_arn(stack, "C", channel_arn).ml_input_channel_arn == channel_arn
    assert (
        AudienceGenerationJob.from_audience_generation_job_arn(stack, "J", job_arn).audience_generation_job_arn
        == job_arn
    )


def test_l1_constructs_fit_in() -> None:
    stack = new_stack()
    member = cleanrooms.CfnMembership(
        stack, "L1Member", collaboration_identifier=MEMBERSHIP, query_log_status="DISABLED"
    )
    algorithm = cleanroomsml.CfnConfiguredModelAlgorithmAssociation(
        stack,
        "L1Algorithm",
        configured_model_algorithm_arn=f"{SERVICE}:configured-model-algorithm/one",
        membership_identifier=MEMBERSHIP,
        name="algorithm",
    )
    asked = cleanrooms.CfnAnalysisTemplate(
        stack, "L1Template", format="SQL", membership_identifier=MEMBERSHIP, name="t", source={"text": "SELECT 1"}
    )
    channel(stack, membership=member, algorithm_association=algorithm, query=ProtectedQuery.analysis_template(asked))
    properties = only(template_of(stack), CHANNEL)["Properties"]
    assert properties["membershipIdentifier"] == {"Ref": "L1Member"}
    assert properties["configuredModelAlgorithmAssociations"] == [{"Ref": "L1Algorithm"}]
    source = properties["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    assert source["sqlParameters"] == {"analysisTemplateArn": {"Fn::GetAtt": ["L1Template", "Arn"]}}
