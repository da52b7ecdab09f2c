"""An execution that is lost between its answer and its end: CloudFormation knows the answer already."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_simulator.lifecycle.cases import CASES, THING, Case
from cleanrooms_ml_simulator.world import World


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_stack_holds_is_there_though_the_execution_was_stopped_after_its_answer(
    world: World, case: Case
) -> None:
    stack = world.stack()
    worker = world.providers[stack.id].worker
    assert stack.create(case.template(**case.run(1))) == "CREATE_COMPLETE"
    answering = worker.run

    def stopped(event: Any) -> Any:
        result = answering(event)
        request = event.get("input", {})
        if (request.get("RequestType"), request.get("LogicalResourceId")) == ("Update", THING) and result["done"]:
            worker.run = answering
            (execution,) = [it for it in world.states.executions() if it.arn == event["execution"]]
            execution.state_machine.end(execution, "ABORTED", "Stopped")
        return result

    worker.run = stopped
    stack.update(case.template(**case.run(2)))
    world.settle()
    world.advance(600)
    assert world.record(stack.physical_id(THING))["status"] in ("ACTIVE", "")
    held = case.held(stack.physical_id(THING))
    assert [record["arn"] for record in world.leftovers() if record["arn"] in held] == held
