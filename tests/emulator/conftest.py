"""A boto3 client, real down to the HTTP request, that talks to an emulator in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import Durations, Emulator, Options
from cleanrooms_ml_cli.sandbox.emulator.in_process import attach

ACCOUNT = "000000000000"
MEMBERSHIP = "11111111-1111-4111-8111-111111111111"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/cleanrooms-ml/role"
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
    """A clock that moves when it is told to; it can stand in for `sleep` too."""

    def __init__(self) -> None:
        self.seconds = START_SECONDS

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Bench:
    """An emulator with what a test needs around it."""

    emulator: Emulator
    clock: VirtualClock
    client: Any
    association: str
    audience_model: str

    @property
    def collaboration(self) -> str:
        """The collaboration of the membership that the requests are for."""
        return str(self.emulator.record(self.association)["data"]["collaborationIdentifier"])

    def channel(self, name: str = "channel", **changes: Any) -> dict[str, Any]:
        """A valid request for a channel."""
        return {
            "membershipIdentifier": MEMBERSHIP,
            "configuredModelAlgorithmAssociations": [self.association],
            "inputChannel": {
                "dataSource": {"protectedQueryInputParameters": {"sqlParameters": {"queryString": "SELECT a FROM t"}}},
                "roleArn": ROLE,
            },
            "name": name,
            "retentionInDays": 2,
            **changes,
        }

    def query(self, text: str, name: str = "channel") -> dict[str, Any]:
        """A valid request for a channel with another query."""
        request = self.channel(name)
        request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]["sqlParameters"] = {"queryString": text}
        return request

    def model(self, name: str = "model", **changes: Any) -> dict[str, Any]:
        """A valid request for a configured audience model."""
        return {
            "name": name,
            "audienceModelArn": self.audience_model,
            "outputConfig": {
                "destination": {"s3Destination": {"s3Uri": "s3://bucket/out"}},
                "roleArn": ROLE,
            },
            "sharedAudienceMetrics": ["ALL"],
            **changes,
        }

    def job(self, model_arn: str, name: str = "job", **changes: Any) -> dict[str, Any]:
        """A valid request for an audience generation job."""
        return {
            "name": name,
            "configuredAudienceModelArn": model_arn,
            "seedAudience": {"dataSource": {"s3Uri": "s3://bucket/seed.jsonl"}, "roleArn": ROLE},
            **changes,
        }

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

    def read_channel(self, arn: str) -> Any:
        """What Get says of a channel."""
        return self.client.get_ml_input_channel(mlInputChannelArn=arn, membershipIdentifier=MEMBERSHIP)

    def read_job(self, arn: str) -> Any:
        """What Get says of a job."""
        return self.client.get_audience_generation_job(audienceGenerationJobArn=arn)


MakeBench = Callable[..., Bench]


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")


@pytest.fixture(scope="session")
def plain_client(session: boto3.Session) -> Any:
    """Loading a service takes half a second, so that all tests share one client."""
    return session.client("cleanroomsml", config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def make_bench(plain_client: Any) -> Any:
    """Makes an emulator with chosen settings and attaches the client to it."""
    detach: list[Callable[[], None]] = []

    def make(**settings: Any) -> Bench:
        clock = VirtualClock()
        emulator = Emulator(clock, seed=7, sleep=clock.sleep, **settings)
        while detach:
            detach.pop()()
        detach.append(attach(plain_client, emulator, caller=ROLE))
        association = emulator.seed_configured_model_algorithm_association(MEMBERSHIP)
        return Bench(emulator, clock, plain_client, association, emulator.seed_audience_model())

    yield make
    while detach:
        detach.pop()()


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """An emulator whose day of retention lasts ten seconds and which does not throttle."""
    return make_bench(durations=Durations(retention_day_seconds=10.0), options=Options(throttle=False))
