"""What `plan` and `watch` write, recorded from a stack of the simulator: real commands' output, in virtual time."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import Any

from cleanrooms_ml_cli.account.stacks import DeployedStack, StackResource
from cleanrooms_ml_cli.account.values import DeployedValues
from cleanrooms_ml_cli.plan.assembly import Synthesized
from cleanrooms_ml_cli.plan.facts import Facts
from cleanrooms_ml_cli.plan.planner import plan
from cleanrooms_ml_cli.plan.render import as_markdown, as_text
from cleanrooms_ml_cli.sandbox.emulator import Durations
from cleanrooms_ml_cli.stack.follow import Log
from cleanrooms_ml_cli.stack.status import status_of
from cleanrooms_ml_simulator import environment
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.templates import channel, generation_job, template
from cleanrooms_ml_simulator.wire import Connected
from cleanrooms_ml_simulator.world import World

_MINUTE = 60
_LOOK_SECONDS = 30
_RUNS_SECONDS = {"MLInputChannel": 14 * _MINUTE, "AudienceGenerationJob": 41 * _MINUTE}


@dataclass(frozen=True)
class Recordings:
    """Texts, as the commands write them.

    Attributes:
        plan: What `plan` says of a changed query and a changed threshold.
        pull_request: The same with `--markdown`.
        watch: What `watch` writes during the first deployment.
        failure: What it writes while a run fails.
    """

    plan: str
    pull_request: str
    watch: str
    failure: str


def record() -> Recordings:
    """Records them all."""
    environment.isolate()
    replies = ReplyServer()
    connected = Connected()
    try:
        # The functions log to standard output.
        with _utc(), redirect_stdout(io.StringIO()):
            watch, plans = _month(World(replies, connected, Durations(create=_RUNS_SECONDS), behaviors=()))
            failure = _failed(World(replies, connected, Durations(create=_RUNS_SECONDS), behaviors=()))
    finally:
        replies.close()
    return Recordings(plans[0], plans[1], watch, failure)


def _month(world: World) -> tuple[str, tuple[str, str]]:
    """A stack is deployed while somebody watches; then its query and a threshold change."""
    stack = world.stack("Training")
    first = template(channel("TrainingData", run_id="2026-11"), generation_job("Audience", run_id="2026-11"))
    watch = _watched(world, stack, lambda: stack.create(first))
    next_month = template(
        channel("TrainingData", query="SELECT age_band, clicks FROM sales", run_id="2026-12"),
        generation_job("Audience", run_id="2026-11", tags={"purpose": "prospecting"}),
    )
    values = DeployedValues(_deployed(stack), world.service, world.simulation.now)
    found = plan(Synthesized(stack.name, next_month), values, world.service, Facts(), world.simulation.now)
    texts = as_text([found]), as_markdown([found])
    world.close()
    return watch, texts


def _failed(world: World) -> str:
    """The seed of a job is too small."""
    stack = world.stack("Training")
    job = generation_job("Audience", seed="s3://seeds/too-small.jsonl", run_id="2026-11")
    watch = _watched(world, stack, lambda: stack.create(template(job)))
    world.close()
    return watch


def _watched(world: World, stack: Stack, deploy: Callable[[], object]) -> str:
    """What `watch` writes into a log while a deployment goes on."""
    lines: list[str] = []
    log = Log(lines.append, world.simulation.clock)

    def look() -> None:
        status = status_of(_deployed(stack), world.service, world.simulation.clock)
        if status.rows:
            log.show(status)
        if not (status.rows and status.is_settled):
            world.after(_LOOK_SECONDS, look)

    world.after(1, look)
    deploy()
    world.advance(2 * _LOOK_SECONDS)
    return "\n".join(lines)


def _deployed(stack: Stack) -> DeployedStack:
    """A stack as CloudFormation shows it."""
    resources = {
        one.logical_id: StackResource(one.logical_id, one.type, one.physical_id, one.status)
        for one in stack.resources.values()
    }
    shown: Mapping[str, Any] = stack.template if stack.status else {"Resources": {}}
    return DeployedStack(stack.name, stack.id, stack.status, shown, resources)


@contextmanager
def _utc() -> Iterator[None]:
    """Times of day are those of UTC."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()
