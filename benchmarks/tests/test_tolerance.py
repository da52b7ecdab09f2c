"""What an honest rerun may differ by, and that a real worsening is more."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest

from benchmarks import bench_check, committed, table
from benchmarks.figures import Figure, figure_of
from benchmarks.protocol import Of, Pair, Row
from benchmarks.tolerance import FACTORS, SEEN, tolerance, unseen, worse

TIME = Row("create", "s", "the framework", bound=1.0)
COUNT = Row("calls", "calls", bound=8, of=Of.OURS, counted=True)
ROWS = {row.name: row for row in table.rows_of()}
COMMITTED: Mapping[str, Figure] = committed.load().figures
MEASURED = [name for name, figure in COMMITTED.items() if not ROWS[name].counted]
# Their rounds differ too much; `make bench-check` says so.
NOISY = {name for name in MEASURED if COMMITTED[name].spread >= SEEN * COMMITTED[name].judged(ROWS[name])}
RERUNS = 4000


def figure(ratio: float, spread: float, rounds: int) -> Figure:
    return Figure(ratio * 2, 2, ratio, spread, rounds)


def times(name: str, factor: float) -> Figure:
    """The committed figure of a row, as if it had become so much greater."""
    before = COMMITTED[name]
    ratio = None if before.ratio is None else before.ratio * factor
    return replace(before, ours=before.ours * factor, ratio=ratio)


def rerun(numbers: random.Random, rounds: int, noise: float, mean: float = 1.0) -> Figure:
    """What rounds of normal noise come to."""
    return figure_of(TIME, [{"create": Pair(numbers.gauss(mean, noise), 1.0)} for _ in range(rounds)])


def share_worse(rounds: int, noise: float, mean: float) -> float:
    """How many of many reruns fail."""
    numbers = random.Random(f"{rounds} {noise} {mean}")
    pairs = ((rerun(numbers, rounds, noise), rerun(numbers, rounds, noise, mean)) for _ in range(RERUNS))
    return sum(worse(TIME, now, before) is not None for before, now in pairs) / RERUNS


@pytest.mark.parametrize("rounds", FACTORS)
def test_a_factor_is_what_one_of_a_hundred_honest_reruns_exceeds(rounds: int) -> None:
    numbers = random.Random(rounds)
    pairs = [(rerun(numbers, rounds, 0.01), rerun(numbers, rounds, 0.01)) for _ in range(RERUNS)]
    beyond = [
        pair for pair in pairs if pair[1].ours - pair[0].ours > FACTORS[rounds] * max(pair[0].spread, pair[1].spread)
    ]
    assert 0.004 < len(beyond) / RERUNS < 0.016


@pytest.mark.parametrize("rounds", [2, 3, 5, 9])
def test_an_honest_rerun_of_little_noise_is_not_worse(rounds: int) -> None:
    assert share_worse(rounds, 0.02, 1.0) < 0.02


@pytest.mark.parametrize("rounds", [2, 3, 5, 9])
def test_ten_percent_more_is_worse_in_spite_of_little_noise(rounds: int) -> None:
    assert share_worse(rounds, 0.01, 1.0 + SEEN) > 0.98


def test_two_rounds_that_agree_by_chance_do_not_make_an_honest_rerun_worse() -> None:
    # On a machine with other programs.
    row = ROWS["50 channels of 3 s in 5 stacks"]
    before = Figure(ours=32.86, theirs=54.819, ratio=0.5994, spread=0.0054, rounds=2)
    assert worse(row, replace(before, ratio=0.608, spread=0.005), before) is None


@pytest.mark.parametrize("name", sorted(set(MEASURED) - NOISY))
def test_each_row_that_can_show_ten_percent_more_fails_for_it(name: str) -> None:
    row, before = ROWS[name], COMMITTED[name]
    assert unseen(row, before, before) is None
    assert worse(row, times(name, 1 + SEEN), before) is not None


@pytest.mark.parametrize("name", MEASURED)
def test_each_measured_row_may_differ_by_some_percent(name: str) -> None:
    assert worse(ROWS[name], times(name, 1.049), COMMITTED[name]) is None


@pytest.mark.parametrize("name", sorted(set(COMMITTED) - set(MEASURED)))
def test_no_counted_row_may_get_worse_at_all(name: str) -> None:
    row, before = ROWS[name], COMMITTED[name]
    assert before.spread == 0
    assert worse(row, before, before) is None
    assert worse(row, times(name, 1.0001), before) is not None


def test_a_row_whose_spread_hides_ten_percent_is_named() -> None:
    before, now = figure(0.7, 0.01, 5), figure(0.7, 0.1, 5)
    (text,) = bench_check.blind_spots([TIME], {"create": now}, {"create": before})
    assert text.startswith("create: rounds differ by ± 0.100, so that only 14% and more would be seen")
    assert bench_check.blind_spots([TIME], {"create": before}, {"create": before}) == []


def test_more_rounds_of_both_runs_show_a_smaller_worsening() -> None:
    allowed = [tolerance(TIME, figure(1.0, 0.2, rounds), figure(1.0, 0.2, rounds)) for rounds in (2, 9, 15)]
    assert allowed == [pytest.approx(it) for it in (0.2, 0.172, 0.116)]


def test_the_run_of_fewer_rounds_decides() -> None:
    few, many = figure(1.0, 0.01, 3), figure(1.0, 0.02, 15)
    assert tolerance(TIME, few, many) == tolerance(TIME, many, few) == pytest.approx(0.057)


def test_a_single_round_has_no_spread_and_is_trusted_no_more_than_two() -> None:
    single, committed_ = figure(1.0, 0.0, 1), figure(1.0, 0.009, 9)
    assert tolerance(TIME, single, committed_) == pytest.approx(7.7 * 0.009)


@pytest.mark.parametrize(("ratio", "is_worse"), [(0.5, False), (0.734, False), (0.736, True)])
def test_what_is_worse_by_more_than_the_tolerance_is_a_fault(ratio: float, is_worse: bool) -> None:
    before, now = figure(0.7, 0.01, 5), figure(ratio, 0.005, 5)
    assert bool(bench_check.faults([TIME], {"create": now}, {"create": before})) is is_worse


def test_a_fault_says_what_was_committed_and_what_is_tolerated() -> None:
    before, now = Figure(8, None, None, 0, 1), Figure(8.01, None, None, 0, 1)
    (fault,) = bench_check.faults([COUNT], {"calls": now}, {"calls": before})
    assert fault == "calls: ours is 8.010; committed 8.000, tolerance 0.000"


def test_a_row_without_a_committed_figure_is_a_fault() -> None:
    (fault,) = bench_check.faults([COUNT], {"calls": Figure(8, None, None, 0, 1)}, {})
    assert "make bench" in fault
