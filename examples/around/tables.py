"""A Glue table in a collaboration, with the analyses that it allows and a budget of accesses."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import (
    AdditionalAnalyses,
    AnalysisRule,
    AssociationAnalysisRule,
    ConfiguredTable,
    ConfiguredTableAssociation,
    Membership,
    PrivacyBudget,
    PrivacyBudgetTemplate,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

membership = Membership.from_membership_id(stack, "Membership", "11111111-2222-4333-8444-555555555555")
customers = ConfiguredTable(
    stack,
    "Customers",
    database="sales",
    table="customers",
    allowed_columns=["age_band", "region", "visits", "converted"],
    analysis_rule=AnalysisRule.custom(
        allowed_analyses=["ANY_QUERY"],
        allowed_analysis_providers=["444455556666"],
        # Custom models train on the results.
        additional_analyses=AdditionalAnalyses.ALLOWED,
    ),
    bucket=s3.Bucket.from_bucket_name(stack, "Data", "sales-data"),
    prefix="customers/",
)
association = ConfiguredTableAssociation(
    stack,
    "Association",
    membership=membership,
    configured_table=customers,
    association_name="customers",
    analysis_rule=AssociationAnalysisRule(
        allowed_additional_analyses=[
            "arn:aws:cleanrooms-ml:us-east-1:*:membership/*/configured-model-algorithm-association/*",
        ]
    ),
)
PrivacyBudgetTemplate(
    stack,
    "Budget",
    membership=membership,
    budget=PrivacyBudget.access(association, lifetime=100, daily=5),
)

app.synth()
