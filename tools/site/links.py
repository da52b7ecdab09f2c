"""Links out of docs/: the site has no other files of the checkout, so it shows those that a reader copies."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from .. import ROOT
from .constructs import example

_ALONE = re.compile(r"^\[[^\]\n]+\]\(\.\./([^)#\s]+)\)$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]\n]+)\]\((?:\.\./)+([^)#\s]+)(?:#[^)]*)?\)")
_MERMAID = re.compile(r"^```mermaid\n.*?^```$", re.MULTILINE | re.DOTALL)
_NOTE = re.compile(r"^<!-- (?:not run|part of|quoted from): .*-->\n", re.MULTILINE)
GRAPH = "![The data flow of app.py](assets/app.svg)"


def for_site(markdown: str) -> str:
    """A page of docs/ as the site has it.

    A paragraph that is a link to a file of the checkout becomes the file; any other link out of docs/ becomes its
    text. The graph, which a browser would need a script for, is a picture.
    """
    markdown = _ALONE.sub(lambda link: example(_existing(link[1])), markdown)
    markdown = _LINK.sub(lambda link: link[1] if _existing(link[2]) else link[0], markdown)
    return _NOTE.sub("", _MERMAID.sub(GRAPH, markdown))


def _existing(path: str) -> str:
    """The path, if the checkout has it.

    Raises:
        LookupError: It has not.
    """
    if not (ROOT / PurePosixPath(path)).exists():
        raise LookupError(f"a page links to ../{path}, which is not there")
    return path
