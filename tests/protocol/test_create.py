"""Create: rules C1 to C14 of the lifecycle contract."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_handlers.spec import Phase
from cleanrooms_ml_handlers.tags import OWNERSHIP_TAG_KEY
from cleanrooms_ml_simulator.cloudformation.exchange import LIMIT_BYTES
from cleanrooms_ml_simulator.lifecycle.cases import CHANNEL, LONG_RUNNING, TAG, THING, Case, failing
from cleanrooms_ml_simulator.templates import channel, get, ready, template, tuned_channel
from cleanrooms_ml_simulator.wire import Connected
from cleanrooms_ml_simulator.world import World


def test_a_stack_with_the_kind_is_created_and_has_its_results(world: World, case: Case) -> None:
    stack = world.stack()
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    assert [stack.physical_id(THING)] == world.created(case.spec.kind)
    assert stack.outputs["Arn"] == (stack.physical_id(THING) if case.spec.arn_field else "")
    assert world.record(stack.physical_id(THING))["name"] == stack.outputs["Name"]
    if case.spec.long_running:
        assert stack.outputs["Status"] == "ACTIVE"


def test_c1_no_invocation_takes_longer_than_a_minute_however_long_the_run(world: World, case: Case) -> None:
    if case.spec.long_running:
        world.emulator.order_run(RunOrder(case.spec.kind, seconds=3000))
    # As slow as a service can be without a time-out of the client.
    world.wire.before.append(lambda call: world.simulation.sleep(9) if call.service == case.spec.service else None)
    assert world.stack().create(case.template()) == "CREATE_COMPLETE"
    assert len(world.functions.invocations) > (50 if case.spec.long_running else 1)
    assert all((it.ended or 0) - it.started <= 60 for it in world.functions.invocations)


def test_c2_the_real_id_is_answered_as_soon_as_the_service_has_accepted(world: World, case: Case) -> None:
    if case.spec.long_running:
        world.emulator.order_run(RunOrder(case.spec.kind, seconds=100))
    stack = world.stack()
    assert stack.create(case.template(failing(THING))) == "ROLLBACK_COMPLETE"
    [created], [deleted] = stack.sent("Create", THING), stack.sent("Delete", THING)
    assert created.answer is not None
    assert created.answer.physical_id == deleted.physical_id == world.created()[0]
    assert created.seconds < 10


def test_c3_ready_answers_only_when_the_run_is_active(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=600))
    stack = world.stack()
    assert stack.create(run.template()) == "CREATE_COMPLETE"
    [waited] = stack.sent("Create", ready(THING))
    assert waited.answer is not None
    assert waited.answer.at >= stack.exchanges[0].sent + 600
    assert waited.answer.data["Status"] == "ACTIVE"


def test_c4_every_pending_status_is_polled(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=50_000))
    pending = [status for status, phase in run.spec.statuses.items() if phase is Phase.PENDING]
    assert pending

    def show(status: str) -> None:
        world.set_status(world.created(run.spec.kind)[0], status)

    for number, status in enumerate([*pending, "ACTIVE"]):
        world.after(20 * number + 20, partial(show, status))
    stack = world.stack()
    assert stack.create(run.template()) == "CREATE_COMPLETE"
    assert stack.sent("Create", ready(THING))[0].seconds >= 20 * len(pending)


def test_a_run_of_almost_an_hour_is_waited_for(world: World) -> None:
    world.emulator.order_run(RunOrder(CHANNEL.spec.kind, seconds=3200))
    assert world.stack().create(CHANNEL.template()) == "CREATE_COMPLETE"


def test_c5_the_deadline_of_the_engine_comes_first_and_says_what_to_do(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=5000))
    stack = world.stack()
    assert stack.create(run.template()) == "ROLLBACK_COMPLETE"
    [waited] = stack.sent("Create", ready(THING))
    assert 3300 <= waited.seconds < 3420
    assert "is still CREATE_IN_PROGRESS after 55 minutes; raise wait=Wait.until_active(" in stack.why(ready(THING))
    assert not world.leftovers()


def test_a_shorter_deadline_of_the_user_holds(world: World) -> None:
    world.emulator.order_run(RunOrder(CHANNEL.spec.kind, seconds=650))
    stack = world.stack()
    assert stack.create(CHANNEL.template(timeout_seconds=600)) == "ROLLBACK_COMPLETE"
    assert "after 10 minutes" in stack.why(ready(THING))


def test_c6_a_failed_run_reports_the_services_own_reason(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, status_code="INTERNAL_ERROR", message="query produced zero rows"))
    stack = world.stack()
    assert stack.create(run.template()) == "ROLLBACK_COMPLETE"
    reason = stack.why(ready(THING))
    assert "is CREATE_FAILED: INTERNAL_ERROR query produced zero rows" in reason
    assert f"; roll back, or {run.spec.retry_hint}, to try again" in reason
    assert not world.leftovers()


def test_c7_reading_back_returns_the_request(world: World, case: Case) -> None:
    stack = world.stack()
    assert stack.create(case.template(tags=TAG, **case.members)) == "CREATE_COMPLETE"
    record = world.record(stack.physical_id(THING))
    shown = case.shown(record)
    assert {key: shown[key] for key in case.members} == case.members
    assert case.tags.items() <= record["tags"].items()


def test_every_scalar_regains_its_type_and_spark_properties_stay_strings(world: World) -> None:
    stack = world.stack()
    assert stack.create(template(tuned_channel(number=16, retentionInDays=14))) == "CREATE_COMPLETE"
    [entry] = world.emulator.journal.select("CreateMLInputChannel")
    source = entry.params["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    worker = source["computeConfiguration"]["worker"]
    assert worker["number"] == 16
    assert isinstance(worker["number"], int)
    assert entry.params["retentionInDays"] == 14
    assert len(worker["properties"]["spark"]) == 10
    assert all(isinstance(value, str) for value in worker["properties"]["spark"].values())


def test_c8_every_declared_attribute_is_present_and_none_is_null(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template())
    [created] = stack.sent("Create", THING)
    assert created.answer is not None
    own = () if case.spec.long_running else case.spec.attributes
    assert set(created.answer.data) == {"Arn", "Name", "RequestHash", *own}
    assert None not in created.answer.data.values()
    if case.spec.long_running:
        [waited] = stack.sent("Create", ready(THING))
        assert waited.answer is not None
        keyed = {name for name in waited.answer.data if name.startswith(tuple(case.spec.keyed_attributes))}
        assert bool(keyed) == bool(case.spec.keyed_attributes)
        assert set(waited.answer.data) - keyed == set(case.spec.attributes)
        assert None not in waited.answer.data.values()
    assert all(len(answer.text) <= LIMIT_BYTES for it in stack.exchanges for answer in it.answers)


@pytest.mark.parametrize("interleaved", [False, True], ids=["one by one", "call by call"])
def test_c9_the_same_event_delivered_twice_at_the_same_moment_creates_one(
    world: World, case: Case, interleaved: bool
) -> None:
    world.functions.copies = 2
    world.wire.interleave = interleaved
    stack = world.stack()
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    assert world.calls(case.spec.create) == len(world.created()) == 1
    assert all(len(exchange.answers) == 1 for exchange in stack.exchanges)


@pytest.mark.parametrize("kind", ["lost_reply", "drop_after", "delay"])
def test_c10_a_create_whose_reply_was_lost_is_adopted_not_repeated(world: World, case: Case, kind: str) -> None:
    fault = {
        "lost_reply": Fault(case.spec.create, kind="lost_reply"),
        "drop_after": Fault(case.spec.create, kind="drop_after"),
        "delay": Fault(case.spec.create, kind="delay", delay_seconds=20),
    }[kind]
    world.emulator.add_fault(fault)
    stack = world.stack()
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    assert [stack.physical_id(THING)] == world.created()
    assert world.calls(case.spec.create) == 1


def test_a_create_whose_reply_was_lost_and_that_does_not_show_yet_is_not_repeated(world: World, named: Case) -> None:
    world.emulator.add_fault(Fault(named.spec.create, kind="not_found", not_found_seconds=20))
    world.lose_replies(named.spec.create)
    stack = world.stack()
    assert stack.create(named.template()) == "CREATE_COMPLETE"
    assert [stack.physical_id(THING)] == world.created()


@pytest.mark.parametrize("run", [case for case in LONG_RUNNING if case.spec.names_are_unique], ids=str)
def test_a_name_that_is_refused_but_does_not_show_yet_is_looked_for(world: World, run: Case) -> None:
    # The worker died after the create, and its resource stays hidden longer than the next step waits.
    world.emulator.add_fault(Fault(run.spec.create, kind="not_found", not_found_seconds=50))
    world.crash(run.spec.create, after=True)
    stack = world.stack()
    assert stack.create(run.template()) == "CREATE_COMPLETE"
    assert [stack.physical_id(THING)] == world.created()


def test_a_create_that_failed_without_effect_is_repeated(world: World, case: Case) -> None:
    world.emulator.add_fault(Fault(case.spec.create, kind="drop_before", count=2))
    stack = world.stack()
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    assert len(world.created()) == 1


def test_c11_a_foreign_resource_of_the_same_name_is_neither_adopted_nor_deleted(world: World, named: Case) -> None:
    theirs = named.create_theirs(world, "taken")
    world.advance(30)
    before = world.record(theirs)
    stack = world.stack()
    assert stack.create(named.template(name="taken")) == "ROLLBACK_COMPLETE"
    assert 'taken" exists already and is not this stack' in stack.why(THING)
    assert world.record(theirs) == before
    assert world.calls(named.delete) == 0
    assert not world.leftovers(exclude=[theirs])


@pytest.fixture
def pages_of_two(named: Case, connected: Connected) -> Iterator[None]:
    """The service returns two items per page, whatever page size is requested."""

    def shorten(params: dict[str, Any], **_: object) -> None:
        params["maxResults"] = 2

    events = connected.client(named.spec.service).meta.events
    name = f"provide-client-params.{named.spec.service}.{named.look}"
    events.register(name, shorten)
    yield
    events.unregister(name, shorten)


@pytest.mark.usefixtures("pages_of_two")
def test_c12_an_earlier_attempt_is_found_on_the_last_page(world: World, named: Case) -> None:
    theirs = [named.create_theirs(world, f"theirs-{number}") for number in range(4)]
    world.emulator.add_fault(Fault(named.spec.create, kind="drop_after"))
    stack = world.stack()
    assert stack.create(named.template()) == "CREATE_COMPLETE"
    assert [*theirs, stack.physical_id(THING)] == world.created(named.spec.kind)
    assert world.calls(named.look) >= 5


def test_c13_tags_are_applied_with_the_create_and_the_ownership_tag_with_them(world: World, tagged: Case) -> None:
    stack = world.stack()
    stack.create(tagged.template(tags=TAG))
    [entry] = world.emulator.journal.select(tagged.spec.create)
    assert entry.params["tags"] == {**TAG, OWNERSHIP_TAG_KEY: entry.params["tags"][OWNERSHIP_TAG_KEY]}
    assert stack.id.rsplit("/", 1)[-1] in entry.params["tags"][OWNERSHIP_TAG_KEY]
    assert world.calls("TagResource") == 0


def test_c14_not_found_right_after_create_counts_as_pending(world: World, run: Case) -> None:
    world.emulator.add_fault(Fault(run.spec.create, kind="not_found", not_found_seconds=20))
    stack = world.stack()
    assert stack.create(run.template()) == "CREATE_COMPLETE"
    assert len(world.created()) == 1


def test_c14_what_never_shows_is_not_waited_for_until_the_deadline(world: World, run: Case) -> None:
    world.emulator.add_fault(Fault(run.spec.create, kind="not_found", not_found_seconds=50_000))
    stack = world.stack()
    assert stack.create(run.template()).startswith("ROLLBACK")
    assert stack.sent("Create", ready(THING))[0].seconds < 300


def test_independent_resources_are_created_in_parallel(world: World) -> None:
    world.emulator.order_run(RunOrder("MLInputChannel", count=4, seconds=100))
    parts = [channel(f"Channel{number}") for number in range(4)]
    stack = world.stack()
    assert stack.create(template(*parts)) == "CREATE_COMPLETE"
    assert len(world.created("MLInputChannel")) == 4
    assert world.simulation.now < stack.events[0].at + 120


def test_what_needs_a_run_waits_for_it(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=300))
    after = channel("After", description=get(ready(THING), "Status"))
    stack = world.stack()
    assert stack.create(run.template(after)) == "CREATE_COMPLETE"
    assert stack.sent("Create", "After")[0].sent >= stack.exchanges[0].sent + 300
