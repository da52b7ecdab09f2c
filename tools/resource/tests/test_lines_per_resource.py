"""Lines of code per resource: what counts, and that a spec which grows too long is noticed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.resources import SPECS

from ... import ROOT
from .. import lines_per_resource
from ..lines_per_resource import NATIVE_KINDS, SPEC_LINES_MAX, code_lines, main, sizes


def test_lines_of_code_leave_out_what_explains_it() -> None:
    source = (
        '"""Doc.\n\nMore.\n"""\n\nx = 1  # why\n# why\n\n\ndef f() -> str:\n    """Doc."""\n    return """a\nb"""\n'
    )
    assert code_lines(source) == 4


def test_a_text_that_goes_on_is_code() -> None:
    assert code_lines('x = (\n    # why\n    "a"\n    "b"\n)\n') == 4


def test_no_spec_is_longer_than_a_screen() -> None:
    assert [size.kind for size in sizes() if size.is_too_long] == []


def test_every_resource_is_counted_with_its_spec_and_its_construct() -> None:
    found = {size.kind: size for size in sizes()}
    assert len(found) == len(SPECS) + len(NATIVE_KINDS)
    assert {kind for kind, size in found.items() if size.spec} == {spec.kind for spec in SPECS}
    assert all(size.construct for size in found.values())
    operations = service_model("cleanroomsml").operations
    assert {f"Create{kind}" for kind, size in found.items() if not size.spec} <= operations.keys()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what is counted."""
    for folder in ("constructs/cdk_cleanrooms_ml", "custom_resources/cleanrooms_ml_handlers/resources"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_a_spec_that_is_too_long_is_named(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["lines_per_resource.py", "--root", str(checkout)])
    assert main() == 0
    spec = checkout / "custom_resources/cleanrooms_ml_handlers/resources/trained_model.py"
    spec.write_text(spec.read_text() + "# more\n" * SPEC_LINES_MAX)
    assert main() == 1
    assert "the spec of TrainedModel has" in capsys.readouterr().err


def test_all_lines_of_a_spec_count(checkout: Path) -> None:
    spec = checkout / "custom_resources/cleanrooms_ml_handlers/resources/trained_model.py"
    lines = spec.read_text().splitlines()
    spec.write_text("\n".join([*lines, *["# why"] * (SPEC_LINES_MAX - len(lines))]))
    before = {size.kind: size for size in lines_per_resource.sizes(checkout)}["TrainedModel"]
    assert (before.spec_file, before.is_too_long) == (SPEC_LINES_MAX, False)
    spec.write_text(spec.read_text() + "\n# one more")
    after = {size.kind: size for size in lines_per_resource.sizes(checkout)}["TrainedModel"]
    assert (after.spec, after.is_too_long) == (before.spec, True)
