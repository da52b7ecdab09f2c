"""Every way to lose a request, each with a stack of its own; all of them play at the same time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .stage import Ended, Stage

__all__ = ["SCENARIOS", "Ended", "Stage"]

# One attempt and four retries of the state machine's, twice over: the request, and then its rescue.
_A_TASK = 5
# Lambda's own: one attempt and one retry of the front, one and two of the worker.
_FRONT_EVENT, _WORKER_EVENT = 2, 3
# Of a worker that has to get somewhere: it is waited for in real time.
_ENOUGH_SECONDS = 30
# Of an execution; a fiftieth of it really passes.
_TIME_OUT_SECONDS = 1000


def front_crashes(stage: Stage) -> Ended:
    """The front dies both times; Lambda sends the event to the worker, which starts the execution instead."""
    stage.order(("front", "crash", _FRONT_EVENT))
    stage.create()
    stage.delete()
    return stage.ended()


def front_times_out(stage: Stage) -> Ended:
    """The front hangs both times until Lambda ends it."""
    stage.order(("front before StartExecution", "hang", _FRONT_EVENT))
    stage.create(stage.template(front_seconds=6))
    stage.delete()
    return stage.ended()


def nothing_can_be_started(stage: Stage) -> Ended:
    """Neither front nor worker reach Step Functions."""
    front, worker = (f"{role} before StartExecution" for role in ("front", "worker"))
    stage.order((front, "raise", _FRONT_EVENT), (worker, "raise", _WORKER_EVENT))
    stage.create()
    return stage.ended()


def worker_crashes(stage: Stage) -> Ended:
    """The worker dies after the service created the channel, and again at each retry."""
    stage.order(("worker after CreateMLInputChannel", "crash", 1), ("worker", "crash", _A_TASK - 1))
    stage.create()
    return stage.ended()


def worker_times_out(stage: Stage) -> Ended:
    """The worker hangs after the service created the channel, and again at each retry."""
    stage.order(("worker after CreateMLInputChannel", "hang", 1), ("worker", "hang", _A_TASK - 1))
    # Time enough to get as far as that on a slow machine; the retries get nowhere, and need none.
    stage.stack.begin(stage.template(worker_seconds=_ENOUGH_SECONDS))
    stage.held()
    stage.give_worker(3)
    stage.held(_A_TASK)
    stage.give_worker(_ENOUGH_SECONDS)
    stage.statuses.append(stage.stack.settled())
    return stage.ended()


def worker_is_gone(stage: Stage) -> Ended:
    """The worker dies for every caller: the state machine for the request and for its rescue, and the event rule."""
    stage.order(("worker after CreateMLInputChannel", "crash", 1), ("worker", "crash", 2 * _A_TASK - 1 + _WORKER_EVENT))
    stage.create()
    return stage.ended()


def state_machine_fails(stage: Stage) -> Ended:
    """The state machine fails before it comes to the worker, for the request and for its rescue."""

    def break_it(definition: dict[str, Any]) -> None:
        is_create = {"Variable": "$.RequestType", "StringEquals": "Create", "Next": "Broken"}
        definition["States"] |= {
            "Broken?": {"Type": "Choice", "Choices": [is_create], "Default": definition["StartAt"]},
            "Broken": {"Type": "Fail", "Error": "States.Runtime", "Cause": "broken"},
        }
        definition["StartAt"] = "Broken?"

    stage.create(stage.template(change=break_it))
    return stage.ended()


def aborted_in_a_call(stage: Stage) -> Ended:
    """Someone stops the execution while the worker creates the channel: it is created after the request was lost."""
    stage.order(("worker before CreateMLInputChannel", "hold", 1))
    stage.stack.begin(stage.template())
    stage.held()
    stage.abort("Create", stage.resource)
    # Not before the stack has heard of the loss: what goes on in the call would answer too.
    stage.waits_for(stage.stack.reasons)
    stage.release()
    stage.statuses.append(stage.stack.settled())
    return stage.ended()


def aborted_while_waiting(stage: Stage) -> Ended:
    """Someone stops the execution that waits for the channel."""
    stage.order(("worker before GetMLInputChannel", "hold", 1), of=stage.ready)
    stage.stack.begin(stage.template())
    stage.held()
    stage.abort("Create", stage.ready)
    stage.waits_for(stage.stack.reasons)
    stage.release()
    stage.statuses.append(stage.stack.settled())
    return stage.ended()


def timed_out(stage: Stage) -> Ended:
    """Someone gives the state machine a time-out, which ends the execution that waits for the channel."""
    stage.order(("front before StartExecution", "hold", 1), ("worker", "hold", 1), of=stage.ready)
    stage.stack.begin(stage.template())
    stage.held()
    with stage.limited(_TIME_OUT_SECONDS):
        stage.release()
        stage.held(2)
    stage.waits_for(stage.stack.reasons)
    stage.release()
    stage.statuses.append(stage.stack.settled())
    return stage.ended()


def delete_is_lost(stage: Stage) -> Ended:
    """Someone stops the execution that deletes the channel; deleting the stack again finishes it."""
    stage.create()
    stage.order(("worker before DeleteMLInputChannelData", "hold", 1))
    stage.stack.begin_delete()
    stage.held()
    stage.abort("Delete", stage.resource)
    # Not before the stack has heard of the loss: what goes on in the call would answer too.
    stage.waits_for(stage.stack.reasons)
    stage.release()
    stage.statuses.append(stage.stack.settled())
    stage.delete()
    return stage.ended()


def replacement_is_lost(stage: Stage) -> Ended:
    """The worker dies in an update, after the service created the new channel, and at each retry."""
    stage.create()
    stage.order(("worker after CreateMLInputChannel", "crash", 1), ("worker", "crash", _A_TASK - 1))
    template = stage.template()
    template["Resources"][stage.resource]["Properties"]["RunId"] = "2"
    stage.update(template)
    stage.statuses.append(" ".join(stage.ended().left).rpartition(" ")[2])
    stage.delete()
    return stage.ended()


SCENARIOS: dict[str, Callable[[Stage], Ended]] = {
    scenario.__name__.replace("_", "-"): scenario
    for scenario in (
        front_crashes,
        front_times_out,
        nothing_can_be_started,
        worker_crashes,
        worker_times_out,
        worker_is_gone,
        state_machine_fails,
        aborted_in_a_call,
        aborted_while_waiting,
        timed_out,
        delete_is_lost,
        replacement_is_lost,
    )
}
