"""README and docs as a source of code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .conftest import ROOT

README = ROOT / "README.md"
PAGES = (README, *sorted((ROOT / "docs").glob("*.md")))
SHELLS = ("sh", "bash", "console")

_BLOCK = re.compile(r"(?:^<!-- (?P<note>.*) -->\n)?^```(?P<language>.*)\n(?P<code>(?:.*\n)*?)^```$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code.

    Args:
        page: Name of the page.
        number: Its number on the page, from 1.
        language: As the fence says.
        code: The lines.
        note: The comment right before it, which says how a test treats it; empty if there is none.
    """

    page: str
    number: int
    language: str
    code: str
    note: str

    @property
    def is_shell(self) -> bool:
        """Whether it is typed into a shell."""
        return self.language in SHELLS

    @property
    def is_code(self) -> bool:
        """Whether there is something to run."""
        return self.is_shell or self.language == "python"

    @property
    def is_app(self) -> bool:
        """Whether it is a whole CDK app."""
        return self.language == "python" and self.code.rstrip().endswith("app.synth()")

    @property
    def file(self) -> str:
        """The file in which a reader saves it: app.py, or the one that its first line names."""
        named = re.match(r"# (\w+\.py)\n", self.code)
        return named[1] if named else "app.py"

    @property
    def script(self) -> str:
        """What is typed: a console block shows prompts."""
        if self.language != "console":
            return self.code
        return "".join(f"{line[2:]}\n" for line in self.code.splitlines() if line.startswith("$ "))

    def __str__(self) -> str:
        return f"{self.page}-{self.number}"


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    found = _BLOCK.finditer(page.read_text())
    return [
        Block(page.name, number, each["language"], each["code"], each["note"] or "")
        for number, each in enumerate(found, 1)
    ]


def readme_app() -> str:
    """The app of the README's first screen."""
    return next(block.code for block in blocks(README) if block.is_app)


def with_parts(parts: list[Block]) -> str:
    """The README's first app with code that pages add to it."""
    body = readme_app().removesuffix("app.synth()\n")
    return "\n".join([body, *(part.code for part in parts), "app.synth()\n"])
