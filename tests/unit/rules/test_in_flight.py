"""How many runs of a stack may be in progress at the same time."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.rules.in_flight import IN_FLIGHT, IN_FLIGHT_QUOTAS, Crowd, Run, crowds, may_be_crowded

Needs = dict[str, set[str]]


def models(count: int, kind: str = "AudienceModel", **request: str) -> list[Run]:
    """Runs for whose end the deployment waits."""
    return [Run(f"R{number}", kind, f"E{number}", request) for number in range(count)]


def names(found: list[Crowd]) -> list[list[str]]:
    return [[run.name for run in crowd.runs] for crowd in found]


def ends() -> Needs:
    """The resource that waits for a run depends on the run."""
    return {f"E{number}": {f"R{number}"} for number in range(12)}


def test_as_many_as_the_quota_allows_are_not_a_crowd() -> None:
    assert crowds(models(2), ends()) == []
    assert names(crowds(models(3), ends())) == [["R0", "R1", "R2"]]
    assert [may_be_crowded(models(count)) for count in (2, 3)] == [False, True]


@pytest.mark.parametrize("needs", [{"R2": {"E0"}}, {"R2": {"P"}, "P": {"E1"}}], ids=["directly", "through another"])
def test_a_run_after_the_end_of_another_is_not_in_progress_with_it(needs: Needs) -> None:
    assert crowds(models(3), {**ends(), **needs}) == []


def test_a_run_after_the_start_of_another_may_be_in_progress_with_it() -> None:
    assert names(crowds(models(3), {**ends(), "R2": {"R0"}})) == [["R0", "R1", "R2"]]


def test_a_run_for_whose_end_nothing_waits_never_ends() -> None:
    unwatched = [Run(run.name, run.kind, "", run.request) for run in models(3)]
    assert names(crowds(unwatched, {"R1": {"R0"}, "R2": {"R1"}})) == [["R0", "R1", "R2"]]


def test_only_the_largest_crowd_is_reported() -> None:
    # Two chains of three and two single runs.
    needs = {**ends(), "R1": {"E0"}, "R2": {"E1"}, "R4": {"E3"}, "R5": {"E4"}}
    (crowd,) = crowds(models(8), needs)
    assert len(crowd.runs) == 4
    assert {"R6", "R7"} <= {run.name for run in crowd.runs}
    assert crowd.last == crowd.runs[2]


def test_only_synthetic_channels_count() -> None:
    plain = models(9, "MLInputChannel")
    synthetic = [Run(f"S{number}", "MLInputChannel", "", {}, is_synthetic=True) for number in range(3)]
    assert crowds(plain, {}) == []
    assert names(crowds([*plain, *synthetic], {})) == [["S0", "S1", "S2"]]


def test_trainings_count_by_membership_and_by_account() -> None:
    first, second = (models(6, "TrainedModel", membershipIdentifier=member) for member in ("a", "b"))
    others = [Run(f"O{run.name}", run.kind, "", run.request) for run in second]
    (crowd,) = crowds(first, {})
    assert (crowd.quota.scope, len(crowd.runs)) == ("membership", 6)
    assert crowds([*first[:5], *others[:5]], {}) == []
    third = Run("T", "TrainedModel", "", {"membershipIdentifier": "c"})
    (crowd,) = crowds([*first[:5], *others[:5], third], {})
    assert (crowd.quota.scope, len(crowd.runs)) == ("account", 11)


@pytest.mark.parametrize(
    ("kind", "most", "scope"),
    [("TrainedModelInferenceJob", 5, "membership"), ("AudienceGenerationJob", 10, "account")],
)
def test_jobs_have_quotas_too(kind: str, most: int, scope: str) -> None:
    runs = [Run(f"R{number}", kind, "", {"membershipIdentifier": "a"}) for number in range(most + 1)]
    assert crowds(runs[:most], {}) == []
    (crowd,) = crowds(runs, {})
    assert (crowd.quota.value, crowd.quota.scope, crowd.last.name) == (most, scope, f"R{most}")


@pytest.mark.parametrize("kind", ["AudienceExportJob", "TrainedModelExportJob"])
def test_other_kinds_have_no_quota(kind: str) -> None:
    assert crowds(models(40, kind), {}) == []


def test_the_largest_crowd_is_the_one_that_brute_force_finds() -> None:
    chance = random.Random(7)
    for _ in range(300):
        runs = models(chance.randint(3, 8))
        needs = ends()
        for later, earlier in combinations(reversed(range(len(runs))), 2):
            if chance.random() < 0.3:
                needs.setdefault(f"R{later}", set()).add(chance.choice("EER") + str(earlier))
        found = crowds(runs, needs)
        largest = _by_brute_force(len(runs), needs)
        assert [len(crowd.runs) for crowd in found] == ([largest] if largest > 2 else [])
        for crowd in found:
            assert _is_free([int(run.name[1:]) for run in crowd.runs], needs)


def _by_brute_force(count: int, needs: Needs) -> int:
    numbers = range(count)
    sets = (chosen for size in range(count, 0, -1) for chosen in combinations(numbers, size))
    return next(len(chosen) for chosen in sets if _is_free(list(chosen), needs))


def _is_free(chosen: list[int], needs: Needs) -> bool:
    return not any(_leads(f"R{later}", f"E{earlier}", needs) for later in chosen for earlier in chosen)


def _leads(start: str, goal: str, needs: Needs) -> bool:
    return start == goal or any(_leads(each, goal, needs) for each in needs.get(start, ()))


def test_a_message_names_the_other_runs_and_the_fix() -> None:
    (crowd,) = crowds(models(5), {})
    text = crowd.message({f"R{number}": f"Stack/{number}" for number in range(5)})
    assert text == (
        "may run at the same time as Stack/0, Stack/1 and 2 more; by default AWS allows 2 audience models per account "
        "at a time. It waits 55 minutes for a slot and then fails, while the others may take hours. Let it depend on "
        "one of them, for whose end the deployment waits: third.node.add_dependency(first)"
    )


def test_a_create_waits_for_a_slot_of_every_quota() -> None:
    # An export takes no longer than a create waits.
    waiting = {spec.kind for spec in SPECS if spec.in_flight_quotas} - {"AudienceExportJob"}
    assert {quota.kind for quota in IN_FLIGHT_QUOTAS} == waiting
    assert IN_FLIGHT.id == "cleanrooms-ml:in-flight"
