"""Policies are evaluated with the actions and ARNs of Clean Rooms ML."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox import Sandbox

from .test_service import make_role, request_for

ANY_MODEL = "arn:aws:cleanrooms-ml:us-east-1:000000000000:audience-model/*"
ANY_CONFIGURED = "arn:aws:cleanrooms-ml:us-east-1:000000000000:configured-audience-model/*"
CREATE = {"Action": "cleanrooms-ml:CreateConfiguredAudienceModel", "Resource": ANY_MODEL}
PASS_ROLE = {
    "Action": "iam:PassRole",
    "Resource": "arn:aws:iam::000000000000:role/sandbox/*",
    "Condition": {"StringEquals": {"iam:PassedToService": "cleanrooms-ml.amazonaws.com"}},
}


@pytest.fixture(scope="module")
def sandbox(sandbox_home: None) -> Iterator[Sandbox]:
    with Sandbox.start(iam=True) as started:
        yield started


@pytest.fixture(scope="module")
def output_role(sandbox: Sandbox) -> str:
    return make_role(sandbox, "output", "cleanrooms-ml.amazonaws.com")


def client_with(sandbox: Sandbox, *statements: dict[str, Any], service: str = "cleanroomsml") -> tuple[Any, str]:
    """A client with the credentials of a new role that may do just that, and the role's ARN."""
    iam, name = sandbox.client("iam"), f"caller-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    if statements:
        allowed = [{"Effect": "Allow", **statement} for statement in statements]
        iam.put_role_policy(
            RoleName=name,
            PolicyName="policy",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allowed}),
        )
    session = sandbox.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    client = sandbox.client(
        service,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    return client, role


def create(sandbox: Sandbox, client: Any, role: str, **more: Any) -> str:
    created = client.create_configured_audience_model(**request_for(sandbox, role, f"m-{uuid.uuid4().hex}"), **more)
    return str(created["configuredAudienceModelArn"])


def test_statements_with_arns_are_enough(sandbox: Sandbox, output_role: str) -> None:
    client, role = client_with(
        sandbox, CREATE, PASS_ROLE, {"Action": "cleanrooms-ml:GetConfiguredAudienceModel", "Resource": ANY_CONFIGURED}
    )

    arn = create(sandbox, client, output_role)

    assert client.get_configured_audience_model(configuredAudienceModelArn=arn)["status"] == "ACTIVE"
    assert sandbox.emulator.journal()[-1]["caller"] == role


@pytest.mark.parametrize(
    ("statements", "denied"),
    [
        ((PASS_ROLE,), "cleanrooms-ml:CreateConfiguredAudienceModel"),
        ((PASS_ROLE, {**CREATE, "Resource": ANY_CONFIGURED}), "cleanrooms-ml:CreateConfiguredAudienceModel"),
        ((CREATE,), "iam:PassRole"),
        ((CREATE, {**PASS_ROLE, "Resource": "arn:aws:iam::000000000000:role/other/*"}), "iam:PassRole"),
    ],
)
def test_what_no_statement_allows_is_denied(
    sandbox: Sandbox, output_role: str, statements: tuple[dict[str, Any], ...], denied: str
) -> None:
    client, _ = client_with(sandbox, *statements)
    calls = len(sandbox.emulator.journal("CreateConfiguredAudienceModel"))

    with pytest.raises(client.exceptions.AccessDeniedException, match=f"not authorized to perform: {denied} on"):
        create(sandbox, client, output_role)

    assert len(sandbox.emulator.journal("CreateConfiguredAudienceModel")) == calls


def test_tags_need_a_permission_of_their_own_and_can_be_conditions(sandbox: Sandbox, output_role: str) -> None:
    condition = {"StringEquals": {"aws:RequestTag/team": "audiences"}}
    tag = {"Action": "cleanrooms-ml:TagResource", "Resource": ANY_CONFIGURED, "Condition": condition}
    client, _ = client_with(sandbox, CREATE, PASS_ROLE, tag)

    create(sandbox, client, output_role, tags={"team": "audiences"})

    with pytest.raises(client.exceptions.AccessDeniedException, match="cleanrooms-ml:TagResource"):
        create(sandbox, client, output_role, tags={"team": "others"})


def test_a_resource_can_be_named_by_its_tags(sandbox: Sandbox, output_role: str) -> None:
    condition = {"StringEquals": {"aws:ResourceTag/team": "audiences"}}
    client, _ = client_with(
        sandbox, {"Action": "cleanrooms-ml:DeleteConfiguredAudienceModel", "Resource": "*", "Condition": condition}
    )
    root = sandbox.client("cleanroomsml")
    ours = create(sandbox, root, output_role, tags={"team": "audiences"})
    others = create(sandbox, root, output_role, tags={"team": "others"})

    client.delete_configured_audience_model(configuredAudienceModelArn=ours)

    with pytest.raises(client.exceptions.AccessDeniedException):
        client.delete_configured_audience_model(configuredAudienceModelArn=others)


@pytest.mark.parametrize("lacking", ["", "cleanrooms-ml:PutConfiguredAudienceModelPolicy"])
def test_an_association_needs_what_clean_rooms_does_in_the_callers_name(
    sandbox: Sandbox, output_role: str, lacking: str
) -> None:
    membership = sandbox.emulator.seed("Membership")["identifier"]
    own = f"arn:aws:cleanrooms:us-east-1:000000000000:membership/{membership}"
    on_model = {"GetConfiguredAudienceModel", "GetConfiguredAudienceModelPolicy", "PutConfiguredAudienceModelPolicy"}
    client, _ = client_with(
        sandbox,
        {
            "Action": "cleanrooms:CreateConfiguredAudienceModelAssociation",
            "Resource": [own, f"{own}/configuredaudiencemodelassociation/*"],
        },
        {
            "Action": [f"cleanrooms-ml:{name}" for name in sorted(on_model) if name not in lacking],
            "Resource": ANY_CONFIGURED,
        },
        service="cleanrooms",
    )
    request = {
        "membershipIdentifier": membership,
        "configuredAudienceModelArn": create(sandbox, sandbox.client("cleanroomsml"), output_role),
        "configuredAudienceModelAssociationName": "association",
        "manageResourcePolicies": True,
    }
    if lacking:
        with pytest.raises(client.exceptions.AccessDeniedException, match=f"to perform: {lacking} on"):
            client.create_configured_audience_model_association(**request)
    else:
        assert client.create_configured_audience_model_association(**request)


def test_a_wrong_signature_is_refused(sandbox: Sandbox) -> None:
    client, _ = client_with(sandbox)
    other = sandbox.client(
        "cleanroomsml",
        aws_access_key_id=client._request_signer._credentials.access_key,
        aws_secret_access_key="wrong",
        aws_session_token=client._request_signer._credentials.token,
    )

    with pytest.raises(ClientError, match="signature"):
        other.list_audience_models()


def test_a_bucket_that_refuses_plain_http_can_be_used(sandbox: Sandbox) -> None:
    """The bootstrap bucket is one; the CDK CLI reaches it with a role, over plain HTTP."""
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="only-https")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::only-https", "arn:aws:s3:::only-https/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket="only-https", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    client, _ = client_with(sandbox, {"Action": "s3:PutObject", "Resource": "*"})
    credentials = client._request_signer._credentials

    sandbox.client(
        "s3",
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
    ).put_object(Bucket="only-https", Key="key", Body=b"body")

    assert s3.get_object(Bucket="only-https", Key="key")["Body"].read() == b"body"


def test_a_policy_can_name_the_source_of_events(sandbox: Sandbox) -> None:
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    only = {"StringEquals": {"events:source": "cdk-cleanrooms-ml"}}
    client, _ = client_with(
        sandbox, {"Action": "events:PutEvents", "Resource": bus, "Condition": only}, service="events"
    )
    own, other = ({"Source": source, "DetailType": "t", "Detail": "{}"} for source in ("cdk-cleanrooms-ml", "mine"))
    assert client.put_events(Entries=[own])["FailedEntryCount"] == 0
    for entries in ([other], [own, other]):
        with pytest.raises(ClientError) as caught:
            client.put_events(Entries=entries)
        assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
