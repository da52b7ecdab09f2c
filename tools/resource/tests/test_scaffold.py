"""The scaffold writes a resource that works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ... import ROOT
from .. import scaffold

RUFF = Path(sys.executable).with_name("ruff")
# As if these operations were of kinds that nobody has described yet.
RUN = ["NewAudienceModel", "--create", "CreateAudienceModel", "--get", "GetAudienceModel"]
RUN += ["--list", "ListAudienceModels", "--delete", "DeleteAudienceModel"]
NESTED = ["NewTrainedModel", "--create", "CreateTrainedModel", "--get", "GetTrainedModel"]
NESTED += ["--list", "ListTrainedModels", "--delete", "DeleteTrainedModelOutput", "--cancel", "CancelTrainedModel"]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages, to write into."""
    root = tmp_path_factory.mktemp("checkout")
    for folder in ("constructs", "custom_resources"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def run(command: list[str], cwd: Path) -> str:
    """Runs a command that has to work."""
    paths = os.pathsep.join(str(cwd / each) for each in ("constructs", "custom_resources"))
    environment = {**os.environ, "PYTHONPATH": paths, "CDK_VALIDATION": "false"}
    ran = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def scaffolded(checkout: Path, given: list[str]) -> str:
    """What the scaffold reports."""
    command = [sys.executable, "-m", "tools.resource.scaffold", *given, "--root", str(checkout)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.parametrize("given", [RUN, NESTED], ids=lambda given: given[0])
def test_what_the_scaffold_writes_is_clean_and_passes_its_test(checkout: Path, given: list[str]) -> None:
    printed = scaffolded(checkout, given)
    written = re.findall(r"wrote (\S+)", printed)
    assert len(written) == 3
    run([str(RUFF), "format", *written], checkout)
    run([str(RUFF), "check", *written], checkout)
    (test,) = (path for path in written if "/test_" in path)
    assert "1 passed" in run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test], checkout)


def test_nothing_is_overwritten() -> None:
    operations = {"create": "CreateMLInputChannel", "get": "GetMLInputChannel"}
    with pytest.raises(SystemExit, match=r"ml_input_channel\.py is there already; nothing was written"):
        scaffold.write(scaffold.Resource("MLInputChannel", operations), ROOT)
    with pytest.raises(SystemExit, match="has no operation MakeTea"):
        scaffold.Resource("Tea", {"create": "MakeTea"})


def test_every_status_of_a_scaffolded_kind_is_classified() -> None:
    operations = {"create": "CreateTrainedModel", "get": "GetTrainedModel"}
    text = scaffold.spec(scaffold.Resource("TrainedModel", operations))
    assert "what does it mean" not in text
    assert text.count("Phase.") == len(scaffold.Resource("TrainedModel", operations).statuses)


def test_the_page_about_new_resources_shows_code_that_exists() -> None:
    page = (ROOT / "docs" / "adding-a-resource.md").read_text(encoding="utf-8")
    sources = [
        (ROOT / "custom_resources" / "cleanrooms_ml_handlers" / "resources" / "audience_export_job.py"),
        (ROOT / "constructs" / "cdk_cleanrooms_ml" / "audience_export_job.py"),
    ]
    code = {line.strip() for path in sources for line in path.read_text(encoding="utf-8").splitlines()}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        shown = {line.strip() for line in block.splitlines() if line.strip() and not line.strip().startswith("#")}
        assert shown <= code
