"""Small faults of the engine, one for each rule of the contract about the cleanup of Creates without an answer."""

from __future__ import annotations

from .mutation import Break

_DELETION = "deletion.py"
_HISTORY = "history.py"
_SINGLETON = "singleton.py"
_OWNERSHIP = "singleton_ownership.py"

CLEANUPS = (
    Break(
        "D5",
        "a create that another execution answered for has no answer",
        "past_request.py",
        "        if is_success is None and self.cleaner is not None and ",
        "        if False and self.cleaner is not None and ",
    ),
    Break(
        "S1",
        "anyone who writes right after a request is taken for the stack",
        _OWNERSHIP,
        "            wrote = record.updated_at <= past.execution.ended_at or _equals_asked(step, record, past)\n",
        "            wrote = True\n",
    ),
    Break(
        "S1",
        "every request may write for a minute after its end",
        "past_request.py",
        "WORKER_TIMEOUT_SECONDS if self.execution.is_lost else 0\n",
        "WORKER_TIMEOUT_SECONDS\n",
    ),
    Break(
        "S1",
        "a create may write for a minute after its end",
        _SINGLETON,
        "    if undone is None or undone.execution.is_lost:\n",
        "    if True:\n",
    ),
    Break(
        "D17",
        "a rename that is rolled back takes the configuration",
        _SINGLETON,
        "        kept = holder(step, record.id) or kept\n",
        "        pass\n",
    ),
    Break(
        "D17",
        "a configuration that was given back is another stack's",
        _OWNERSHIP,
        "is_own = written_by is not None or _was_given_back(step, record)\n",
        "is_own = written_by is not None\n",
    ),
    Break(
        "D17",
        "a configuration is deleted with the construct that was renamed a moment ago",
        _OWNERSHIP,
        "    if written_by is not None and record.updated_at <= written_by.execution.ended_at:\n",
        "    if written_by is not None:\n",
    ),
    Break(
        "A1",
        "what another stack owned a moment ago is not taken over",
        "adoption.py",
        "        if not step.settled():\n            # That stack",
        "        if False:\n            # That stack",
    ),
    Break(
        "D17",
        "the cleanup of a create takes what was retained before",
        _HISTORY,
        "    return Cleanup(since, claim)\n",
        "    return Cleanup(0.0, claim)\n",
    ),
    Break(
        "D5",
        "a create after one that was retained has an id of its own",
        _HISTORY,
        "any(it.answered_success is None for it in older[:1])\n",
        "bool(older[:1])\n",
    ),
    Break(
        "D5",
        "a create after a lost one has an id of its own",
        _HISTORY,
        "if is_for_older and not is_canceled else",
        "if is_for_older else",
    ),
    Break(
        "D17",
        "two cleanups at the same time find no create",
        _HISTORY,
        "        elif origin is None and not creates:\n",
        "        elif origin is None and not creates and it.physical_id in (request.physical_id, own):\n",
    ),
    Break(
        "D17",
        "a create that was answered days ago is cleaned up",
        _HISTORY,
        "last.answered_success and last.signed_at < request",
        "False and last.signed_at < request",
    ),
    Break(
        "D17",
        "a create that was updated since is cleaned up",
        _HISTORY,
        '            if it.kind == "Update" and it.is_of_own_kind:\n',
        "            if False:\n",
    ),
    Break(
        "D17",
        "the cleanup looks back two days",
        _DELETION,
        "    past = step.past(request.signed_at - HISTORY_SECONDS)\n",
        "    past = step.past(request.signed_at - DEPLOYMENT_SECONDS)\n",
    ),
    Break(
        "D5",
        "what an earlier cleanup could not delete stays",
        _HISTORY,
        "            failed = it if names(it.physical_id) is None and not it.answered_success else None\n",
        "",
    ),
    Break(
        "D17",
        "the cleanup of a create goes back to before the stack had what an earlier one left",
        _HISTORY,
        "    if failed is not None and unheld == older:\n",
        "    if failed is not None:\n",
    ),
    Break(
        "D17",
        "the cleanup of a create goes back to before an update",
        _HISTORY,
        "        elif is_claim(it, subject, own):\n            break\n",
        "",
    ),
    Break(
        "D17",
        "the cleanup of a create leaves what it granted",
        "resource_policy.py",
        "        is_written = _write(step, identifiers, _own_statements(step, Desired(step.spec, kept.properties)))\n",
        "        is_written = False\n",
    ),
    Break(
        "U10",
        "what CloudFormation names may be being deleted",
        "creation.py",
        "    if record.id == step.request.physical_id:\n        return False\n",
        "",
    ),
    Break(
        "U18",
        "a create stops no canceled one",
        "steps.py",
        "            self.supersede_earlier()\n",
        "",
    ),
    Break(
        "D15",
        "a create stops an earlier delete",
        "request_order.py",
        '            if self._request.kind == "Create" and self._event(execution)["RequestType"] == "Delete":\n',
        "            if False:\n",
    ),
    Break(
        "U18",
        "a create that adopts stops no canceled one",
        "engine.py",
        "        record = apply(step)\n        step.supersede_earlier()\n",
        "        record = apply(step)\n",
    ),
    Break(
        "C18",
        "a create asks for all executions that run",
        "steps.py",
        'ListedOnce(self.service, asks_for_running=self.request.kind != "Create")\n',
        "ListedOnce(self.service)\n",
    ),
    Break(
        "D17",
        "a configuration that moved is nobody's",
        _OWNERSHIP,
        '        if it.is_of_own_kind and it.kind == "Delete" and names_another:\n',
        "        if False:\n",
    ),
    Break(
        "D17",
        "only what is asked for now says what may have been written over",
        _OWNERSHIP,
        "    asked = (step.request.properties, step.request.old_properties)\n",
        "    asked = (step.request.properties,)\n",
    ),
    Break(
        "U13",
        "the calls of an execution end with it",
        "steps.py",
        "        lost = [it.execution.ended_at for it in past if it.is_request and it.execution.is_lost]\n",
        "        lost = [it.execution.ended_at for it in past if False]\n",
    ),
)
