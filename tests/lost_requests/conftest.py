"""One sandbox in which every way to lose a request is tried at the same time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.control import call
from cleanrooms_ml_cli.sandbox.state import HOME_VARIABLE
from cleanrooms_ml_simulator.sandbox.assembly import Assembly, channel, synthesized
from cleanrooms_ml_simulator.sandbox.deployment import upload

from .scenarios import SCENARIOS, Ended, Stage

HERE = Path(__file__).parent
# Creating a channel takes longer than a worker stays in one invocation: the state machine has to wait for it.
DURATIONS = {"create": {"MLInputChannel": 10.0}, "delete": {"MLInputChannel": 0.5}}
# Retries of the state machine come half a minute apart, four of them; MiniStack shortens that for everyone. It is told
# so when it runs: a sandbox takes no settings from the environment.
WAIT_SCALE = {"stepfunctions._SFN_WAIT_SCALE": 0.02}


@pytest.fixture(scope="session")
def assembly() -> Assembly:
    """A stack with one channel, its functions with a way to order faults."""
    extra = {"faulty.py": (HERE / "faulty.py").read_text("utf-8")}
    with tempfile.TemporaryDirectory() as folder:
        return synthesized(Path(folder), channel, extra)


@pytest.fixture(scope="session")
def ends(assembly: Assembly, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Ended]]]:
    """How each scenario ends; all of them were started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("sandboxes")))
        with Sandbox.start(iam=True, durations=DURATIONS) as sandbox:
            assert call(sandbox.endpoint, "POST", "/_ministack/config", WAIT_SCALE) == {"applied": WAIT_SCALE}
            sandbox.emulator.seed(kind="ConfiguredModelAlgorithmAssociation")
            upload(sandbox, assembly)
            folder = tmp_path_factory.mktemp("faults")
            with ThreadPoolExecutor(len(SCENARIOS)) as pool:
                yield {
                    name: pool.submit(scenario, Stage(sandbox, name, assembly, folder / f"{name}.json"))
                    for name, scenario in SCENARIOS.items()
                }
