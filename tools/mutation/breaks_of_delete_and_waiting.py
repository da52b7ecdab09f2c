"""Small faults of the engine, one for each rule of the contract about Delete, errors, answers and waiting."""

from __future__ import annotations

from .mutation import Break

_CREATION = "creation.py"
_DELETION = "deletion.py"
_ENGINE = "engine.py"
_STEPS = "steps.py"
_UPDATE = "update.py"
_WAITING = "waiting.py"
_WORKER = "worker.py"
_FRONT = "front.py"
_IDENTITY = "identity.py"
_REPLY = "reply.py"
_REQUEST = "request.py"
_EXECUTIONS = "executions.py"
_ERRORS = "errors.py"

# Where it is decided whether a run is still under way.
_STILL = 'raise Unfinished(f"{step.named(record)} is still {record.status}")'
_PENDING = f"if phase is Phase.PENDING:\n        {_STILL}\n    expired"

DELETE_AND_WAITING = (
    Break(
        "D1",
        "a delete is done when it is asked for",
        _DELETION,
        '    raise Unfinished(f"{step.named(record)} is being deleted")\n',
        "",
    ),
    Break(
        "D2",
        "what is missing cannot be deleted",
        _DELETION,
        'does not show; is it gone?")\n            return\n',
        "does not show; is it gone?\")\n            raise Failure('it is gone')\n",
    ),
    Break(
        "D3",
        "what is left of a run is deleted again",
        _DELETION,
        "    if phase is Phase.GONE or (step.spec.delete is None and not running):",
        "    if step.spec.delete is None and not running:",
    ),
    Break(
        "D4",
        "the name of a dead record is used again",
        _CREATION,
        "    taken = {record.name for record in found}\n",
        "    taken: set[str] = set()\n",
    ),
    Break(
        "D5",
        "an id that is not ours is nothing",
        _DELETION,
        "    if step.request.physical_id == step.owner.nothing_id:\n",
        "    if step.request.physical_id:\n",
    ),
    Break(
        "D6",
        "a conflict is final",
        _DELETION,
        "            raise Unfinished(\n                f\"{step.named(record)} is {record.status or 'in use'}",
        "            raise Failure(\n                f\"{step.named(record)} is {record.status or 'in use'}",
    ),
    Break(
        "D7",
        "a run in progress is left alone",
        _DELETION,
        "    running = phase is Phase.PENDING\n",
        "    running = phase is Phase.PENDING\n    if running:\n        return\n",
    ),
    Break(
        "D8",
        "a failed delete counts as done",
        _DELETION,
        "    if phase is Phase.DELETE_FAILED and record.id in asked:\n        raise Failure(",
        "    if phase is Phase.DELETE_FAILED and record.id in asked:\n        return\n        raise Failure(",
    ),
    Break("D9", "nothing is ever deleted", _ENGINE, "        take_away(step)\n", ""),
    Break(
        "D10",
        "a delete refuses properties that it does not know",
        _DELETION,
        "    identifiers = step.spec.identifiers(step.request.physical_id)\n    if identifiers is not None:",
        "    identifiers = step.spec.identifiers(step.request.physical_id)\n"
        "    from .model import service_model\n"
        "    known = service_model(step.spec.service).input_members(step.spec.create)\n"
        "    if set(Wanted(step.spec, step.request.properties).request) - set(known):\n"
        "        raise Failure('a property is not known')\n"
        "    if identifiers is not None:",
    ),
    Break(
        "D11",
        "the Delete of a wait answers at once",
        _ENGINE,
        "    ends_by_itself = step.spec.cancel is None\n",
        "    ends_by_itself = False\n",
    ),
    Break(
        "D12",
        "only kinds that are present may be ended",
        "_permissions.py",
        "        for operation in (*making, *spec.ending):",
        "        for operation in (*making, *(spec.ending if making else ())):",
        root="constructs/cdk_cleanrooms_ml",
    ),
    Break(
        "D13",
        "a Delete does not wait for what it stopped",
        _STEPS,
        'self.progress["quiet_until"] = self.now + WORKER_TIMEOUT_SECONDS',
        'self.progress["quiet_until"] = 0.0',
    ),
    Break(
        "D14",
        "what was retained is not adopted",
        _CREATION,
        "        is_this_attempt =",
        "        if record.created_at < step.request.signed_at - 5:\n            continue\n        is_this_attempt =",
    ),
    Break(
        "E1",
        "a fault that passes is final",
        _ENGINE,
        "    if error.fault in (Fault.THROTTLED, Fault.UNCERTAIN):\n        return True",
        "    if error.fault in (Fault.THROTTLED, Fault.UNCERTAIN):\n        return False",
    ),
    Break(
        "E2",
        "every error is tried again",
        _ENGINE,
        "        return step.now < denied_at + PROPAGATION_SECONDS\n    return False",
        "        return True\n    return True",
    ),
    Break(
        "E3",
        "the reason lacks the code",
        _ERRORS,
        'super().__init__(f"{code}: {message} ({operation})")',
        'super().__init__(f"{message} ({operation})")',
    ),
    Break(
        "L1",
        "a step that is repeated does not look first",
        _CREATION,
        "    found = step.find(wanted)\n    adopted",
        "    found = []\n    adopted",
    ),
    Break(
        "L2",
        "a lost create answers that nothing was made",
        _ENGINE,
        "        keeps_id = step.owner.unknown_id\n    if request.kind",
        "        keeps_id = step.owner.nothing_id\n    if request.kind",
    ),
    Break(
        "L3",
        "a delete that is refused counts as done",
        _DELETION,
        "        if error.fault is not Fault.NOT_FOUND:\n            raise\n",
        "        if error.fault is not Fault.NOT_FOUND:\n            return\n",
    ),
    Break("X1", "an answer is sent once only", _REPLY, "_TRIES = 5", "_TRIES = 1"),
    Break("X2", "answers may take twice as many bytes", _REPLY, "LIMIT_BYTES = 4096", "LIMIT_BYTES = 8192"),
    Break(
        "X3",
        "a step goes on when its time is over",
        _WORKER,
        "        if outcome.done or clock() + outcome.wait_seconds > leave_at:",
        "        if outcome.done:",
    ),
    Break(
        "X4",
        "an exception that nobody expected leaves the step",
        _WORKER,
        "        except Exception as error:  # CloudFormation",
        "        except ZeroDivisionError as error:  # CloudFormation",
    ),
    Break(
        "X5",
        "the machine's logical id follows its place in the tree",
        "_functions.py",
        "    result.override_logical_id(MACHINE)\n",
        "",
        root="constructs/cdk_cleanrooms_ml",
    ),
    Break(
        "X6",
        "a later request stops nothing",
        _EXECUTIONS,
        "            service.stop_execution(execution.arn, OVERTAKEN)\n",
        "            pass\n",
    ),
    Break(
        "X7",
        "reasons are told as they are",
        _STEPS,
        '            text = text.replace(secret, "***")\n',
        "            pass\n",
    ),
    Break(
        "X8",
        "strings are sent as they come",
        _IDENTITY,
        "self._model.cast(spec.create, given)",
        "dict(given)",
    ),
    Break(
        "X9",
        "an event of another stack is carried out",
        _REQUEST,
        '    if request.stack_id != environment.get("STACK_ID"):\n',
        "    if False:\n",
    ),
    Break(
        "X10",
        "every delivery has a name of its own",
        _FRONT,
        "    name = execution_name(request)\n",
        "    name = execution_name(request)[:-3] + os.urandom(2).hex()[:3]\n",
    ),
    Break(
        "X11",
        "a duplicate is told by when it comes",
        _FRONT,
        "    name = execution_name(request)\n",
        "    name = execution_name(request)[:-3] + os.urandom(2).hex()[:3]\n",
    ),
    Break(
        "X12",
        "a rescue deletes whatever bears the mark",
        _UPDATE,
        "    if removed_all(step, wanted, since=step.request.signed_at, but=step.request.physical_id):\n",
        "    if removed_all(step, Wanted(step.spec, step.request.old_properties)):\n",
    ),
    Break(
        "W1",
        "a status that nobody knows is polled on",
        _WAITING,
        _PENDING,
        f"if phase in (Phase.PENDING, None):\n        {_STILL}\n    expired",
    ),
    Break("W2", "the interval grows twice as fast", _ENGINE, "_GROWTH = 0.05", "_GROWTH = 0.1"),
    Break(
        "W3",
        "it looks every second, however long",
        _ENGINE,
        "_PATIENT_AFTER_SECONDS = 10.0",
        "_PATIENT_AFTER_SECONDS = 100_000.0",
    ),
    Break(
        "W4",
        "a link that runs out of time fails",
        _ENGINE,
        'if request.is_wait and (request.kind == "Delete" or is_set(request, "Link")):',
        'if request.is_wait and request.kind == "Delete":',
    ),
)
