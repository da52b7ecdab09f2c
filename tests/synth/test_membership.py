"""Membership: what is rendered, and which collaborations it takes."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cleanrooms as cleanrooms
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import (
    Collaboration,
    JobResultConfiguration,
    Membership,
    QueryResultConfiguration,
    ResultFormat,
)
from tests.synth.stacks import (
    ACCOUNT,
    MEMBERSHIP,
    channel,
    errors_of,
    new_stack,
    only,
    template_of,
)

CHANNEL = "Custom::CleanRoomsML-MLInputChannel"


def test_a_membership_of_the_stack_runs_queries() -> None:
    stack = new_stack()
    theirs = Collaboration.from_collaboration_id(stack, "Theirs", MEMBERSHIP)
    membership = Membership(stack, "Member", collaboration=theirs)
    channel(stack, membership=membership)
    template = template_of(stack)
    assert only(template, CHANNEL)["Properties"]["membershipIdentifier"] == stack.resolve(membership.membership_id)
    assert only(template, "AWS::CleanRooms::Membership")["Properties"]["CollaborationIdentifier"] == MEMBERSHIP


def test_l1_collaborations_have_members_too() -> None:
    stack = new_stack()
    l1 = cleanrooms.CfnCollaboration(
        stack, "L1", name="l1", description="d", creator_display_name="c", query_log_status="DISABLED"
    )
    Membership(stack, "Member", collaboration=l1, query_log=True)
    properties = only(template_of(stack), "AWS::CleanRooms::Membership")["Properties"]
    assert properties["CollaborationIdentifier"] == {"Ref": "L1"}
    assert properties["QueryLogStatus"] == "ENABLED"


def test_every_option_of_a_membership_reaches_the_template() -> None:
    stack = new_stack()
    theirs = Collaboration.from_collaboration_id(stack, "Theirs", MEMBERSHIP)
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "results")
    role = iam.Role.from_role_arn(stack, "Role", f"arn:aws:iam::{ACCOUNT}:role/results")
    Membership(
        stack,
        "Member",
        collaboration=theirs,
        default_result_configuration=QueryResultConfiguration(
            bucket=bucket, prefix="queries/", result_format=ResultFormat.PARQUET, single_file_output=True, role=role
        ),
        default_job_result_configuration=JobResultConfiguration(bucket=bucket, role=role),
        job_log=True,
        metrics_enabled=True,
    )
    properties = only(template_of(stack), "AWS::CleanRooms::Membership")["Properties"]
    queries = {"Bucket": "results", "KeyPrefix": "queries/", "ResultFormat": "PARQUET", "SingleFileOutput": True}
    assert properties == {
        "CollaborationIdentifier": MEMBERSHIP,
        "QueryLogStatus": "DISABLED",
        "JobLogStatus": "ENABLED",
        "IsMetricsEnabled": True,
        "DefaultResultConfiguration": {"OutputConfiguration": {"S3": queries}, "RoleArn": role.role_arn},
        "DefaultJobResultConfiguration": {
            "OutputConfiguration": {"S3": {"Bucket": "results"}},
            "RoleArn": role.role_arn,
        },
    }


def test_the_limits_of_a_result_configuration_are_reported() -> None:
    stack = new_stack()
    theirs = Collaboration.from_collaboration_id(stack, "Theirs", MEMBERSHIP)
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "results")
    results = QueryResultConfiguration(bucket=bucket, result_format=ResultFormat.CSV, prefix="x" * 600)
    Membership(stack, "Member", collaboration=theirs, default_result_configuration=results)
    (error,) = errors_of(stack)
    assert "defaultResultConfiguration.outputConfiguration.s3.keyPrefix has 600 characters" in error


def test_a_membership_is_known_by_id_or_arn() -> None:
    stack = new_stack()
    arn = f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:membership/{MEMBERSHIP}"
    by_arn = Membership.from_membership_arn(stack, "ByArn", arn)
    assert (by_arn.membership_id, by_arn.membership_arn) == (MEMBERSHIP, arn)
    by_id = Membership.from_membership_id(stack, "ById", MEMBERSHIP)
    assert by_id.membership_id == MEMBERSHIP
    assert f":membership/{MEMBERSHIP}" in str(stack.resolve(by_id.membership_arn))
    token = Membership.from_membership_arn(stack, "Token", cdk.Fn.import_value("membership"))
    assert stack.resolve(token.membership_id)["Fn::Select"][0] == 1
    with pytest.raises(ValueError, match="membership_arn is 'arn:aws:s3:::x'"):
        Membership.from_membership_arn(stack, "Wrong", "arn:aws:s3:::x")


def test_a_wrong_form_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="collaboration is a str; allowed is a collaboration"):
        Membership(new_stack(), "M", collaboration="uuid")  # type: ignore[arg-type]
