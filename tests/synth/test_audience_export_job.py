"""AudienceExportJob: what is rendered and what is refused."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from cdk_cleanrooms_ml import (
    AudienceExportJob,
    AudienceSize,
    AudienceSizes,
)
from tests.synth.stacks import (
    configured,
    errors_of,
    job,
    new_stack,
    template_of,
)

NUMBER: Any = cdk.Token.as_number({"Ref": "Parameter"})


def test_a_size_that_the_model_does_not_offer_is_refused() -> None:
    stack = new_stack()
    model = configured(stack, audience_sizes=AudienceSizes.percentage(1, 5))
    run = job(stack, configured_audience_model=model)
    run.add_export("Export", audience_size=AudienceSize.percentage(7))
    (error,) = errors_of(stack)
    assert "audienceSize is PERCENTAGE 7; the model's sizes are PERCENTAGE 1, 5 (StartAudienceExportJob)" in error


def test_a_deployment_waits_as_long_as_an_export_can_take() -> None:
    stack = new_stack()
    export(stack)
    (link, ready) = [
        resource["Properties"]["Settings"]
        for name, resource in template_of(stack)["Resources"].items()
        if name.startswith("Export") and resource["Type"] == "Custom::CleanRoomsML-Wait"
    ]
    assert (link, ready) == ({"Link": True}, {"TimeoutSeconds": 300, "WaitedSeconds": 3300})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda stack: AudienceSize.absolute(NUMBER), "the size is a token"),
        (lambda stack: export(stack, audience_generation_job="arn"), "audience_generation_job is a str"),
        (lambda stack: export(stack, audience_size=5), "audience_size is an int; allowed is AudienceSize"),
        (lambda stack: export(stack, wait=5), "wait is an int; allowed is Wait"),
    ],
)
def test_a_wrong_form_is_refused_where_it_is_written(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(new_stack())


def export(stack: cdk.Stack, **changes: Any) -> AudienceExportJob:
    """An export with only the required arguments."""
    given = {"audience_generation_job": job(stack), "audience_size": AudienceSize.percentage(5), **changes}
    return AudienceExportJob(stack, "Export", **given)
