"""Each block of README and docs is run or deployed as written, or says why not."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

import cdk_cleanrooms_ml

from .conftest import ROOT
from .pages import PAGES, README, SHELLS, Block, blocks, readme_app

BLOCKS = [block for page in PAGES for block in blocks(page)]
NOTED = [block for block in BLOCKS if block.note]
PYTHON = [block for block in BLOCKS if block.language == "python"]
# Nothing to run: data, output and drawings.
DATA = ("json", "mermaid", "text", "toml", "")
COMMANDS = re.compile(r"^\s*(?:\$ )?(?:cdk|cleanrooms-ml|curl|eval|make|npm|npx|pip|python3?|pytest) ", re.MULTILINE)


def _in_a_checkout(block: Block) -> bool:
    """Whether every command is one of a checkout, and there."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return all(map(_is_of_a_checkout(set(targets)), block.script.replace("\\\n", "").strip().splitlines()))


def _is_of_a_checkout(targets: set[str]) -> Callable[[str], bool]:
    def is_there(line: str) -> bool:
        match shlex.split(line, comments=True):
            case ["make", target]:
                return target in targets
            case ["python", "-m", module, *_]:
                return (ROOT / f"{module.replace('.', '/')}.py").is_file()
            case ["pytest", *arguments]:
                folders = [argument for argument in arguments if "/" in argument]
                return bool(folders) and all((ROOT / folder).is_dir() for folder in folders)
        return False

    return is_there


def _of_an_account(block: Block) -> bool:
    """Whether a command names the account's profile."""
    return "--profile " in block.script


def _of_findings(block: Block) -> bool:
    """Whether the page's generator does the same."""
    generator = (ROOT / "tools" / "pages" / "nag.py").read_text() + (
        ROOT / "tools" / "pages" / "nag_page.py"
    ).read_text()
    return block.page == "cdk-nag.md" and all(name in generator for name in _imported_from(block, "cdk_nag"))


def _of_adoption(block: Block) -> bool:
    """Whether every call is one of a construct, with arguments that it has."""
    calls = [node for node in ast.walk(ast.parse(block.code)) if isinstance(node, ast.Call)]
    constructs = [getattr(cdk_cleanrooms_ml, call.func.id) for call in calls if isinstance(call.func, ast.Name)]
    return bool(calls) and all(
        {keyword.arg for keyword in call.keywords} <= inspect.signature(construct.__init__).parameters.keys()
        for call, construct in zip(calls, constructs, strict=True)
    )


REASONS = {
    # What is taken over is as only its owner knows.
    "adoption": _of_adoption,
    "checkout": _in_a_checkout,
    "account": _of_an_account,
    "findings": _of_findings,
}


def _imported_from(block: Block, module: str) -> list[str]:
    imports = [node for node in ast.walk(ast.parse(block.code)) if isinstance(node, ast.ImportFrom)]
    return [alias.name for node in imports if node.module == module for alias in node.names]


@pytest.mark.parametrize("block", NOTED, ids=str)
def test_what_is_not_run_as_written_has_a_reason_that_holds(block: Block) -> None:
    kind, _, detail = block.note.partition(": ")
    match kind:
        case "not run":
            assert REASONS[detail](block), f"{block} is no block of that kind: {detail}"
        case "part of":
            assert detail == README.name
        case "quoted from":
            lines = [line for line in block.code.splitlines() if line.strip() and line.strip() != "# …"]
            source = iter((ROOT / detail).read_text().splitlines())
            missing = [line for line in lines if not any(line.strip() == each.strip() for each in source)]
            assert not missing, f"{detail} has not, or elsewhere: {missing[0]}"
        case _:
            pytest.fail(f"{block} has the unknown note {block.note}")


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_nothing_that_could_be_run_hides(block: Block) -> None:
    assert block.language in (*SHELLS, *DATA, "python")
    if block.language in DATA:
        assert not COMMANDS.search(block.code)
    if block.language == "python" and not block.is_app:
        assert block.note or block.page in ("sandbox.md", "migration.md")


@pytest.mark.parametrize("block", PYTHON, ids=str)
def test_code_in_the_documentation_imports_what_there_is(block: Block) -> None:
    if block.note.startswith("quoted"):
        return
    for node in ast.walk(ast.parse(block.code)):
        if isinstance(node, ast.ImportFrom) and node.module:
            module = importlib.import_module(node.module)
            assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


def test_all_python_in_the_readme_is_a_whole_app() -> None:
    assert [str(block) for block in PYTHON if block.page == README.name and not block.is_app] == []


def test_the_first_screen_shows_use_and_the_commands() -> None:
    screen = "\n".join(README.read_text().splitlines()[:42])
    assert "cleanrooms-ml sandbox up" in screen
    assert "make demo" in screen
    assert "make test" in screen
    assert len([line for line in readme_app().splitlines() if line]) == 15


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_checkout_lead_somewhere(page: Path) -> None:
    # In code, such as a pattern of the model, brackets are no links.
    text = re.sub(r"`[^`]*`", "", page.read_text())
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing
