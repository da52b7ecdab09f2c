"""Plays the rounds of one benchmark, in a process that does nothing else.

Usage: python -m benchmarks.run imports [--rounds 3]        writes JSON, for the table
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .protocol import Benchmark, Pair


@dataclass(frozen=True)
class Played:
    """What a benchmark has measured.

    Attributes:
        rounds: What each round measured, by the names of the rows.
        details: The benchmark's own Markdown; empty for none.
    """

    rounds: Sequence[Mapping[str, Pair]]
    details: str = ""

    def dumped(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def loaded(cls, text: str) -> Played:
        """From JSON."""
        read: dict[str, Any] = json.loads(text)
        rounds = [{name: Pair(**pair) for name, pair in each.items()} for each in read["rounds"]]
        return cls(rounds, read["details"])


def benchmark_of(module: str) -> Benchmark:
    """The benchmark of a module of this package."""
    found: Benchmark = importlib.import_module(f"{__package__}.{module}").BENCHMARK
    return found


def play(benchmark: Benchmark, rounds: int | None = None) -> Played:
    """Plays a benchmark in this process.

    Raises:
        ValueError: A round measured other rows than the benchmark has.
    """
    if benchmark.warm_up:
        benchmark.warm_up()
    played = [benchmark.play() for _ in range(rounds or benchmark.rounds)]
    names = {row.name for row in benchmark.rows}
    for each in played:
        if each.keys() != names:
            raise ValueError(f"a round measured {sorted(each)}; the benchmark's rows are {sorted(names)}")
    return Played(played, benchmark.details() if benchmark.details else "")


def play_apart(module: str, rounds: int | None = None) -> Played:
    """Plays a benchmark in a process of its own."""
    command = [sys.executable, "-m", f"{__package__}.run", module]
    if rounds:
        command += ["--rounds", str(rounds)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return Played.loaded(ran.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("module", help="the benchmark's module, without the package")
    parser.add_argument("--rounds", type=int, help="default: the benchmark's own")
    options = parser.parse_args()
    # What a benchmark prints must not get into the JSON.
    with contextlib.redirect_stdout(sys.stderr):
        played = play(benchmark_of(options.module), options.rounds)
    print(played.dumped())
    return 0


if __name__ == "__main__":
    sys.exit(main())
