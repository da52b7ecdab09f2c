"""Writes the data flow of app.py into README.md and docs/command.md, and as a picture for the site."""

from __future__ import annotations

import functools
import json
import os
import runpy
import sys
from pathlib import Path

from cleanrooms_ml_cli.graph.flow import data_flow
from cleanrooms_ml_cli.graph.mermaid import as_mermaid
from cleanrooms_ml_cli.graph.model import DataFlow
from cleanrooms_ml_cli.graph.svg import as_svg
from cleanrooms_ml_cli.plan.assembly import stacks_of

from .. import ROOT
from .generated import filled, run

_README, _COMMAND = ROOT / "README.md", ROOT / "docs" / "command.md"
_PICTURE = ROOT / "docs" / "assets" / "app.svg"


@functools.cache
def _flow() -> DataFlow:
    # As the CDK CLI synthesizes it: with the constructs' paths, by which the graph names them.
    os.environ["CDK_CONTEXT_JSON"] = json.dumps({"aws:cdk:enable-path-metadata": True})
    assembly = runpy.run_path(str(ROOT / "app.py"), run_name="__main__")["app"].synth().directory
    return data_flow(stacks_of(Path(assembly)))


def page(file: Path) -> str:
    """The page as it has to be."""
    return filled(file, {"graph": f"```mermaid\n{as_mermaid(_flow())}```"})


if __name__ == "__main__":
    others = {_COMMAND: lambda: page(_COMMAND), _PICTURE: lambda: as_svg(_flow())}
    sys.exit(run(__doc__, _README, page, others))
