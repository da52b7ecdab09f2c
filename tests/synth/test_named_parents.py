"""The functions know the parents of resources without tags that the template names."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm

from cdk_cleanrooms_ml import AudienceExportJob, AudienceGenerationJob, AudienceSize, Membership, MLConfiguration
from cdk_cleanrooms_ml.configured_audience_model_policy import ConfiguredAudienceModelPolicy
from cleanrooms_ml_handlers.named_parents import ANY, NONE, short
from cleanrooms_ml_handlers.shared_names import PARENTS

from .stacks import CONFIGURED_ARN, MEMBERSHIP, SERVICE, configured, job, new_stack, template_of

_JOB_ARN = f"{SERVICE}:audience-generation-job/55555555-5555-4555-8555-555555555555"


def listed(stack: cdk.Stack) -> Any:
    """The list, which both functions have."""
    template = template_of(stack)
    front, worker = (
        template["Resources"][name]["Properties"]["Environment"]["Variables"][PARENTS]
        for name in ("CleanRoomsMLFront", "CleanRoomsMLWorker")
    )
    assert front == worker
    return front


def configuration(stack: cdk.Stack, membership_id: str, id: str = "Configuration") -> None:
    member = Membership.from_membership_id(stack, f"{id}Member", membership_id)
    MLConfiguration(stack, id, membership=member, output_bucket=s3.Bucket(stack, f"{id}Bucket"))


def export(stack: cdk.Stack, arn: str) -> None:
    found = AudienceGenerationJob.from_audience_generation_job_arn(stack, "Imported", arn)
    AudienceExportJob(stack, "Export", audience_generation_job=found, audience_size=AudienceSize.percentage(5))


def test_nothing_is_named_without_such_resources() -> None:
    stack = new_stack()
    job(stack)
    assert listed(stack) == NONE


def test_what_the_template_names_is_listed_by_its_hash() -> None:
    stack = new_stack()
    configuration(stack, MEMBERSHIP)
    export(stack, _JOB_ARN)
    ConfiguredAudienceModelPolicy(stack, "Policy", configured_audience_model_arn=CONFIGURED_ARN)
    ConfiguredAudienceModelPolicy(stack, "Other", configured_audience_model_arn=CONFIGURED_ARN)
    assert listed(stack).split(",") == [NONE, short(MEMBERSHIP), short(_JOB_ARN), short(CONFIGURED_ARN)]


def test_what_the_stack_creates_is_not_listed() -> None:
    stack = new_stack()
    model = configured(stack)
    ConfiguredAudienceModelPolicy(stack, "Policy", configured_audience_model_arn=model.configured_audience_model_arn)
    mine = job(stack, configured_audience_model=model)
    AudienceExportJob(stack, "Export", audience_generation_job=mine, audience_size=AudienceSize.percentage(5))
    assert listed(stack) == NONE


def test_a_parameter_is_listed_as_a_reference() -> None:
    stack = new_stack()
    parameter = cdk.CfnParameter(stack, "Member")
    configuration(stack, parameter.value_as_string)
    configuration(stack, ssm.StringParameter.value_for_string_parameter(stack, "/member"), "Second")
    text = json.dumps(listed(stack))
    assert '{"Ref": "Member"}' in text
    assert '{"Ref": "Ssmparametervaluemember' in text.replace("SsmParameterValuemember", "Ssmparametervaluemember")


def test_what_another_stack_creates_is_listed_as_an_import() -> None:
    app = cdk.App()
    first, second = cdk.Stack(app, "First"), cdk.Stack(app, "Second")
    mine = job(first)
    AudienceExportJob(second, "Export", audience_generation_job=mine, audience_size=AudienceSize.percentage(5))
    assert "Fn::ImportValue" in json.dumps(listed(second)) or "Fn::GetStackOutput" in json.dumps(listed(second))


@pytest.mark.parametrize(("count", "is_listed"), [(150, True), (200, False)])
def test_too_many_for_an_environment_are_not_told_apart(count: int, is_listed: bool) -> None:
    stack = new_stack()
    for number in range(count):
        arn = f"{CONFIGURED_ARN}-{number}"
        ConfiguredAudienceModelPolicy(stack, f"Policy{number}", configured_audience_model_arn=arn)
    text = listed(stack)
    assert len(text) < 3000
    assert (text == ANY) is not is_listed
