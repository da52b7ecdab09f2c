"""The default wait of each run, as docs/waiting-and-failures.md has it."""

from __future__ import annotations

import pytest

from cdk_cleanrooms_ml._waiting import link_count
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.rules.durations import DEFAULT_WAIT_SECONDS
from tests.synth.of_each_kind import created
from tests.synth.stacks import new_stack, resources_of, template_of

RUNS = sorted(spec.kind for spec in SPECS if spec.long_running)


def test_every_run_has_one() -> None:
    assert sorted(DEFAULT_WAIT_SECONDS) == RUNS


@pytest.mark.parametrize("kind", RUNS)
def test_a_run_waits_in_as_many_resources_as_the_page_says(kind: str) -> None:
    stack = new_stack()
    created(kind, stack)
    waiting = [
        each
        for each in resources_of(template_of(stack), "Custom::CleanRoomsML-Wait").values()
        if each["Properties"]["Kind"] == kind
    ]
    assert len(waiting) == link_count(DEFAULT_WAIT_SECONDS[kind]) + 1
