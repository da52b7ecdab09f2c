"""What many creates cost when the service allows one request a second for everything together.

Usage: python -m benchmarks.throttling [--creates 200] [--kind ConfiguredAudienceModel]
"""

from __future__ import annotations

import argparse
import contextlib
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from cleanrooms_ml_cli.sandbox.emulator import PENDING_AUDIENCE_GENERATION_JOBS
from cleanrooms_ml_simulator.behaviors import WELL_BEHAVED
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.environment import isolate
from cleanrooms_ml_simulator.lifecycle.cases import CASES
from cleanrooms_ml_simulator.templates import template
from cleanrooms_ml_simulator.wire import Call, Connected, Reply
from cleanrooms_ml_simulator.world import World

_OF_THE_SERVICE = ("cleanroomsml", "cleanrooms")


class OneASecond:
    """One token bucket for all operations: one request a second, burst 1."""

    def __init__(self, world: World) -> None:
        self.taken: Counter[str] = Counter()
        self.refused = 0
        self._world = world
        self._free_at = 0.0

    def __call__(self, call: Call, _ask: Callable[[], Reply]) -> Reply | None:
        """Refuses a call above the limit."""
        if call.service not in _OF_THE_SERVICE or call.invocation is None:
            return None
        now = self._world.simulation.now
        if now < self._free_at:
            self.refused += 1
            headers = {"content-type": "application/json", "x-amzn-errortype": "ThrottlingException"}
            return 429, headers, b'{"message": "Rate exceeded"}'
        self._free_at = now + 1
        self.taken[call.operation] += 1
        return None


def main() -> None:
    """Runs the creates and prints the calls."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creates", type=int, default=200)
    parser.add_argument("--kind", default="ConfiguredAudienceModel", choices=[str(case) for case in CASES])
    arguments = parser.parse_args()
    isolate()
    count: int = arguments.creates
    case = next(case for case in CASES if str(case) == arguments.kind)
    replies = ReplyServer()
    world = World(replies, Connected(), behaviors=WELL_BEHAVED)
    # Neither the operations' own limits nor the quota of running jobs.
    world.emulator.options = replace(world.emulator.options, throttle=False)
    world.emulator.set_quota(PENDING_AUDIENCE_GENERATION_JOBS, count)
    bucket = OneASecond(world)
    world.wire.stand_ins.append(bucket)
    stack = world.stack()
    resources = [case.resources(f"Own{number}") for number in range(count)]
    begun = world.simulation.now
    with contextlib.redirect_stdout(io.StringIO()):
        status = stack.create(template(*resources), disable_rollback=True)
    seconds = world.simulation.now - begun
    succeeded = [it for it in stack.exchanges if it.answer is not None and it.answer.is_success]
    others = Counter(call.operation for call in world.wire.calls if call.service == "stepfunctions")
    print(f"{status}: {len(succeeded)} of {len(stack.exchanges)} requests succeeded in {seconds:.0f} s")
    calls = sum(bucket.taken.values())
    print(f"calls of the service: {calls}, {calls / count:.2f} per create, limit {calls} s: {dict(bucket.taken)}")
    print(f"throttled: {bucket.refused}; Step Functions: {dict(others)}")
    world.close()
    replies.close()


if __name__ == "__main__":
    main()
