"""Cold starts of both functions, beside a bare botocore client of the services that they call.

Each start is in a process of its own, in turn and in one run, with bytecode as it is after the first start. Times are
CPU seconds of Python from its start to the clients. Lambda gives a function processor time in proportion to its memory:
1,769 MB are one processor (Lambda developer guide, "Configure Lambda function memory").
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import cleanrooms_ml_handlers
from cdk_cleanrooms_ml._asset import _packed_code
from cdk_cleanrooms_ml._functions import MEMORY_MB

from .prices import lambda_cost
from .protocol import Benchmark, Of, Pair, Row
from .waiting import waited

SIZES_MB = (128, 256, 512, 1024, 1769)

_ONE_PROCESSOR_MB = 1769
_BARE = "import botocore.session\nsession = botocore.session.get_session()\n"
_CLIENT = 'session.create_client("{}")\n'
_STARTS = {
    "front": ("import cleanrooms_ml_handlers.front\n", _BARE + _CLIENT.format("stepfunctions")),
    "worker": (
        "import cleanrooms_ml_handlers.worker\n",
        _BARE + _CLIENT.format("cleanroomsml") + _CLIENT.format("stepfunctions"),
    ),
}
# The peak since the process began; that of `resource` is its parent's, if greater.
_MEASURE = (
    "import re, time\n"
    "print(time.process_time(), int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) / 1024)\n"
)
_STARTS_EACH = 5


@dataclass(frozen=True)
class Start:
    """One start.

    Attributes:
        seconds: CPU seconds.
        megabytes: Peak memory.
    """

    seconds: float
    megabytes: float


def start(code: str, bytecode: str) -> Start:
    """Starts a process as Lambda starts a function."""
    environment = {
        **os.environ,
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "PYTHONPATH": str(Path(cleanrooms_ml_handlers.__file__).parents[1]),
        "PYTHONPYCACHEPREFIX": bytecode,
        "PYTHONDONTWRITEBYTECODE": "",
    }
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code + _MEASURE], check=True, capture_output=True, text=True, env=environment
    )
    return Start(*map(float, ran.stdout.split()))


@cache
def _bytecode() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory()
    for both in _STARTS.values():
        for code in both:
            start(code, folder.name)
    return folder


def least(code: str) -> Start:
    """The fastest of some starts: what others do on the machine only adds."""
    starts = [start(code, _bytecode().name) for _ in range(_STARTS_EACH)]
    return Start(min(it.seconds for it in starts), max(it.megabytes for it in starts))


_TIMES = {name: Row(f"cold start of the {name}", "CPU s", "a bare botocore client", bound=1.1) for name in _STARTS}
_MEMORIES = {name: Row(f"peak memory of the {name}", "MB", "a bare botocore client", bound=1.1) for name in _STARTS}
_ARCHIVE = Row("archive of the functions", "KB", bound=150, of=Of.OURS)

_seen: dict[str, list[float]] = {name: [] for name in _STARTS}


def play() -> Mapping[str, Pair]:
    """One round."""
    figures = {_ARCHIVE.name: Pair(Path(_packed_code(None)).stat().st_size / 1000)}
    for name, (own, bare) in _STARTS.items():
        ours, theirs = least(own), least(bare)
        _seen[name].append(ours.seconds)
        figures[_TIMES[name].name] = Pair(ours.seconds, theirs.seconds)
        figures[_MEMORIES[name].name] = Pair(ours.megabytes, theirs.megabytes)
    return figures


def details() -> str:
    """What other memory sizes would mean."""
    cold = sum(min(seconds) for seconds in _seen.values())
    hour = waited(1)
    lines = [
        "| memory of the functions | both cold starts, one after the other | Lambda of a wait of an hour |",
        "|--:|--:|--:|",
    ]
    for size in SIZES_MB:
        chosen = " (chosen)" if size == MEMORY_MB else ""
        seconds = cold * _ONE_PROCESSOR_MB / size
        lines.append(
            f"| {size:,} MB{chosen} | {seconds:.1f} s | {lambda_cost(hour.invocations, hour.seconds, size):.4f} USD |"
        )
    return "\n".join(lines)


BENCHMARK = Benchmark(rows=(*_TIMES.values(), *_MEMORIES.values(), _ARCHIVE), play=play, rounds=5, details=details)
