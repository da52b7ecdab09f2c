"""What AWS would report after hours, and not at all before the deployment, is said at synth."""

from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import MLConfiguration, ProtectedQuery, SeedAudience, Wait
from tests.synth.custom_model import CustomModelStack
from tests.synth.stacks import channel, configured, errors_of, job, new_stack
from tests.synth.test_warnings import warnings_of

LIMITED = ProtectedQuery.sql("SELECT age FROM users LIMIT 99")
SERVICE = iam.ServicePrincipal("cleanrooms-ml.amazonaws.com")


def test_a_gate_above_the_limit_of_the_query_is_refused() -> None:
    stack = new_stack()
    channel(stack, query=LIMITED, minimum_records=100)
    (error,) = errors_of(stack)
    assert "Stack/Channel: minimum_records is 100, but the query ends with LIMIT 99: no result has" in error
    assert "that many records. Raise the LIMIT, or lower the threshold  [" in error
    assert error.endswith("]")


def test_a_gate_that_the_limit_allows_is_fine() -> None:
    stack = new_stack()
    channel(stack, query=LIMITED, minimum_records=99)
    assert warnings_of(stack) == {}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM (SELECT a FROM b LIMIT 5) c",
        "SELECT a FROM b -- LIMIT 5",
        "SELECT a FROM b /* LIMIT 5 */ LIMIT 500",
        f"SELECT a FROM {cdk.Aws.STACK_NAME} LIMIT 5",
    ],
    ids=("inner", "comment", "comments", "token"),
)
def test_what_a_query_only_seems_to_say_is_no_limit(sql: str) -> None:
    stack = new_stack()
    channel(stack, query=ProtectedQuery.sql(sql), minimum_records=100)
    assert warnings_of(stack) == {}


def test_a_seed_that_is_too_small_for_its_model_is_refused() -> None:
    stack = new_stack()
    seed = SeedAudience.from_query(LIMITED)
    job(stack, configured_audience_model=configured(stack, min_matching_seed_size=100), seed_audience=seed)
    (error,) = errors_of(stack)
    assert "ends with LIMIT 99, but its configured audience model needs 100 users of the seed" in error


def test_a_score_that_only_synthetic_data_has_is_no_gate_of_sql() -> None:
    stack = new_stack()
    channel(stack, maximum_membership_inference_attack_score=0.6)
    (error,) = errors_of(stack)
    assert "maximum_membership_inference_attack_score needs the score of synthetic data, but the query is SQL" in error


@pytest.mark.parametrize(
    ("wait", "max_runtime", "text"),
    [
        (
            Wait.until_active(cdk.Duration.hours(2)),
            None,
            "wait is 2 hours, but the training may take 24 hours. Wait longer, ",
        ),
        (
            None,
            cdk.Duration.days(2),
            "wait is 36 hours, but the training may take 48 hours; the longest wait is 36 hours. Wait longer, ",
        ),
        (None, cdk.Duration.hours(30), None),
        (Wait.none(), cdk.Duration.days(28), None),
    ],
)
def test_a_wait_that_ends_before_the_training_has_to_is_warned_of(
    wait: Wait | None, max_runtime: cdk.Duration | None, text: str | None
) -> None:
    custom = CustomModelStack()
    custom.model(wait=wait, max_runtime=max_runtime)
    found = warnings_of(custom.stack)
    assert found.keys() == ({"cleanrooms-ml:short-wait"} if text else set())
    if text:
        (warning,) = found["cleanrooms-ml:short-wait"]
        assert text in warning
        assert warning.count("Wait.none()") == 1


def test_a_wait_shorter_than_any_such_run_is_warned_of() -> None:
    stack = new_stack()
    job(stack, wait=Wait.until_active(cdk.Duration.minutes(45)))
    ((id, (text,)),) = warnings_of(stack).items()
    assert id == "cleanrooms-ml:short-wait"
    assert "wait is 45 minutes, but such a run takes at least an hour" in text


@pytest.mark.parametrize(
    ("principal", "actions", "expected"),
    [
        ("lambda.amazonaws.com", ["cleanrooms:*"], "cleanrooms-ml:role-trust"),
        ("cleanrooms-ml.amazonaws.com", ["cleanrooms:Get*"], "cleanrooms-ml:role-permissions"),
        ("cleanrooms-ml.amazonaws.com", ["cleanrooms:StartProtectedQuery"], None),
    ],
)
def test_a_role_of_the_stack_that_cannot_do_its_work_is_warned_of(
    principal: str, actions: list[str], expected: str | None
) -> None:
    stack = new_stack()
    role = iam.Role(stack, "Own", assumed_by=iam.ServicePrincipal(principal))
    role.add_to_policy(iam.PolicyStatement(actions=actions, resources=["*"]))
    channel(stack, role=role)
    found = warnings_of(stack)
    assert found.keys() == ({expected} if expected else set())
    assert expected is None or "inputChannel.roleArn is Stack/Own, " in found[expected][0]
    assert expected is None or re.search(r"\. (Let the role be|Add the permission) .*  \[", found[expected][0])


@pytest.mark.parametrize("policy", ["imported", "managed", "elsewhere"])
def test_a_role_whose_policies_are_not_all_known_is_not_judged(policy: str) -> None:
    app = cdk.App()
    stack = new_stack(app=app)
    if policy == "elsewhere":
        role: Any = iam.Role(new_stack("Roles", app), "Own", assumed_by=SERVICE)
    elif policy == "imported":
        role = iam.Role.from_role_arn(stack, "Own", "arn:aws:iam::111122223333:role/own")
    else:
        role = iam.Role(
            stack,
            "Own",
            assumed_by=SERVICE,
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name("AmazonS3FullAccess")],
        )
    channel(stack, role=role)
    assert not [id for id in warnings_of(stack) if "cleanrooms-ml" in id]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ({"enabled": False}, "Enabled is False"),
        ({"key_spec": kms.KeySpec.RSA_2048, "key_usage": None}, "KeySpec is RSA_2048"),
    ],
)
def test_a_key_with_which_nothing_can_be_encrypted_is_warned_of(key: dict[str, Any], text: str) -> None:
    stack = new_stack()
    channel(stack, encryption_key=kms.Key(stack, "Key", **key))
    ((id, (said,)),) = warnings_of(stack).items()
    assert id == "cleanrooms-ml:key-state"
    assert f"kmsKeyArn is Stack/Key, with which nothing can be encrypted: {text}" in said


@pytest.mark.parametrize("allowed", ["account", "role", "somebody else"])
def test_a_key_whose_policy_leaves_out_who_reads_with_it_is_warned_of(allowed: str) -> None:
    stack = new_stack()
    own, other = (iam.Role(stack, name, assumed_by=SERVICE) for name in ("Own", "Other"))
    principals: dict[str, iam.IPrincipal] = {"account": iam.AccountRootPrincipal(), "role": own, "somebody else": other}
    statement = iam.PolicyStatement(actions=["kms:*"], resources=["*"], principals=[principals[allowed]])
    key = kms.Key(stack, "Key", policy=iam.PolicyDocument(statements=[statement]))
    data = s3.Bucket(stack, "Data", encryption_key=key)
    own.add_to_policy(iam.PolicyStatement(actions=["cleanrooms:*"], resources=["*"]))
    own.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[data.arn_for_objects("*")]))
    channel(stack, role=own, encryption_key=key)
    found = warnings_of(stack)
    assert found.keys() == ({"cleanrooms-ml:key-policy"} if allowed == "somebody else" else set())
    assert not found or "is Stack/Own, which needs the key Stack/Key" in found["cleanrooms-ml:key-policy"][0]
    assert not found or ". Allow the account, as the default" in found["cleanrooms-ml:key-policy"][0]


@pytest.mark.parametrize("in_order", [True, False])
def test_a_result_without_a_place_is_warned_of(in_order: bool) -> None:
    custom = CustomModelStack()
    bucket = s3.Bucket(custom.stack, "Results")
    place = MLConfiguration(custom.stack, "Place", membership=custom.member, output_bucket=bucket)
    inference = custom.inference()
    if in_order:
        inference.node.add_dependency(place)
    found = warnings_of(custom.stack)
    assert found.keys() == (set() if in_order else {"cleanrooms-ml:ml-configuration"})
    assert in_order or "which may be created later" in found["cleanrooms-ml:ml-configuration"][0]


@pytest.mark.parametrize("region", ["eu-west-2", None])
def test_what_is_in_another_region_is_refused_where_both_are_known(region: str | None) -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(region=region))
    arn = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555"
    channel(stack, encryption_key=kms.Key.from_key_arn(stack, "Key", arn))
    if region is None:
        assert list(warnings_of(stack)) == ["cleanrooms-ml:imported-key"]
        return
    of_association, of_key = errors_of(stack)
    assert "configuredModelAlgorithmAssociations[0] is in us-east-1, and the stack in eu-west-2" in of_association
    assert "kmsKeyArn is in us-east-1, and the stack in eu-west-2" in of_key
    assert "another Region. Pass one in eu-west-2  [" in of_key
