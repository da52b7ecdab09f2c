"""Waiting and quality gates: rules W1 to W3 of the lifecycle contract."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from cleanrooms_ml_cli.sandbox.emulator import RunOrder
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_simulator.lifecycle.cases import EXPIRING, THING, Case
from cleanrooms_ml_simulator.step_functions.states import HISTORY_LIMIT
from cleanrooms_ml_simulator.templates import channel, generation_job, ready, template, watched
from cleanrooms_ml_simulator.world import World


def test_w1_every_status_of_the_service_model_is_classified(case: Case) -> None:
    model = service_model(case.spec.service)
    output = model.operations[case.get].output
    assert output is not None
    members = model.members(output)
    if case.spec.get is None:
        # Statuses that only a list shows.
        members = model.members(model.shapes[members[case.spec.list_field]]["member"]["shape"])
    known = set(model.enum(members["status"])) if "status" in members else set()
    assert known == set(case.spec.statuses)
    assert bool(case.spec.statuses) >= case.spec.long_running


def test_w1_a_status_that_this_version_does_not_know_fails_at_once_and_is_named(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=1000))
    stack = world.stack()
    world.after(30, lambda: world.set_status(world.created()[0], "PAUSED"))
    world.after(100, lambda: world.set_status(world.created()[0], "ACTIVE"))
    assert stack.create(run.template()) == "ROLLBACK_COMPLETE"
    assert "has status PAUSED, which this version does not know" in stack.why(ready(THING))
    assert stack.sent("Create", ready(THING))[0].seconds < 40


def test_w2_the_polling_interval_is_never_more_than_five_percent_of_the_wait(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=3000))
    stack = world.stack()
    assert stack.create(run.template()) == "CREATE_COMPLETE"
    [waited] = stack.sent("Create", ready(THING))
    looks = [entry.time for entry in world.emulator.journal.select(run.get) if entry.time >= waited.sent]
    assert 80 < len(looks) <= 140
    [begun] = [entry.time for entry in world.emulator.journal.select(run.spec.create)]
    for look, following in pairwise(looks):
        # What ends right after a look is seen by the next one.
        longest = max(1.0, min(60.0, 0.05 * (following - begun)))
        assert following - look <= longest + 1e-3
        # The first ten seconds are for what ends at once.
        assert following - look > 0.95 * longest or following - begun < 25
    assert waited.answer is not None
    assert waited.answer.at == looks[-1]


def test_w3_twelve_hours_stay_well_below_the_events_of_an_execution(world: World) -> None:
    """Only a watch waits that long: what answers CloudFormation ends within its hour."""
    world.emulator.order_run(RunOrder("MLInputChannel", seconds=13 * 3600))
    stack = world.stack()
    assert stack.create(template(watched(channel(THING), THING))) == "CREATE_COMPLETE"
    world.settle()
    longest = max(world.states.executions(), key=lambda execution: execution.events)
    assert longest.status == "SUCCEEDED"
    assert (longest.stopped or 0) - longest.started >= 12 * 3600
    assert 1000 < longest.events < HISTORY_LIMIT


def test_no_request_waits_longer_than_cloudformation_does(world: World) -> None:
    world.emulator.order_run(RunOrder("MLInputChannel", seconds=13 * 3600))
    stack = world.stack()
    resources = template(channel(THING))
    resources["Resources"][ready(THING)]["Properties"]["Settings"] = {"TimeoutSeconds": 12 * 3600}
    assert stack.create(resources, disable_rollback=True) == "CREATE_FAILED"
    [exchange] = stack.sent("Create", ready(THING))
    assert exchange.seconds < 3600
    assert "after 55 minutes; raise wait=" in stack.why(ready(THING))


@pytest.mark.parametrize(("records", "passes"), [(1000, True), (999, False)])
def test_a_channel_with_too_few_records_fails_and_rolls_back(world: World, records: int, passes: bool) -> None:
    world.emulator.order_run(RunOrder("MLInputChannel", figures={"numberOfRecords": records}))
    stack = world.stack()
    status = stack.create(template(channel(THING, gates={"minimumRecords": 1000})))
    if passes:
        assert status == "CREATE_COMPLETE"
        return
    assert status == "ROLLBACK_COMPLETE"
    assert "numberOfRecords is 999, below minimum_records=1000" in stack.why(ready(THING))
    assert not world.leftovers()


@pytest.mark.parametrize(("recall", "passes"), [(0.75, True), (0.25, False)])
def test_a_job_below_the_threshold_fails_with_both_figures(world: World, recall: float, passes: bool) -> None:
    figures = {"metrics": {"relevanceMetrics": [], "recallMetric": recall}}
    world.emulator.order_run(RunOrder("AudienceGenerationJob", figures=figures))
    stack = world.stack()
    status = stack.create(template(generation_job(THING, gates={"minimumRecall": 0.5})))
    if passes:
        assert status == "CREATE_COMPLETE"
        assert stack.attribute(ready(THING), "Recall") == recall
        return
    assert status == "ROLLBACK_COMPLETE"
    assert "recallMetric is 0.25, below minimum_recall=0.5" in stack.why(ready(THING))
    assert not world.leftovers()


def test_every_size_of_an_audience_must_reach_the_relevance(world: World) -> None:
    sizes = [
        {"audienceSize": {"type": "PERCENTAGE", "value": value}, "score": score}
        for value, score in ((1, 0.9), (5, 0.6), (10, 0.3))
    ]
    figures = {"metrics": {"relevanceMetrics": sizes, "recallMetric": 0.9}}
    world.emulator.order_run(RunOrder("AudienceGenerationJob", figures=figures))
    stack = world.stack()
    assert stack.create(template(generation_job(THING, gates={"minimumRelevance": 0.5}))) == "ROLLBACK_COMPLETE"
    assert "relevanceMetrics is 0.3, below minimum_relevance=0.5" in stack.why(ready(THING))


def test_a_stricter_gate_on_an_update_rolls_back_and_keeps_the_run(world: World, gated: Case) -> None:
    stack = world.stack()
    stack.create(gated.template())
    arn = stack.physical_id(THING)
    [gate, *_] = gated.spec.gates
    assert stack.update(gated.template(gates={gate: 10**12})) == "UPDATE_ROLLBACK_COMPLETE"
    assert "change the data or the gate" in stack.why(ready(THING))
    assert world.created() == [arn]
    assert [record["arn"] for record in world.leftovers()] == [arn]


def test_a_run_that_was_deleted_while_ready_waited_fails(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=1000))
    stack = world.stack()
    world.after(100, lambda: world.emulator.forget(world.created()[0]))
    assert stack.create(run.template()) == "ROLLBACK_COMPLETE"
    assert "is gone: it was deleted outside CloudFormation" in stack.why(ready(THING))


def test_a_channel_that_is_made_inactive_while_ready_waits_fails(world: World) -> None:
    world.emulator.order_run(RunOrder("MLInputChannel", seconds=1000))
    stack = world.stack()
    world.after(100, lambda: world.set_status(world.created()[0], "INACTIVE"))
    assert stack.create(template(channel(THING))) == "ROLLBACK_COMPLETE"
    assert "is INACTIVE: its data was deleted, or its retention has ended" in stack.why(ready(THING))


@pytest.mark.parametrize("case", EXPIRING, ids=str)
def test_w5_ready_and_the_event_give_the_same_reason_for_a_run_that_somebody_ends(world: World, case: Case) -> None:
    waiting = world.stack("waiting")
    for stack, given in ((waiting, case.template()), (world.stack(), template(watched(case.resources(), THING)))):
        world.emulator.order_run(RunOrder(case.spec.kind, seconds=1000))
        world.after(100, lambda: world.expire(world.created(case.spec.kind)[-1]))
        stack.create(given)
        world.settle()
    [entry] = world.wire.bus
    reason = json.loads(entry["Detail"])["reason"]
    assert f"is INACTIVE: {reason}; roll back, or {case.spec.retry_hint}" in waiting.why(ready(THING))
    assert ("it was canceled" in reason) is bool(case.spec.cancel)
    assert ("its data was deleted, or its retention has ended" in reason) is bool(case.spec.delete)


@pytest.mark.parametrize("status", ["CANCEL_PENDING", "DELETE_IN_PROGRESS", "DELETE_FAILED"])
@pytest.mark.parametrize("case", EXPIRING, ids=str)
def test_c6_ready_says_why_a_run_has_no_result_that_somebody_ends(world: World, case: Case, status: str) -> None:
    if status not in case.spec.statuses:
        return
    world.emulator.order_run(RunOrder(case.spec.kind, seconds=1000))
    stack = world.stack()
    world.after(100, lambda: world.set_status(world.created()[0], status))
    stack.create(case.template(), disable_rollback=True)
    words = {"CANCEL_PENDING": "it was canceled", "DELETE_IN_PROGRESS": "its data was deleted"}
    _, _, reason = stack.why(ready(THING)).partition(f"is {status}: ")
    assert words.get(status, "the service gives no details") in reason


def test_long_after_the_end_of_a_run_a_changed_gate_checks_what_the_record_still_has(world: World) -> None:
    stack = world.stack()
    stack.create(template(channel(THING)))
    world.emulator.expire(stack.physical_id(THING))
    world.advance(5000)
    records = int(stack.attribute(ready(THING), "NumberOfRecords"))
    assert stack.update(template(channel(THING, gates={"minimumRecords": records}))) == "UPDATE_COMPLETE"
    assert stack.attribute(ready(THING), "Status") == "INACTIVE"
    too_strict = template(channel(THING, gates={"minimumRecords": records + 1}))
    assert stack.update(too_strict) == "UPDATE_ROLLBACK_COMPLETE"


@pytest.mark.parametrize(("minimum", "passes"), [(4, True), (5, False)])
def test_every_budget_that_a_channel_draws_on_must_have_enough_left(world: World, minimum: int, passes: bool) -> None:
    budgets = [
        {
            "resourceArn": f"arn:{name}",
            "aggregateRemainingBudget": sum(left for left, _ in periods),
            "details": [
                {"startTime": 0, "remainingBudget": left, "budget": total, "budgetType": kind}
                for kind, (left, total) in zip(("CALENDAR_DAY", "LIFETIME"), periods, strict=False)
            ],
        }
        for name, periods in (("sales", [(9, 10)]), ("crm", [(1, 5), (3, 30)]))
    ]
    world.emulator.order_run(RunOrder("MLInputChannel", figures={"privacyBudgets": {"accessBudgets": budgets}}))
    stack = world.stack()
    status = stack.create(template(channel(THING, gates={"minimumRemainingBudget": minimum})))
    if passes:
        assert status == "CREATE_COMPLETE"
        assert stack.attribute(ready(THING), "RemainingPrivacyBudget") == 4
        assert stack.attribute(ready(THING), "PrivacyBudget") == 10
        return
    assert status == "ROLLBACK_COMPLETE"
    assert "aggregateRemainingBudget is 4, below minimum_remaining_budget=5" in stack.why(ready(THING))


def test_a_table_without_a_budget_has_none_left(world: World) -> None:
    world.emulator.options = replace(world.emulator.options, access_budget=0)
    stack = world.stack()
    assert stack.create(template(channel(THING))) == "CREATE_COMPLETE"
    assert stack.attribute(ready(THING), "RemainingPrivacyBudget") == ""


def test_a_job_shows_the_relevance_of_each_size_and_who_started_it(world: World) -> None:
    stack = world.stack()
    resources = generation_job(THING)
    resources[ready(THING)]["Properties"]["Settings"] = {"Figures": ["RelevancePERCENTAGE5", "RelevanceABSOLUTE7"]}
    assert stack.create(template(resources)) == "CREATE_COMPLETE"
    job = world.emulator.state.world.records[stack.physical_id(THING)]
    (score,) = [
        each["score"] for each in job.results["metrics"]["relevanceMetrics"] if each["audienceSize"]["value"] == 5
    ]
    assert stack.attribute(ready(THING), "RelevancePERCENTAGE5") == score
    # A size without a result is no reason to fail after hours.
    assert stack.attribute(ready(THING), "RelevanceABSOLUTE7") == ""
    assert stack.attribute(ready(THING), "StartedBy") == job.data["startedBy"]
