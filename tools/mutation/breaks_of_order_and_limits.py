"""Small faults of the engine, one for each rule of the contract about order, throttling and what goes on for weeks."""

from __future__ import annotations

from .mutation import Break

ORDER_AND_LIMITS = (
    Break(
        "C18",
        "the list starts again from its first page",
        "engine.py",
        "    if not is_throttled:\n        # Only",
        "    if True:\n        # Only",
    ),
    Break(
        "C18",
        "what was listed before a lost step is still believed",
        "worker.py",
        "{key: value for key, value in progress.items() if key != LISTINGS}",
        "progress",
    ),
    Break(
        "U18",
        "an update does not ask for later requests",
        "steps.py",
        "        if changes and purpose_of(self.execution) is Purpose.REQUEST:\n",
        "        if not changes and purpose_of(self.execution) is Purpose.LOST:\n",
    ),
    Break(
        "O1",
        "requests of one second are ordered by their arrival",
        "executions.py",
        "        if is_later != is_earlier:\n",
        "        if is_later is None:\n",
    ),
    Break(
        "O1",
        "an update and its rollback of one second are ordered by their arrival",
        "executions.py",
        "        if is_later and is_earlier:\n",
        "        if False:\n",
    ),
    Break(
        "O1",
        "a Delete follows whatever is of its second",
        "executions.py",
        "        if self._is_unrelated_delete(event, own) or self._is_unrelated_delete(own, event):\n",
        "        if False:\n",
    ),
    Break(
        "O2",
        "a list without the request is complete",
        "steps.py",
        "        if not requests.is_complete and",
        "        if requests is None and",
    ),
    Break(
        "X13",
        "half of a character in an answer stays as it is",
        "client.py",
        "            answer = without_surrogates(answer)\n",
        "",
    ),
    Break(
        "X14",
        "a throttled function is waited for longer than CloudFormation waits",
        "state_machine.py",
        "_THROTTLED_MINUTES = 25\n",
        "_THROTTLED_MINUTES = 55\n",
    ),
    Break(
        "X15",
        "the front starts whatever it gets",
        "front.py",
        "    if size > EVENT_BYTES:\n",
        "    if size > 4 * EVENT_BYTES:\n",
    ),
    Break(
        "W5",
        "a run that does not show has ended",
        "waiting.py",
        "        if step.now < missing_since + _MISSING_SECONDS:\n",
        "        if step.now < missing_since:\n",
    ),
    Break(
        "W5",
        "a watch that is denied ends",
        "outcomes.py",
        " or not purpose_of(step.execution).is_awaited:\n        # What nobody",
        ":\n        # What nobody",
    ),
    Break(
        "W5",
        "a run that an update brings back is not watched again",
        "engine.py",
        "(_is_new(step, record) or _comes_back(step, record)):",
        "_is_new(step, record):",
    ),
    Break(
        "W6",
        "a lost background delete stays lost",
        "rescue.py",
        "    if times_started(execution) < _MOST_TIMES:\n",
        "    if times_started(execution) > _MOST_TIMES:\n",
    ),
)
