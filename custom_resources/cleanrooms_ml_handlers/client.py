"""All calls of AWS.

The service models beside this file come first on boto3's search path, so that every version of boto3 in a Lambda
runtime knows their fields. Only throttled calls are repeated here, within the time that the caller gives: whether
another call can be repeated is the engine's decision.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from copy import copy
from functools import cached_property
from itertools import count
from math import inf
from typing import Any, Self, TypeAlias

from .errors import Fault, ServiceError
from .executions import ANSWERED_SUCCESS, LOST_STATUSES, Execution, Page, Started
from .model import DATA_PATH
from .named_parents import template_names
from .request import without_surrogates
from .shared_names import ASSET_BUCKETS, EVENT_SOURCE

# A path from the environment stays, after ours.
os.environ["AWS_DATA_PATH"] = os.pathsep.join(
    [str(DATA_PATH), *(p for p in [os.environ.get("AWS_DATA_PATH", "")] if p and str(DATA_PATH) not in p)]
)

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, DataNotFoundError, ParamValidationError, UnknownServiceError
from botocore.loaders import Loader

# Waits before a throttled call is repeated; returns False if there is no time for that.
Pause: TypeAlias = Callable[[int], bool]

# One step of the worker makes a few calls and must end within its function's time-out.
_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"})


_SERVICES = ("cleanrooms", "cleanroomsml", "events", "s3", "stepfunctions")


def _never(_pauses: int) -> bool:
    return False


class _Loader(Loader):  # type: ignore[misc]
    """Loads service models without a look through the folders of all services, a tenth of a cold start."""

    def list_available_services(self, type_name: str) -> list[str]:
        """The services that the handlers call."""
        return list(_SERVICES)

    def determine_latest_version(self, service_name: str, type_name: str) -> str:
        """The version of a part of a model; a boto3 older than the API has no endpoint rules for it.

        Raises:
            UnknownServiceError: There is none: botocore then goes by the names of endpoints.
        """
        try:
            return str(super().determine_latest_version(service_name, type_name))
        except DataNotFoundError:
            raise UnknownServiceError(service_name=service_name, known_service_names=_SERVICES) from None


def _new_session() -> Any:
    session = botocore.session.get_session()
    paths = session.get_component("data_loader").search_paths
    session.register_component("data_loader", _Loader(list(paths), include_default_search_paths=False))
    return session


class Service:
    """The calls that the handlers make.

    Args:
        session: The botocore session from which to create clients: boto3 would add a tenth to a cold start. Default:
            a new one.
    """

    def __init__(self, session: Any = None) -> None:
        self._session = session or _new_session()
        self._clients: dict[str, Any] = {}
        self._pause: Pause = _never

    def with_pause(self, pause: Pause) -> Self:
        """The same clients; throttled calls are repeated.

        Args:
            pause: Called with the number of earlier pauses of a throttled call: waits and returns True, or returns
                False if there is no time to repeat the call.
        """
        service = copy(self)
        service._pause = pause
        return service

    def client(self, service: str) -> Any:
        """The client of a service, created once."""
        if service not in self._clients:
            self._clients[service] = self._session.create_client(service, config=_CONFIG)
        return self._clients[service]

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Calls an operation by its name in the API; repeats a throttled call, which had no effect.

        Raises:
            ServiceError: The service refused, or did not answer.
        """
        for pauses in count():
            try:
                return self._call_once(service, operation, request)
            except ServiceError as error:
                if error.fault is not Fault.THROTTLED or not self._pause(pauses):
                    raise
        raise AssertionError("unreachable")

    def _call_once(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self.client(service), xform_name(operation))(**request)
            answer = without_surrogates(answer)
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
                # The service's message may repeat the input, and the front's log shows what it raises.
                raise ServiceError(error.operation, error.code, "it did not start", status=error.status) from None

    def execution(self, execution_arn: str) -> Started:
        """How an execution was started, and how it ended; raises ServiceError."""
        answer = self.call("stepfunctions", "DescribeExecution", {"executionArn": execution_arn})
        started_at = answer["startDate"].timestamp()
        progress = json.loads(answer.get("output") or "{}").get("progress", {})
        # Those of earlier versions do not say what they answered: what may be a stack's is taken for it.
        by_default = True if answer["status"] == "SUCCEEDED" else None
        return Started(
            str(answer["input"]),
            started_at,
            str(answer["status"]),
            str(answer.get("error") or ""),
            progress.get(ANSWERED_SUCCESS, by_default),
        )

    def executions(self, *, running: bool, token: str) -> Page:
        """A page of the executions of the stack's state machine; raises ServiceError."""
        parameters: dict[str, Any] = {"stateMachineArn": os.environ["STATE_MACHINE_ARN"], "maxResults": 1000}
        if running:
            parameters["statusFilter"] = "RUNNING"
        if token:
            parameters["nextToken"] = token
        answer = self.call("stepfunctions", "ListExecutions", parameters)
        found = [
            Execution(
                it["executionArn"],
                it["name"],
                it["startDate"].timestamp(),
                it["status"] == "RUNNING",
                it["stopDate"].timestamp() if "stopDate" in it else inf,
                it["status"] in LOST_STATUSES,
            )
            for it in answer["executions"]
        ]
        return Page(found, str(answer.get("nextToken") or ""))

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

    def read_text(self, bucket: str, key: str, most_bytes: int) -> str:
        """The UTF-8 text of an object in the bucket of the stack's file assets.

        Raises:
            ServiceError: It is in another bucket, cannot be read, is larger than allowed, or is no UTF-8.
        """
        if bucket not in os.environ.get(ASSET_BUCKETS, "").split(","):
            raise ServiceError("GetObject", "ForeignBucket", "it is not a file asset of this stack", status=400)
        body: bytes = self.call("s3", "GetObject", {"Bucket": bucket, "Key": key})["Body"].read(most_bytes + 1)
        if len(body) > most_bytes:
            raise ServiceError("GetObject", "EntityTooLarge", f"allowed are {most_bytes} bytes", status=400)
        try:
            return body.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ServiceError("GetObject", "InvalidText", "the object is no UTF-8 text", status=400) from None

    def template_names(self, name: str) -> bool:
        """Whether the stack's template names this parent of a kind without tags."""
        return template_names(os.environ, name)

    @cached_property
    def model_path(self) -> str:
        """The path from which the model of Clean Rooms ML is loaded."""
        loader = self._session.get_component("data_loader")
        _, path = loader.load_data_with_path("cleanroomsml/2023-09-06/service-2")
        return str(path)


def _from_answer(operation: str, error: ClientError) -> ServiceError:
    detail = error.response.get("Error", {})
    return ServiceError(
        operation,
        str(detail.get("Code", "Unknown")),
        without_surrogates(str(detail.get("Message", ""))),
        status=error.response.get("ResponseMetadata", {}).get("HTTPStatusCode"),
        quota=str(error.response.get("quotaName", "")),
    )
