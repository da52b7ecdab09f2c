"""Interfaces: each is CDK's own, so that resources of this library and imported ones fit in wherever CDK's do."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cleanrooms as cleanrooms
from aws_cdk import aws_cleanroomsml as cleanroomsml
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

import cdk_cleanrooms_ml
from cdk_cleanrooms_ml import (
    AnalysisTemplate,
    MLInputChannel,
    ProtectedQuery,
)
from cleanrooms_ml_handlers.resources import SPECS
from tests.synth.of_each_kind import (
    arn_of,
    class_of,
    created,
    imported,
    interface_of,
    stem_of,
)
from tests.synth.stacks import (
    MEMBERSHIP,
    TEMPLATE_ARN,
    channel,
    new_stack,
    resources_of,
    template_of,
)
from tests.synth.test_analysis_template import analysis_template

# The kinds that have an interface.
KINDS = sorted(name for name in cdk_cleanrooms_ml.__all__ if interface_of(name) is not None)


def test_every_interface_is_one_of_a_kind() -> None:
    interfaces = {name for name in cdk_cleanrooms_ml.__all__ if name[0] == "I" and name[1].isupper()}
    assert interfaces == {f"I{kind}" for kind in KINDS}
    assert len(interfaces) >= 13


@pytest.mark.parametrize("kind", KINDS)
def test_a_resource_of_either_origin_is_a_resource_of_cdk(kind: str) -> None:
    interface = interface_of(kind)
    stack = new_stack()
    own, other = created(kind, stack), imported(kind, stack)
    assert cdk.IResource in interface.__mro__
    for one in (own, other):
        assert isinstance(one, interface)
        assert one.stack is stack
        assert one.node.scope is stack
        assert cdk.Resource.is_resource(one)
    assert own.env.region == stack.region
    assert (other.env.account, other.env.region) == ("111122223333", "us-east-1")
    own.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    assert not isinstance("arn", interface)
    assert not isinstance(stack, interface)


@pytest.mark.parametrize("kind", KINDS)
def test_isinstance_evaluates_no_property(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = created(kind, new_stack())
    evaluated: list[str] = []
    members = [each for each in dir(type(one)) if isinstance(getattr(type(one), each), property)]
    for member in members:

        def noted(_: object, member: str = member) -> None:
            evaluated.append(member)

        monkeypatch.setattr(type(one), member, property(noted))
    assert isinstance(one, interface_of(kind))
    assert evaluated == []


# -- references --------------------------------------------------------------------------------------------------------


ARN_OF: dict[str, Callable[[Any], str]] = {
    "AnalysisTemplate": cleanrooms.CfnAnalysisTemplate.arn_for_analysis_template,
    "Collaboration": cleanrooms.CfnCollaboration.arn_for_collaboration,
    "ConfiguredModelAlgorithm": cleanroomsml.CfnConfiguredModelAlgorithm.arn_for_configured_model_algorithm,
    "ConfiguredModelAlgorithmAssociation": (
        cleanroomsml.CfnConfiguredModelAlgorithmAssociation.arn_for_configured_model_algorithm_association
    ),
    "ConfiguredTable": cleanrooms.CfnConfiguredTable.arn_for_configured_table,
    "Membership": cleanrooms.CfnMembership.arn_for_membership,
    "TrainingDataset": cleanroomsml.CfnTrainingDataset.arn_for_training_dataset,
}


@pytest.mark.parametrize("kind", ARN_OF)
def test_aws_cdk_lib_takes_it_by_its_reference_interface(kind: str) -> None:
    stack = new_stack()
    own = created(kind, stack)
    assert ARN_OF[kind](imported(kind, stack)) == arn_of(kind)
    assert stack.resolve(ARN_OF[kind](own)) == stack.resolve(getattr(own, f"{stem_of(kind)}_arn"))


def test_a_reference_has_the_identifiers_of_an_l1() -> None:
    stack = new_stack()
    template = analysis_template(stack)
    l1 = template.node.default_child
    assert isinstance(l1, cleanrooms.CfnAnalysisTemplate)
    assert stack.resolve(template.analysis_template_ref._values) == stack.resolve(
        {
            "analysis_template_arn": l1.attr_arn,
            "analysis_template_identifier": l1.attr_analysis_template_identifier,
            "membership_identifier": MEMBERSHIP,
        }
    )
    imported = AnalysisTemplate.from_analysis_template_arn(stack, "Imported", TEMPLATE_ARN)
    assert imported.analysis_template_ref._values == {
        "analysis_template_arn": TEMPLATE_ARN,
        "analysis_template_identifier": "template",
        "membership_identifier": MEMBERSHIP,
    }
    token = AnalysisTemplate.from_analysis_template_arn(stack, "Token", cdk.Fn.import_value("template"))
    assert stack.resolve(token.analysis_template_ref.analysis_template_identifier)["Fn::Select"][0] == 3
    wrong = AnalysisTemplate.from_analysis_template_arn(stack, "Wrong", "arn:aws:s3:::x")
    with pytest.raises(ValueError, match="analysis_template_arn is 'arn:aws:s3:::x'; allowed is arn:aws:cleanrooms:"):
        _ = wrong.analysis_template_ref


def test_what_is_no_template_is_refused() -> None:
    with pytest.raises(ValueError, match="ProtectedQuery: template is a Stack; allowed is an analysis template"):
        channel(new_stack(), query=ProtectedQuery.analysis_template(new_stack()))  # type: ignore[arg-type]


# -- roles and keys ----------------------------------------------------------------------------------------------------


# What an import carries in addition to its ARN, by its kind.
ATTRIBUTES = {
    kind: sorted(set(signature(importing).parameters) - {"scope", "id", f"{stem_of(kind)}_arn"})
    for kind in KINDS
    if (importing := getattr(class_of(kind), f"from_{stem_of(kind)}_attributes", None))
}


@pytest.mark.parametrize("kind", ATTRIBUTES)
def test_an_import_carries_what_it_is_told(kind: str) -> None:
    stack, stem, arn = new_stack(), stem_of(kind), arn_of(kind)
    known = {
        "role": iam.Role.from_role_name(stack, "Role", "own"),
        "encryption_key": kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:111122223333:key/one"),
        "version_identifier": "11111111-2222-4333-8444-555555555555",
    }
    given: dict[str, Any] = {name: known[name] for name in ATTRIBUTES[kind]}
    assert given
    importing = getattr(class_of(kind), f"from_{stem}_attributes")
    whole, plain = importing(stack, "Imported", **{f"{stem}_arn": arn}, **given), imported(kind, stack, "Plain")
    assert getattr(whole, f"{stem}_arn") == arn
    for name, value in given.items():
        assert getattr(whole, name) is value
        assert getattr(plain, name) is None


@pytest.mark.parametrize("kind", [*(spec.kind for spec in SPECS if spec.key_field), "ConfiguredModelAlgorithm"])
def test_a_key_of_the_users_own_is_shown(kind: str) -> None:
    stack = new_stack()
    key = kms.Key(stack, "Key")
    assert created(kind, stack, encryption_key=key).encryption_key is key
    assert created(kind, new_stack()).encryption_key is None


WITH_ROLE = [*(spec.kind for spec in SPECS if spec.role_fields), "ConfiguredModelAlgorithm", "TrainingDataset"]


@pytest.mark.parametrize("kind", WITH_ROLE)
def test_grants_to_a_resource_with_a_role_are_its_roles(kind: str) -> None:
    stack = new_stack()
    one = created(kind, stack)
    bucket = s3.Bucket.from_bucket_name(stack, "Reference", "reference")
    assert bucket.grant_read(one).success
    policies = resources_of(template_of(stack), "AWS::IAM::Policy").values()
    (policy,) = (each["Properties"] for each in policies if "s3:GetObject*" in str(each))
    (role,) = policy["Roles"]
    assert role == stack.resolve(one.role.role_name)


def test_grants_to_an_import_are_its_roles_or_left_to_the_owner() -> None:
    stack = new_stack()
    bucket = s3.Bucket(stack, "Reference")
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
    arn = arn_of("MLInputChannel")
    known = MLInputChannel.from_ml_input_channel_attributes(stack, "Known", ml_input_channel_arn=arn, role=role)
    assert bucket.grant_read(known).success
    policies = resources_of(template_of(stack), "AWS::IAM::Policy").values()
    assert [each["Properties"]["Roles"] for each in policies] == [[stack.resolve(role.role_name)]]
    unknown = imported("MLInputChannel", stack, "Unknown")
    with pytest.raises(RuntimeError, match="Unknown"):
        bucket.grant_read(unknown)
