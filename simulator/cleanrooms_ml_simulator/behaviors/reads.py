"""Reads that are not up to date, and lists that come in small pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from botocore.awsrequest import AWSPreparedRequest

from ..wire import Ask, Call, Reply
from .behavior import Surroundings
from .calls import is_of_clean_rooms, is_read, named_record, refusal

_TAGS = "ListTagsForResource"


@dataclass(frozen=True)
class Lag:
    """Reads show what was there some seconds ago: neither what was created since nor what was changed.

    Attributes:
        reads: Lists, gets or tags.
        seconds: How far they are behind.
    """

    reads: Literal["List", "Get", "Tags"]
    seconds: float = 3

    def __str__(self) -> str:
        return f"{self.reads} lags by {self.seconds:g} s"

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""
        world.past.keep(self.seconds)

        def layer(call: Call, _request: AWSPreparedRequest, ask: Ask) -> Reply:
            if not is_of_clean_rooms(call):
                return ask()
            if not is_read(call):
                world.past.note()
                return ask()
            if not self._concerns(call):
                return ask()
            with world.past.seen_from(self.seconds):
                return ask()

        world.wire.layers.append(layer)

    def _concerns(self, call: Call) -> bool:
        reads = "Tags" if call.operation == _TAGS else call.operation[: len(self.reads)]
        return reads == self.reads


@dataclass(frozen=True)
class OldStatusAfterDelete:
    """What was accepted to be deleted has its old status for a while: ACTIVE, or the DELETE_FAILED of before.

    Attributes:
        seconds: How long.
    """

    seconds: float = 5

    def __str__(self) -> str:
        return f"old status for {self.seconds:g} s after an accepted delete"

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""

        def layer(call: Call, request: AWSPreparedRequest, ask: Ask) -> Reply:
            record = named_record(world.emulator, request) if call.operation.startswith("Delete") else None
            if record is None:
                return ask()
            now = world.emulator.state.world.now()
            if any(begins > now and status == "DELETE_PENDING" for begins, status in record.timeline):
                # Accepted again, without effect.
                return 200, {"content-type": "application/json"}, b"{}"
            reply = ask()
            if (now, "DELETE_PENDING") in record.timeline:
                begun = record.timeline.index((now, "DELETE_PENDING"))
                later = [(begins + self.seconds, status) for begins, status in record.timeline[begun:]]
                record.timeline = [*record.timeline[:begun], *later]
            return reply

        world.wire.layers.append(layer)


@dataclass(frozen=True)
class TagCallsGone:
    """What is being deleted is shown by get, but calls about its tags answer that it is not found."""

    def __str__(self) -> str:
        return "404 of tag calls while Get shows what is being deleted"

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""

        def layer(call: Call, request: AWSPreparedRequest, ask: Ask) -> Reply:
            if call.operation not in (_TAGS, "TagResource", "UntagResource"):
                return ask()
            record = named_record(world.emulator, request)
            if record is None or record.timeline[-1][1] != "GONE":
                return ask()
            return refusal("ResourceNotFoundException", f"No resource has the ARN {record.arn}")

        world.wire.layers.append(layer)


@dataclass(frozen=True)
class SmallPages:
    """Lists return fewer items than they were asked for.

    Attributes:
        items: How many.
    """

    items: int = 1

    def __str__(self) -> str:
        return f"pages of {self.items}"

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""

        def layer(call: Call, request: AWSPreparedRequest, ask: Ask) -> Reply:
            if is_of_clean_rooms(call) and call.operation.startswith("List") and call.operation != _TAGS:
                address = urlsplit(request.url)
                query = {**dict(parse_qsl(address.query)), "maxResults": str(self.items)}
                request.url = urlunsplit(address._replace(query=urlencode(query)))
            return ask()

        world.wire.layers.append(layer)
