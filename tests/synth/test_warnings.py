"""Soft advice: reported at synth, acknowledged by a stable id."""

from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import (
    AudienceSizes,
    CleanRoomsMLProvider,
    MLInputChannel,
    ProtectedQuery,
    SeedAudience,
    WorkerCompute,
    WorkerType,
)
from tests.synth.stacks import ACCOUNT, TEMPLATE_ARN, channel, configured, job, new_stack, template_of

KEY_ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/one"


def warnings_of(stack: cdk.Stack) -> dict[str, list[str]]:
    """What synth warns of: the texts, without their ids, by the id of the warning."""
    found = cdk.assertions.Annotations.from_stack(stack).find_warning("*", cdk.assertions.Match.any_value())
    warnings: dict[str, list[str]] = {}
    for each in found:
        text, _, id = str(each.entry.data).removesuffix("]").rpartition(" [ack: Annotation::")
        warnings.setdefault(id, []).append(f"{each.id} {text}")
    return warnings


@pytest.mark.parametrize(
    ("make", "id", "text"),
    [
        (
            lambda stack: configured(stack, audience_sizes=AudienceSizes.percentage(5, 21)),
            "percentage-quota",
            r"/Stack/Configured audienceSizeConfig\.audienceSizeBins\[1\] is 21; the quotas end at 20 percent",
        ),
        (
            lambda stack: channel(stack, compute=WorkerCompute(type=WorkerType.CR_8X, number=17)),
            "worker-quota",
            r"/Stack/Channel .*worker\.number is 17; documented are at most 16 workers of type CR\.8X",
        ),
        (
            lambda stack: channel(stack, compute=WorkerCompute(spark_properties={"spark.rdd.compres": "true"})),
            "spark-key",
            r"/Stack/Channel .*the nearest documented one is spark\.rdd\.compress",
        ),
        (
            lambda stack: channel(stack, compute=WorkerCompute(spark_properties={"spark.rdd.compress": "yes"})),
            "spark-value",
            r'/Stack/Channel .*spark\["spark\.rdd\.compress"\] is "yes"; true or false fits',
        ),
        (
            lambda stack: job(stack, include_seed_in_output=True),
            "seed-in-output",
            "/Stack/Job includeSeedInOutput is true; everyone who may read the output then sees",
        ),
        (
            lambda stack: configured(stack).add_to_resource_policy(
                iam.PolicyStatement(
                    actions=["cleanrooms-ml:StartAudienceGenerationJob"], principals=[iam.AccountPrincipal(ACCOUNT)]
                )
            ),
            "policy-collaboration",
            "/Stack/Configured/.* without the condition cleanrooms-ml:CollaborationId",
        ),
    ],
)
def test_advice_has_a_stable_id_and_the_users_line(make: Any, id: str, text: str) -> None:
    stack = new_stack()
    make(stack)
    ((reported, texts),) = warnings_of(stack).items()
    assert reported == f"cleanrooms-ml:{id}"
    assert re.match(text, texts[0])
    assert re.search(r"\[tests/synth/\w+\.py:\d+\]$", texts[0])


def test_advice_is_acknowledged_by_its_id_and_where_it_applies() -> None:
    stack = new_stack()
    compute = WorkerCompute(type=WorkerType.CR_8X, number=17)
    known, _ = channel(stack, "Known", compute=compute), channel(stack, "Other", compute=compute)
    cdk.Validations.of(known).acknowledge(cdk.Acknowledgment(id="cleanrooms-ml:worker-quota", reason="a higher quota"))
    (texts,) = warnings_of(stack).values()
    assert [text.split()[0] for text in texts] == ["/Stack/Other"]


def test_the_seed_should_not_be_in_the_output_bucket() -> None:
    stack = new_stack()
    both, other = s3.Bucket(stack, "Both"), s3.Bucket.from_bucket_name(stack, "Other", "other")
    model = configured(stack, output_bucket=both, output_prefix="audiences/")
    job(stack, "Wrong", configured_audience_model=model, seed_audience=SeedAudience.from_bucket(both, "seeds/one"))
    job(stack, "Right", configured_audience_model=model, seed_audience=SeedAudience.from_bucket(other, "seeds/one"))
    job(stack, "Imported", seed_audience=SeedAudience.from_bucket(both, "seeds/one"))
    ((reported, texts),) = warnings_of(stack).items()
    assert reported == "cleanrooms-ml:output-bucket"
    (text,) = texts
    assert text.startswith("/Stack/Wrong seedAudience.dataSource.s3Uri is in the same bucket as the configured")
    assert template_of(stack)


def test_advice_is_no_error_and_changes_nothing() -> None:
    templates = []
    for number in (16, 17):
        stack = new_stack()
        channel(stack, compute=WorkerCompute(type=WorkerType.CR_8X, number=number))
        templates.append(json.dumps(template_of(stack)).replace('"number": 17', '"number": 16'))
    assert templates[0] == templates[1]


def test_unknown_values_are_no_reason_for_advice() -> None:
    stack = new_stack()
    token = cdk.Token.as_string({"Ref": "Parameter"})
    channel(stack, compute=WorkerCompute(spark_properties={"spark.rdd.compress": token}))
    channel(stack, "Newer", compute=WorkerCompute(type=WorkerType.of("CR.16X"), number=1000))
    assert list(warnings_of(stack)) == ["cleanrooms-ml:newer-value"]


def test_advice_in_a_nested_stage_is_reported_too() -> None:
    app = cdk.App()
    inside = cdk.Stack(cdk.Stage(app, "Stage"), "Inside")
    job(inside, include_seed_in_output=True)
    app.synth()
    assert list(warnings_of(inside)) == ["cleanrooms-ml:seed-in-output"]


# -- keys --------------------------------------------------------------------------------------------------------------


def test_the_warning_of_an_imported_key_lists_what_to_allow() -> None:
    stack = new_stack()
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    channel(stack, "First", encryption_key=key)
    channel(stack, "Second", encryption_key=key)
    ((id, texts),) = warnings_of(stack).items()
    assert id == "cleanrooms-ml:imported-key"
    (text,) = texts
    assert text.startswith("/Stack/First encryption_key is an imported key, whose policy cannot be changed from here")
    statements = json.loads(text[text.index("[{") : text.rindex("]  [") + 1])
    actions = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    assert statements == [
        {
            "Effect": "Allow",
            "Action": actions,
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:ViaService": "cleanrooms-ml.${AWS::Region}.amazonaws.com"}},
            "Principal": {"AWS": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"},
        },
        {
            "Effect": "Allow",
            "Action": actions,
            "Resource": "*",
            "Principal": {"Service": "cleanrooms-ml.amazonaws.com"},
        },
    ]


def test_grants_that_synthetic_data_needs_are_listed_too() -> None:
    stack = new_stack()
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    channel(stack, "Plain", encryption_key=key)
    channel(stack, "Template", encryption_key=key, query=ProtectedQuery.analysis_template(TEMPLATE_ARN))
    (texts,) = warnings_of(stack).values()
    assert ["kms:CreateGrant" in text for text in texts] == [False, True]


@pytest.mark.parametrize(
    ("keyword", "service"),
    [
        ("state_machine_encryption", "delivery.logs.amazonaws.com"),
        ("log_encryption", "logs.${AWS::Region}.amazonaws.com"),
    ],
)
def test_imported_keys_of_the_provider_are_reported_too(keyword: str, service: str) -> None:
    stack = new_stack()
    options: dict[str, Any] = {keyword: kms.Key.from_key_arn(stack, "Key", KEY_ARN)}
    CleanRoomsMLProvider(stack, "Provider", **options)
    ((id, texts),) = warnings_of(stack).items()
    assert id == "cleanrooms-ml:imported-key"
    assert texts[0].startswith(f"/Stack/Provider {keyword} is an imported key")
    assert f'"Principal": {{"Service": "{service}"}}' in texts[0]
    assert "tests/synth/test_warnings.py:" in texts[0]


def test_a_key_of_the_app_needs_no_warning() -> None:
    stack = new_stack()
    channel(stack, encryption_key=kms.Key(stack, "Key"))
    assert warnings_of(stack) == {}


# -- other stacks ------------------------------------------------------------------------------------------------------


def used_elsewhere(run: MLInputChannel, value: str) -> dict[str, list[str]]:
    user = new_stack("User", run.node.root)  # type: ignore[arg-type]
    cdk.CfnOutput(user, "Value", value=value)
    return warnings_of(run.stack)


@pytest.fixture
def run() -> MLInputChannel:
    app = cdk.App(context={"@aws-cdk/core:defaultCrossStackReferences": "strong"})
    stack = new_stack("Source", app)
    channel(stack, "Other")
    return channel(stack, "Run")


@pytest.mark.parametrize("attribute", ["ml_input_channel_arn", "ml_input_channel_name", "status"])
def test_a_run_that_another_stack_uses_cannot_be_run_again(run: MLInputChannel, attribute: str) -> None:
    ((id, texts),) = used_elsewhere(run, getattr(run, attribute)).items()
    assert id == "cleanrooms-ml:cross-stack"
    (text,) = texts
    assert text.startswith("/Source/Run is used in another stack; CloudFormation refuses to change an export in use")
    assert "Pass the value on in an SSM parameter  [tests/synth/stacks.py:" in text


def test_a_run_that_a_stack_of_another_region_uses_is_frozen_there() -> None:
    app = cdk.App(context={"@aws-cdk/core:defaultCrossStackReferences": "strong"})
    source, user = (
        cdk.Stack(app, name, env=cdk.Environment(account=ACCOUNT, region=region), cross_region_references=True)
        for name, region in (("Source", "us-east-1"), ("User", "eu-west-2"))
    )
    channel(source, "Other")
    cdk.CfnOutput(user, "Value", value=channel(source, "Run").ml_input_channel_arn)
    ((id, texts),) = warnings_of(source).items()
    assert id == "cleanrooms-ml:cross-stack"
    (text,) = texts
    assert text.startswith("/Source/Run is used in a stack of another Region; its copy there does not follow")


def test_a_run_in_a_nested_stack_that_another_stack_uses_cannot_be_run_again() -> None:
    app = cdk.App(context={"@aws-cdk/core:defaultCrossStackReferences": "strong"})
    parent, user = new_stack("Source", app), new_stack("User", app)
    nested = cdk.NestedStack(parent, "Nested")
    channel(nested, "Other")
    cdk.CfnOutput(user, "Value", value=channel(nested, "Run").ml_input_channel_arn)
    ((id, texts),) = warnings_of(parent).items()
    assert id == "cleanrooms-ml:cross-stack"
    (text,) = texts
    assert text.startswith("/Source/Nested/Run is used in another stack; CloudFormation refuses to change an export")


def test_a_run_in_a_nested_stack_that_its_parent_uses_can() -> None:
    parent = new_stack("Source")
    nested = cdk.NestedStack(parent, "Nested")
    cdk.CfnOutput(parent, "Value", value=channel(nested, "Run").ml_input_channel_arn)
    assert warnings_of(parent) == {}


def test_a_run_that_its_own_stack_uses_can(run: MLInputChannel) -> None:
    cdk.CfnOutput(run.stack, "Value", value=run.ml_input_channel_arn)
    assert warnings_of(run.stack) == {}


def test_what_is_no_run_may_be_used_everywhere() -> None:
    app = cdk.App(context={"@aws-cdk/core:defaultCrossStackReferences": "strong"})
    source, user = new_stack("Source", app), new_stack("User", app)
    cdk.CfnOutput(user, "Value", value=configured(source).configured_audience_model_arn)
    channel(source)
    assert warnings_of(source) == {}


@pytest.mark.parametrize("strength", ["weak", "both"])
def test_a_weak_reference_follows_with_the_next_deployment(strength: str) -> None:
    app = cdk.App(context={"@aws-cdk/core:defaultCrossStackReferences": strength})
    run = channel(new_stack("Source", app), "Run")
    texts = used_elsewhere(run, run.ml_input_channel_arn)["cleanrooms-ml:cross-stack"]
    assert [text for text in texts if text.startswith("/Source/Run is read by another stack when that stack is")]
    assert len(texts) == (2 if strength == "both" else 1)


@pytest.mark.parametrize("name", ["shared", None])
def test_an_output_with_an_export_name_cannot_change_once_it_is_imported(run: MLInputChannel, name: str | None) -> None:
    cdk.CfnOutput(run.stack, "Value", value=run.ml_input_channel_arn, export_name=name)
    texts = [text for found in warnings_of(run.stack).values() for text in found]
    assert len(texts) == (1 if name else 0)
    assert all(text.startswith("/Source/Run is in an output with an export_name") for text in texts)
