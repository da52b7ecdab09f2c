"""AudienceGenerationJob: what is rendered and what is refused."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from cdk_cleanrooms_ml import AudienceSize, AudienceSizes, SeedAudience
from cdk_cleanrooms_ml.protected_query import ProtectedQuery, WorkerCompute, WorkerType
from tests.synth.stacks import (
    CONFIGURED_ARN,
    MEMBERSHIP,
    TEMPLATE_ARN,
    Template,
    configured,
    job,
    logical_id,
    new_stack,
    only,
    request_of,
    resources_of,
    template_of,
)

JOB = "Custom::CleanRoomsML-AudienceGenerationJob"


def test_a_job_is_the_request_in_the_apis_words(stack: cdk.Stack, template: Template) -> None:
    request = request_of(only(template, JOB))
    seed = request.pop("seedAudience")
    model = logical_id(stack, stack.node.find_child("Configured"))
    assert request == {"configuredAudienceModelArn": {"Fn::GetAtt": [model, "Arn"]}}
    assert isinstance(seed, dict)
    assert seed["dataSource"]["s3Uri"]["Fn::Join"][1][2] == "/seeds/seed.jsonl"


def test_every_option_of_a_job_reaches_the_request() -> None:
    stack = new_stack()
    query = ProtectedQuery.analysis_template(TEMPLATE_ARN, parameters={"country": "CH"})
    compute = WorkerCompute(type=WorkerType.CR_1X, number=2)
    job(
        stack,
        seed_audience=SeedAudience.from_query(query, compute=compute),
        include_seed_in_output=False,
        collaboration_id=MEMBERSHIP,
        audience_generation_job_name="spring",
        minimum_relevance=0.25,
    )
    request = request_of(only(template_of(stack), JOB))
    seed = request["seedAudience"]
    assert isinstance(seed, dict)
    assert seed["sqlParameters"] == {"analysisTemplateArn": TEMPLATE_ARN, "parameters": {"country": "CH"}}
    assert seed["sqlComputeConfiguration"] == {"worker": {"type": "CR.1X", "number": 2}}
    assert request["configuredAudienceModelArn"] == CONFIGURED_ARN
    assert request["includeSeedInOutput"] is False
    assert request["collaborationId"] == MEMBERSHIP
    assert request["name"] == "spring"


@pytest.mark.parametrize(
    ("seed", "hours"), [(None, 10), (SeedAudience.from_query(ProtectedQuery.sql("SELECT user_id FROM crm")), 35)]
)
def test_a_deployment_waits_as_long_as_aws_documents_that_a_job_can_take(seed: SeedAudience | None, hours: int) -> None:
    stack = new_stack()
    job(stack, seed_audience=seed)
    waits = resources_of(template_of(stack), "Custom::CleanRoomsML-Wait")
    (settings,) = [each["Properties"]["Settings"] for name, each in waits.items() if name.startswith("JobReady")]
    assert settings["WaitedSeconds"] + settings["TimeoutSeconds"] == hours * 3600


def test_the_relevance_of_a_size_is_asked_for_by_its_name() -> None:
    stack = new_stack()
    model = configured(stack, audience_sizes=AudienceSizes.percentage(1, 5))
    run = job(stack, configured_audience_model=model)
    found = [run.relevance(AudienceSize.percentage(size)) for size in (5, 1, 5)]
    ready = logical_id(stack, run, "Ready")
    assert found[0] == found[2]
    assert stack.resolve(found[0]) == {"Fn::GetAtt": [ready, "RelevancePERCENTAGE5"]}
    settings = template_of(stack)["Resources"][ready]["Properties"]["Settings"]
    assert settings["Figures"] == ["RelevancePERCENTAGE1", "RelevancePERCENTAGE5"]
    assert settings["TimeoutSeconds"]


def test_the_relevance_of_a_size_that_the_model_does_not_have_is_refused() -> None:
    stack = new_stack()
    run = job(stack, configured_audience_model=configured(stack, audience_sizes=AudienceSizes.percentage(1, 5)))
    with pytest.raises(ValueError, match="size is PERCENTAGE 7; the model's sizes are PERCENTAGE 1, 5"):
        run.relevance(AudienceSize.percentage(7))
    imported = job(stack, "Imported")
    assert imported.relevance(AudienceSize.absolute(10_000))
