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

# The decision whether a run is still in progress.
_STILL = 'raise Unfinished(f"{step.named(record)} is still {record.status}")'
_PENDING = f"if phase is Phase.PENDING:\n        {_STILL}\n    expired"

DELETE_AND_WAITING = (
    Break(
        "D1",
        "a delete is done when it is requested",
        _DELETION,
        '    raise Unfinished(f"{step.named(record)} is being deleted")\n',
        "",
    ),
    Break(
        "D2",
        "a missing resource cannot be deleted",
        _DELETION,
        'does not show; is it gone?")\n        return\n',
        "does not show; is it gone?\")\n        raise Failure('it is gone')\n",
    ),
    Break(
        "D3",
        "an expired run is deleted again",
        _DELETION,
        "    if phase is Phase.GONE or (step.spec.delete is None and not running):",
        "    if step.spec.delete is None and not running:",
    ),
    Break(
        "D4",
        "the name of a dead record is reused",
        _CREATION,
        "    taken = {record.name for record in found}\n",
        "    taken: set[str] = set()\n",
    ),
    Break(
        "D5",
        "an unknown id means that nothing was created",
        _DELETION,
        "    if step.request.physical_id == step.owner.not_created_id:\n",
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
        '        raise Failure(f"{step.named(record)} is {record.status}: {details(record)}; delete again")\n',
        "        return\n",
    ),
    Break("D9", "nothing is ever deleted", _ENGINE, "        remove(step)\n", ""),
    Break(
        "D10",
        "a delete refuses properties that it does not know",
        _DELETION,
        "    identifiers = step.spec.identifiers(step.request.physical_id)\n    if identifiers is not None:",
        "    identifiers = step.spec.identifiers(step.request.physical_id)\n"
        "    from .model import service_model\n"
        "    known = service_model(step.spec.service).input_members(step.spec.create)\n"
        "    if set(Desired(step.spec, step.request.properties).request) - set(known):\n"
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
        "only kinds that are present may be deleted",
        "_permissions.py",
        "        for operation in (*making, *spec.cleanup_operations):",
        "        for operation in (*making, *(spec.cleanup_operations if making else ())):",
        root="constructs/cdk_cleanrooms_ml",
    ),
    Break(
        "D13",
        "a Delete does not wait for the executions that it stopped",
        _STEPS,
        "self.progress[_QUIET_UNTIL] = self.now + WORKER_TIMEOUT_SECONDS",
        "self.progress[_QUIET_UNTIL] = 0.0",
    ),
    Break(
        "D14",
        "a retained resource is not adopted",
        _CREATION,
        "        if phase not in usable or",
        "        if True or",
    ),
    Break(
        "D15",
        "a deploy adopts what is still being deleted",
        _CREATION,
        "        if not _is_being_deleted(step, desired, record):\n",
        "        if True:\n",
    ),
    Break(
        "D16",
        "a marked record ends the look",
        _DELETION,
        "_scope(step, desired)).count or not step.settled():",
        "_scope(step, desired)).count or not (step.progress.get('asked') is not None or step.settled()):",
    ),
    Break(
        "D17",
        "a rollback deletes what it adopted",
        _DELETION,
        '    if "seen" not in step.progress and _was_there_before(step, record):\n',
        "    if False:\n",
    ),
    Break(
        "D8",
        "a rollback to a record counts as its adoption",
        _DELETION,
        "    is_adopted = forward.physical_id != record.id\n",
        "    is_adopted = True\n",
    ),
    Break(
        "D18",
        "an old DELETE_FAILED is final",
        _DELETION,
        "        if step.now < asked_at.get(record.id, 0.0) + SETTLING_SECONDS:\n",
        "        if False:\n",
    ),
    Break(
        "S1",
        "an identical configuration is adopted",
        "singleton.py",
        "(updates_in_place(step, identifiers) or _is_own(step, identifiers, record))\n",
        "(updates_in_place(step, identifiers) or _equals(record, desired))\n",
    ),
    Break(
        "V1",
        "the latest version passes for the first one",
        _STEPS,
        "        if self.spec.versions and record.id != self.spec.physical_id(identifiers):\n",
        "        if False:\n",
    ),
    Break(
        "E1",
        "a transient fault is final",
        _ENGINE,
        "    if error.fault in (Fault.THROTTLED, Fault.UNCERTAIN) or",
        "    if",
    ),
    Break(
        "E2",
        "every error is retried",
        _ENGINE,
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
        "    found = step.find(desired)\n    adopted",
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
        _EXECUTIONS,
        "            self._service.stop_execution(execution.arn, error)\n",
        "            pass\n",
    ),
    Break(
        "X7",
        "reasons are not redacted",
        _STEPS,
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
        f"if phase in (Phase.PENDING, None):\n        {_STILL}\n    expired",
    ),
    Break("W2", "the interval grows twice as fast", _ENGINE, "_GROWTH = 0.05", "_GROWTH = 0.1"),
    Break(
        "W3",
        "it polls every second, however long",
        _ENGINE,
        "_PATIENT_AFTER_SECONDS = 10.0",
        "_PATIENT_AFTER_SECONDS = 100_000.0",
    ),
    Break(
        "W4",
        "a link fails at its deadline",
        _ENGINE,
        'if request.is_wait and (request.kind == "Delete" or request.is_set("Link")):',
        'if request.is_wait and request.kind == "Delete":',
    ),
)
