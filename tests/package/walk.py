"""Somebody with an empty folder who types what a page says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from cleanrooms_ml_cli.sandbox.state import HOME_VARIABLE

from .conftest import ROOT, pins
from .pages import Block

# What a shell has at the end of a block, the next one begins with.
_AFTERWARDS = '\nexport -p > "$WALK/environment"\npwd > "$WALK/folder"\n'


class Walk:
    """A shell in an empty folder, with an empty Python environment.

    Args:
        home: For what is neither the environment nor the folder.
        python: The environment's interpreter.
        packages: A folder with the wheel.
    """

    def __init__(self, home: Path, python: Path, packages: Path) -> None:
        self.home = home
        self.folder = home / "empty"
        self.folder.mkdir(parents=True)
        (home / "environment").touch()
        (home / "folder").write_text(str(self.folder))
        versions = [
            f"{name}=={version}\n"
            for each in ("", "-sandbox")
            for name, version in pins(f"requirements{each}.txt").items()
        ]
        (home / "constraints.txt").write_text("".join(versions))
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "CDK_", "PYTHON", "VIRTUAL_"))
        }
        elsewhere = [entry for entry in os.environ["PATH"].split(os.pathsep) if not Path(entry).is_relative_to(ROOT)]
        self._environment = {
            **kept,
            "PATH": os.pathsep.join([str(python.parent), *elsewhere]),
            HOME_VARIABLE: str(home / "sandboxes"),
            "PIP_FIND_LINKS": str(packages),
            # The tested versions, and as quick as can be.
            "PIP_CONSTRAINT": str(home / "constraints.txt"),
            "PIP_NO_COMPILE": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            # What the CDK validates by itself takes seconds of each synth; end-to-end tests run it.
            "CDK_VALIDATION": "false",
            "WALK": str(home),
        }

    def type(self, script: str) -> str:
        """Runs lines as they are; the first one that fails ends them.

        Returns:
            What they wrote.
        """
        where = (self.home / "folder").read_text().strip()
        before = f'. "$WALK/environment"\ncd {where!r}\nset -e\n'
        done = subprocess.run(
            ["bash", "-c", before + script + _AFTERWARDS],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{script}\nended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def follow(self, block: Block) -> str:
        """Does what a reader does with a block: saves an app, runs a script, types the lines for a shell."""
        if block.is_shell:
            return self.type(block.script)
        file = Path((self.home / "folder").read_text().strip()) / (block.file if block.is_app else "script.py")
        file.write_text(block.code)
        return "" if block.is_app else self.type("python script.py")

    def end(self) -> None:
        """Ends the sandboxes that are left."""
        for state in self.home.glob("sandboxes/*/state.json"):
            self.type(f"cleanrooms-ml sandbox down --name {state.parent.name}")
