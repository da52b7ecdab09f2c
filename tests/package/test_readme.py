"""Every page's code works as written."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from .conftest import ROOT, Environment
from .readme import README, python_blocks

PAGES = (README, *sorted((ROOT / "docs").glob("*.md")))
BLOCKS = {f"{page.name}-{number}": block for page in PAGES for number, block in enumerate(python_blocks(page), 1)}
# What does not end so is part of an app.
APPS = {name: block for name, block in BLOCKS.items() if block.rstrip().endswith("app.synth()")}


def test_all_code_in_the_readme_is_a_whole_app() -> None:
    assert [name for name in BLOCKS if name.startswith(README.name) and name not in APPS] == []


@pytest.mark.parametrize("name", APPS)
def test_an_app_in_the_documentation_synthesizes(name: str, checkout: Environment, tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(APPS[name])
    templates = [path.read_text() for path in checkout.synthesize(app).glob("*.template.json")]
    assert "Custom::CleanRoomsML-" in "".join(templates)


@pytest.mark.parametrize("name", BLOCKS)
def test_code_in_the_documentation_imports_what_there_is(name: str) -> None:
    for node in ast.walk(ast.parse(BLOCKS[name])):
        if isinstance(node, ast.ImportFrom) and node.module:
            module = importlib.import_module(node.module)
            assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


def test_the_first_screen_shows_use_and_both_commands() -> None:
    screen = README.read_text().splitlines()[:40]
    text = "\n".join(screen)
    assert "make demo" in text
    assert "make test" in text
    code = [line for line in python_blocks()[0].splitlines() if line]
    assert len(code) == 15


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_checkout_lead_somewhere(page: Path) -> None:
    # In code, such as a pattern of the model, brackets are no links.
    text = re.sub(r"`[^`]*`", "", page.read_text())
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing
