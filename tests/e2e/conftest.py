"""The sandboxes of the end-to-end tests, and apps to deploy to them with the real CDK CLI."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox import CdkResult, Sandbox
from cleanrooms_ml_simulator import environment
from cleanrooms_ml_simulator.sandbox.deployed import Deployed

from .channel_app import synthesize

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
DURATIONS = {
    "create": {"MLInputChannel": 1.0, "AudienceGenerationJob": 1.0},
    "delete": {"MLInputChannel": 0.5, "AudienceGenerationJob": 0.5},
}

# The CLI that package.json pins, also for a plain `pytest`.
environment.prefer_pinned_cdk()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks them, so that `-m "not e2e"` leaves them out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@dataclass(frozen=True)
class App:
    """The app of `channel_app.py`, deployed under a name of its own."""

    sandbox: Sandbox
    folder: Path
    stack: str

    @property
    def assembly(self) -> Path:
        """Where it is synthesized."""
        return self.folder / "cdk.out"

    @property
    def deployed(self) -> Deployed:
        """What there is of it now."""
        return Deployed(self.sandbox, self.stack)

    def synthesize(self, **case: Any) -> App:
        """Puts what `case` says into the stack."""
        synthesize(self.assembly, self.stack, case)
        return self

    def cdk(self, command: str) -> CdkResult:
        """Runs the CDK CLI on it as it was synthesized last."""
        method = ("--method=direct",) if command == "deploy" else ()
        return self.sandbox.cdk(command, "--all", *method, folder=self.folder, app=str(self.assembly))


def started() -> Sandbox:
    """A sandbox that evaluates IAM policies, with all that the apps need."""
    sandbox = Sandbox.start(iam=True, durations=DURATIONS)
    seed(sandbox)
    sandbox.bootstrap()
    return sandbox


def seed(sandbox: Sandbox) -> None:
    """What app.py and the channel app take for granted."""
    sandbox.emulator.seed(kind="AudienceModel")
    sandbox.emulator.seed(kind="ConfiguredModelAlgorithmAssociation")


@pytest.fixture(scope="session")
def session_sandbox() -> Iterator[Sandbox]:
    with started() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(session_sandbox: Sandbox) -> Sandbox:
    """The one that tests share, with nothing in the service but the seeds."""
    session_sandbox.emulator.reset()
    seed(session_sandbox)
    return session_sandbox


@pytest.fixture
def app(sandbox: Sandbox, tmp_path: Path, request: pytest.FixtureRequest) -> App:
    """A stack of this test's own."""
    return App(sandbox, tmp_path, "".join(part.title() for part in request.node.originalname.split("_"))[:60])
