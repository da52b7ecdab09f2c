"""What `make` and the sandbox install: only files with the hashes that were recorded."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cleanrooms_ml_cli.sandbox import CDK_VERSION

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "cli" / "cleanrooms_ml_cli" / "sandbox" / "cdk_cli"
LOCKS = {
    "requirements-sandbox.hashes": ("requirements.txt", "requirements-sandbox.txt"),
    "requirements-dev.hashes": ("requirements-dev.txt",),
    "requirements-docs.hashes": ("requirements-docs.txt",),
    "requirements-release.hashes": ("requirements-release.txt",),
}
_PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;]+)", re.MULTILINE)


def pins(name: str) -> set[tuple[str, str]]:
    """The names and versions of a file."""
    found = _PIN.findall((ROOT / name).read_text("utf-8"))
    return {(re.sub(r"[-_.]+", "-", package).lower(), version) for package, version in found}


def test_each_pin_has_its_hashes() -> None:
    pinned = {pin for names in LOCKS.values() for name in names for pin in pins(name)}
    locked = {pin for name in LOCKS for pin in pins(name)}
    assert pinned == locked, "run: python -m tools.security.requirement_hashes"


@pytest.mark.parametrize("lock", LOCKS)
def test_each_package_of_a_lock_has_a_hash_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    entries = re.split(r"(?m)^(?=[A-Za-z0-9_.-]+==)", text)[1:]
    assert len(entries) == len(pins(lock))
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry) for entry in entries)
    assert "://" not in text


def test_a_lock_needs_nothing_of_another() -> None:
    """With the sandbox's packages the editable install has its build backend."""
    backend = {name for name, _ in pins("requirements-sandbox.hashes")}
    assert {"hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers"} <= backend


def test_pip_installs_nothing_without_a_hash_but_the_checkout() -> None:
    text = (ROOT / "tools" / "setup.sh").read_text("utf-8")
    calls = [line.strip() for line in text.splitlines() if line.strip().startswith("pip_install ")]
    assert calls == [
        'pip_install --require-hashes --requirement "${1%.txt}.hashes"',
        "pip_install --no-build-isolation --no-deps --editable .",
    ]


@pytest.mark.parametrize("folder", [ROOT, SHIPPED], ids=["make", "sandbox"])
def test_the_cdk_cli_is_locked_by_its_hash_without_an_address(folder: Path) -> None:
    text = (folder / "package-lock.json").read_text("utf-8")
    packages = json.loads(text)["packages"]
    assert packages.keys() == {"", "node_modules/aws-cdk"}
    locked = packages["node_modules/aws-cdk"]
    assert locked["version"] == CDK_VERSION
    assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", locked["integrity"])
    assert "resolved" not in text
    assert "://" not in text


def test_the_sandbox_installs_what_make_does() -> None:
    for name in ("package.json", "package-lock.json"):
        assert (SHIPPED / name).read_bytes() == (ROOT / name).read_bytes()


def test_npm_installs_only_what_is_locked() -> None:
    for path in ("tools/setup.sh", "cli/cleanrooms_ml_cli/sandbox/toolchain.py"):
        text = (ROOT / path).read_text("utf-8")
        assert not re.search(r'npm["\']?,? ["\']?(install|i|add)\b(?! --save-dev)', text), path
