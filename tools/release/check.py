"""Builds wheel and sdist, and checks them as the package index and its readers do: `make release-check`.

Metadata and README with twine, the wheel's content with check-wheel-contents, that the wheel of the sdist is the wheel
of the checkout, that both say which version, and that the changelog has it.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

from .. import ROOT


class CheckFailed(Exception):
    """What must not be released; the text says why."""


def _run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        raise CheckFailed(f"{' '.join(map(str, command[1:]))}:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def build(source: Path, target: Path) -> tuple[Path, Path]:
    """The wheel and the sdist of a source tree."""
    _run(sys.executable, "-m", "hatchling", "build", "-d", target, cwd=source)
    (wheel,), (sdist,) = target.glob("*.whl"), target.glob("*.tar.gz")
    return wheel, sdist


def contents(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def require_typed(files: dict[str, bytes]) -> None:
    """Every package of the wheel that an app imports says that it is typed.

    Raises:
        CheckFailed: One does not.
    """
    packages = {name.split("/")[0] for name in files if ".dist-info/" not in name}
    untyped = [package for package in sorted(packages) if f"{package}/py.typed" not in files]
    if untyped:
        raise CheckFailed(f"no py.typed in {', '.join(untyped)}")


def require_in_changelog(version: str, changelog: str) -> None:
    """The changelog has a section for the version.

    Raises:
        CheckFailed: It has none.
    """
    if not any(line.startswith(f"## {version}") for line in changelog.splitlines()):
        raise CheckFailed(f"CHANGELOG.md has no section {version}")


def steps(folder: Path) -> Sequence[str]:
    """Does everything; a line for each check that holds.

    Raises:
        CheckFailed: One does not.
    """
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    require_in_changelog(version, (ROOT / "CHANGELOG.md").read_text("utf-8"))
    wheel, sdist = build(ROOT, folder / "checkout")
    lines = [f"built {each.name}, {each.stat().st_size // 1024} KB" for each in (wheel, sdist)]
    if f"-{version}-" not in wheel.name or not sdist.name.endswith(f"-{version}.tar.gz"):
        raise CheckFailed(f"{wheel.name} and {sdist.name} are not of version {version}")
    lines.append(_run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist).splitlines()[-1])
    lines.append(_run(sys.executable, "-m", "check_wheel_contents", wheel).replace(str(wheel), wheel.name))
    require_typed(contents(wheel))
    lines.append("every package is typed")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (source,) = (folder / "unpacked").iterdir()
    if contents(build(source, folder / "again")[0]) != contents(wheel):
        raise CheckFailed("the wheel of the sdist is another one")
    lines.append("the wheel of the sdist is the wheel of the checkout")
    return lines


def main() -> int:
    """The command line."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            print(*steps(Path(folder)), sep="\n")
        except CheckFailed as failure:
            print(failure, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
