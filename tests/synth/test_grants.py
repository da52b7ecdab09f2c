"""Grants: each names the one resource, or is refused."""

from __future__ import annotations

from dataclasses import replace

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from cdk_cleanrooms_ml import (
    AudienceModel,
    ConfiguredAudienceModel,
)
from cdk_cleanrooms_ml._grants import ResourceGrants
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.resources.audience_generation_job import AUDIENCE_GENERATION_JOB
from cleanrooms_ml_handlers.resources.audience_model import AUDIENCE_MODEL
from tests.synth.of_each_kind import arn_of, imported, interface_of
from tests.synth.stacks import (
    CONFIGURED_ARN,
    MEMBERSHIP,
    MODEL_ARN,
    SERVICE,
    channel,
    configured,
    job,
    logical_id,
    new_stack,
    resources_of,
    statements_of,
    template_of,
)


def someone(stack: cdk.Stack) -> iam.Role:
    """A grantee."""
    return iam.Role(stack, "Someone", assumed_by=iam.AccountRootPrincipal())


def allowed_to_someone(stack: cdk.Stack) -> dict[str, list[object]]:
    """The resources on which the grantee may take each action."""
    policies = resources_of(template_of(stack), "AWS::IAM::Policy")
    (policy,) = (each for name, each in policies.items() if name.startswith("Someone"))
    allowed: dict[str, list[object]] = {}
    for each in statements_of(policy["Properties"]["PolicyDocument"]):
        for action in each["Action"]:
            allowed.setdefault(action, []).append(each["Resource"])
    return allowed


def test_grants_name_the_one_resource() -> None:
    stack = new_stack()
    grantee = someone(stack)
    own = configured(stack)
    other = ConfiguredAudienceModel.from_configured_audience_model_arn(stack, "I", CONFIGURED_ARN)
    own.grants.read(grantee)
    other.grants.start_audience_generation_job(grantee)
    one = channel(stack)
    one.grants.read(grantee)
    job(stack).grants.read(grantee)
    allowed = allowed_to_someone(stack)
    assert allowed["cleanrooms-ml:GetConfiguredAudienceModel"] == [{"Fn::GetAtt": [logical_id(stack, own), "Arn"]}]
    assert allowed["cleanrooms-ml:GetMLInputChannel"] == [{"Fn::GetAtt": [logical_id(stack, one), "Arn"]}]
    assert "cleanrooms-ml:GetAudienceGenerationJob" in allowed
    assert CONFIGURED_ARN in str(allowed["cleanrooms-ml:StartAudienceGenerationJob"])


# The kinds whose interface has grants, by the operation that reads one.
READ = {spec.get or "": spec for spec in SPECS if hasattr(interface_of(spec.kind), "grants")}


def with_membership(arn: str) -> list[str]:
    """What is granted on a resource that AWS authorizes on its membership too."""
    parts = cdk.Fn.split("/", arn)
    return [arn, cdk.Fn.join("/", [cdk.Fn.select(0, parts), cdk.Fn.select(1, parts)])]


def test_what_aws_authorizes_on_the_membership_too_is_granted_on_both() -> None:
    stack = new_stack()
    kind = "ConfiguredAudienceModelAssociation"
    (spec,) = (each for each in SPECS if each.kind == kind)
    (get,) = spec.permissions[f"Get{kind}"]
    wider = {f"Get{kind}": (replace(get, resource="cleanrooms:own:membership/*"),)}
    arn = arn_of(kind)
    grants = ResourceGrants(replace(spec, permissions={**spec.permissions, **wider}), imported(kind, stack), arn)
    grants.read(someone(stack))
    membership = f"arn:aws:cleanrooms:us-east-1:111122223333:membership/{MEMBERSHIP}"
    assert stack.resolve(with_membership(arn)) == [arn, membership]
    assert allowed_to_someone(stack)[f"cleanrooms:Get{kind}"] == [[arn, membership]]


@pytest.mark.parametrize("operation", READ)
def test_an_imported_resource_is_named_by_its_arn(operation: str) -> None:
    stack = new_stack()
    spec = READ[operation]
    arn = arn_of(spec.kind)
    imported(spec.kind, stack).grants.read(someone(stack))
    assert allowed_to_someone(stack)[f"{spec.signing_name}:{operation}"] in (
        [arn],
        [stack.resolve(with_membership(arn))],
    )


@pytest.mark.parametrize("operation", READ)
def test_an_arn_that_is_known_at_deployment_only_is_granted_as_it_is(operation: str) -> None:
    stack = new_stack()
    spec = READ[operation]
    arn = cdk.Fn.import_value("arn")
    imported(spec.kind, stack, arn=arn).grants.read(someone(stack))
    expected = [stack.resolve(each) for each in (arn, with_membership(arn))]
    assert allowed_to_someone(stack)[f"{spec.signing_name}:{operation}"] in ([each] for each in expected)


@pytest.mark.parametrize("operation", READ)
@pytest.mark.parametrize(
    "wrong",
    [
        f"{SERVICE}:audience-modle/one",
        f"{SERVICE}:membership/{MEMBERSHIP}/ml-input-chanel/one",
        MODEL_ARN.replace("cleanrooms-ml", "cleanrooms") + "/one",
    ],
)
def test_an_arn_of_another_kind_is_refused_instead_of_granting_every_resource(operation: str, wrong: str) -> None:
    stack = new_stack()
    spec = READ[operation]
    pattern = arn_of(spec.kind).split(":", 5)[5].replace(MEMBERSHIP, "*").rsplit("/", 1)[0] + "/*"
    with pytest.raises(ValueError) as caught:
        imported(spec.kind, stack, arn=wrong).grants.read(someone(stack))
    assert str(caught.value) == (
        f"Stack/Imported: the ARN is '{wrong}'; {operation} is allowed on "
        f"arn:<partition>:{spec.signing_name}:<region>:<account>:{pattern}. Pass the ARN of a resource of the kind "
        f"{spec.kind}"
    )
    assert not resources_of(template_of(stack), "AWS::IAM::Policy")


@pytest.mark.parametrize(
    ("operation", "known"),
    [
        ("StartAudienceGenerationJob", "cleanrooms-ml:any:configured-audience-model/*, "),
        ("StartAudienceGenrationJob", "nothing; "),
    ],
)
def test_a_grant_whose_operation_has_no_statement_about_the_kind_is_refused(operation: str, known: str) -> None:
    stack = new_stack()
    model = AudienceModel.from_audience_model_arn(stack, "Model", MODEL_ARN)
    grants = ResourceGrants(AUDIENCE_MODEL, model, MODEL_ARN)
    with pytest.raises(ValueError, match="Correct the permissions in the spec of AudienceGenerationJob") as caught:
        grants._grant(AUDIENCE_GENERATION_JOB, operation, someone(stack))
    assert str(caught.value).startswith(f"{operation} is authorized on {known}")
    assert "a grant on AudienceModel needs cleanrooms-ml:*:audience-model/* among them" in str(caught.value)


def test_a_mistyped_pattern_in_the_permissions_is_refused() -> None:
    stack = new_stack()
    model = AudienceModel.from_audience_model_arn(stack, "Model", MODEL_ARN)
    (get,) = AUDIENCE_MODEL.permissions["GetAudienceModel"]
    mistyped = {"GetAudienceModel": (replace(get, resource="cleanrooms-ml:own:audience-modle/*"),)}
    spec = replace(AUDIENCE_MODEL, permissions={**AUDIENCE_MODEL.permissions, **mistyped})
    with pytest.raises(
        ValueError, match=r"authorized on .*:audience-modle/\*; .*:audience-model/\* among .* AudienceModel"
    ):
        ResourceGrants(spec, model, MODEL_ARN).read(someone(stack))
