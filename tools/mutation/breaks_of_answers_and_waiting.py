"""Small faults of the engine, one for each rule of the contract about errors, leaks, answers and waiting."""

from __future__ import annotations

from .mutation import Break

_CREATION = "creation.py"
_DELETION = "deletion.py"
_ENGINE = "engine.py"
_TEXTS = "texts.py"
_UPDATE = "update.py"
_WAITING = "waiting.py"
_WORKER = "worker.py"
_FRONT = "front.py"
_IDENTITY = "identity.py"
_REPLY = "reply.py"
_REQUEST = "request.py"
_REQUEST_ORDER = "request_order.py"
_ERRORS = "errors.py"
_OUTCOMES = "outcomes.py"

# The decision whether a run is still in progress.
_STILL = 'raise Unfinished(f"{step.named(record)} is still {record.status}", since=record.created_at)'
_PENDING = f"if phase is Phase.PENDING:\n        {_STILL}\n    is_past"

ANSWERS_AND_WAITING = (
    Break(
        "E1",
        "a transient fault is final",
        _OUTCOMES,
        "    if error.fault in (Fault.THROTTLED, Fault.UNCERTAIN) or",
        "    if",
    ),
    Break(
        "E2",
        "every error is retried",
        _OUTCOMES,
        "    return error.fault is Fault.CONFLICT and not is_create\n",
        "    return True\n",
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
        "a repeated step does not look first",
        _CREATION,
        "    found = find_records(step, desired)\n    adopted",
        "    found = []\n    adopted",
    ),
    Break(
        "L2",
        "a lost create answers with the not-created id",
        _ENGINE,
        "        keeps_id = step.owner.orphan_id(step.request.signed_at)\n    if request.kind",
        "        keeps_id = step.owner.not_created_id\n    if request.kind",
    ),
    Break(
        "L3",
        "a refused delete counts as done",
        _DELETION,
        "        if error.fault is not Fault.NOT_FOUND:\n            raise\n",
        "        if error.fault is not Fault.NOT_FOUND:\n            return\n",
    ),
    Break("X1", "an answer is sent only once", _REPLY, "_TRIES = 5", "_TRIES = 1"),
    Break("X2", "answers may take twice as many bytes", _REPLY, "LIMIT_BYTES = 4096", "LIMIT_BYTES = 8192"),
    Break(
        "X3",
        "a step continues after its time",
        _WORKER,
        "        if outcome.done or clock() + outcome.wait_seconds > leave_at:",
        "        if outcome.done:",
    ),
    Break(
        "X4",
        "an unexpected exception leaves the step",
        _WORKER,
        "        except Exception as error:  # CloudFormation",
        "        except ZeroDivisionError as error:  # CloudFormation",
    ),
    Break(
        "X5",
        "the logical id of the state machine depends on its path in the tree",
        "_functions.py",
        "    result.override_logical_id(STATE_MACHINE)\n",
        "",
        root="constructs/cdk_cleanrooms_ml",
    ),
    Break(
        "X6",
        "a later request stops nothing",
        _REQUEST_ORDER,
        "        service.stop_execution(arn, error)\n",
        "        pass\n",
    ),
    Break(
        "X7",
        "reasons are not redacted",
        _TEXTS,
        '            text = text.replace(secret, "***")\n',
        "            pass\n",
    ),
    Break(
        "X8",
        "strings are sent without a cast",
        _IDENTITY,
        "self._model.cast(spec.create, given)",
        "dict(given)",
    ),
    Break(
        "X9",
        "an event of another stack is processed",
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
        "a duplicate is recognized by its time",
        _FRONT,
        "    name = execution_name(request)\n",
        "    name = execution_name(request)[:-3] + os.urandom(2).hex()[:3]\n",
    ),
    Break(
        "X12",
        "a rescue deletes everything with the ownership tag",
        _UPDATE,
        "    if not _is_undone(step, delete_all(step, desired, _attempted(step, desired))):\n",
        "    if not _is_undone(step, delete_all(step, Desired(step.spec, step.request.old_properties), Scope())):\n",
    ),
    Break(
        "W1",
        "an unknown status is polled",
        _WAITING,
        _PENDING,
        f"if phase in (Phase.PENDING, None):\n        {_STILL}\n    is_past",
    ),
    Break("W2", "the interval grows twice as fast", _OUTCOMES, "_GROWTH = 0.05", "_GROWTH = 0.1"),
    Break(
        "W3",
        "it polls every second, however long",
        _OUTCOMES,
        "_PATIENT_AFTER_SECONDS = 10.0",
        "_PATIENT_AFTER_SECONDS = 100_000.0",
    ),
    Break(
        "W4",
        "a link fails at its deadline",
        _OUTCOMES,
        'if request.is_wait and (request.kind == "Delete" or request.is_set("Link")):',
        'if request.is_wait and request.kind == "Delete":',
    ),
    Break(
        "W5",
        "a run that somebody canceled counts as deleted",
        "no_result.py",
        '["it was canceled"] if spec.cancel else []',
        "[]",
    ),
    Break(
        "C6",
        "what failed to be deleted counts as deleted",
        "no_result.py",
        "    if phase in (Phase.FAILED, Phase.DELETE_FAILED):\n",
        "    if phase is Phase.FAILED:\n",
    ),
)
