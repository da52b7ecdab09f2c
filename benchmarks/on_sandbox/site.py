"""A sandbox with what the stacks of both sides need, one for each process."""

from __future__ import annotations

import atexit
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.state import HOME_VARIABLE
from cleanrooms_ml_simulator.sandbox.assembly import Assembly
from cleanrooms_ml_simulator.sandbox.deployment import Deployment, upload

OURS, FRAMEWORK = "this library", "`custom_resources.Provider`"
SIDES = (OURS, FRAMEWORK)

# For both sides the same: more than all rounds take.
_OPTIONS: Mapping[str, Any] = {"accessBudget": 100_000}


@dataclass(frozen=True)
class Given:
    """What exists before the stacks.

    Attributes:
        role_arn: A role that the service can assume.
        audience_model_arn: A trained audience model.
    """

    role_arn: str
    audience_model_arn: str


# Synthesizes a stack of a side with so many resources into a folder.
Build = Callable[[str, int, Given, Path], Assembly]


@dataclass
class Site:
    """A running sandbox.

    Attributes:
        sandbox: The sandbox.
        given: What exists in it.
        folder: For cloud assemblies.
    """

    sandbox: Sandbox
    given: Given
    folder: Path
    _assemblies: dict[tuple[str, str, int], Assembly] = field(default_factory=dict)

    def assembly(self, side: str, build: Build, count: int) -> Assembly:
        """A stack, synthesized once."""
        key = side, build.__name__, count
        if key not in self._assemblies:
            folder = self.folder / str(len(self._assemblies))
            self._assemblies[key] = build(side, count, self.given, folder)
            upload(self.sandbox, self._assemblies[key])
        return self._assemblies[key]

    def deployment(self, name: str) -> Deployment:
        """A stack to be created."""
        return Deployment(self.sandbox, name)

    def expect(self, stack: Deployment, status: str, expected: str) -> None:
        """Ends the benchmark if a deployment has failed.

        Raises:
            RuntimeError: The status is not as expected.
        """
        if status != expected:
            raise RuntimeError(f"{stack.name} is {status}: {stack.reasons()}")


@cache
def shared_site() -> Site:
    """The sandbox of this process; it ends with the process."""
    stack = ExitStack()
    atexit.register(stack.close)
    folder = Path(stack.enter_context(TemporaryDirectory()))
    os.environ[HOME_VARIABLE] = str(folder / "home")
    # The framework runs in the Node that pip installed.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    sandbox = stack.enter_context(Sandbox.start())
    sandbox.emulator.set_options(**_OPTIONS)
    statement = {"Effect": "Allow", "Principal": {"Service": "cleanrooms-ml.amazonaws.com"}}
    trust = {"Version": "2012-10-17", "Statement": [{**statement, "Action": "sts:AssumeRole"}]}
    role = sandbox.client("iam").create_role(RoleName="given", AssumeRolePolicyDocument=json.dumps(trust))
    model = sandbox.emulator.seed(kind="AudienceModel")
    sandbox.emulator.seed(kind="ConfiguredModelAlgorithmAssociation")
    return Site(sandbox, Given(role["Role"]["Arn"], model["arn"]), folder)
