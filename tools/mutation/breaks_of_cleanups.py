"""Small faults of the engine, one for each rule of the contract about the cleanup of Creates without an answer."""

from __future__ import annotations

from .mutation import Break

_DELETION = "deletion.py"
_HISTORY = "history.py"
_SINGLETON = "singleton.py"

CLEANUPS = (
    Break(
        "D17",
        "the cleanup of a create takes what was retained before",
        _HISTORY,
        "    return first.signed_at\n",
        "    return 0.0\n",
    ),
    Break(
        "D5",
        "a create after one that was retained has an id of its own",
        _HISTORY,
        "any(it.answered_success is None for it in creates[1:2])\n",
        "bool(creates[1:2])\n",
    ),
    Break(
        "D17",
        "the cleanup of a create deletes a retained configuration",
        _SINGLETON,
        "        if cleans.claim is not None or retained(step, desired, cleans.since) is not None:\n",
        "        if cleans.claim is not None:\n",
    ),
    Break(
        "D5",
        "a create after a lost one has an id of its own",
        _HISTORY,
        "is_for_older and not is_canceled else",
        "is_for_older else",
    ),
    Break(
        "D17",
        "two cleanups at the same time find no create",
        _HISTORY,
        '        if it.kind == "Delete" and creates:\n',
        '        if it.kind == "Delete" and (creates or it.physical_id != request.physical_id):\n',
    ),
    Break(
        "D17",
        "a create that was answered days ago is cleaned up",
        _HISTORY,
        "creates[0].answered_success and creates[0].signed_at < request",
        "False and creates[0].signed_at < request",
    ),
    Break(
        "D17",
        "a create that was updated since is cleaned up",
        _HISTORY,
        '        if origin is None and it.kind == "Update" and not creates and it.is_of_own_kind:\n',
        "        if False:\n",
    ),
    Break(
        "D17",
        "the cleanup looks back two days",
        _DELETION,
        "    since = request.signed_at - HISTORY_SECONDS if origin is None else origin\n",
        "    since = request.signed_at - DEPLOYMENT_SECONDS if origin is None else origin\n",
    ),
    Break(
        "D5",
        "what was canceled and answered too late was retained",
        _SINGLETON,
        "            is_undone = True\n",
        "            is_undone = False\n",
    ),
    Break(
        "D17",
        "the cleanup of a create leaves what it granted",
        "resource_policy.py",
        "            if _write(step, identifiers, _own_statements(step, Desired(step.spec, kept.properties))):\n",
        "            if False:\n",
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
        '                if self._request.kind == "Create" and self._event(execution)["RequestType"] == "Delete":\n',
        "                if False:\n",
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
)
