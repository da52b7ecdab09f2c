"""Tries that cost money: they repeat a run of the account under another name, and delete what it created."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from ..account.errors import CannotDo
from ..account.handlers import SPECS, Phase, service_model
from . import looks
from .account import Account, Refusal, Shape
from .seen import Seen

PREFIX = "cdk-cleanrooms-ml-verify-"

_SPARK_KEY = "spark.cdk.cleanrooms.ml.verify"
_WORKER = {"type": "CR.1X", "number": 2}
# Kinds whose statuses say whether a run is under way, and whether its data is still there.
_STATUSES = {spec.kind: spec.statuses for spec in SPECS}
_CHANNEL, _MODEL = _STATUSES["MLInputChannel"], _STATUSES["TrainedModel"]
# The longest run of a query that nobody would cancel by hand.
_LONGEST_SECONDS = 2 * 3600.0
_FIRST_INTERVAL_SECONDS, _LONGEST_INTERVAL_SECONDS = 0.25, 15.0


class Runs:
    """Runs that a try starts, as a context: at its end none is left.

    Args:
        account: The account.
        sleep: Lets time pass.

    Attributes:
        left: What could not be removed.
    """

    def __init__(self, account: Account, sleep: Callable[[float], None] = time.sleep) -> None:
        self.account = account
        self.left: list[str] = []
        self._sleep = sleep
        self._open: list[Callable[[], None]] = []

    def __enter__(self) -> Runs:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Removes what is left, the last first."""
        if kind is KeyboardInterrupt and self._open:
            print("cleanrooms-ml: removing what was created; Ctrl-C again leaves it there", file=sys.stderr, flush=True)
        while self._open:
            remove = self._open.pop()
            try:
                remove()
            except CannotDo as error:
                self.left.append(str(error))

    def channel(self, **changes: Any) -> str | Refusal:
        """Starts the query of a channel of the account once more; the ARN, or why it was refused.

        Raises:
            CannotDo: There is no channel to repeat.
        """
        like = _ended_channel(self.account)
        if like is None:
            raise CannotDo("the account has no channel whose query could be repeated; deploy one first")
        request = _request("CreateMLInputChannel", self.account.channel(like))
        request |= {"name": new_name(), "retentionInDays": 1, **changes}
        answer = self.account.attempt("create_ml_input_channel", request)
        if isinstance(answer, Refusal):
            return answer
        arn = str(answer["mlInputChannelArn"])
        self._open.append(lambda: self.delete_channel(arn))
        return arn

    def delete_channel(self, arn: str) -> None:
        """Deletes the data of a channel once its run has ended; the service keeps an INACTIVE record."""
        name = {"mlInputChannelArn": arn, "membershipIdentifier": arn.split("/")[1]}
        if self._settled(_CHANNEL, lambda: self.account.call("get_ml_input_channel", **name)) is not Phase.GONE:
            self.account.call("delete_ml_input_channel_data", **name)
            self._settled(_CHANNEL, lambda: self.account.call("get_ml_input_channel", **name))

    def refusal_of_delete(self, arn: str) -> Refusal | None:
        """Why the service does not delete a channel now; None if it does."""
        name = {"mlInputChannelArn": arn, "membershipIdentifier": arn.split("/")[1]}
        return self.account.refusal("delete_ml_input_channel_data", name)

    def training(self) -> Shape | Refusal:
        """Starts a training that continues a model of the account, and cancels it; the answer to the create.

        Raises:
            CannotDo: There is no model to continue.
        """
        like = next((one for one in self.account.models if _MODEL.get(one["status"]) is Phase.READY), None)
        if like is None:
            raise CannotDo("the account has no ACTIVE trained model that could be continued; deploy one first")
        request = _request("CreateTrainedModel", like)
        request["incrementalTrainingDataChannels"] = [
            {"trainedModelArn": like["trainedModelArn"], "channelName": "verify"}
        ]
        answer = self.account.attempt("create_trained_model", {**request, "name": new_name()})
        if not isinstance(answer, Refusal):
            keys = ("trainedModelArn", "versionIdentifier")
            name = {key: answer[key] for key in keys if answer.get(key)}
            name["membershipIdentifier"] = request["membershipIdentifier"]
            self._open.append(lambda: self._end_training(name))
        return answer

    def _end_training(self, name: Mapping[str, str]) -> None:
        self.account.refusal("cancel_trained_model", name)
        self._settled(_MODEL, lambda: self.account.call("get_trained_model", **name))
        self.account.call("delete_trained_model_output", **name)
        self._settled(_MODEL, lambda: self.account.call("get_trained_model", **name))

    def _settled(self, phases: Mapping[str, Phase], look: Callable[[], Shape]) -> Phase | None:
        """The phase once nothing is under way any more; None for a status that is not known."""
        waited, interval = 0.0, _FIRST_INTERVAL_SECONDS
        while waited < _LONGEST_SECONDS:
            phase = phases.get(str(look()["status"]))
            if phase not in (Phase.PENDING, Phase.DELETING):
                return phase
            self._sleep(interval)
            waited += interval
            interval = min(interval * 1.5, _LONGEST_INTERVAL_SECONDS)
        raise CannotDo("a run goes on for more than two hours; delete it by hand when it has ended")


def new_name() -> str:
    """A name that says where it comes from."""
    return f"{PREFIX}{uuid.uuid4().hex[:12]}"


def _ended_channel(account: Account) -> Shape | None:
    """A channel whose query has once succeeded."""
    return next((one for one in account.channels if _CHANNEL.get(one["status"]) in (Phase.READY, Phase.GONE)), None)


def _request(operation: str, shown: Shape) -> dict[str, Any]:
    """The request that asks for the same again."""
    members = service_model("cleanroomsml").input_members(operation)
    return {name: shown[name] for name in members if name not in ("name", "tags") and shown.get(name)}


# -- tries -----------------------------------------------------------------------------------------------------------


def inactive_frees_name(runs: Runs) -> Seen:
    """A second channel under the name of one that was deleted."""
    name = new_name()
    first = runs.channel(name=name)
    if isinstance(first, Refusal):
        return _refused(first)
    runs.delete_channel(first)
    second = runs.channel(name=name)
    if isinstance(second, Refusal):
        if second.code == "ConflictException":
            return Seen("no", "CreateMLInputChannel with the name of an INACTIVE channel: ConflictException")
        return _refused(second)
    return Seen("yes", "CreateMLInputChannel with the name of an INACTIVE channel succeeded")


def unlisted_spark_keys(runs: Runs) -> Seen:
    """A channel with a Spark property that the user guide does not list."""
    like = _ended_channel(runs.account)
    shown: dict[str, Any] = dict(runs.account.channel(like)["inputChannel"]) if like else {}
    query = dict(shown.get("dataSource", {}).get("protectedQueryInputParameters", {}))
    worker = query.get("computeConfiguration", {}).get("worker") or _WORKER
    query["computeConfiguration"] = {"worker": {**worker, "properties": {"spark": {_SPARK_KEY: "1"}}}}
    answer = runs.channel(inputChannel={**shown, "dataSource": {"protectedQueryInputParameters": query}})
    if not isinstance(answer, Refusal):
        return Seen("accepted", f"CreateMLInputChannel with {_SPARK_KEY} succeeded")
    if answer.code == "ValidationException" and "spark" in answer.message.lower():
        return Seen("refused", f"CreateMLInputChannel with {_SPARK_KEY}: ValidationException")
    return _refused(answer)


def busy_delete(runs: Runs) -> Seen:
    """Deleting a channel whose query runs."""
    channel = runs.channel()
    if isinstance(channel, Refusal):
        return _refused(channel)
    refusal = runs.refusal_of_delete(channel)
    if refusal is None:
        return Seen("", "the service deletes a channel whose query runs")
    sides = {"ConflictException": "conflict", "ValidationException": "validation"}
    return Seen(sides.get(refusal.code, ""), f"DeleteMLInputChannelData of a channel whose query runs: {refusal.code}")


def tag_inactive(runs: Runs) -> Seen:
    """The tags of a channel that was deleted."""
    return _of_deleted(runs, looks.tag_inactive)


def inactive_figures(runs: Runs) -> Seen:
    """The figures of a channel that was deleted."""
    return _of_deleted(runs, looks.inactive_figures)


def _of_deleted(runs: Runs, look: Callable[[Account], Seen]) -> Seen:
    channel = runs.channel()
    if isinstance(channel, Refusal):
        return _refused(channel)
    runs.delete_channel(channel)
    fresh = Account(runs.account.session)
    # The channel of this run alone.
    fresh.channels = [one for one in fresh.channels if one["mlInputChannelArn"] == channel]
    return look(fresh)


def new_version(runs: Runs) -> Seen:
    """A training that continues a model under another name."""
    answer = runs.training()
    if isinstance(answer, Refusal):
        return _refused(answer)
    if answer.get("versionIdentifier"):
        return Seen("always", "a training that continues a model under another name became a version")
    return Seen("same-name", "a training that continues a model under another name became a model of its own")


def _refused(refusal: Refusal) -> Seen:
    why = "the caller lacks a permission" if refusal.is_of_iam else refusal.code
    return Seen("", f"the run was refused: {why}")
