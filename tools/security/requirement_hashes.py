"""Writes the hashes of every pinned package: `python -m tools.security.requirement_hashes`.

`make` installs from these files with pip's `--require-hashes`. They have the hashes of every file of a release, so that
they hold for each platform. Run it after a pin has changed; it needs `uv`, which asks the package index.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What is installed together: the files with the pins, and the one with their hashes.
LOCKS = {
    "requirements-sandbox.hashes": ("requirements.txt", "requirements-sandbox.txt"),
    "requirements-dev.hashes": ("requirements-dev.txt",),
    "requirements-docs.hashes": ("requirements-docs.txt",),
    "requirements-release.hashes": ("requirements-release.txt",),
}
# The build backend and what it needs, for the editable install, which comes after the sandbox's packages.
BACKEND = ("hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers")
_PIN = re.compile(r"([A-Za-z0-9_.-]+)==(\S+)")
_HEADER = "# Generated: python -m tools.security.requirement_hashes\n"


def normalized(name: str) -> str:
    """A package's name as the index knows it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins_of(text: str) -> dict[str, str]:
    """The pinned versions of a requirements file, by normalized name."""
    found = (_PIN.match(line) for line in text.splitlines())
    return {normalized(match[1]): match[2] for match in found if match}


def wanted(lock: str) -> dict[str, str]:
    """The pins whose hashes a file has."""
    pins: dict[str, str] = {}
    for name in LOCKS[lock]:
        pins |= pins_of((ROOT / name).read_text("utf-8"))
    everything = pins_of((ROOT / "requirements-dev.txt").read_text("utf-8"))
    backend = {name: everything[name] for name in BACKEND}
    if "requirements.txt" in LOCKS[lock]:
        return {**pins, **backend}
    return {name: version for name, version in pins.items() if name not in backend}


def main() -> int:
    """Write both files."""
    for lock in LOCKS:
        lines = "\n".join(f"{name}=={version}" for name, version in sorted(wanted(lock).items()))
        options = ["--no-deps", "--no-header", "--no-annotate", "--generate-hashes", "--universal"]
        command = ["uv", "pip", "compile", *options, "--python-version", "3.11", "-"]
        try:
            done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
        except FileNotFoundError:
            print("uv is missing: install it, for example with `pipx install uv`", file=sys.stderr)
            return 2
        (ROOT / lock).write_text(_HEADER + done.stdout, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
