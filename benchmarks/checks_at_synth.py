"""What checks cost a synth of 480 ML input channels: time, and calls to the CDK's kernel.

The same app is synthesized with checks and without them. Without checks means that no construct is registered for its
stack's validation; all else is equal. Times are CPU seconds of Python and of the CDK's kernel.
"""

from __future__ import annotations

from contextlib import ExitStack
from unittest.mock import patch

from cdk_cleanrooms_ml._checks import StackChecks

from .cpu import cpu_seconds
from .kernel_calls import counted
from .protocol import Benchmark, Of, Pair, Row
from .synth import INTEGERS, channels

CHANNELS = 480

# Channels as large as they get in practice.
_SPARK_KEYS = INTEGERS[:15]
_TAGS = {f"tag{number}": "value" for number in range(10)}
_QUERY_CHARS = 2048


def synthesize(count: int, *, checked: bool) -> tuple[float, int]:
    """The CPU seconds from the first construct to the assembly, and the calls to the kernel."""

    def nothing(*_: object) -> None:
        return None

    with ExitStack() as changes:
        if not checked:
            changes.enter_context(patch.multiple(StackChecks, add=nothing, add_run=nothing, add_subject=nothing))
        calls = changes.enter_context(counted())
        started = cpu_seconds()
        app = channels(
            _SPARK_KEYS, count, query_chars=_QUERY_CHARS, description="Sales of the last quarter", tags=_TAGS
        )
        app.synth()
        return cpu_seconds() - started, sum(calls.values())


def play() -> dict[str, Pair]:
    """One round."""
    seconds, calls = synthesize(CHANNELS, checked=True)
    seconds_without, calls_without = synthesize(CHANNELS, checked=False)
    more = (calls - calls_without) / CHANNELS
    return {_TIME.name: Pair(seconds, seconds_without), _CALLS.name: Pair(more)}


_TIME = Row(f"synth {CHANNELS} large channels", "CPU s", "the same without checks", bound=1.25)
_CALLS = Row("kernel calls of the checks of a channel", "calls", bound=2, of=Of.OURS, counted=True)
BENCHMARK = Benchmark(
    rows=(_TIME, _CALLS),
    play=play,
    rounds=9,
    warm_up=lambda: [synthesize(2, checked=checked) for checked in (True, False)],
)
