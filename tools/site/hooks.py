"""What mkdocs calls: adds the pages of the constructs, and lets links out of docs/ end well."""

from __future__ import annotations

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from tools.site import constructs
from tools.site.links import for_site


def on_config(config: MkDocsConfig) -> None:
    """Adds the constructs to the navigation."""
    sections = [{section: [{page.title: page.uri} for page in pages]} for section, pages in constructs.pages().items()]
    nav = config.nav
    assert nav is not None
    config.nav = [{"Constructs": sections} if entry == {"Constructs": []} else entry for entry in nav]


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Adds the pages of the constructs."""
    for pages in constructs.pages().values():
        for page in pages:
            files.append(File.generated(config, page.uri, content=page.text))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turns a page of docs/ into one of the site."""
    return markdown if page.file.generated_by else for_site(markdown)
