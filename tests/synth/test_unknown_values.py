"""Values that are not known yet: tokens, dynamic references, and dummies of lookups in the first pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as balancing
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_ssm as ssm

from cdk_cleanrooms_ml import (
    AnalysisTemplate,
    AudienceModel,
    CleanRoomsMLChecks,
    Collaboration,
    ConfiguredAudienceModel,
    Membership,
    MLInputChannel,
    ProtectedQuery,
)
from cleanrooms_ml_handlers.dialect import pattern
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.partial import PartialText
from tests.synth.stacks import ACCOUNT, MEMBERSHIP, channel, configured, errors_of, job, new_stack, template_of

DYNAMIC = "{{resolve:ssm:/ml/value}}"


def looked_up(stack: cdk.Stack, name: str = "/ml/value") -> str:
    """A parameter's value that the CDK has not looked up yet."""
    return str(ssm.StringParameter.value_from_lookup(stack, name))


def account_stack() -> cdk.Stack:
    """A stack whose account is known, which lookups need."""
    return cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account=ACCOUNT, region="us-east-1"))


@pytest.mark.parametrize("value", [looked_up, lambda _: DYNAMIC], ids=["lookup", "dynamic reference"])
def test_values_of_later_are_left_to_later(value: Callable[[cdk.Stack], str]) -> None:
    stack = account_stack()
    text = value(stack)
    configured(
        stack,
        audience_model=AudienceModel.from_audience_model_arn(stack, "Model", text),
        configured_audience_model_name=text,
    )
    channel(
        stack,
        membership=Membership.from_membership_id(stack, "Member", text),
        compute_payer_account=text,
        query=ProtectedQuery.analysis_template(AnalysisTemplate.from_analysis_template_arn(stack, "Template", text)),
    )
    job(
        stack,
        configured_audience_model=ConfiguredAudienceModel.from_configured_audience_model_arn(stack, "Other", text),
        collaboration_id=text,
    )
    template_of(stack)


def test_dummies_of_other_lookups_are_left_to_later_too() -> None:
    stack = account_stack()
    channel(
        stack,
        role=iam.Role.from_lookup(stack, "Role", role_name="ml"),
        encryption_key=kms.Key.from_lookup(stack, "Key", alias_name="alias/ml"),
    )
    template_of(stack)


@pytest.mark.parametrize("arn", ["model", "", "ARN:aws", 5, None, Path("model"), {"Ref": "Model"}], ids=str)
def test_what_is_no_arn_is_said_with_its_path(arn: Any) -> None:
    with pytest.raises(ValueError, match=r"Stack/Model: .*(is no ARN|the ARN is (an? \w+|None)); allowed is"):
        AudienceModel.from_audience_model_arn(new_stack(), "Model", arn)


def test_the_dummy_of_a_lookup_of_the_users_own_is_left_to_later() -> None:
    stack = account_stack()
    properties = {"typeName": "AWS::S3::Bucket", "exactIdentifier": "bucket", "propertiesToReturn": ["Arn"]}
    found = cdk.ContextProvider.get_value(
        stack, provider="cc-api-provider", dummy_value="dummy-value", props=properties
    )
    text = str(found.value)
    configured(stack, audience_model=AudienceModel.from_audience_model_arn(stack, "Model", text), description=text)
    channel(stack, membership=Membership.from_membership_id(stack, "Member", text))
    template_of(stack)


def test_ids_are_taken_from_arns_of_a_lookup_in_the_second_pass() -> None:
    stack = account_stack()
    text = looked_up(stack)
    assert Membership.from_membership_arn(stack, "Member", text).membership_id == text
    assert Collaboration.from_collaboration_arn(stack, "Collaboration", text).collaboration_id == text


def test_a_dynamic_reference_cannot_be_taken_apart() -> None:
    with pytest.raises(ValueError, match=r"membership_arn is .\{\{resolve:ssm:/ml/value\}\}.; allowed is"):
        Membership.from_membership_arn(new_stack(), "Member", DYNAMIC)


@pytest.mark.parametrize(
    "value",
    [
        lambda stack: route53.HostedZone.from_lookup(stack, "Zone", domain_name="example.com").hosted_zone_arn,
        lambda stack: ec2.MachineImage.lookup(name="any").get_image(stack).image_id,
        lambda stack: ec2.SecurityGroup.from_lookup_by_id(stack, "Group", "sg-1").security_group_id,
        lambda stack: ec2.Vpc.from_lookup(stack, "Vpc", is_default=True).vpc_id,
        lambda stack: (
            balancing.ApplicationLoadBalancer.from_lookup(
                stack, "Balancer", load_balancer_tags={"a": "b"}
            ).load_balancer_arn
        ),
        lambda stack: stack.availability_zones[0],
        lambda _: cdk.Fn.import_value("shared"),
        lambda stack: cdk.CfnParameter(stack, "Parameter").value_as_string,
        lambda stack: cdk.CfnMapping(stack, "Map", mapping={"a": {"b": "c"}}).find_in_map(cdk.Aws.REGION, "b"),
        lambda _: "{{resolve:secretsmanager:Secret:SecretString:name}}",
    ],
    ids=["zone", "image", "group", "network", "balancer", "zones", "import", "parameter", "mapping", "secret"],
)
def test_every_other_lookup_is_left_to_later_alone_and_inside_an_arn(value: Callable[[cdk.Stack], str]) -> None:
    stack = account_stack()
    text = value(stack)
    arn = f"arn:aws:cleanrooms-ml:us-east-1:{ACCOUNT}:audience-model/{text}"
    configured(stack, audience_model=AudienceModel.from_audience_model_arn(stack, "Model", text), description=text)
    configured(stack, "Inside", audience_model=AudienceModel.from_audience_model_arn(stack, "Partly", arn))
    channel(stack, membership=Membership.from_membership_id(stack, "Member", text), run_id=text, tags={"tag": text})
    template_of(stack)


PARTITION, REGION = cdk.Aws.PARTITION, cdk.Aws.REGION


@pytest.mark.parametrize(
    ("arn", "is_fine"),
    [
        (f"arn:{PARTITION}:cleanrooms-ml:{REGION}:{ACCOUNT}:audience-model/model", True),
        (f"arn:{PARTITION}:cleanrooms-ml:{REGION}:{ACCOUNT}:training-dataset/model", False),
        (f"arn:{PARTITION}:cleanrooms-ml:{REGION}:1234:audience-model/model", False),
        (f"arn:aws:cleanrooms-ml:us-east-1:{ACCOUNT}:audience-model/{DYNAMIC}", True),
        (f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:audience-model/{DYNAMIC}", False),
    ],
    ids=["all known", "another kind", "a short account", "an unknown name", "another service"],
)
def test_a_text_is_checked_as_far_as_it_is_known(arn: str, is_fine: bool) -> None:
    stack = new_stack()
    configured(stack, audience_model=AudienceModel.from_audience_model_arn(stack, "Model", arn))
    if is_fine:
        template_of(stack)
    else:
        (error,) = errors_of(stack)
        assert 'audienceModelArn is "arn:${…}:' in error or 'audienceModelArn is "arn:aws:cleanrooms:' in error
        assert "allowed is what matches" in error


def test_the_known_part_of_a_text_may_be_too_long_alone() -> None:
    stack = new_stack()
    channel(stack, description=f"{'d' * 256}{REGION}")
    (error,) = errors_of(stack)
    assert "description has 256 characters and more; allowed 0 to 255" in error


def test_grants_look_at_the_known_part_of_an_arn() -> None:
    stack = new_stack()
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
    arn = f"arn:{PARTITION}:cleanrooms-ml:{REGION}:{ACCOUNT}:training-dataset/x"
    model = AudienceModel.from_audience_model_arn(stack, "Model", arn)
    with pytest.raises(ValueError, match="Pass the ARN of a resource of the kind AudienceModel"):
        model.grants.read(role)
    AudienceModel.from_audience_model_arn(
        stack, "Right", arn.replace("training-dataset", "audience-model")
    ).grants.read(role)


def test_the_id_in_a_partial_arn_is_used_where_it_is_known() -> None:
    stack = new_stack()
    arn = f"arn:{PARTITION}:cleanrooms:{REGION}:{ACCOUNT}:membership/{MEMBERSHIP}"
    assert Membership.from_membership_arn(stack, "Member", arn).membership_id == MEMBERSHIP
    unknown = Membership.from_membership_arn(stack, "Unknown", cdk.Token.as_string({"Ref": "Arn"}))
    assert stack.resolve(unknown.membership_id) == {"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "Arn"}]}]}
    with pytest.raises(ValueError, match="membership_arn is"):
        Membership.from_membership_arn(stack, "Wrong", arn.replace("membership/", "collaboration/"))


@pytest.mark.parametrize("service", ["cleanroomsml", "cleanrooms"])
def test_every_text_that_matches_a_pattern_may_match_it_in_part(service: str) -> None:
    samples = [f"arn:aws:cleanrooms-ml:us-east-1:{ACCOUNT}:audience-model/a.b", f"arn:aws:iam::{ACCOUNT}:role/r"]
    samples += [
        MEMBERSHIP,
        "s3://bucket/key",
        ACCOUNT,
        "aa-bb_c",
        "a.b-c",
        f"arn:aws:cleanrooms-ml:eu-west-2:{ACCOUNT}:x",
    ]
    patterns = {shape["pattern"] for shape in service_model(service).shapes.values() if "pattern" in shape}
    for text in patterns:
        for sample in samples:
            parts = PartialText((sample,))
            # Lookaheads count as satisfied.
            assert parts.may_match(text) or not pattern(text).fullmatch(sample)
            if "(?!" not in text:
                assert parts.may_match(text) == bool(pattern(text).fullmatch(sample)), (text, sample)
            if pattern(text).fullmatch(sample):
                for cut in range(0, len(sample), 3):
                    assert PartialText((sample[:cut], sample[cut + 2 :])).may_match(text)


def test_the_plugin_waits_for_the_second_pass(tmp_path: Path) -> None:
    """A plugin that fails in the first pass keeps the CLI from looking anything up."""
    app = cdk.App(outdir=str(tmp_path))
    cdk.Validations.of(app).add_plugins(CleanRoomsMLChecks(allowed_principals=[ACCOUNT]))
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account=ACCOUNT, region="us-east-1"))
    configured(stack).add_to_resource_policy(
        iam.PolicyStatement(
            actions=["cleanrooms-ml:StartAudienceGenerationJob"],
            principals=[iam.ArnPrincipal(f"arn:aws:iam::{looked_up(stack)}:root")],
        )
    )
    app.synth()
    assert json.loads((tmp_path / "manifest.json").read_text())["missing"]


def test_the_plugin_judges_the_second_pass(tmp_path: Path) -> None:
    key = f"ssm:account={ACCOUNT}:parameterName=/ml/value:region=us-east-1"
    app = cdk.App(outdir=str(tmp_path), context={key: "444455556666"})
    cdk.Validations.of(app).add_plugins(CleanRoomsMLChecks(allowed_principals=[ACCOUNT]))
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account=ACCOUNT, region="us-east-1"))
    configured(stack).add_to_resource_policy(
        iam.PolicyStatement(
            actions=["cleanrooms-ml:StartAudienceGenerationJob"],
            principals=[iam.ArnPrincipal(f"arn:aws:iam::{looked_up(stack)}:root")],
        )
    )
    with pytest.raises(RuntimeError):
        app.synth()


def test_a_channel_with_a_looked_up_name_is_rendered_with_its_dummy() -> None:
    stack = account_stack()
    made: Any = channel(stack, ml_input_channel_name=looked_up(stack))
    assert isinstance(made, MLInputChannel)
    assert "dummy-value-for-/ml/value" in json.dumps(template_of(stack))
