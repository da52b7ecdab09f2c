"""The sandboxes of the end-to-end tests, and apps to deploy to them with the real CDK CLI."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox import CdkResult, Sandbox
from deployed import Deployed

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
DURATIONS = {
    "create": {"MLInputChannel": 1.0, "AudienceGenerationJob": 1.0},
    "delete": {"MLInputChannel": 0.5, "AudienceGenerationJob": 0.5},
}

# The CLI that package.json pins, also for a plain `pytest`.
os.environ["PATH"] = os.pathsep.join(
    [str(Path(sys.executable).parent), str(ROOT / "node_modules" / ".bin"), os.environ["PATH"]]
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All on one worker, and the tests that wait for what was started at the beginning last."""
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.e2e)
        item.add_marker(pytest.mark.xdist_group("e2e"))
    patient = [item for item in ours if item.path.name == "test_bad_input.py"]
    items[:] = [item for item in items if item not in patient] + patient


@dataclass(frozen=True)
class App:
    """The app of `channel_app.py`, deployed under a name of its own."""

    sandbox: Sandbox
    folder: Path
    stack: str

    @property
    def deployed(self) -> Deployed:
        """What there is of it now."""
        return Deployed(self.sandbox, self.stack)

    def cdk(self, command: str, **case: Any) -> CdkResult:
        """Runs the CDK CLI on it; `case` says what is in the stack."""
        given = f"--context=case={json.dumps({'stack': self.stack, **case})}"
        method = ("--method=direct",) if command == "deploy" else ()
        app = f"{sys.executable} {HERE / 'channel_app.py'}"
        return self.sandbox.cdk(
            command, "--all", *method, "--output", str(self.folder / "cdk.out"), given, folder=self.folder, app=app
        )


def started(durations: Mapping[str, Mapping[str, float]]) -> Sandbox:
    """A sandbox that evaluates IAM policies, with all that the apps need."""
    sandbox = Sandbox.start(iam=True, durations=durations)
    seed(sandbox)
    sandbox.bootstrap()
    return sandbox


def seed(sandbox: Sandbox) -> None:
    """What app.py and the channel app take for granted."""
    sandbox.emulator.seed(kind="AudienceModel")
    sandbox.emulator.seed(kind="ConfiguredModelAlgorithmAssociation")


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[Sandbox]:
    with started(DURATIONS) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_sandbox: Sandbox) -> Sandbox:
    """The one that tests share, with nothing in the service but the seeds."""
    _sandbox.emulator.reset()
    seed(_sandbox)
    return _sandbox


@pytest.fixture
def app(sandbox: Sandbox, tmp_path: Path, request: pytest.FixtureRequest) -> App:
    """A stack of this test's own."""
    return App(sandbox, tmp_path, "".join(part.title() for part in request.node.originalname.split("_"))[:60])


@dataclass(frozen=True)
class Attempts:
    """Deployments that were started at the beginning, because one of them takes two minutes to give up."""

    sandbox: Sandbox
    apps: Mapping[str, App]
    ends: Mapping[str, Future[CdkResult]]


# Each has to fail, and to leave nothing behind.
BAD_INPUT: Mapping[str, Mapping[str, Any]] = {
    "NameClash": {"name": "taken"},
    "FailedQuery": {"query": "SELECT a FROM no_such_table"},
    "UntrustedRole": {"untrusted_role": True},
}


@pytest.fixture(scope="session", autouse=True)
def attempts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attempts]:
    """Deployments of bad input, in a sandbox of their own, while other tests run."""
    with started(DURATIONS) as sandbox, ThreadPoolExecutor() as pool:
        take_name(sandbox, "taken")
        apps = {name: App(sandbox, tmp_path_factory.mktemp(name), name) for name in BAD_INPUT}
        ends = {name: pool.submit(apps[name].cdk, "deploy", **case) for name, case in BAD_INPUT.items()}
        yield Attempts(sandbox, apps, ends)


def take_name(sandbox: Sandbox, name: str) -> None:
    """Someone else's channel, made by hand."""
    (association,) = [
        record for record in sandbox.emulator.records() if record["kind"] == "ConfiguredModelAlgorithmAssociation"
    ]
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cleanrooms-ml.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = sandbox.client("iam").create_role(RoleName="someone-else", AssumeRolePolicyDocument=json.dumps(trust))
    sandbox.client("cleanroomsml").create_ml_input_channel(
        membershipIdentifier=association["data"]["membershipIdentifier"],
        configuredModelAlgorithmAssociations=[association["arn"]],
        inputChannel={
            "roleArn": role["Role"]["Arn"],
            "dataSource": {"protectedQueryInputParameters": {"sqlParameters": {"queryString": "SELECT 1"}}},
        },
        name=name,
        retentionInDays=30,
    )
