"""The fault matrix, the part of it that takes seconds; `make faults` runs all of it for every kind."""

from __future__ import annotations

import pytest

from cleanrooms_ml_simulator.audit import COUNTED, Audit
from cleanrooms_ml_simulator.behaviors import FAILURES, WELL_BEHAVED
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.faults import declared_errors, operation_faults
from cleanrooms_ml_simulator.lifecycle.cases import CASES, CHANNEL, Case
from cleanrooms_ml_simulator.lifecycle.matrix import KILLED, Cell, Table, behavior_cells, cells
from cleanrooms_ml_simulator.lifecycle.phases import PHASES, Phase
from cleanrooms_ml_simulator.wire import Connected
from cleanrooms_ml_simulator.world import World

# Faults after which it is uncertain whether a call took effect.
_OPEN = ("5xx after", "dropped after", "answer after 70 s")
# Calls that only read which other requests there are.
_READING = ("ListExecutions", "DescribeExecution")


@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_an_uncertain_call_leaves_no_wait_leak_second_run_or_false_answer(
    world: World, reply_server: ReplyServer, connected: Connected, phase: Phase
) -> None:
    tried = [it for it in cells(world, CHANNEL, phase) if it.fault in _OPEN and it.operation not in _READING]
    assert len(tried) >= 9
    assert not failures(reply_server, connected, tried)


@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_a_worker_that_is_killed_between_any_two_calls_leaves_nothing(
    world: World, reply_server: ReplyServer, connected: Connected, phase: Phase
) -> None:
    tried = [cell for cell in cells(world, CHANNEL, phase) if cell.operation == KILLED]
    assert len(tried) >= 5
    assert not failures(reply_server, connected, tried)


@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_a_bad_day_begins_with_the_phase(reply_server: ReplyServer, connected: Connected, phase: Phase) -> None:
    tried = [cell for cell in behavior_cells(CHANNEL, phase) if not cell.behaviors]
    assert {cell.fault for cell in tried} == {str(failure) for failure in FAILURES}
    assert not failures(reply_server, connected, tried)


def failures(replies: ReplyServer, connected: Connected, tried: list[Cell]) -> list[str]:
    """What must never happen, by cell."""
    found = []
    for cell in tried:
        world = World(replies, connected, behaviors=WELL_BEHAVED)
        audit = cell.run(world)
        world.close()
        found += [f"{cell.operation}, {cell.fault}: {audit}"] if audit or audit.reported else []
    return found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_matrix_has_every_operation_of_a_kind_and_every_declared_error(world: World, case: Case) -> None:
    found = {(cell.operation, cell.fault) for phase in PHASES for cell in cells(world, case, phase)}
    for operation in (*case.operations, case.spec.update, "TagResource" if case.spec.is_taggable else None):
        if operation is not None:
            wanted = {fault.name for fault in operation_faults(case.spec.service, operation)}
            assert wanted >= set(declared_errors(case.spec.service, operation))
            assert wanted <= {fault for name, fault in found if name == operation}, operation
    assert "killed after call 3" in {fault for name, fault in found if name == KILLED}


def test_the_matrix_names_what_it_found() -> None:
    table = Table()
    table.add("GetThing", "5xx before", "create", Audit())
    zeros = ", ".join(f"{what} 0" for what in COUNTED.values())
    assert list(table.lines())[-2] == f"1 runs: {zeros}"
    table.add("GetThing", "5xx before", "create", Audit(orphans=["a thing remains"], reported=["another"]))
    lines = list(table.lines())
    assert lines[1].split()[3:] == ["1", ".", ".", ".", ".", "."]
    assert f"2 runs: {zeros.replace('orphans 0', 'orphans 1')}" in lines
    assert lines[-1] == "GetThing, 5xx before, create: a thing remains"
    assert lines[-2].endswith("says so: 1")
