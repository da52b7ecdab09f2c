"""The account in which assumptions are tried: what is there already, and calls that may be refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from ..account.errors import Refused
from ..account.session import Session, translated

# In an account with thousands of runs the latest ones show as much.
_MOST_READ = 200

_ML, _CLEAN_ROOMS = "cleanroomsml", "cleanrooms"
# What IAM says, whatever the service would have said.
_OF_IAM = "is not authorized to perform"

Shape = Mapping[str, Any]


@dataclass(frozen=True)
class Refusal:
    """A call that the service refused.

    Attributes:
        code: The error's type.
        message: Its text, which may name resources.
    """

    code: str
    message: str

    @property
    def is_of_iam(self) -> bool:
        """Whether the caller lacks the permission, so that it says nothing about the service."""
        return _OF_IAM in self.message


class Account:
    """An account as tries need it. Whatever was read once is not read again.

    Args:
        session: Where its clients come from.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._clients: dict[str, Any] = {}

    def call(self, operation: str, service: str = _ML, **parameters: Any) -> dict[str, Any]:
        """The answer of an operation, by its name in boto3.

        Raises:
            CannotDo: There is none.
        """
        method = self._method(service, operation)
        return self.session.asked(lambda: cast("dict[str, Any]", method(**parameters)))

    def attempt(self, operation: str, parameters: Shape, service: str = _ML) -> dict[str, Any] | Refusal:
        """The answer of an operation, by its name in boto3, or why the service refuses it.

        Raises:
            CannotDo: It is not the service that refuses: no credentials, no network.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        method = self._method(service, operation)
        try:
            return cast("dict[str, Any]", method(**parameters))
        except ClientError as error:
            line = translated(error, self.session.region)
            if not isinstance(line, Refused):
                raise line from error
            return Refusal(str(error.response["Error"]["Code"]), str(error.response["Error"].get("Message", "")))
        except BotoCoreError as error:
            raise translated(error, self.session.region) from error

    def refusal(self, operation: str, parameters: Shape, service: str = _ML) -> Refusal | None:
        """Why the service refuses an operation; None if it does not."""
        answer = self.attempt(operation, parameters, service)
        return answer if isinstance(answer, Refusal) else None

    @cached_property
    def memberships(self) -> list[str]:
        """The identifiers of its active memberships."""
        pages = self._pages("list_memberships", "membershipSummaries", _CLEAN_ROOMS, status="ACTIVE")
        return [str(one["id"]) for one in pages]

    @cached_property
    def channels(self) -> list[Shape]:
        """The ML input channels of all memberships, as the list shows them."""
        return list(self._of_memberships("list_ml_input_channels", "mlInputChannelsList"))

    @cached_property
    def models(self) -> list[Shape]:
        """The trained models of all memberships in full, every version."""
        versions = (
            version
            for one in self._of_memberships("list_trained_models", "trainedModels")
            for version in self._pages(
                "list_trained_model_versions",
                "trainedModels",
                membershipIdentifier=one["membershipIdentifier"],
                trainedModelArn=one["trainedModelArn"],
            )
        )
        return [self.model(one) for one in versions]

    @cached_property
    def jobs(self) -> list[Shape]:
        """The audience generation jobs in full."""
        found = self._pages("list_audience_generation_jobs", "audienceGenerationJobs")
        return [
            self.call("get_audience_generation_job", audienceGenerationJobArn=one["audienceGenerationJobArn"])
            for one in found
        ]

    def channel(self, summary: Shape) -> Shape:
        """A channel in full."""
        keys = ("mlInputChannelArn", "membershipIdentifier")
        return self.call("get_ml_input_channel", **{key: summary[key] for key in keys})

    def model(self, summary: Shape) -> Shape:
        """A version of a trained model in full."""
        keys = ("trainedModelArn", "membershipIdentifier", "versionIdentifier")
        return self.call("get_trained_model", **{key: summary[key] for key in keys if summary.get(key)})

    def inactive(self) -> Iterator[Shape]:
        """The channels whose data is gone."""
        return (one for one in self.channels if one["status"] == "INACTIVE")

    def _of_memberships(self, operation: str, field: str) -> Iterator[Shape]:
        for membership in self.memberships:
            yield from self._pages(operation, field, membershipIdentifier=membership)

    def _pages(self, operation: str, field: str, service: str = _ML, **parameters: Any) -> Iterator[Shape]:
        count = 0
        token: dict[str, str] = {}
        while count < _MOST_READ:
            page = self.call(operation, service, **parameters, **token)
            count += len(page.get(field, ()))
            yield from page.get(field, ())
            if not page.get("nextToken"):
                return
            token = {"nextToken": page["nextToken"]}

    def _method(self, service: str, operation: str) -> Callable[..., Any]:
        if service not in self._clients:
            self._clients[service] = self.session.client(service)
        found: Callable[..., Any] = getattr(self._clients[service], operation)
        return found
