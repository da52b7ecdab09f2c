"""Configured audience models through this library and through ``custom_resources.Provider``, on one sandbox.

They exist as soon as the service has accepted them: what is measured is the machinery. Seconds are those of the
stacks' own events, from the first custom resource to the last one. The service lets ten creates and ten deletes a
second pass, for both sides alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from .on_sandbox.critical_path import critical_path
from .on_sandbox.events import custom_seconds, machinery_seconds
from .on_sandbox.site import FRAMEWORK, OURS, SIDES, shared_site
from .on_sandbox.stacks import audience_models
from .protocol import Benchmark, Pair, Row

MODELS = 50

_CREATE = Row(f"create {MODELS} configured audience models", "s", FRAMEWORK, bound=1.0)
_DELETE = Row(f"delete {MODELS} configured audience models", "s", FRAMEWORK, bound=1.0)
_MACHINERY = Row("create the functions of a stack, one resource after the other", "s", FRAMEWORK)

_numbers = count()


def play() -> Mapping[str, Pair]:
    """One round."""
    seconds: dict[str, tuple[float, float, float]] = {}
    site = shared_site()
    for side in SIDES:
        assembly = site.assembly(side, audience_models, MODELS)
        stack = site.deployment(f"Models{next(_numbers)}")
        site.expect(stack, stack.deploy(assembly.template), "CREATE_COMPLETE")
        site.expect(stack, stack.delete(), "DELETE_COMPLETE")
        events = stack.events()
        seconds[side] = custom_seconds(events, "CREATE"), custom_seconds(events, "DELETE"), machinery_seconds(events)
    pairs = [Pair(ours, theirs) for ours, theirs in zip(seconds[OURS], seconds[FRAMEWORK], strict=True)]
    return {row.name: pair for row, pair in zip((_CREATE, _DELETE, _MACHINERY), pairs, strict=True)}


def details() -> str:
    """What is created one after the other."""
    chains = {side: critical_path(shared_site().assembly(side, audience_models, MODELS).template) for side in SIDES}
    lines = [f"- {side}: {len(chain)}, {', '.join(chain)}" for side, chain in chains.items()]
    return "\n".join(["Created one after the other before the first configured audience model:", "", *lines])


BENCHMARK = Benchmark(rows=(_CREATE, _DELETE, _MACHINERY), play=play, rounds=3, warm_up=shared_site, details=details)
