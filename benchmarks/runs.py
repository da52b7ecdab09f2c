"""ML input channels through this library and through ``custom_resources.Provider``, on one sandbox.

The runs take a second, or three. Seconds are those of the stacks' own events, from the first custom resource to the
last one. The sandbox creates the resources of one stack one after the other, so several stacks are created side by
side, as the resources of one stack are on AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from .on_sandbox.events import Event, custom_seconds
from .on_sandbox.site import FRAMEWORK, OURS, SIDES, shared_site
from .on_sandbox.stacks import channels
from .protocol import Benchmark, Pair, Row

CHANNELS, STACKS = 50, 5
SECONDS = (1, 3)

# At least 1.5 times as fast.
_BOUND = 1 / 1.5
_ROWS = {
    seconds: Row(f"{CHANNELS} channels of {seconds} s in {STACKS} stacks", "s", FRAMEWORK, bound=_BOUND)
    for seconds in SECONDS
}

_numbers = count()


def play() -> Mapping[str, Pair]:
    """One round."""
    measured = {seconds: {side: _seconds(side, seconds) for side in SIDES} for seconds in SECONDS}
    return {_ROWS[seconds].name: Pair(sides[OURS], sides[FRAMEWORK]) for seconds, sides in measured.items()}


def _seconds(side: str, run_seconds: int) -> float:
    site = shared_site()
    site.sandbox.emulator.set_durations(create={"MLInputChannel": run_seconds}, delete={"MLInputChannel": 0.1})
    assembly = site.assembly(side, channels, CHANNELS // STACKS)
    stacks = [site.deployment(f"Channels{next(_numbers)}") for _ in range(STACKS)]
    for stack in stacks:
        stack.begin(assembly.template)
    for stack in stacks:
        site.expect(stack, stack.settled(), "CREATE_COMPLETE")
    events: list[Event] = [event for stack in stacks for event in stack.events()]
    for stack in stacks:
        stack.begin_delete()
    for stack in stacks:
        site.expect(stack, stack.settled(), "DELETE_COMPLETE")
    return custom_seconds(events, "CREATE")


BENCHMARK = Benchmark(rows=tuple(_ROWS.values()), play=play, rounds=2, warm_up=shared_site)
