"""A collaboration, and the creator's membership: who works together, who may do what, and who pays."""

from __future__ import annotations

import aws_cdk as cdk

from cdk_cleanrooms_ml import (
    Collaboration,
    CustomMLMemberAbility,
    MemberAbility,
    Membership,
    MemberSpecification,
    PaymentConfiguration,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

collaboration = Collaboration(
    stack,
    "Collaboration",
    creator_display_name="Retailer",
    creator_payment_configuration=PaymentConfiguration(query_compute=True, model_training=True),
    members=[
        MemberSpecification(
            account="444455556666",
            display_name="Modeler",
            member_abilities=[MemberAbility.CAN_QUERY],
            ml_member_abilities=[CustomMLMemberAbility.CAN_RECEIVE_MODEL_OUTPUT],
            payment_configuration=PaymentConfiguration(query_compute=False, model_inference=True),
        )
    ],
    creator_member_abilities=[MemberAbility.CAN_RECEIVE_RESULTS],
    creator_ml_member_abilities=[CustomMLMemberAbility.CAN_RECEIVE_INFERENCE_OUTPUT],
    query_log=True,
)
membership = Membership(
    stack,
    "Membership",
    collaboration=collaboration,
    payment_configuration=PaymentConfiguration(query_compute=True, model_training=True),
    query_log=True,
)

cdk.CfnOutput(stack, "CollaborationArn", value=collaboration.collaboration_arn)
cdk.CfnOutput(stack, "MembershipArn", value=membership.membership_arn)
app.synth()
