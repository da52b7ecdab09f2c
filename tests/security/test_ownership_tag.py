"""The statement of docs/security.md that denies the ownership tag to all but the workers, on a sandbox with IAM."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_handlers.rules import OWNERSHIP_TAG_KEY, ownership_tag_problems

_DOCS = Path(__file__).parents[2] / "docs" / "security.md"
_ALLOW = {"Effect": "Allow", "Action": ["cleanrooms-ml:*", "iam:PassRole"], "Resource": "*"}
_OWN = {OWNERSHIP_TAG_KEY: "6f5b1a2c-0000-11ef-8000-0e0000000001/Thing/0123456789abcdef"}


@pytest.fixture(scope="module")
def guarded(sandbox_home: None) -> Iterator[Sandbox]:
    with Sandbox.start(iam=True) as started:
        yield started


def documented() -> Mapping[str, Any]:
    """The policy as the page shows it."""
    found = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", _DOCS.read_text("utf-8"), re.DOTALL)]
    [policy] = [each for each in found if "aws:TagKeys" in json.dumps(each)]
    assert OWNERSHIP_TAG_KEY in json.dumps(policy)
    return dict(policy)


def as_role(sandbox: Sandbox, name: str) -> Any:
    """A client of a role that may do anything but what the page denies."""
    iam = sandbox.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    policy = {**documented(), "Statement": [_ALLOW, *documented()["Statement"]]}
    iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=json.dumps(policy))
    session = sandbox.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return sandbox.client(
        "cleanroomsml",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )


def create(client: Any, model: str, output: str, tags: Mapping[str, str]) -> str:
    """A configured audience model with tags; its ARN."""
    destination = {"s3Destination": {"s3Uri": "s3://audiences/output/"}}
    answer = client.create_configured_audience_model(
        name=f"m-{uuid.uuid4().hex}",
        audienceModelArn=model,
        outputConfig={"destination": destination, "roleArn": output},
        sharedAudienceMetrics=["NONE"],
        tags=dict(tags),
    )
    return str(answer["configuredAudienceModelArn"])


@pytest.mark.parametrize("key", [OWNERSHIP_TAG_KEY, OWNERSHIP_TAG_KEY.title(), f" {OWNERSHIP_TAG_KEY}\t"])
def test_no_user_has_the_key_in_any_case(key: str) -> None:
    [problem] = ownership_tag_problems({key: "x", "team": "a"})
    assert "the library's ownership tag" in problem
    assert not list(ownership_tag_problems({f"x{key}": "x"}))


def test_only_a_worker_writes_the_ownership_tag(guarded: Sandbox) -> None:
    model = guarded.emulator.seed("AudienceModel")["arn"]
    trust = {"Effect": "Allow", "Principal": {"Service": "cleanrooms-ml.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    output = guarded.client("iam").create_role(RoleName="output", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    other = as_role(guarded, "team")
    worker = as_role(guarded, "app-CleanRoomsMLWorkerRole-1A2B3C4D5E6F")
    denied = other.exceptions.AccessDeniedException

    mine = create(worker, model, output, _OWN)
    with pytest.raises(denied):
        create(other, model, output, _OWN)
    with pytest.raises(denied):
        other.tag_resource(resourceArn=mine, tags=_OWN)
    with pytest.raises(denied):
        other.untag_resource(resourceArn=mine, tagKeys=[OWNERSHIP_TAG_KEY])
    with pytest.raises(denied):
        other.tag_resource(resourceArn=mine, tags={"team": "a", **_OWN})
    with pytest.raises(denied):
        # For IAM this is the same key: which of the two values its conditions then see is not documented.
        other.tag_resource(resourceArn=mine, tags={OWNERSHIP_TAG_KEY.upper(): "another"})

    # Everything else is as it was.
    theirs = create(other, model, output, {"team": "a"})
    other.tag_resource(resourceArn=theirs, tags={"team": "b"})
    other.untag_resource(resourceArn=theirs, tagKeys=["team"])
    worker.untag_resource(resourceArn=mine, tagKeys=[OWNERSHIP_TAG_KEY])
    worker.tag_resource(resourceArn=mine, tags=_OWN)
