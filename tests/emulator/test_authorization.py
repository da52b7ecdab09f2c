"""The IAM actions that a request needs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Request

from .conftest import ACCOUNT, MEMBERSHIP, ROLE, Bench

Needs = list[tuple[str, str, dict[str, Any]]]

MEMBERSHIP_ARN = f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:membership/{MEMBERSHIP}"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/abc"
PASS_ROLE = ("iam:PassRole", ROLE, {"iam:PassedToService": "cleanrooms-ml.amazonaws.com"})


@pytest.fixture
def needs(bench: Bench) -> Any:
    """What the last request of a function needs, seen before it is handled."""
    seen: list[Request] = []
    handle = bench.emulator.handle

    def watch(request: Request) -> Any:
        seen.append(request)
        return handle(request)

    bench.emulator.handle = watch  # type: ignore[method-assign]
    return lambda: bench.emulator.authorization(seen[-1])


def test_a_channel_is_created_on_its_association(bench: Bench, needs: Any) -> None:
    bench.created_channel(tags={"team": "ads"}, kmsKeyArn=KEY)
    tagging = {"aws:RequestTag/team": "ads", "aws:TagKeys": ["team"]}
    via = {"kms:ViaService": "cleanrooms-ml.us-east-1.amazonaws.com"}
    channels = f"arn:aws:cleanrooms-ml:us-east-1:{ACCOUNT}:membership/{MEMBERSHIP}/ml-input-channel/*"
    assert needs() == [
        ("cleanrooms-ml:CreateMLInputChannel", bench.association, tagging),
        ("cleanrooms:PassMembership", MEMBERSHIP_ARN, {}),
        PASS_ROLE,
        ("cleanrooms-ml:TagResource", channels, tagging),
        ("kms:DescribeKey", KEY, via),
        ("kms:GenerateDataKey", KEY, via),
        ("kms:Decrypt", KEY, via),
    ]


def test_a_channel_is_read_and_deleted_on_itself_with_its_tags(bench: Bench, needs: Any) -> None:
    arn = bench.created_channel(tags={"team": "ads"})
    bench.clock.sleep(3)
    tags = {"aws:ResourceTag/team": "ads"}
    bench.read_channel(arn)
    assert needs() == [
        ("cleanrooms-ml:GetMLInputChannel", arn, tags),
        ("cleanrooms:PassMembership", MEMBERSHIP_ARN, {}),
    ]
    bench.client.delete_ml_input_channel_data(mlInputChannelArn=arn, membershipIdentifier=MEMBERSHIP)
    assert needs()[0] == ("cleanrooms-ml:DeleteMLInputChannelData", arn, tags)


def test_a_configured_model_is_created_on_the_audience_model(bench: Bench, needs: Any) -> None:
    arn = bench.created_model()
    assert needs() == [("cleanrooms-ml:CreateConfiguredAudienceModel", bench.audience_model, {}), PASS_ROLE]
    other = bench.emulator.seeds.audience_model("other")
    bench.client.update_configured_audience_model(configuredAudienceModelArn=arn, audienceModelArn=other)
    assert [need[:2] for need in needs()] == [
        ("cleanrooms-ml:UpdateConfiguredAudienceModel", arn),
        ("cleanrooms-ml:UpdateConfiguredAudienceModel", other),
    ]


def test_a_job_is_started_on_its_model_and_on_the_jobs_of_the_account(bench: Bench, needs: Any) -> None:
    model = bench.created_model()
    collaboration = "33333333-3333-4333-8333-333333333333"
    bench.created_job(model, collaborationId=collaboration)
    context = {"cleanrooms-ml:CollaborationId": collaboration}
    jobs = f"arn:aws:cleanrooms-ml:us-east-1:{ACCOUNT}:audience-generation-job/*"
    assert needs() == [
        ("cleanrooms-ml:StartAudienceGenerationJob", model, context),
        ("cleanrooms-ml:StartAudienceGenerationJob", jobs, context),
        PASS_ROLE,
    ]
    bench.client.list_audience_generation_jobs(configuredAudienceModelArn=model)
    assert needs() == [("cleanrooms-ml:ListAudienceGenerationJobs", model, {})]
    bench.client.list_audience_generation_jobs()
    assert needs() == [("cleanrooms-ml:ListAudienceGenerationJobs", "*", {})]


def test_lists_need_every_resource_and_collaborations_are_passed(bench: Bench, needs: Any) -> None:
    bench.client.list_ml_input_channels(membershipIdentifier=MEMBERSHIP)
    assert needs() == [
        ("cleanrooms-ml:ListMLInputChannels", "*", {}),
        ("cleanrooms:PassMembership", MEMBERSHIP_ARN, {}),
    ]
    bench.client.list_collaboration_ml_input_channels(collaborationIdentifier=bench.collaboration)
    assert [need[0] for need in needs()] == [
        "cleanrooms-ml:ListCollaborationMLInputChannels",
        "cleanrooms:PassCollaboration",
    ]


def test_tags_are_changed_on_the_resource_with_old_and_new_tags(bench: Bench, needs: Any) -> None:
    arn = bench.created_model(tags={"old": "1"})
    bench.client.tag_resource(resourceArn=arn, tags={"new": "2"})
    seen = needs()
    assert [need[:2] for need in seen] == [("cleanrooms-ml:TagResource", arn)]
    assert seen[0][2].items() >= {"aws:RequestTag/new": "2", "aws:ResourceTag/old": "1"}.items()
    assert seen[0][2]["aws:TagKeys"] == ["new"]
    bench.client.untag_resource(resourceArn=arn, tagKeys=["old"])
    assert needs()[0][:2] == ("cleanrooms-ml:UntagResource", arn)
    assert needs()[0][2]["aws:TagKeys"] == ["old"]


def test_a_policy_is_put_on_its_model(bench: Bench, needs: Any) -> None:
    arn = bench.created_model()
    bench.client.put_configured_audience_model_policy(
        configuredAudienceModelArn=arn,
        configuredAudienceModelPolicy=json.dumps({"Statement": [{"Effect": "Allow"}]}),
    )
    assert needs() == [("cleanrooms-ml:PutConfiguredAudienceModelPolicy", arn, {})]


def test_a_synthetic_channel_needs_a_grant_on_its_key(bench: Bench, needs: Any) -> None:
    bench.client.create_ml_input_channel(**bench.synthetic_channel(kmsKeyArn=KEY))
    assert ("kms:CreateGrant", KEY) in [need[:2] for need in needs()]


@pytest.mark.parametrize("path", ["/nothing", f"/memberships/{MEMBERSHIP}/ml-input-channels"])
def test_what_is_refused_anyway_needs_nothing(bench: Bench, path: str) -> None:
    request = Request("POST", path, body=b'{"inputChannel": "x", "tags": 3}')
    assert bench.emulator.authorization(request) == []
    assert bench.emulator.handle(request).status in (400, 404)
