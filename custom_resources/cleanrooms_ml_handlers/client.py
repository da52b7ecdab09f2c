"""All calls of AWS.

The service models beside this file come first on boto3's search path, so that every version of boto3 in a Lambda
runtime knows their fields. No call is retried here: whether that is safe is the engine's decision.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from .errors import ServiceError
from .executions import Execution
from .model import DATA_PATH
from .spec import EVENT_SOURCE

# A path from the environment stays, after ours.
os.environ["AWS_DATA_PATH"] = os.pathsep.join(
    [str(DATA_PATH), *(p for p in [os.environ.get("AWS_DATA_PATH", "")] if p and str(DATA_PATH) not in p)]
)

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

# One step of the worker makes a few calls and must end within its function's time-out.
_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"})


class Service:
    """The calls that the handlers make.

    Args:
        session: The boto3 session from which to create clients. Default: a new one.
    """

    def __init__(self, session: Any = None) -> None:
        self._session = session or boto3.session.Session()
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """The boto3 client of a service, created once."""
        if service not in self._clients:
            self._clients[service] = self._session.client(service, config=_CONFIG)
        return self._clients[service]

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Calls an operation by its name in the API.

        Raises:
            ServiceError: The service refused, or did not answer.
        """
        try:
            answer: dict[str, Any] = getattr(self.client(service), xform_name(operation))(**request)
        except ClientError as error:
            raise _from_answer(operation, error) from error
        except ParamValidationError as error:
            # Its text contains the invalid values.
            raise ServiceError(operation, "ParamValidationError", "boto3 refused the request", status=400) from error
        except BotoCoreError as error:
            raise ServiceError(operation, type(error).__name__, str(error), status=None) from error
        return answer

    def start_execution(self, name: str, text: str) -> None:
        """Starts an execution of the stack's state machine. Idempotent: one of this name that exists is success.

        Raises:
            ServiceError: It could not be started.
        """
        try:
            arn = os.environ["STATE_MACHINE_ARN"]
            self.call("stepfunctions", "StartExecution", {"stateMachineArn": arn, "name": name, "input": text})
        except ServiceError as error:
            if error.code != "ExecutionAlreadyExists":
                raise

    def execution(self, execution_arn: str) -> tuple[str, str]:
        """The input with which an execution was started, and the error with which it ended."""
        answer = self.call("stepfunctions", "DescribeExecution", {"executionArn": execution_arn})
        return str(answer["input"]), str(answer.get("error") or "")

    def executions(self, *, running: bool, since: float) -> Iterator[Execution]:
        """The executions of the stack's state machine, the newest first, back to a time in seconds since 1970."""
        parameters: dict[str, Any] = {"stateMachineArn": os.environ["STATE_MACHINE_ARN"], "maxResults": 1000}
        if running:
            parameters["statusFilter"] = "RUNNING"
        while True:
            page = self.call("stepfunctions", "ListExecutions", parameters)
            for item in page["executions"]:
                started_at = item["startDate"].timestamp()
                if started_at < since:
                    return
                yield Execution(item["executionArn"], item["name"], started_at, item["status"] == "RUNNING")
            if not page.get("nextToken"):
                return
            parameters = {**parameters, "nextToken": page["nextToken"]}

    def stop_execution(self, arn: str, error: str) -> None:
        """Stops an execution."""
        self.call("stepfunctions", "StopExecution", {"executionArn": arn, "error": error})

    def put_event(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Puts an event on the default bus.

        Raises:
            ServiceError: The bus did not take it.
        """
        entry = {"Source": EVENT_SOURCE, "DetailType": detail_type, "Detail": json.dumps(detail)}
        answer = self.call("events", "PutEvents", {"Entries": [entry]})
        if answer.get("FailedEntryCount"):
            failed = answer["Entries"][0]
            raise ServiceError("PutEvents", failed["ErrorCode"], failed.get("ErrorMessage", ""), status=None)

    def read_text(self, bucket: str, key: str) -> str:
        """The UTF-8 text of an S3 object."""
        body: bytes = self.call("s3", "GetObject", {"Bucket": bucket, "Key": key})["Body"].read()
        return body.decode("utf-8-sig")

    @cached_property
    def model_path(self) -> str:
        """The path from which boto3 loaded the model of Clean Rooms ML."""
        loader = self._session._loader
        _, path = loader.load_data_with_path("cleanroomsml/2023-09-06/service-2")
        return str(path)


def _from_answer(operation: str, error: ClientError) -> ServiceError:
    detail = error.response.get("Error", {})
    return ServiceError(
        operation,
        str(detail.get("Code", "Unknown")),
        str(detail.get("Message", "")),
        status=error.response.get("ResponseMetadata", {}).get("HTTPStatusCode"),
        quota=str(error.response.get("quotaName", "")),
    )
