"""Deployments that cannot succeed: the stack rolls back by itself, with the service's words, and leaves nothing."""

from __future__ import annotations

import pytest

from .conftest import BAD_INPUT, Attempts

WORDS = {
    "NameClash": ("taken", "not this stack's"),
    "FailedQuery": ("CREATE_FAILED", "TABLE_NOT_FOUND", "table no_such_table does not exist"),
    "UntrustedRole": ("AccessDeniedException", "cannot be assumed by cleanrooms-ml.amazonaws.com"),
}


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_rolls_back_with_the_reason(name: str, attempts: Attempts) -> None:
    app = attempts.apps[name]
    result = attempts.ends[name].result(timeout=300)
    assert not result.ok
    assert app.deployed.status() == "ROLLBACK_COMPLETE"
    reasons = app.deployed.reasons()
    for word in WORDS[name]:
        assert any(word in reason for reason in reasons), reasons
        assert word in " ".join(result.output.split())


def test_bad_input_leaves_nothing_but_the_channel_that_had_the_name(attempts: Attempts) -> None:
    for end in attempts.ends.values():
        end.result(timeout=300)
    made = [record for record in attempts.sandbox.emulator.records() if not record["seeded"]]
    (theirs,) = [record for record in made if record["name"] == "taken"]
    assert theirs["status"] == "ACTIVE"
    assert theirs["tags"] == {}
    assert {record["status"] for record in made if record is not theirs} <= {"INACTIVE"}
