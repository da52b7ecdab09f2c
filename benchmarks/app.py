"""What `cdk synth` of a one-channel app costs: the CDK CLI, Python, and the CDK's kernel.

In comparison with the same custom resource behind the real `custom_resources.Provider`, and with a bare one behind a
given token. Times are CPU seconds of all processes, from the start of the CLI to its end,
with bytecode as pip leaves it.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from .cpu import compiled
from .protocol import Benchmark, Pair, Row

APPS = Path(__file__).parent / "apps"
_COMMAND = ("cdk", "synth", "--quiet", "--no-notices", "--no-version-reporting")


def cpu_seconds(app: str) -> float:
    """The CPU seconds of a synth of an app, by its name."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with TemporaryDirectory() as output:
        command = [*_COMMAND, "--app", f"{sys.executable} {APPS / app}.py", "--output", output]
        subprocess.run(command, check=True, capture_output=True, env=compiled())  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def play() -> dict[str, Pair]:
    """One round."""
    ours = cpu_seconds("channel")
    provider, bare = cpu_seconds("provider"), cpu_seconds("bare")
    ours = (ours + cpu_seconds("channel")) / 2
    return {_PROVIDER.name: Pair(ours, provider), _BARE.name: Pair(ours, bare)}


_PROVIDER = Row("`cdk synth` of one channel", "CPU s", "the same with `custom_resources.Provider`", bound=0.9)
_BARE = Row("`cdk synth` of one channel, over bare", "CPU s", "a bare `CustomResource` with a given token", bound=1.15)
BENCHMARK = Benchmark(rows=(_PROVIDER, _BARE), play=play, rounds=7, warm_up=play)
