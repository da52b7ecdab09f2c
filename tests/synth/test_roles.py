"""The roles that the service takes on, and the keys that it uses."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import MLInputChannel, ProtectedQuery, SeedAudience
from tests.synth.stacks import (
    TEMPLATE_ARN,
    Template,
    channel,
    configured,
    job,
    logical_id,
    new_stack,
    statements_of,
    template_of,
)

VIA_SERVICE = {"StringEquals": {"kms:ViaService": {"Fn::Sub": "cleanrooms-ml.${AWS::Region}.amazonaws.com"}}}
OWNER = {"StringEquals": {"s3:ResourceAccount": [{"Ref": "AWS::AccountId"}]}}


def role_of(template: Template, name: str) -> Any:
    """The properties of the role that a construct created."""
    (role,) = (each["Properties"] for key, each in template["Resources"].items() if key.startswith(f"{name}Role"))
    return role


def allowed_to(template: Template, name: str) -> list[Any]:
    """What that role may do."""
    (policy,) = role_of(template, name)["Policies"]
    return statements_of(policy["PolicyDocument"])


@pytest.fixture(scope="module")
def plain() -> Template:
    stack = new_stack()
    configured(stack, output_prefix="audiences/")
    job(stack)
    channel(stack)
    return template_of(stack)


@pytest.mark.parametrize(
    ("name", "source"),
    [("Configured", "configured-audience-model/*"), ("Job", "audience-generation-job/*"), ("Channel", None)],
)
def test_only_the_service_takes_a_role_on_and_only_for_this_account(plain: Template, name: str, source: Any) -> None:
    (trust,) = role_of(plain, name)["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "cleanrooms-ml.amazonaws.com"}
    assert trust["Action"] == "sts:AssumeRole"
    conditions = {"StringEqualsIfExists": {"aws:SourceAccount": [{"Ref": "AWS::AccountId"}]}}
    if source:
        arn = f"arn:${{AWS::Partition}}:cleanrooms-ml:${{AWS::Region}}:${{AWS::AccountId}}:{source}"
        conditions["ArnLikeIfExists"] = {"aws:SourceArn": {"Fn::Sub": arn}}  # type: ignore[dict-item]
    assert trust["Condition"] == conditions


@pytest.mark.parametrize("name", ["Configured", "Job", "Channel"])
def test_roles_have_the_path_that_the_worker_may_pass(plain: Template, name: str) -> None:
    assert role_of(plain, name)["Path"] == {"Fn::Sub": "/cleanrooms-ml/${AWS::StackName}/"}


def test_the_output_role_writes_below_the_prefix_only(plain: Template) -> None:
    look, write = allowed_to(plain, "Configured")
    assert look["Action"] == ["s3:GetBucketLocation", "s3:ListBucket"]
    assert write["Action"] == ["s3:PutObject"]
    assert write["Resource"]["Fn::Join"][1][-1] == ":s3:::audiences/audiences/*"
    assert look["Condition"] == write["Condition"] == OWNER


def test_the_seed_role_reads_the_seed_only(plain: Template) -> None:
    look, read = allowed_to(plain, "Job")
    assert (look["Action"], read["Action"]) == (["s3:ListBucket"], ["s3:GetObject"])
    assert read["Resource"]["Fn::Join"][1][-1] == ":s3:::seeds/seed.jsonl"
    assert look["Condition"] == read["Condition"] == OWNER


def test_a_seed_may_be_a_folder() -> None:
    stack = new_stack()
    job(stack, seed_audience=SeedAudience.from_bucket(s3.Bucket.from_bucket_name(stack, "Seeds", "seeds"), "all/"))
    _, read = allowed_to(template_of(stack), "Job")
    assert read["Resource"]["Fn::Join"][1][-1] == ":s3:::seeds/all/*"


@pytest.mark.parametrize("prefix", ["spring", "spring/"])
def test_a_prefix_is_a_folder_with_and_without_a_slash(prefix: str) -> None:
    stack = new_stack()
    configured(stack, output_prefix=prefix)
    assert allowed_to(template_of(stack), "Configured")[1]["Resource"]["Fn::Join"][1][-1] == ":s3:::audiences/spring/*"


def test_the_query_role_runs_queries_of_one_membership(plain: Template) -> None:
    anywhere, own = allowed_to(plain, "Channel")
    assert [arn["Fn::Sub"].split(":")[-1] for arn in anywhere["Resource"]] == ["collaboration/*", "membership/*"]
    assert "cleanrooms:StartProtectedQuery" in anywhere["Action"]
    assert own["Action"] == ["cleanrooms:GetProtectedQuery", "cleanrooms:UpdateProtectedQuery"]
    assert "membership/" in str(own["Resource"])


def test_a_queried_seed_needs_what_a_query_needs() -> None:
    stack = new_stack()
    job(stack, seed_audience=SeedAudience.from_query(ProtectedQuery.sql("SELECT user_id FROM users")))
    anywhere, own = allowed_to(template_of(stack), "Job")
    assert "cleanrooms:StartProtectedQuery" in anywhere["Action"]
    assert own["Resource"]["Fn::Sub"].endswith(":membership/*")


def test_the_key_of_a_bucket_is_used_for_its_objects_only() -> None:
    stack = new_stack()
    bucket = s3.Bucket(stack, "Bucket", encryption_key=kms.Key(stack, "Key"))
    configured(stack, output_bucket=bucket, output_prefix="audiences/")
    job(stack, seed_audience=SeedAudience.from_bucket(bucket, "seed.jsonl"))
    template = template_of(stack)
    writing = allowed_to(template, "Configured")[-1]
    assert writing["Action"] == [
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    ]
    objects = writing["Condition"]["ArnLike"]["kms:EncryptionContext:aws:s3:arn"]
    assert objects[1]["Fn::Join"][1][-1] == "/audiences*"
    # With a bucket key the context is the bucket itself.
    assert objects[0] == objects[1]["Fn::Join"][1][0]
    reading, describing = allowed_to(template, "Job")[-2:]
    assert reading["Action"] == ["kms:Decrypt"]
    assert "ArnLike" in reading["Condition"]
    assert describing["Action"] == ["kms:DescribeKey"]


def test_resources_wait_for_their_role_and_what_is_added_to_it() -> None:
    stack = new_stack()
    one = channel(stack)
    one.role.add_to_principal_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=["arn:aws:s3:::x/y"]))
    template = template_of(stack)
    waits = template["Resources"][logical_id(stack, one)]["DependsOn"]
    types = {template["Resources"][name]["Type"] for name in waits}
    assert types == {"AWS::IAM::Role", "AWS::IAM::Policy"}


def test_a_role_of_the_users_own_is_passed_by_name_and_no_other_is_created() -> None:
    stack = new_stack()
    own = iam.Role(stack, "Own", assumed_by=iam.ServicePrincipal("cleanrooms-ml.amazonaws.com"))
    imported = iam.Role.from_role_arn(stack, "Imported", "arn:aws:iam::111122223333:role/team/imported")
    one = channel(stack, role=own)
    configured(stack, role=imported)
    job(stack, role=own)
    template = template_of(stack)
    assert one.role is own
    policy = template["Resources"]["CleanRoomsMLWorkerOwnPolicy"]["Properties"]
    (passing,) = statements_of(policy["PolicyDocument"])
    assert passing["Action"] == ["iam:PassRole"]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "cleanrooms-ml.amazonaws.com"}}
    own_arn = template["Resources"][logical_id(stack, one)]["Properties"]["inputChannel"]["roleArn"]
    assert passing["Resource"] == [own_arn, "arn:aws:iam::111122223333:role/team/imported"]
    assert not any(name.startswith(("ChannelRole", "JobRole")) for name in template["Resources"])


def key_statements(template: Template, key: str = "Key") -> list[Any]:
    """The key policy's statements but for the account's own."""
    (resource,) = (
        each for name, each in template["Resources"].items() if each["Type"] == "AWS::KMS::Key" and name.startswith(key)
    )
    return statements_of(resource["Properties"]["KeyPolicy"])[1:]


def test_a_key_lets_the_service_and_its_caller_use_it() -> None:
    stack = new_stack()
    key = kms.Key(stack, "Key")
    channel(stack, "One", encryption_key=key)
    channel(stack, "Two", encryption_key=key)
    template = template_of(stack)
    caller, service = key_statements(template)
    actions = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    assert caller["Action"] == service["Action"] == actions
    assert caller["Principal"] == {"AWS": {"Fn::GetAtt": ["CleanRoomsMLWorkerRole", "Arn"]}}
    assert caller["Condition"] == VIA_SERVICE
    assert service["Principal"] == {"Service": "cleanrooms-ml.amazonaws.com"}
    assert "Condition" not in service
    policy = template["Resources"]["CleanRoomsMLWorkerOwnPolicy"]["Properties"]["PolicyDocument"]
    (own,) = statements_of(policy)
    assert (own["Action"], own["Condition"]) == (actions, VIA_SERVICE)


def test_data_that_may_be_synthetic_needs_grants_on_the_key() -> None:
    stack = new_stack()
    key = kms.Key(stack, "Key")
    channel(stack, "Plain", encryption_key=key)
    channel(stack, "Synthetic", encryption_key=key, query=ProtectedQuery.analysis_template(TEMPLATE_ARN))
    grants = [each for each in key_statements(template_of(stack)) if "kms:CreateGrant" in each["Action"]]
    caller, service = grants
    assert caller["Condition"].items() >= VIA_SERVICE.items()
    assert caller["Condition"]["BoolIfExists"] == {"kms:GrantIsForAWSResource": True}
    for each in (caller, service):
        assert "CreateGrant" in each["Condition"]["ForAllValues:StringEquals"]["kms:GrantOperations"]


def test_a_key_of_another_stack_closes_no_circle() -> None:
    app = cdk.App()
    keys, user = new_stack("Keys", app), new_stack("User", app)
    key = kms.Key(keys, "Key")
    channel(user, encryption_key=key)
    caller, _ = key_statements(template_of(keys))
    assert caller["Principal"]["AWS"] == {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
    assert caller["Condition"] == VIA_SERVICE
    assert "CleanRoomsMLWorkerOwnPolicy" in template_of(user)["Resources"]


def test_an_imported_key_is_used_as_it_is() -> None:
    stack = new_stack()
    arn = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555"
    one: MLInputChannel = channel(stack, encryption_key=kms.Key.from_key_arn(stack, "Key", arn))
    template = template_of(stack)
    assert template["Resources"][logical_id(stack, one)]["Properties"]["kmsKeyArn"] == arn
    policy = template["Resources"]["CleanRoomsMLWorkerOwnPolicy"]["Properties"]["PolicyDocument"]
    assert statements_of(policy)[0]["Resource"] == [arn]
