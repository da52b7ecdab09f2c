"""The contract is whole: every rule has a test, and every test a rule."""

from __future__ import annotations

from pathlib import Path

from cleanrooms_ml_simulator.contract import ELSEWHERE, GROUPS, RULES, proofs, rule_of
from cleanrooms_ml_simulator.lifecycle.cases import CASES
from cleanrooms_ml_simulator.lifecycle.kinds import FACTS

_ROOT = Path(__file__).parents[2]


def test_every_rule_has_a_test_and_every_test_named_after_a_rule_has_one() -> None:
    tests = proofs()
    assert set(tests) == set(RULES)
    assert not [rule for rule, names in tests.items() if not names]
    assert {rule_of(name) for names in tests.values() for name in names} == set(RULES)
    assert {rule[0] for rule in RULES} == set(GROUPS)


def test_tests_elsewhere_exist() -> None:
    for names in ELSEWHERE.values():
        for name in names:
            file, _, test = name.partition("::")
            assert f"def {test}(" in (_ROOT / file).read_text("utf-8")


def test_a_test_is_known_by_its_name_with_and_without_parameters() -> None:
    assert rule_of("tests/protocol/test_create.py::test_c10_a_create[MLInputChannel-delay]") == "C10"
    assert rule_of("tests/protocol/test_create.py::test_a_create") == ""
    assert rule_of(f"{ELSEWHERE['X5'][0]}[x]") == "X5"


def test_every_kind_has_its_facts() -> None:
    assert set(FACTS) == {str(case) for case in CASES}
