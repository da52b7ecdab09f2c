"""A query that the owners of the data have agreed on; its result is synthetic data, never the original."""

from __future__ import annotations

import aws_cdk as cdk

from cdk_cleanrooms_ml import (
    AnalysisParameter,
    AnalysisTemplate,
    Membership,
    ParameterType,
    SyntheticData,
    SyntheticDataColumn,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

template = AnalysisTemplate(
    stack,
    "Template",
    membership=Membership.from_membership_id(stack, "Membership", "11111111-2222-4333-8444-555555555555"),
    text="SELECT age_band, region, visits, basket, converted FROM customers WHERE region = :region",
    parameters=[AnalysisParameter(name="region", type=ParameterType.VARCHAR, default_value="EU")],
    synthetic_data=SyntheticData(
        epsilon=3,
        maximum_membership_inference_attack_score=0.6,
        columns=[
            SyntheticDataColumn.categorical("age_band"),
            SyntheticDataColumn.categorical("region"),
            SyntheticDataColumn.numerical("visits"),
            SyntheticDataColumn.numerical("basket"),
            SyntheticDataColumn.categorical("converted", is_predictive_value=True),
        ],
    ),
)

cdk.CfnOutput(stack, "TemplateArn", value=template.analysis_template_arn)
app.synth()
