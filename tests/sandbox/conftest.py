"""A sandbox of its own for each test module, and stacks written by hand on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.state import HOME_VARIABLE

from .stacks import Stacks


@pytest.fixture(autouse=True, scope="session")
def sandbox_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps the tests out of the user's own folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("sandboxes")))
        yield


@pytest.fixture(scope="module")
def sandbox(sandbox_home: None) -> Iterator[Sandbox]:
    with Sandbox.start() as started:
        yield started


@pytest.fixture
def stacks(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    return Stacks(sandbox, tmp_path_factory.mktemp("events"))
