"""Metrics of a job that its configured audience model does not share: ten paid hours before anyone sees it."""

from __future__ import annotations

import copy
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_cleanrooms_ml import SharedAudienceMetrics
from cleanrooms_ml_policy import check_template
from tests.synth.stacks import configured, errors_of, job, new_stack, resources_of, template_of
from tests.synth.test_warnings import warnings_of

MODEL = "Custom::CleanRoomsML-ConfiguredAudienceModel"


@pytest.mark.parametrize("gate", ["minimum_recall", "minimum_relevance"])
@pytest.mark.parametrize("shared", [None, SharedAudienceMetrics.NONE])
def test_a_gate_on_a_hidden_metric_is_refused(gate: str, shared: SharedAudienceMetrics | None) -> None:
    stack = new_stack()
    thresholds: dict[str, Any] = {gate: 0.5}
    job(stack, configured_audience_model=configured(stack, shared_audience_metrics=shared), **thresholds)
    (error,) = errors_of(stack)
    assert f"Stack/Job: {gate} is a metric of the job, which its configured audience model does not share" in error
    assert "Pass shared_audience_metrics=SharedAudienceMetrics.ALL" in error


def test_a_hidden_metric_is_no_attribute() -> None:
    stack = new_stack()
    hidden = job(stack, configured_audience_model=configured(stack))
    with pytest.raises(ValueError, match="Stack/Job: recall is a metric of the job"):
        _ = hidden.recall


def test_shared_metrics_are_fine() -> None:
    stack = new_stack()
    model = configured(stack, shared_audience_metrics=SharedAudienceMetrics.ALL)
    made = job(stack, configured_audience_model=model, minimum_recall=0.5, minimum_relevance=0.1)
    cdk.CfnOutput(stack, "Recall", value=cdk.Token.as_string(made.recall))
    assert warnings_of(stack) == {}


def test_of_an_imported_model_nobody_knows() -> None:
    stack = new_stack()
    job(stack, minimum_recall=0.5)
    ((id, (text,)),) = warnings_of(stack).items()
    assert id == "cleanrooms-ml:hidden-metrics"
    assert "minimum_recall needs metrics of the job. The configured audience model is imported" in text


def test_a_template_is_checked_too() -> None:
    stack = new_stack()
    model = configured(stack, shared_audience_metrics=SharedAudienceMetrics.ALL)
    job(stack, configured_audience_model=model, minimum_recall=0.5)
    template = copy.deepcopy(dict(template_of(stack)))
    assert check_template(template) == []
    (resource,) = resources_of(template, MODEL).values()
    resource["Properties"]["sharedAudienceMetrics"] = ["NONE"]
    (finding,) = check_template(template)
    assert finding.property_path == "Properties.Settings.Gates.minimumRecall"
    assert "sharedAudienceMetrics of its configured audience model is NONE" in finding.problem
