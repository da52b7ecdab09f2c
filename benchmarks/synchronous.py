"""Configured audience models through this library and through ``custom_resources.Provider``, on one sandbox.

They exist as soon as the service has accepted them: what is measured is the machinery. Seconds are those of the
stacks' own events, from the first custom resource to the last one, medians of the runs, the sides in turn.

Usage: python -m benchmarks.synchronous [--count 50] [--runs 3]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from .on_sandbox.events import custom_seconds
from .on_sandbox.stacks import FRAMEWORK, OURS, SIDES, audience_models, deployment, site

COUNT, RUNS = 50, 3
OPERATIONS = ("CREATE", "DELETE")


def figures(count: int, runs: int) -> dict[tuple[str, str], list[float]]:
    """The seconds of each run, by side and operation."""
    seconds: dict[tuple[str, str], list[float]] = {(side, each): [] for side in SIDES for each in OPERATIONS}
    with TemporaryDirectory() as folder, site() as (sandbox, given):
        assemblies = {
            side: audience_models(side, count, given, Path(folder) / str(number)) for number, side in enumerate(SIDES)
        }
        for run in range(runs):
            for number, side in enumerate(SIDES):
                stack = deployment(sandbox, f"Stack{run}{number}", assemblies[side])
                created = stack.deploy(assemblies[side].template)
                deleted = stack.delete()
                if (created, deleted) != ("CREATE_COMPLETE", "DELETE_COMPLETE"):
                    raise SystemExit(f"{side}: {created}, {deleted}: {stack.reasons()}")
                for each in OPERATIONS:
                    seconds[side, each].append(custom_seconds(stack.events(), each))
    return seconds


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--runs", type=int, default=RUNS)
    arguments = parser.parse_args()
    seconds = figures(arguments.count, arguments.runs)
    for each in OPERATIONS:
        ours, theirs = (median(seconds[side, each]) for side in (OURS, FRAMEWORK))
        print(
            f"{each:<8}{arguments.count} models: {ours:6.2f} s, {FRAMEWORK} {theirs:6.2f} s, {ours / theirs:5.2f} times"
        )


if __name__ == "__main__":
    main()
