"""One small fault of the engine for each rule of the lifecycle contract; a test of the rule has to notice it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mutants import Mutation


@dataclass(frozen=True)
class Break:
    """A fault of the engine that breaks a rule.

    Attributes:
        rule: The rule.
        about: What is wrong then.
        path: The file below `root`.
        old: A text that occurs there once.
        new: What stands there instead.
        root: Where the file lies.
    """

    rule: str
    about: str
    path: str
    old: str
    new: str
    root: str = "custom_resources/cleanrooms_ml_handlers"

    def mutation(self, proofs: Mapping[str, list[str]]) -> Mutation:
        """The mutation, with the tests of its rule."""
        tests = " ".join(proofs[self.rule])
        return Mutation(f"{self.rule}: {self.about}", self.path, self.old, self.new, tests, self.root)


def contract(proofs: Mapping[str, list[str]]) -> Iterator[Mutation]:
    """The mutations of the contract, each with the tests of its rule."""
    from breaks_of_create_and_update import CREATE_AND_UPDATE
    from breaks_of_delete_and_waiting import DELETE_AND_WAITING

    for one in (*CREATE_AND_UPDATE, *DELETE_AND_WAITING):
        yield one.mutation(proofs)
