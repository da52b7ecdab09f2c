"""Builds the documentation site: `python -m tools.site.build`. Nothing is fetched, and a warning is an error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .. import ROOT

SITE = ROOT / "build" / "site"


def build(target: Path = SITE) -> subprocess.CompletedProcess[str]:
    """Builds the site into a folder."""
    # Not --quiet: with it, warnings do not count.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(target)]
    # The theme announces its successor at each build.
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def main() -> int:
    """The command line."""
    done = build()
    if done.returncode != 0:
        sys.stderr.write(done.stdout + done.stderr)
    else:
        print("see build/site/index.html; its search needs a server: python -m http.server -d build/site")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
