"""The gateway in front of MiniStack."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.emulator import Emulator, Request
from cleanrooms_ml_cli.sandbox.launcher import gateway
from cleanrooms_ml_cli.sandbox.launcher.unsupported import Answer


def test_a_defect_in_the_check_of_policies_is_an_error_that_says_so() -> None:
    """MiniStack's own answer would be a bare 500."""

    def authorize(request: Request, headers: Mapping[str, str], query: Mapping[str, list[str]]) -> None:
        raise IndexError("list index out of range")

    async def answered() -> Answer:
        gateway._wire.set(gateway._Wire("/audience-model", ""))
        return await gateway.Service(Emulator(), authorize).handle_request("GET", "/audience-model", {}, b"", {})

    status, headers, body = asyncio.run(answered())

    assert (status, headers["x-amzn-errortype"]) == (400, "EmulatorDefect")
    message = json.loads(body)["message"]
    assert message.startswith("The sandbox failed in GET /audience-model: IndexError: list index out of range")


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("lakeformation", "revoke_permissions", {"Principal": {}, "Resource": {}, "Permissions": ["SELECT"]}),
        ("quicksight", "describe_account_subscription", {"AwsAccountId": "000000000000"}),
        ("sagemaker", "list_training_jobs", {}),
        ("redshift", "describe_clusters", {}),
    ],
)
def test_a_service_that_is_not_there_names_itself_and_those_that_are(
    sandbox: Sandbox, service: str, operation: str, params: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(sandbox.client(service), operation)(**params)
    error = refused.value.response
    assert error["Error"]["Code"] == "UnsupportedServiceException"
    listed = f"{sandbox.endpoint}/_ministack/health"
    assert error["Error"]["Message"] == (
        f"{service} is a service that the sandbox does not have; for those that it has: curl {listed}"
    )
    with urlopen(listed) as answered:
        services = json.loads(answered.read())["services"]
    assert {"cleanrooms", "cleanrooms-ml", "glue"} <= services.keys() - {service}
    # Otherwise the SDK would have tried again.
    assert (error["ResponseMetadata"]["HTTPStatusCode"], error["ResponseMetadata"]["RetryAttempts"]) == (501, 0)
