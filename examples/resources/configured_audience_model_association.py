"""An association: a configured audience model in a collaboration."""

from __future__ import annotations

import aws_cdk as cdk

from cdk_cleanrooms_ml import (
    ConfiguredAudienceModel,
    ConfiguredAudienceModelAssociation,
    Membership,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

model = ConfiguredAudienceModel.from_configured_audience_model_arn(
    stack,
    "Model",
    "arn:aws:cleanrooms-ml:us-east-1:111122223333:configured-audience-model/11111111-2222-4333-8444-555555555555",
)
association = ConfiguredAudienceModelAssociation(
    stack,
    "Association",
    membership=Membership.from_membership_id(stack, "Membership", "11111111-2222-4333-8444-555555555555"),
    configured_audience_model=model,
    # Clean Rooms writes the model's resource policy, so that other members can start jobs.
    manage_resource_policies=True,
)

cdk.CfnOutput(stack, "AssociationArn", value=association.configured_audience_model_association_arn)
app.synth()
