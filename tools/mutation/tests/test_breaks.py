"""The list of faults that break the contract is complete and up to date; `make mutants` tries them all."""

from __future__ import annotations

import pytest

from cleanrooms_ml_simulator.contract import RULES, proofs

from ... import ROOT
from ..mutants import contract
from ..mutation import Mutation

_ALL = contract(proofs())


def test_every_rule_is_broken_once_at_least() -> None:
    assert {mutation.about.partition(":")[0] for mutation in _ALL} == set(RULES)
    assert len({mutation.about for mutation in _ALL}) == len(_ALL)


@pytest.mark.parametrize("mutation", _ALL, ids=[mutation.about.partition(":")[0] for mutation in _ALL])
def test_each_changes_one_place_of_the_engine_as_it_is(mutation: Mutation) -> None:
    text = (ROOT / mutation.root / mutation.path).read_text("utf-8")
    assert text.count(mutation.old) == 1
    changed = text.replace(mutation.old, mutation.new)
    assert changed != text
    compile(changed, mutation.path, "exec")
