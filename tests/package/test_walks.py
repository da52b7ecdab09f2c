"""Pages, followed from an empty folder with nothing but the wheel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import ROOT, run
from .pages import PAGES, README, Block, blocks, with_parts
from .walk import Walk

DOCS = ROOT / "docs"
# Pages that are followed on their own; the others on a sandbox with the README's app.
ALONE = ("README.md", "sandbox.md")
# Synthesizes apps as they are, in one process: loading the CDK takes longer than the rest.
EACH_APP = """
import runpy, shutil, sys

for name in sys.argv[1:]:
    app = runpy.run_path(f"{name}.py", run_name="__main__")["app"]
    shutil.move(app.synth().directory, f"all/{name}")
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment, which a page fills."""
    folder = tmp_path_factory.mktemp("environment")
    run("python3", "-m", "venv", folder, cwd=folder)
    return folder / "bin" / "python"


@pytest.fixture
def walk(python: Path, wheel: Path, tmp_path: Path) -> Iterator[Walk]:
    begun = Walk(tmp_path, python, wheel.parent)
    yield begun
    begun.end()


def follow(walk: Walk, found: list[Block]) -> str:
    """Does what blocks say; what was seen."""
    return "\n".join(walk.follow(block) for block in found if block.is_code and not block.note)


def test_the_readme(walk: Walk) -> None:
    seen = follow(walk, blocks(README))

    assert "Training.Records = " in seen
    assert "Lookalike.Recall = " in seen
    assert "Training: nothing changes in Clean Rooms ML (1 unchanged)" in seen
    assert "Lookalike: destroyed" in seen


def test_the_page_about_the_sandbox(walk: Walk) -> None:
    seen = follow(walk, blocks(DOCS / "sandbox.md"))

    assert "done the app is for account 111122223333, which --account changes" in seen
    assert "done seeded Membership a1b2c3d4-5678-90ab-cdef-111111111111" in seen
    assert "Training.Records = " in seen
    assert "Training: destroyed" in seen
    starter = walk.folder / "app"
    left = {path.name for path in starter.iterdir()} - {"script.py"}
    assert left == {".gitignore", "app.py", "cdk.json", "requirements.txt"}


def test_the_apps_of_the_other_pages_and_their_commands(walk: Walk) -> None:
    """All apps in one deployment: a cloud assembly that contains theirs."""
    pages = [page for page in PAGES if page.name not in ALONE]
    walk.type("pip install --quiet 'cdk-cleanrooms-ml[sandbox]'\ncleanrooms-ml sandbox up")
    walk.type("cat > cdk.json << END\n" + json.dumps({"app": "python app.py"}) + "\nEND")
    apps = {
        "Readme": with_parts([block for page in pages for block in blocks(page) if block.note == "part of: README.md"])
    }
    apps |= {
        f"{block.page.removesuffix('.md')}-{block.number}": block.code
        for page in pages
        for block in blocks(page)
        if block.is_app
    }
    for name, code in apps.items():
        (walk.folder / f"{name}.py").write_text(code)
    for block in (block for page in pages for block in blocks(page) if block.is_app):
        (walk.folder / block.file).write_text(block.code)
    (walk.folder / "all").mkdir()
    (walk.folder / "all.py").write_text(EACH_APP)
    walk.type(f"python all.py {' '.join(apps)}\n")
    nested = {name: {"type": "cdk:cloud-assembly", "properties": {"directoryName": name}} for name in apps}
    (walk.folder / "all" / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": nested}))
    seen = walk.type("cleanrooms-ml sandbox deploy --app all '**' -- --concurrency 4")
    for name in ("Training", "Notified", "Gated", "MyDataset", "Migrated", "OlderRuntime"):
        assert f"✅  {name}" in seen
    (walk.folder / "Readme.py").rename(walk.folder / "app.py")
    walk.type('eval "$(cleanrooms-ml sandbox environment --account 111122223333 --export)"')
    walk.type(f"export PATH='{ROOT / 'node_modules' / '.bin'}':\"$PATH\"")  # a project with the CDK CLI
    for page in pages:
        follow(walk, [block for block in blocks(page) if not block.is_app])
