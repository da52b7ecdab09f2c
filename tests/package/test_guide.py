"""Every path, command and name in the text of docs/adding-a-resource.md is there; its blocks are `test_pages.py`'s."""

from __future__ import annotations

import re

import pytest

from cleanrooms_ml_handlers.resources import SPECS

from .conftest import ROOT

_GUIDE = (ROOT / "docs" / "adding-a-resource.md").read_text("utf-8")
# Inline code, without blocks.
_SPANS = sorted(set(re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", _GUIDE, flags=re.MULTILINE | re.DOTALL))))
# A resource that has all that the guide describes.
_RESOURCE = "ml_input_channel"
# Where the guide's shorter paths begin: it names the folder, or the scaffold's list does.
_FOLDERS = [
    ROOT / each
    for each in (".", "constructs", "custom_resources/cleanrooms_ml_handlers", "cli/cleanrooms_ml_cli/sandbox/emulator")
]
_SOURCES = "\n".join(
    path.read_text("utf-8")
    for folder in ("constructs", "custom_resources", "cli", "simulator")
    for path in sorted((ROOT / folder).rglob("*.py"))
)
_SCAFFOLD = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "tools" / "resource").glob("*.py")))
_TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
# Of CloudFormation and of Python, and what `make check` creates.
_OTHERS = {"Fn::GetAtt", "None", ".venv/bin/python"}


def _names(span: str) -> list[str]:
    return [name for name in re.findall(r"[A-Za-z_]\w*", span) if name not in ("None", "self")]


def _is_there(span: str) -> bool:
    """Whether what the guide calls so exists."""
    span = span.replace("<resource>", _RESOURCE)
    if span in _OTHERS or span in {spec.signing_name for spec in SPECS}:
        return True
    if span.startswith("make "):
        return span.removeprefix("make ") in _TARGETS
    if span.startswith("--"):
        return f'"{span.split()[0]}"' in _SCAFFOLD
    if "/" in span or span.endswith((".py", ".md", ".yml")):
        return any((folder / span).exists() for folder in _FOLDERS)
    if span == "Look:":
        return span in _SCAFFOLD
    if span.startswith("..."):
        return bool(re.search(rf"^class \w+{span.removeprefix('...')}\b", _SOURCES, re.MULTILINE))
    # Code defines, annotates with, passes or calls something of this name; comments seldom go on like that.
    return all(re.search(rf"\b{name}\b *[=:()\[\]|,\"]", _SOURCES) for name in _names(span))


@pytest.mark.parametrize("span", _SPANS)
def test_what_the_guide_names_exists(span: str) -> None:
    assert _is_there(span)


@pytest.mark.parametrize(
    "span", ["rules/no_such_file.py", "make nothing", "--nothing", "_no_such_function(...)", "no_such_argument"]
)
def test_what_does_not_exist_is_noticed(span: str) -> None:
    assert not _is_there(span)
