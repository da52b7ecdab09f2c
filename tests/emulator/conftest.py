"""A boto3 client, real down to the HTTP request, that talks to an emulator in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader

from cleanrooms_ml_cli.sandbox.emulator import Durations, Emulator, Options, Seed
from cleanrooms_ml_cli.sandbox.emulator.in_process import attach

from . import replies
from .requests import ACCOUNT, MEMBERSHIP, ROLE, Requests

__all__ = ["ACCOUNT", "MEMBERSHIP", "ROLE"]

# A Saturday in 2026.
START_SECONDS = 1_795_000_000.0


def error_of(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, int, str]:
    """Type, HTTP status and message of an error that boto3 raised."""
    response: Any = caught.value.response
    return (
        response["Error"]["Code"],
        response["ResponseMetadata"]["HTTPStatusCode"],
        response["Error"]["Message"],
    )


class VirtualClock:
    """A clock that moves when it is expected to; it can stand in for `sleep` too."""

    def __init__(self) -> None:
        self.seconds = START_SECONDS

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Bench(Requests):
    """An emulator with what a test needs around it.

    Attributes:
        client: Clean Rooms ML.
        clean_rooms: Clean Rooms.
    """

    emulator: Emulator
    clock: VirtualClock
    client: Any
    clean_rooms: Any
    association: str
    audience_model: str
    account: str = ""

    def __post_init__(self) -> None:
        self._detach = [attach(client, self.emulator, ROLE, self.account) for client in (self.client, self.clean_rooms)]

    def detach(self) -> None:
        """Leaves the clients to the next one."""
        for detach in self._detach:
            detach()

    @contextmanager
    def as_account(self, account: str) -> Iterator[None]:
        """The clients are another account's."""
        before, self.account = self.account, account
        self.detach()
        self.__post_init__()
        try:
            yield
        finally:
            self.account = before
            self.detach()
            self.__post_init__()

    @property
    def collaboration(self) -> str:
        """The collaboration of the membership that the requests are for."""
        return str(self.emulator.record(self.association)["data"]["collaborationIdentifier"])

    def synthetic_channel(self, name: str = "synthetic", score: float | None = None, **changes: Any) -> dict[str, Any]:
        """A valid request for a channel of synthetic data, with the score that it will have."""
        mapping = [
            {"columnName": f"c{number}", "columnType": "NUMERICAL", "isPredictiveValue": number == 0}
            for number in range(5)
        ]
        template = self.emulator.seeds.analysis_template(
            MEMBERSHIP,
            synthetic={
                "epsilon": 3.0,
                "maxMembershipInferenceAttackScore": 0.6,
                "columnClassification": {"columnMapping": mapping},
            },
            score=score,
        )
        request = self.channel(name, **changes)
        source = request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
        source["sqlParameters"] = {"analysisTemplateArn": template}
        return request

    def seed(self, kind: str, **changes: Any) -> Seed:
        """A seed in the membership that the requests are for."""
        return Seed(kind, membership_id=MEMBERSHIP, **changes)

    def delete(self, record: Mapping[str, Any]) -> None:
        """Deletes what a record of the emulator describes."""
        members = record["data"]
        named = {"membershipIdentifier": members["membershipIdentifier"]}
        if record["kind"] == "MLInputChannel":
            self.client.delete_ml_input_channel_data(mlInputChannelArn=members["mlInputChannelArn"], **named)
            return
        named |= {name: members[name] for name in ["versionIdentifier"] if name in members}
        self.client.delete_trained_model_output(trainedModelArn=members["trainedModelArn"], **named)

    def created_channel(self, name: str = "channel", **changes: Any) -> str:
        """Creates a channel; returns its ARN."""
        return str(self.client.create_ml_input_channel(**self.channel(name, **changes))["mlInputChannelArn"])

    def created_model(self, name: str = "model", **changes: Any) -> str:
        """Creates a configured audience model; returns its ARN."""
        reply = self.client.create_configured_audience_model(**self.model(name, **changes))
        return str(reply["configuredAudienceModelArn"])

    def created_job(self, model_arn: str, name: str = "job", **changes: Any) -> str:
        """Starts a generation job; returns its ARN."""
        reply = self.client.start_audience_generation_job(**self.job(model_arn, name, **changes))
        return str(reply["audienceGenerationJobArn"])

    def ready_channel(self, name: str = "channel", **changes: Any) -> str:
        """Creates a channel and lets it become ready."""
        arn = self.created_channel(name, **changes)
        self.clock.sleep(3)
        return arn

    def ready_job(self, model_arn: str = "", name: str = "job", **changes: Any) -> str:
        """Starts a generation job and lets it become ready."""
        arn = self.created_job(model_arn or self.created_model(), name, **changes)
        self.clock.sleep(4)
        return arn

    def created_training(self, channel: str, name: str = "model", **changes: Any) -> str:
        """Creates a trained model; returns its ARN."""
        return str(self.client.create_trained_model(**self.training(channel, name, **changes))["trainedModelArn"])

    def ready_training(self, channel: str = "", name: str = "model", **changes: Any) -> str:
        """Creates a trained model and lets it become ready."""
        arn = self.created_training(channel or self.ready_channel(f"for-{name}"), name, **changes)
        self.clock.sleep(5)
        return arn

    def read_training(self, arn: str, **version: str) -> Any:
        """What Get says of a trained model."""
        return self.client.get_trained_model(trainedModelArn=arn, membershipIdentifier=MEMBERSHIP, **version)

    def started_inference(self, model: str, channel: str, name: str = "inference", **changes: Any) -> str:
        """Starts an inference job; returns its ARN."""
        reply = self.client.start_trained_model_inference_job(**self.inference(model, channel, name, **changes))
        return str(reply["trainedModelInferenceJobArn"])

    def read_inference(self, arn: str) -> Any:
        """What Get says of an inference job."""
        return self.client.get_trained_model_inference_job(
            trainedModelInferenceJobArn=arn, membershipIdentifier=MEMBERSHIP
        )

    def read_channel(self, arn: str) -> Any:
        """What Get says of a channel."""
        return self.client.get_ml_input_channel(mlInputChannelArn=arn, membershipIdentifier=MEMBERSHIP)

    def read_job(self, arn: str) -> Any:
        """What Get says of a job."""
        return self.client.get_audience_generation_job(audienceGenerationJobArn=arn)


MakeBench = Callable[..., Bench]


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """A session with botocore's own models: the handlers lead others to the reduced ones."""
    core = botocore.session.Session()
    loader = Loader([Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    core.register_component("data_loader", loader)
    return boto3.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1", botocore_session=core
    )


@pytest.fixture(scope="session")
def plain_clients(session: boto3.Session) -> Any:
    """Loading a service takes half a second, so that all tests share the clients."""
    config = Config(retries={"total_max_attempts": 1})
    clients = {service: session.client(service, config=config) for service in ("cleanroomsml", "cleanrooms")}
    for service, client in clients.items():
        client.meta.events.register(f"after-call.{service}.*", partial(check_reply, service))
    return list(clients.values())


def check_reply(service: str, model: Any, http_response: Any, **_: Any) -> None:
    """Every reply to every test has to be one that the service model allows."""
    if http_response.status_code < 300:
        assert replies.problems(service, model.name, http_response.content) == []


@pytest.fixture
def make_bench(plain_clients: Any) -> Any:
    """Creates an emulator with chosen settings and attaches the clients to it."""
    benches: list[Bench] = []

    def make(**settings: Any) -> Bench:
        clock = VirtualClock()
        emulator = Emulator(clock, seed=7, sleep=clock.sleep, **settings)
        while benches:
            benches.pop().detach()
        association = emulator.seeds.configured_model_algorithm_association(MEMBERSHIP)
        client, clean_rooms = plain_clients
        created = Bench(emulator, clock, client, clean_rooms, association, emulator.seeds.audience_model())
        benches.append(created)
        return created

    yield make
    while benches:
        benches.pop().detach()


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """An emulator whose day of retention lasts ten seconds and which does not throttle."""
    return make_bench(durations=Durations(retention_day_seconds=10.0), options=Options(throttle=False))
