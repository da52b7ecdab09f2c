"""Values as Python has them: dates from YAML, dicts for structs, text for constructs, and newer values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from cdk_cleanrooms_ml import (
    AudienceModel,
    CleanRoomsMLChecks,
    CleanRoomsMLProvider,
    Collaboration,
    ConfiguredModelAlgorithm,
    ContainerConfig,
    Membership,
    ProtectedQuery,
    SeedAudience,
    Wait,
    WorkerCompute,
    WorkerType,
)
from cleanrooms_ml_policy import Severity, check_template
from tests.synth.stacks import MODEL_ARN, channel, configured, errors_of, job, new_stack, only, template_of
from tests.synth.test_tables import table
from tests.synth.test_training_dataset import dataset
from tests.synth.test_warnings import warnings_of

CHANNEL = "Custom::CleanRoomsML-MLInputChannel"


@pytest.mark.parametrize(
    ("run_id", "text"),
    [
        (date(2026, 11, 1), "2026-11-01"),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), "2026-11-01T12:00:00+00:00"),
        (202611, "202611"),
        ("2026-11", "2026-11"),
    ],
)
def test_a_run_id_may_be_what_yaml_reads(run_id: Any, text: str) -> None:
    stack = new_stack()
    channel(stack, run_id=run_id)
    assert only(template_of(stack), CHANNEL)["Properties"]["RunId"] == text


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda stack: channel(stack, run_id=["a"]), "run_id is a list; allowed is text, a number or a date"),
        (lambda stack: channel(stack, role="arn"), r"role is a str; allowed is a role\. Pass iam\.Role\.from_role_arn"),
        (lambda stack: channel(stack, encryption_key="arn"), r"encryption_key is a str; .*Pass kms\.Key\.from_key_arn"),
        (lambda stack: channel(stack, role={"arn": "a"}), "role is a dict; allowed is a role"),
        (lambda stack: channel(stack, encryption_key=date.today()), "encryption_key is a date; allowed is a key"),
        (lambda stack: channel(stack, tags=["a"]), "tags is a list; allowed is a dict of texts"),
        (lambda stack: channel(stack, removal_policy="RETAIN"), "removal_policy is a str; allowed is RemovalPolicy"),
        (lambda stack: table(stack, tags="a"), "tags is a str; allowed is a dict of texts"),
        (lambda stack: table(stack, removal_policy="RETAIN"), "removal_policy is a str; allowed is RemovalPolicy"),
        (lambda stack: table(stack, bucket="data"), r"bucket is a str; allowed is a bucket\. Pass s3\.Bucket\.from_bu"),
        (lambda stack: configured(stack, output_bucket="b"), "output_bucket is a str; allowed is a bucket"),
        (lambda stack: configured(stack, output_prefix=Path("a")), "output_prefix is a PosixPath; allowed is text"),
        (lambda stack: dataset(stack, data_bucket="b"), "data_bucket is a str; allowed is a bucket"),
        (lambda stack: dataset(stack, role="arn"), "role is a str; allowed is a role"),
        (lambda _: SeedAudience.from_bucket("b", "k"), "bucket is a str; allowed is a bucket"),  # type: ignore[arg-type]
        (
            lambda stack: ConfiguredModelAlgorithm(
                stack,
                "A",
                training_container_config=ContainerConfig(repository="r"),  # type: ignore[arg-type]
            ),
            r"repository is a str; .*from_repository_name",
        ),
        (
            lambda stack: AudienceModel.from_audience_model_attributes(
                stack,
                "M",
                audience_model_arn=MODEL_ARN,
                encryption_key="key",  # type: ignore[arg-type]
            ),
            "encryption_key is a str; allowed is a key",
        ),
        (lambda stack: channel(stack, compute={"number": 4}), "compute is a dict; allowed is WorkerCompute"),
        (
            lambda _: ProtectedQuery.sql(Path("query.sql")),  # type: ignore[arg-type]
            r"ProtectedQuery\.sql: the text is a PosixPath",
        ),
        (lambda _: ProtectedQuery.analysis_template(None), "template is None; allowed is an analysis template"),  # type: ignore[arg-type]
        (lambda _: ProtectedQuery.analysis_template("arn", parameters="a"), "parameters is a str; allowed is a dict"),  # type: ignore[arg-type]
        (lambda _: WorkerCompute(spark_properties=["a"]), "spark_properties is a list; allowed is a dict"),  # type: ignore[arg-type]
        (
            lambda stack: SeedAudience.from_bucket(s3.Bucket(stack, "B"), None),  # type: ignore[arg-type]
            r"SeedAudience\.from_bucket: key is None; allowed is text",
        ),
        (lambda stack: Membership.from_membership_id(stack, "M", None), "membership_id is None"),  # type: ignore[arg-type]
        (lambda stack: Collaboration.from_collaboration_id(stack, "C", None), "collaboration_id is None"),  # type: ignore[arg-type]
        (
            lambda stack: Collaboration(
                stack,
                "C",
                creator_display_name="Us",
                creator_member_abilities="CAN_QUERY",  # type: ignore[arg-type]
            ),
            "creator_member_abilities is a str; allowed is a list of MemberAbility",
        ),
        (lambda _: ProtectedQuery.sql(None), r"ProtectedQuery\.sql: the text is None"),  # type: ignore[arg-type]
        (
            lambda stack: channel(stack).on_state_change("Rule", target=sns.Topic(stack, "Topic")),  # type: ignore[arg-type]
            r"target is a Topic; allowed is a target\. Pass aws_events_targets\.SnsTopic\(topic\)",
        ),
        (
            lambda stack: CleanRoomsMLProvider(stack, "P").on_failure("Rule", target="arn"),  # type: ignore[arg-type]
            "target is a str; allowed is a target",
        ),
        (
            lambda stack: CleanRoomsMLProvider(stack, "P").add_alarms("arn"),  # type: ignore[arg-type]
            r"topic is a str; allowed is a topic\. Pass sns\.Topic\.from_topic_arn",
        ),
        (
            lambda stack: configured(stack).grants.start_audience_generation_job("arn"),  # type: ignore[arg-type]
            r"grantee is a str; allowed is a principal\. Pass iam\.Role\.from_role_arn",
        ),
        (
            lambda stack: CleanRoomsMLProvider(
                stack,
                "P",
                vpc=ec2.Vpc(stack, "Vpc"),
                vpc_subnets={"kind": 1},  # type: ignore[arg-type]
            ),
            "vpc_subnets: .*allowed are the keywords of SubnetSelection",
        ),
        (
            lambda stack: CleanRoomsMLProvider(
                stack,
                "P",
                vpc=ec2.Vpc(stack, "Vpc"),
                vpc_subnets="private",  # type: ignore[arg-type]
            ),
            "vpc_subnets is a str; allowed is SubnetSelection or a dict with its keywords",
        ),
    ],
)
def test_what_is_wrong_is_said_in_the_users_words(make: Callable[[cdk.Stack], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(new_stack())


@pytest.mark.parametrize(
    "value",
    [date(2026, 11, 1), Decimal("0.5"), {1, 2}, object(), Path("a"), cdk.Duration.days(1), cdk.App()],
    ids=lambda v: type(v).__name__,
)
def test_no_value_ends_inside_the_cdk(value: Any) -> None:
    stack = new_stack()
    channel(stack, description=value)
    (error,) = errors_of(stack)
    assert "Stack/Channel: description is " in error
    assert "a string is needed" in error


def test_tags_may_have_dates() -> None:
    stack = new_stack()
    channel(stack, tags={"until": date(2026, 11, 1)})
    assert only(template_of(stack), CHANNEL)["Properties"]["tags"] == {"until": "2026-11-01"}


def test_structs_may_be_dicts() -> None:
    stack = new_stack()
    CleanRoomsMLProvider(
        stack,
        "Provider",
        vpc=ec2.Vpc(stack, "Vpc"),
        vpc_subnets={"subnet_type": ec2.SubnetType.PRIVATE_WITH_EGRESS},  # type: ignore[arg-type]
    )
    run = job(stack, wait=Wait.none())
    pattern: Any = {"detail": {"status": ["CREATE_FAILED"]}}
    run.on_state_change("Failed", event_pattern=pattern)
    rules = [
        each["Properties"]["EventPattern"]
        for each in template_of(stack)["Resources"].values()
        if each["Type"] == "AWS::Events::Rule" and "source" in each["Properties"]["EventPattern"]
    ]
    assert any(rule["detail"].get("status") == ["CREATE_FAILED"] for rule in rules)


def test_a_newer_value_is_a_warning_that_names_the_known_ones() -> None:
    stack = new_stack()
    channel(stack, compute=WorkerCompute(type=WorkerType.of("CR-1X")))
    ((id, (text,)),) = warnings_of(stack).items()
    assert id == "cleanrooms-ml:newer-value"
    assert 'worker.type is "CR-1X"; allowed are CR.1X, CR.4X' in text


def test_the_plugin_agrees_with_the_construct(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    cdk.Validations.of(app).add_plugins(CleanRoomsMLChecks())
    stack = new_stack(app=app)
    channel(stack, compute=WorkerCompute(type=WorkerType.of("CR-1X")))
    app.synth()
    template = template_of(stack)
    (finding,) = [each for each in check_template(template, advice=True) if each.rule == "cleanrooms-ml:enum"]
    assert finding.severity is Severity.WARNING
    (name,) = _channels(template)
    metadata = template["Resources"][name].pop("Metadata")
    assert metadata["cleanrooms-ml:newer-values"]
    (finding,) = check_template(template)
    assert finding.severity is Severity.ERROR


def _channels(template: Any) -> list[str]:
    return [name for name, each in template["Resources"].items() if each["Type"] == CHANNEL]


def test_a_known_value_needs_no_warning() -> None:
    stack = new_stack()
    channel(stack, compute=WorkerCompute(type=WorkerType.of("CR.1X")))
    assert warnings_of(stack) == {}
    assert "Metadata" not in only(template_of(stack), CHANNEL)


def test_ten_undocumented_keys_are_one_warning() -> None:
    stack = new_stack()
    keys = {f"spark.sql.mine{number}": "1" for number in range(10)}
    channel(stack, compute=WorkerCompute(spark_properties=keys))
    ((_, texts),) = warnings_of(stack).items()
    (text,) = texts
    assert [key for key in keys if key not in text] == [], text


def test_other_kinds_take_plain_values_too() -> None:
    stack = new_stack()
    configured(stack, min_matching_seed_size=Decimal(500))
    (error,) = errors_of(stack)
    assert "minMatchingSeedSize is Decimal('500'); a whole number is needed" in error
