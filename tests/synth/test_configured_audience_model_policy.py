"""ConfiguredAudienceModelPolicy: statements in the resource policy of a model."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from cdk_cleanrooms_ml import ConfiguredAudienceModel
from tests.synth.stacks import (
    CONFIGURED_ARN,
    POLICY,
    configured,
    errors_of,
    logical_id,
    new_stack,
    only,
    resources_of,
    start_statement,
    template_of,
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
    assert not resources_of(template, "Custom::CleanRoomsML-Wait")


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


@pytest.mark.parametrize(
    "of_the_stack",
    [{}, {"account": "111122223333", "region": "us-east-1"}],
    ids=["a stack for any environment", "a stack in the model's environment"],
)
def test_an_imported_model_of_the_account_gets_a_policy_too(of_the_stack: dict[str, str]) -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(**of_the_stack))
    model = ConfiguredAudienceModel.from_configured_audience_model_arn(stack, "Model", CONFIGURED_ARN)
    for _ in range(2):
        result = model.add_to_resource_policy(start_statement())
    assert result.statement_added
    assert result.policy_dependable is model.node.find_child("Policy")
    properties = only(template_of(stack), POLICY)["Properties"]
    assert properties["configuredAudienceModelArn"] == CONFIGURED_ARN
    statements = properties["configuredAudienceModelPolicy"]["Statement"]
    assert [each["Resource"][0] for each in statements] == [CONFIGURED_ARN] * 2


@pytest.mark.parametrize(
    ("account", "region"), [("444455556666", "us-east-1"), ("111122223333", "eu-west-1")], ids=["account", "region"]
)
def test_the_policy_of_a_model_elsewhere_is_not_changed_and_the_result_says_so(account: str, region: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account=account, region=region))
    model = ConfiguredAudienceModel.from_configured_audience_model_arn(stack, "Model", CONFIGURED_ARN)
    assert not model.add_to_resource_policy(start_statement()).statement_added
    assert "Resources" not in template_of(stack)
