"""Cloud assemblies of an app.py, synthesized in the background: what `cdk synth -c key=value …` would write."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from .. import ROOT


class AppFailed(Exception):
    """app.py could not be synthesized; the text is what it said."""


class Assemblies:
    """An app.py, synthesized once for each context, one after another.

    Loading the CDK takes seconds; the CLI would do it in each of its runs while everything else waits.

    Args:
        folder: Where to.
        contexts: What differs from cdk.json, by name.
        environment: Of the processes.
        app: The folder with app.py and cdk.json.
    """

    def __init__(
        self,
        folder: Path,
        contexts: Mapping[str, Mapping[str, str]],
        environment: Mapping[str, str],
        app: Path = ROOT,
    ) -> None:
        self._folder = folder
        self._environment = environment
        self._app = app
        self._pool = ThreadPoolExecutor(1)
        self._assemblies: dict[str, Future[Path]] = {}
        for name, context in contexts.items():
            self.add(name, context)

    def add(self, name: str, context: Mapping[str, str]) -> None:
        """Synthesizes another one, when those before are done."""
        self._assemblies[name] = self._pool.submit(self._synthesize, self._folder / name.replace(" ", "-"), context)

    def of(self, name: str) -> str:
        """The assembly of a context; waits for it.

        Raises:
            AppFailed: There is none.
        """
        return str(self._assemblies[name].result())

    def stop(self) -> None:
        """Synthesizes no more."""
        self._pool.shutdown(cancel_futures=True)

    def _synthesize(self, folder: Path, context: Mapping[str, str]) -> Path:
        common = json.loads((self._app / "cdk.json").read_text())["context"]
        # With the path, the CLI can name a resource as app.py does.
        given = {**common, "aws:cdk:enable-path-metadata": True, **context}
        environment = {
            **self._environment,
            # The validator that CDK builds in takes seconds per process; an end-to-end test runs it.
            "CDK_VALIDATION": "false",
            "CDK_OUTDIR": str(folder),
            "CDK_CONTEXT_JSON": json.dumps(given),
        }
        done = subprocess.run(
            [sys.executable, "app.py"], cwd=self._app, env=environment, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise AppFailed(done.stdout + done.stderr)
        return folder
