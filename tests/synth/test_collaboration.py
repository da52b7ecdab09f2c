"""Collaboration: who may do what, and who pays."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from cdk_cleanrooms_ml import (
    AnalyticsEngine,
    AutoApprovedChangeType,
    Collaboration,
    CustomMLMemberAbility,
    DataEncryptionMetadata,
    MemberAbility,
    Membership,
    MemberSpecification,
    PaymentConfiguration,
)
from tests.synth.stacks import MEMBERSHIP, new_stack, only, template_of

ALL = PaymentConfiguration(
    query_compute=True, model_training=True, model_inference=True, synthetic_data_generation=True
)
PAYS_ALL = {
    "QueryCompute": {"IsResponsible": True},
    "MachineLearning": {
        "ModelTraining": {"IsResponsible": True},
        "ModelInference": {"IsResponsible": True},
        "SyntheticDataGeneration": {"IsResponsible": True},
    },
}


def test_a_collaboration_says_who_may_do_what_and_who_pays() -> None:
    stack = new_stack()
    collaboration = Collaboration(
        stack,
        "Shop",
        creator_display_name="Shop",
        creator_member_abilities=[MemberAbility.CAN_QUERY, MemberAbility.CAN_RECEIVE_RESULTS],
        creator_ml_member_abilities=[CustomMLMemberAbility.CAN_RECEIVE_MODEL_OUTPUT],
        creator_payment_configuration=ALL,
        members=[
            MemberSpecification(
                account="444455556666",
                display_name="Bank",
                ml_member_abilities=[CustomMLMemberAbility.CAN_RECEIVE_INFERENCE_OUTPUT],
                payment_configuration=PaymentConfiguration(query_compute=False, model_training=False),
            )
        ],
        query_log=True,
        tags={"team": "own"},
    )
    membership = Membership(stack, "Member", collaboration=collaboration, payment_configuration=ALL)
    template = template_of(stack)
    assert only(template, "AWS::CleanRooms::Collaboration")["Properties"] == {
        "Name": collaboration.collaboration_name,
        "Description": collaboration.collaboration_name,
        "CreatorDisplayName": "Shop",
        "CreatorMemberAbilities": ["CAN_QUERY", "CAN_RECEIVE_RESULTS"],
        "CreatorMLMemberAbilities": {"CustomMLMemberAbilities": ["CAN_RECEIVE_MODEL_OUTPUT"]},
        "CreatorPaymentConfiguration": PAYS_ALL,
        "Members": [
            {
                "AccountId": "444455556666",
                "DisplayName": "Bank",
                "MemberAbilities": [],
                "MLMemberAbilities": {"CustomMLMemberAbilities": ["CAN_RECEIVE_INFERENCE_OUTPUT"]},
                "PaymentConfiguration": {
                    "QueryCompute": {"IsResponsible": False},
                    "MachineLearning": {"ModelTraining": {"IsResponsible": False}},
                },
            }
        ],
        "QueryLogStatus": "ENABLED",
        "Tags": [{"Key": "team", "Value": "own"}],
    }
    assert only(template, "AWS::CleanRooms::Membership")["Properties"] == {
        "CollaborationIdentifier": stack.resolve(collaboration.collaboration_id),
        "QueryLogStatus": "DISABLED",
        "PaymentConfiguration": PAYS_ALL,
    }
    assert stack.resolve(membership.membership_arn)["Fn::GetAtt"][1] == "Arn"
    assert stack.resolve(collaboration.collaboration_arn)["Fn::GetAtt"][1] == "Arn"


def test_a_wrong_form_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="members is a str; allowed is MemberSpecification"):
        Collaboration(new_stack(), "C", creator_display_name="c", members=["444455556666"])  # type: ignore[list-item]


def test_a_collaboration_is_known_by_id_or_arn() -> None:
    stack = new_stack()
    arn = f"arn:aws:cleanrooms:us-east-1:444455556666:collaboration/{MEMBERSHIP}"
    by_arn = Collaboration.from_collaboration_arn(stack, "ByArn", arn)
    assert (by_arn.collaboration_id, by_arn.collaboration_arn) == (MEMBERSHIP, arn)
    assert by_arn.env.account == "444455556666"
    by_id = Collaboration.from_collaboration_id(stack, "ById", MEMBERSHIP)
    assert f":collaboration/{MEMBERSHIP}" in str(stack.resolve(by_id.collaboration_arn))
    assert by_id.env.account == stack.account
    token = Collaboration.from_collaboration_arn(stack, "Token", cdk.Fn.import_value("collaboration"))
    assert stack.resolve(token.collaboration_id)["Fn::Select"][0] == 1
    with pytest.raises(ValueError, match="collaboration_arn is 'arn:aws:s3:::x'; allowed is arn:aws:cleanrooms:"):
        Collaboration.from_collaboration_arn(stack, "Wrong", "arn:aws:s3:::x")


def test_every_switch_of_a_collaboration_reaches_the_template() -> None:
    stack = new_stack()
    Collaboration(
        stack,
        "All",
        creator_display_name="us",
        job_log=True,
        metrics_enabled=True,
        allowed_result_regions=["eu-west-1", "us-east-1"],
        auto_approved_change_types=[AutoApprovedChangeType.ADD_MEMBER],
        analytics_engine=AnalyticsEngine.SPARK,
        data_encryption_metadata=DataEncryptionMetadata(
            allow_cleartext=True,
            allow_duplicates=False,
            allow_joins_on_columns_with_different_names=False,
            preserve_nulls=True,
        ),
    )
    properties = only(template_of(stack), "AWS::CleanRooms::Collaboration")["Properties"]
    assert {
        "JobLogStatus": "ENABLED",
        "IsMetricsEnabled": True,
        "AllowedResultRegions": ["eu-west-1", "us-east-1"],
        "AutoApprovedChangeTypes": ["ADD_MEMBER"],
        "AnalyticsEngine": "SPARK",
        "DataEncryptionMetadata": {
            "AllowCleartext": True,
            "AllowDuplicates": False,
            "AllowJoinsOnColumnsWithDifferentNames": False,
            "PreserveNulls": True,
        },
    }.items() <= properties.items()
