"""A kind that is described in part only: what it lacks is named, with the place where to add it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cleanrooms_ml_cli.sandbox.emulator.kinds import KINDS
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_simulator.lifecycle.cases import CASES, cases

_SPEC = next(spec for spec in SPECS if spec.kind == "MLInputChannel")
_NEW = replace(_SPEC, kind="Tea", create="CreateTea", get="GetTea")


def test_every_kind_has_a_case() -> None:
    assert [case.spec for case in CASES] == list(SPECS)


def test_a_spec_without_an_emulated_kind_and_without_a_request_is_named_once() -> None:
    with pytest.raises(LookupError) as caught:
        cases([_SPEC, _NEW])
    assert str(caught.value) == (
        "Tea: the sandbox does not emulate the kind Tea, CreateTea, GetTea; add of_spec(...) of its spec to the kinds "
        "in cli/cleanrooms_ml_cli/sandbox/emulator/kinds/; Tea: no test knows a request of it; add its least request "
        "to FACTS in simulator/cleanrooms_ml_simulator/lifecycle/kinds.py"
    )


def test_a_kind_whose_operations_the_sandbox_plays_for_no_kind_is_named() -> None:
    # The operations are played: by a special function, or for a kind of another name.
    with pytest.raises(LookupError, match=r"^Tea: the sandbox does not emulate the kind Tea; [^;]+; Tea: no test "):
        cases([replace(_SPEC, kind="Tea")])


def test_a_kind_that_a_table_of_the_sandbox_names_without_its_description_is_named_with_the_folder() -> None:
    with pytest.raises(LookupError, match=r"^Tea: .* to the kinds in cli/cleanrooms_ml_cli/sandbox/emulator/kinds/$"):
        KINDS["Tea"]


def test_a_spec_that_lacks_one_thing_is_told_that_alone() -> None:
    with pytest.raises(LookupError, match=r"^MLInputChannel: the sandbox does not emulate CreateTea; [^;]+$"):
        cases([replace(_SPEC, create="CreateTea")])
