"""The site is built without a warning, has everything that is public, and loads nothing from elsewhere."""

from __future__ import annotations

import html
import re
from collections import Counter
from pathlib import Path

import pytest

import cdk_cleanrooms_ml
from cdk_cleanrooms_ml import patterns

from ... import ROOT
from ..build import build
from ..constructs import PACKAGE, SECTIONS, pages, public_names
from ..links import for_site

PUBLIC = {*cdk_cleanrooms_ml.__all__, *patterns.__all__}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once."""
    folder = tmp_path_factory.mktemp("site")
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_public_name_is_on_a_page(site: Path) -> None:
    texts = [path.read_text("utf-8") for path in (site / "constructs").glob("*.html")]
    anchors = re.findall(rf'id="{PACKAGE}\.[\w.]*?(\w+)"', "".join(texts))
    assert {name for name in PUBLIC if name not in anchors} == set()


def test_every_option_of_a_channel_is_explained(site: Path) -> None:
    text = (site / "constructs" / "ml_input_channel.html").read_text("utf-8")
    for option in ("membership", "query", "retention", "run_id", "minimum_records", "removal_policy"):
        assert re.search(rf">{option}</", text), option


def test_the_navigation_has_each_page_once(site: Path) -> None:
    text = (site / "index.html").read_text("utf-8")
    links = re.findall(r'<a href="([^"#]+)" class="md-nav__link', text)
    assert "threat-model.html" in links
    assert [link for link, count in Counter(links).items() if count > 1] == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    loaded = re.compile(r'<(?:script|img|iframe|source)[^>]*\ssrc="([^"]+)"|<link[^>]*\shref="([^"]+)"')
    for path in site.rglob("*.html"):
        addresses = ["".join(found) for found in loaded.findall(path.read_text("utf-8"))]
        assert [address for address in addresses if re.match(r"(?:https?:)?//", address)] == [], path.name
    for path in (site / "assets").rglob("*.css"):
        assert not re.search(r"@import|url\([\"']?(?:https?:)?//", path.read_text("utf-8")), path.name


def test_examples_are_whole(site: Path) -> None:
    text = html.unescape(re.sub(r"<[^>]+>", "", (site / "pipelines.html").read_text("utf-8")))
    for line in (ROOT / "examples" / "pipelines" / "github.yml").read_text("utf-8").splitlines():
        assert line in text


def test_every_module_is_on_one_page() -> None:
    known = {module for modules in SECTIONS.values() for module in modules}
    assert known <= set(public_names())
    references = re.findall(rf"^::: {PACKAGE}\.([\w.]+)$", "".join(p.text for s in pages().values() for p in s), re.M)
    assert len(references) == len(set(references))
    assert {reference.rpartition(".")[2] for reference in references} == PUBLIC


def test_a_link_to_a_file_becomes_the_file_and_another_one_its_text() -> None:
    page = "[the app](../app.py)\n\nSee [app.py](../app.py) and [limits](limits.md).\n"
    whole, _, rest = for_site(page).partition("\n\nSee ")
    assert whole.startswith('```python title="app.py"\n#!/usr/bin/env python3\n')
    assert rest == "app.py and [limits](limits.md).\n"


def test_a_link_to_what_is_not_there_stops_the_build() -> None:
    with pytest.raises(LookupError, match=r"\.\./nothing\.py"):
        for_site("See [nothing](../nothing.py).")


def test_notes_for_tests_and_drawings_are_not_shown() -> None:
    page = "<!-- not run: checkout -->\n```sh\nmake demo\n```\n\n```mermaid\nflowchart LR\n```\n"
    shown = for_site(page)
    assert "<!--" not in shown
    assert "mermaid" not in shown
    assert "assets/app.svg" in shown
