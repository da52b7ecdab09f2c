"""Clean Rooms ML on the sandbox's address, through boto3."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

from cleanrooms_ml_cli.sandbox import Sandbox, SandboxError
from tests.waiting import HANGS_AFTER_SECONDS, until

ONE_ATTEMPT = Config(retries={"total_max_attempts": 1}, proxies={})
# A call that is held goes on until the test releases it.
PATIENT = Config(retries={"total_max_attempts": 1}, read_timeout=HANGS_AFTER_SECONDS, proxies={})


@pytest.fixture
def service(sandbox: Sandbox) -> Any:
    sandbox.emulator.reset()
    return sandbox.client("cleanroomsml", config=ONE_ATTEMPT)


def make_role(sandbox: Sandbox, name: str, principal: str) -> str:
    """A role that a service may assume; one of that name is replaced."""
    iam = sandbox.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}],
    }
    role = iam.create_role(RoleName=name, Path="/sandbox/", AssumeRolePolicyDocument=json.dumps(trust))
    return str(role["Role"]["Arn"])


def request_for(sandbox: Sandbox, role: str, name: str = "audience") -> dict[str, Any]:
    return {
        "name": name,
        "audienceModelArn": sandbox.emulator.seed("AudienceModel", name="lookalike")["arn"],
        "outputConfig": {"destination": {"s3Destination": {"s3Uri": "s3://audiences/output"}}, "roleArn": role},
        "sharedAudienceMetrics": ["ALL"],
    }


def test_a_resource_is_created_read_tagged_and_deleted(sandbox: Sandbox, service: Any) -> None:
    role = make_role(sandbox, "output", "cleanrooms-ml.amazonaws.com")

    arn = service.create_configured_audience_model(**request_for(sandbox, role))["configuredAudienceModelArn"]
    service.tag_resource(resourceArn=arn, tags={"team": "audiences"})

    assert service.get_configured_audience_model(configuredAudienceModelArn=arn)["tags"] == {"team": "audiences"}
    service.delete_configured_audience_model(configuredAudienceModelArn=arn)
    with pytest.raises(service.exceptions.ResourceNotFoundException):
        service.get_configured_audience_model(configuredAudienceModelArn=arn)
    assert [entry["operation"] for entry in sandbox.emulator.journal()] == [
        "CreateConfiguredAudienceModel",
        "TagResource",
        "GetConfiguredAudienceModel",
        "DeleteConfiguredAudienceModel",
        "GetConfiguredAudienceModel",
    ]


@pytest.mark.parametrize(
    ("principal", "reason"),
    [("lambda.amazonaws.com", "its trust policy does not allow that"), ("", "it does not exist")],
)
def test_a_role_that_the_service_cannot_assume_is_refused(
    sandbox: Sandbox, service: Any, principal: str, reason: str
) -> None:
    role = "arn:aws:iam::000000000000:role/missing"
    if principal:
        role = make_role(sandbox, "for-lambda", principal)

    with pytest.raises(service.exceptions.AccessDeniedException, match=reason):
        service.create_configured_audience_model(**request_for(sandbox, role))


def test_a_dropped_connection_ends_without_an_answer(sandbox: Sandbox, service: Any) -> None:
    sandbox.emulator.add_fault("ListConfiguredAudienceModels", kind="drop_after")

    with pytest.raises(ConnectionClosedError):
        service.list_configured_audience_models()

    assert service.list_configured_audience_models()["configuredAudienceModels"] == []
    assert [entry["status"] for entry in sandbox.emulator.journal()] == [0, 200]


def test_a_held_call_holds_up_nothing_else_and_goes_on_once_released(sandbox: Sandbox) -> None:
    sandbox.emulator.reset()
    service = sandbox.client("cleanroomsml", config=PATIENT)
    sandbox.emulator.add_fault("ListConfiguredAudienceModels", kind="hold")
    held = threading.Thread(target=service.list_configured_audience_models)
    held.start()
    (call,) = until(sandbox.emulator.held, "the held call")
    assert call["operation"] == "ListConfiguredAudienceModels"

    sandbox.client("s3").list_buckets()
    sandbox.client("cleanroomsml").list_audience_models()

    assert held.is_alive()
    assert sandbox.emulator.release("ListConfiguredAudienceModels") == [call]
    held.join()
    assert sandbox.emulator.held() == []


def test_a_reset_releases_what_is_held(sandbox: Sandbox) -> None:
    sandbox.emulator.reset()
    service = sandbox.client("cleanroomsml", config=PATIENT)
    sandbox.emulator.add_fault("ListAudienceModels", kind="hold")
    held = threading.Thread(target=service.list_audience_models)
    held.start()
    until(lambda: sandbox.emulator.held("ListAudienceModels"), "the held call")

    sandbox.emulator.reset()

    held.join()


def test_a_reset_empties_the_service_and_everything_else(sandbox: Sandbox, service: Any) -> None:
    sandbox.emulator.seed("AudienceModel", name="lookalike")
    sandbox.client("sqs").create_queue(QueueName="one")
    service.list_audience_models()

    sandbox.reset()

    assert sandbox.emulator.records() == []
    assert sandbox.emulator.journal() == []
    assert not sandbox.client("sqs").list_queues().get("QueueUrls")


def test_without_iam_nobody_is_named_as_the_caller(sandbox: Sandbox, service: Any) -> None:
    service.list_audience_models()

    assert sandbox.emulator.journal()[-1]["caller"] == ""


def test_the_clock_and_the_records_can_be_changed(sandbox: Sandbox) -> None:
    sandbox.emulator.reset()
    arn = sandbox.emulator.seed("AudienceModel", name="lookalike")["arn"]
    sandbox.emulator.advance(10)
    sandbox.emulator.set_quotas({})
    sandbox.emulator.set_options(page_size=1)
    sandbox.emulator.set_durations(pending_share=0.5, create={"MLInputChannel": 1})
    sandbox.emulator.order_run("MLInputChannel", status_code="INTERNAL_ERROR", message="query produced zero rows")

    sandbox.emulator.forget(arn)

    assert arn not in [record["arn"] for record in sandbox.emulator.records()]


def test_a_wrong_control_request_says_what_is_allowed(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match=r"answered 400.*kind is Teapot; allowed are"):
        sandbox.emulator.seed("Teapot")
