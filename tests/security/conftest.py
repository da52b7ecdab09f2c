"""The sandbox that the attacks are tried on, out of the user's own folder, and the command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.state import HOME_VARIABLE

from .checking import Check, Ended


@pytest.fixture(autouse=True, scope="session")
def sandbox_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("sandboxes")))
        yield


@pytest.fixture(scope="module")
def sandbox(sandbox_home: None) -> Iterator[Sandbox]:
    """One started in a shell with a secret."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEPLOY_TOKEN", "secret of the shell")
        with Sandbox.start() as started:
            yield started


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Check:
    """``cleanrooms-ml check``, run by this process in the test's own folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ended:
        return Ended(main(["check", *map(str, arguments)]), *capsys.readouterr())

    return run
