"""Models in collaborations, and who writes their policies."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from cdk_cleanrooms_ml import (
    ConfiguredAudienceModelAssociation,
    Membership,
)
from tests.synth.custom_model import CustomModelStack
from tests.synth.stacks import (
    MEMBERSHIP,
    POLICY,
    configured,
    logical_id,
    new_stack,
    only,
    start_statement,
    template_of,
)


def test_an_association_is_the_request_in_the_apis_words() -> None:
    custom = CustomModelStack()
    model = configured(custom.stack)
    association = ConfiguredAudienceModelAssociation(
        custom.stack, "Association", membership=custom.member, configured_audience_model=model, tags={"a": "b"}
    )
    assert custom.request("ConfiguredAudienceModelAssociation", association) == {
        "membershipIdentifier": MEMBERSHIP,
        "configuredAudienceModelArn": {"Fn::GetAtt": [logical_id(custom.stack, model), "Arn"]},
        "manageResourcePolicies": True,
        "tags": {"a": "b"},
    }
    for attribute, name in {"arn": "Arn", "name": "Name", "id": "Id"}.items():
        value = getattr(association, f"configured_audience_model_association_{attribute}")
        assert custom.stack.resolve(value) == {"Fn::GetAtt": [logical_id(custom.stack, association), name]}
    assert custom.stack.resolve(association.collaboration_id)["Fn::GetAtt"][1] == "CollaborationId"
    arn = "arn:aws:cleanrooms:us-east-1:111122223333:membership/m/configuredaudiencemodelassociation/a"
    imported = ConfiguredAudienceModelAssociation.from_configured_audience_model_association_arn(custom.stack, "I", arn)
    assert imported.configured_audience_model_association_arn == arn


def test_two_writers_of_one_policy_are_refused_in_different_stacks_too() -> None:
    app = cdk.App()
    first, second = new_stack("First", app), new_stack("Second", app)
    model = configured(first)
    ConfiguredAudienceModelAssociation(
        second,
        "Association",
        membership=Membership.from_membership_id(second, "Member", MEMBERSHIP),
        configured_audience_model=model,
    )
    model.add_to_resource_policy(start_statement())
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    assert "configuredAudienceModelPolicy is written by Second/Association too" in str(caught.value)
    assert "(PutConfiguredAudienceModelPolicy)" in str(caught.value)


def test_an_association_that_leaves_the_policy_alone_fits_statements() -> None:
    custom = CustomModelStack()
    model = configured(custom.stack)
    ConfiguredAudienceModelAssociation(
        custom.stack,
        "Association",
        membership=custom.member,
        configured_audience_model=model,
        manage_resource_policies=False,
    )
    model.add_to_resource_policy(start_statement())
    assert only(template_of(custom.stack), POLICY)


def test_a_wrong_form_is_refused_where_it_is_written() -> None:
    custom = CustomModelStack()
    with pytest.raises(ValueError, match="configured_audience_model is a str; allowed is a configured model"):
        ConfiguredAudienceModelAssociation(
            custom.stack,
            "Association",
            membership=custom.member,
            configured_audience_model="arn",  # type: ignore[arg-type]
        )
