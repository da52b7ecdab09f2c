"""Figures of rounds, and their table."""

from __future__ import annotations

import pytest

from benchmarks import committed, run, table
from benchmarks.figures import figure_of
from benchmarks.protocol import Benchmark, Of, Pair, Row

TIME = Row("create", "s", "the framework", bound=1.0)
COUNT = Row("calls", "calls", bound=8, of=Of.OURS, counted=True)
ROUNDS = [
    {"create": Pair(1.0, 2.0), "calls": Pair(9)},
    {"create": Pair(3.0, 4.0), "calls": Pair(9)},
    {"create": Pair(9.0, 10.0), "calls": Pair(9)},
]


def test_the_ratio_is_the_median_of_the_ratios_of_the_rounds() -> None:
    figure = figure_of(TIME, ROUNDS)
    assert (figure.ours, figure.theirs, figure.ratio) == (3.0, 4.0, 0.75)
    assert figure.spread == pytest.approx(0.2)
    assert figure.rounds == 3


def test_a_figure_without_a_rival_is_judged_by_itself() -> None:
    figure = figure_of(COUNT, ROUNDS)
    assert (figure.judged(COUNT), figure.ratio, figure.spread) == (9, None, 0)
    assert not figure.meets(COUNT)


def test_a_row_without_a_rival_has_no_ratio_to_bound() -> None:
    with pytest.raises(ValueError, match="no rival"):
        Row("calls", "calls", bound=8)


def test_the_table_says_what_is_met_and_what_is_missed() -> None:
    figures = {row.name: figure_of(row, ROUNDS) for row in (TIME, COUNT)}
    assert committed.table([TIME, COUNT], figures).splitlines()[2:] == [
        "| create | s | 3 | 4 | the framework | 0.75 | ± 0.2 | 1 | met |",
        "| calls | calls | 9 |  |  |  |  | 8 calls | **missed** |",
    ]


def test_a_benchmark_that_measures_other_rows_than_it_has_is_refused() -> None:
    with pytest.raises(ValueError, match="rows are"):
        run.play(Benchmark(rows=(COUNT,), play=lambda: {"create": Pair(1.0)}))


def test_what_was_played_survives_the_way_through_json() -> None:
    played = run.play(Benchmark(rows=(TIME, COUNT), play=lambda: ROUNDS[0], rounds=2, details=lambda: "More."))
    assert run.Played.loaded(played.dumped()) == played


def test_the_names_of_all_rows_differ() -> None:
    names = [row.name for row in table.rows_of()]
    assert len(set(names)) == len(names)


def test_every_committed_figure_is_of_a_row() -> None:
    # make bench-check reports rows without a figure.
    assert set() != committed.load().figures.keys() <= {row.name for row in table.rows_of()}
