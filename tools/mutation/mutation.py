"""A fault in the code, and the tests that have to notice it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_HANDLERS = "custom_resources/cleanrooms_ml_handlers"


@dataclass(frozen=True)
class Mutation:
    """One small fault.

    Attributes:
        about: What is wrong then.
        path: The file below `root`.
        old: A text that occurs there once.
        new: The text that replaces it.
        test: The test that has to fail, or several, separated by spaces: one of them.
        root: The folder that the file is in.
    """

    about: str
    path: str
    old: str
    new: str
    test: str
    root: str = _HANDLERS

    @property
    def tests(self) -> list[str]:
        """The tests, one of which has to fail."""
        return self.test.split(" ")

    def apply(self, folder: Path) -> Callable[[], None]:
        """Changes the file in a copy of the source; what is returned restores it.

        Raises:
            ValueError: The text does not occur exactly once: the mutation is stale.
        """
        file = folder / self.root / self.path
        text = file.read_text("utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.about}: {self.old!r} occurs {text.count(self.old)} times in {self.path}")
        file.write_text(text.replace(self.old, self.new), "utf-8")

        def restore() -> None:
            file.write_text(text, "utf-8")

        return restore


@dataclass(frozen=True)
class Break:
    """A fault of the engine that breaks a rule of the lifecycle contract.

    Attributes:
        rule: The rule.
        about: What is wrong then.
        path: The file below `root`.
        old: A text that occurs there once.
        new: The text that replaces it.
        root: The folder that the file is in.
    """

    rule: str
    about: str
    path: str
    old: str
    new: str
    root: str = _HANDLERS

    def mutation(self, proofs: Mapping[str, list[str]]) -> Mutation:
        """The mutation, with the tests of its rule."""
        tests = " ".join(proofs[self.rule])
        return Mutation(f"{self.rule}: {self.about}", self.path, self.old, self.new, tests, self.root)
