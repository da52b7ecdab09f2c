"""ConfiguredAudienceModel: what is rendered and what is refused."""

from __future__ import annotations

from cdk_cleanrooms_ml import SharedAudienceMetrics, TagOnCreatePolicy
from tests.synth.stacks import (
    MODEL_ARN,
    Template,
    configured,
    new_stack,
    only,
    request_of,
    template_of,
)

CONFIGURED = "Custom::CleanRoomsML-ConfiguredAudienceModel"


def test_a_configured_audience_model_is_the_request_in_the_apis_words(template: Template) -> None:
    resource = only(template, CONFIGURED)
    request = request_of(resource)
    output = request.pop("outputConfig")
    assert request == {
        "audienceModelArn": MODEL_ARN,
        "description": "spring",
        "sharedAudienceMetrics": ["ALL"],
        "audienceSizeConfig": {"audienceSizeType": "PERCENTAGE", "audienceSizeBins": [1, 5, 10]},
    }
    assert isinstance(output, dict)
    uri = output["destination"]["s3Destination"]["s3Uri"]["Fn::Join"][1]
    assert (uri[0], uri[2]) == ("s3://", "/audiences/")
    assert "Fn::GetAtt" in output["roleArn"]


def test_every_option_of_a_configured_audience_model_reaches_the_request() -> None:
    stack = new_stack()
    configured(
        stack,
        configured_audience_model_name="spring",
        shared_audience_metrics=SharedAudienceMetrics.ALL,
        min_matching_seed_size=25,
        child_resource_tag_on_create_policy=TagOnCreatePolicy.FROM_PARENT_RESOURCE,
    )
    request = request_of(only(template_of(stack), CONFIGURED))
    assert request["outputConfig"]["destination"] == {"s3Destination": {"s3Uri": "s3://audiences"}}  # type: ignore[index]
    assert request["name"] == "spring"
    assert request["sharedAudienceMetrics"] == ["ALL"]
    assert request["minMatchingSeedSize"] == 25
    assert request["childResourceTagOnCreatePolicy"] == "FROM_PARENT_RESOURCE"
