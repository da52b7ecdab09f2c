"""Several accounts in one sandbox."""

from __future__ import annotations

import json

import pytest

from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.sandbox import Prerequisite, Sandbox

CONSUMER = "111122223333"


def test_an_account_has_its_own_clients_and_its_own_resources(sandbox: Sandbox) -> None:
    consumer = sandbox.as_account(CONSUMER)
    assert consumer.client("sts").get_caller_identity()["Account"] == CONSUMER
    assert sandbox.client("sts").get_caller_identity()["Account"] == sandbox.account
    consumer.client("sqs").create_queue(QueueName="theirs")
    assert not sandbox.client("sqs").list_queues().get("QueueUrls")
    assert len(consumer.client("sqs").list_queues()["QueueUrls"]) == 1


def test_the_environment_of_an_account_leads_the_cdk_there(sandbox: Sandbox) -> None:
    own, theirs = sandbox.environment(), sandbox.as_account(CONSUMER).environment()
    assert (theirs["AWS_ACCESS_KEY_ID"], theirs["CDK_DEFAULT_ACCOUNT"]) == (CONSUMER, CONSUMER)
    assert theirs["AWS_ENDPOINT_URL"] == own["AWS_ENDPOINT_URL"]
    # The CLI remembers whose an access key is.
    assert theirs["CDK_HOME"] != own["CDK_HOME"]


def test_the_command_speaks_for_an_account(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "environment", "--name", sandbox.name, "--account", CONSUMER, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["environment"]["AWS_ACCESS_KEY_ID"] == CONSUMER


@pytest.mark.parametrize("account", ["test", "11112222333", "١١١١٢٢٢٢٣٣٣٣"])
def test_what_is_no_account_is_refused(sandbox: Sandbox, account: str) -> None:
    with pytest.raises(Prerequisite, match="is no account; allowed are 12 digits"):
        sandbox.as_account(account)
