"""What would stop a release."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..check import CheckFailed, build, contents, require_in_changelog, require_typed


def test_a_version_without_notes_is_not_released() -> None:
    require_in_changelog("0.2.0", "# Changelog\n\n## 0.2.0 (unreleased)\n")
    with pytest.raises(CheckFailed, match=r"no section 0\.3\.0"):
        require_in_changelog("0.3.0", "# Changelog\n\n## 0.2.0\n")


def test_a_package_without_a_marker_is_reported() -> None:
    files = {"one/py.typed": b"", "one/__init__.py": b"", "two/__init__.py": b"", "a.dist-info/RECORD": b""}
    with pytest.raises(CheckFailed, match=r"py\.typed in two$"):
        require_typed(files)


def test_a_source_that_cannot_be_built_says_why(tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match=r"(?s)hatchling build.*Error"):
        build(tmp_path, tmp_path / "dist")


def test_the_files_of_a_wheel_are_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "small"\nversion = "1"\n'
    )
    (tmp_path / "small.py").write_text("A = 1\n")
    wheel, sdist = build(tmp_path, tmp_path / "dist")
    assert contents(wheel)["small.py"] == b"A = 1\n"
    assert sdist.name == "small-1.tar.gz"
