"""The audit is tested: what AWS does otherwise than in a quiet world is what each behavior says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import RunOrder
from cleanrooms_ml_handlers.errors import ServiceError
from cleanrooms_ml_handlers.executions import Purpose, name_for
from cleanrooms_ml_simulator.behaviors import (
    FAILURES,
    HARD,
    LONE_SURROGATE,
    Behavior,
    ClockBehind,
    Conflicts,
    ExecutionsLag,
    Lag,
    LoneSurrogates,
    LostExecutions,
    OldStatusAfterDelete,
    RefusesTags,
    Reorders,
    SharedBucket,
    SmallPages,
    StartsThrottled,
    TagCallsGone,
    WorkerFails,
)
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.functions import Invocation
from cleanrooms_ml_simulator.lifecycle.cases import CHANNEL, JOB, MODEL, THING, Case
from cleanrooms_ml_simulator.wire import Connected
from cleanrooms_ml_simulator.world import World

Given = Callable[..., World]


@pytest.fixture
def given(reply_server: ReplyServer, connected: Connected) -> Iterator[Given]:
    """Makes a world with behaviors in which a function calls the services."""
    worlds: list[World] = []

    def make(*behaviors: Behavior) -> World:
        world = World(reply_server, connected, behaviors=behaviors)
        worlds.append(world)
        provider = world.providers[world.stack().id]
        # The caller is looked up: this thread is a function now.
        world.simulation.running = _Caller(Invocation(provider.worker, {}, world.simulation.now))  # type: ignore[assignment]
        return world

    yield make
    for world in worlds:
        world.simulation.running = None
        world.close()


class _Caller:
    """A process that takes no time."""

    def __init__(self, context: Invocation) -> None:
        self.context = context


def call(world: World, operation: str, case: Case = CHANNEL, **parameters: Any) -> dict[str, Any]:
    """A call by a function."""
    return world.service.call(case.spec.service, operation, parameters)


def code(world: World, operation: str, case: Case = CHANNEL, **parameters: Any) -> str:
    """The error of a call by a function; empty if there is none."""
    try:
        call(world, operation, case, **parameters)
    except ServiceError as error:
        return error.code
    return ""


def created(world: World, case: Case, name: str = "one", **members: Any) -> dict[str, Any]:
    """What a function creates: the members that identify it."""
    answer = call(world, case.spec.create, case, **case.facts.least, name=name, **members)
    known = {**case.facts.least, **answer}
    return dict(case.spec.identifiers(case.spec.physical_id(known)) or {})


def names(world: World, case: Case = MODEL) -> list[str]:
    """The names on the first page of a list."""
    return [item["name"] for item in call(world, str(case.spec.list), case)[case.spec.list_field]]


def test_every_behavior_has_a_sentence_of_its_own() -> None:
    sentences = [str(behavior) for behavior in (*HARD, *FAILURES)]
    assert len(set(sentences)) == len(sentences)
    assert not [sentence for sentence in sentences if "(" in sentence or "object at" in sentence]


def test_a_world_has_all_of_them_unless_it_says_otherwise(reply_server: ReplyServer, connected: Connected) -> None:
    hard, quiet = World(reply_server, connected), World(reply_server, connected, behaviors=())
    assert (len(quiet.wire.layers), quiet.behind_seconds, quiet.reaction_seconds) == (0, 0, 1)
    assert len(hard.wire.layers) == len(HARD) - 3
    assert (hard.behind_seconds, hard.reaction_seconds, hard.states.list_lag_seconds) == (5, 0, 5)


def test_a_list_lags_and_nothing_else(given: Given) -> None:
    world = given(Lag("List", 5))
    its_id = created(world, MODEL)
    assert names(world)
    assert "one" not in names(world)
    assert code(world, MODEL.get, MODEL, **its_id) == ""
    world.simulation.now += 4
    assert "one" not in names(world)
    world.simulation.now += 1
    assert "one" in names(world)
    call(world, MODEL.delete, MODEL, **its_id)
    assert "one" in names(world)
    assert code(world, MODEL.get, MODEL, **its_id) == "ResourceNotFoundException"
    world.simulation.now += 5
    assert "one" not in names(world)


def test_a_get_shows_what_was_there_before_an_update_and_the_status_of_then(given: Given) -> None:
    world = given(Lag("Get", 3))
    model, job = created(world, MODEL, description="old"), created(world, JOB)
    assert code(world, MODEL.get, MODEL, **model) == "ResourceNotFoundException"
    world.simulation.now += 3
    assert call(world, JOB.get, JOB, **job)["status"] == "CREATE_PENDING"
    call(world, MODEL.update, MODEL, **model, description="new")
    assert call(world, MODEL.get, MODEL, **model)["description"] == "old"
    world.simulation.now += 3
    assert call(world, MODEL.get, MODEL, **model)["description"] == "new"
    assert call(world, JOB.get, JOB, **job)["status"] == "CREATE_IN_PROGRESS"
    world.simulation.now += 1
    assert call(world, JOB.get, JOB, **job)["status"] == "ACTIVE"


def test_tags_lag(given: Given) -> None:
    world = given(Lag("Tags", 4))
    arn = created(world, MODEL, tags={"a": "1"})["configuredAudienceModelArn"]
    assert code(world, "ListTagsForResource", resourceArn=arn) == "ResourceNotFoundException"
    world.simulation.now += 4
    call(world, "TagResource", resourceArn=arn, tags={"a": "2"})
    assert call(world, "ListTagsForResource", resourceArn=arn)["tags"] == {"a": "1"}
    world.simulation.now += 4
    assert call(world, "ListTagsForResource", resourceArn=arn)["tags"] == {"a": "2"}


def test_tags_of_what_is_pending_or_inactive_are_refused(given: Given) -> None:
    world = given(RefusesTags())
    arn = created(world, CHANNEL)["mlInputChannelArn"]
    change = {"resourceArn": arn, "tags": {"a": "1"}}
    assert code(world, "TagResource", **change) == "ConflictException"
    world.simulation.now += 10
    assert code(world, "TagResource", **change) == ""
    world.expire(arn)
    assert code(world, "UntagResource", resourceArn=arn, tagKeys=["a"]) == "ConflictException"


def test_calls_that_declare_it_meet_a_conflict_and_others_none(given: Given) -> None:
    world = given(Conflicts(share=1))
    assert code(world, MODEL.spec.create, MODEL, **MODEL.facts.least, name="one") == "ConflictException"
    assert not world.records()
    assert names(world)


def test_a_delete_that_was_accepted_shows_its_old_status_for_a_while_and_is_accepted_again(given: Given) -> None:
    world = given(OldStatusAfterDelete(5))
    its_id = created(world, JOB)
    world.simulation.now += 10
    world.emulator.order_run(RunOrder(str(JOB), phase="delete", status_code="INTERNAL_ERROR", message="no"))
    for old, new in (("ACTIVE", "DELETE_FAILED"), ("DELETE_FAILED", "")):
        call(world, JOB.delete, JOB, **its_id)
        assert call(world, JOB.get, JOB, **its_id)["status"] == old
        world.simulation.now += 4
        assert code(world, JOB.delete, JOB, **its_id) == ""
        world.simulation.now += 2
        if new:
            assert call(world, JOB.get, JOB, **its_id)["status"] == new
        else:
            assert code(world, JOB.get, JOB, **its_id) == "ResourceNotFoundException"


def test_calls_about_tags_do_not_find_what_get_shows_while_it_is_being_deleted(given: Given) -> None:
    world = given(TagCallsGone())
    its_id = created(world, JOB)
    arn = its_id["audienceGenerationJobArn"]
    world.simulation.now += 10
    assert code(world, "ListTagsForResource", resourceArn=arn) == ""
    call(world, JOB.delete, JOB, **its_id)
    assert code(world, "ListTagsForResource", resourceArn=arn) == "ResourceNotFoundException"
    assert call(world, JOB.get, JOB, **its_id)["status"] == "DELETE_PENDING"


def test_one_bucket_serves_all_operations(given: Given) -> None:
    world = given(SharedBucket(1, 2))
    assert [code(world, operation, case) for operation, case in _READS] == ["", "", "ThrottlingException"]
    world.simulation.now += 1
    assert [code(world, operation, case) for operation, case in _READS[:2]] == ["", "ThrottlingException"]


_READS = (("ListAudienceModels", CHANNEL), ("ListTrainingDatasets", CHANNEL), ("ListAudienceGenerationJobs", CHANNEL))


def test_lists_come_in_pages_of_one(given: Given) -> None:
    world = given(SmallPages())
    page = call(world, str(MODEL.spec.list), MODEL, maxResults=100)
    assert len(page[MODEL.spec.list_field]) == 1
    following = call(world, str(MODEL.spec.list), MODEL, maxResults=100, nextToken=page["nextToken"])
    assert following[MODEL.spec.list_field] != page[MODEL.spec.list_field]


def test_the_clock_of_the_service_is_behind(given: Given) -> None:
    world = given(ClockBehind(5))
    its_id = created(world, MODEL)
    assert call(world, MODEL.get, MODEL, **its_id)["createTime"].timestamp() == world.simulation.now - 5


def test_messages_hold_half_a_character(given: Given) -> None:
    world = given(LoneSurrogates())
    client = world.service.client(MODEL.spec.service)
    with pytest.raises(ClientError) as caught:
        client.get_configured_audience_model(configuredAudienceModelArn=_missing(MODEL))
    assert caught.value.response["Error"]["Message"].endswith(LONE_SURROGATE)
    world.emulator.order_run(RunOrder(str(JOB), status_code="INTERNAL_ERROR", message="no"))
    its_id = created(world, JOB)
    world.simulation.now += 10
    assert client.get_audience_generation_job(**its_id)["statusDetails"]["message"] == f"no{LONE_SURROGATE}"


def _missing(case: Case) -> str:
    del case
    return "arn:aws:cleanrooms-ml:us-east-1:000000000000:configured-audience-model/00000000-0000-4000-8000-000000000000"


def test_executions_are_listed_late_and_seem_to_run_on(given: Given) -> None:
    world = given(ExecutionsLag(5))
    execution = _started(world)

    def listed() -> list[str]:
        arguments = {"stateMachineArn": execution.state_machine.arn}
        page = world.service.call("stepfunctions", "ListExecutions", arguments)
        return [item["status"] for item in page["executions"]]

    assert listed() == []
    world.simulation.now += 5
    assert listed() == ["RUNNING"]
    execution.state_machine.end(execution, "SUCCEEDED")
    assert listed() == ["RUNNING"]
    world.simulation.now += 5
    assert listed() == ["SUCCEEDED"]


def test_starts_are_throttled(given: Given) -> None:
    world = given(StartsThrottled(share=1))
    with pytest.raises(ServiceError, match="ThrottlingException"):
        _started(world)


def test_requests_are_signed_in_one_second_and_arrive_in_any_order(
    reply_server: ReplyServer, connected: Connected
) -> None:
    world = World(reply_server, connected, behaviors=(Reorders(2),))
    stack = world.stack()
    assert stack.create(MODEL.template()) == "CREATE_COMPLETE"
    assert stack.sent("Create", THING)[0].sent == world.simulation.now - stack.sent("Create", THING)[0].seconds
    delays = {world.functions.delay() for _ in range(50)}
    assert delays == {0, 1, 2}
    world.close()


@pytest.mark.parametrize("purpose", [Purpose.WATCH, Purpose.BACKGROUND_DELETE, Purpose.REQUEST])
def test_an_execution_that_nobody_waits_for_is_lost_once(given: Given, purpose: Purpose) -> None:
    world = given(LostExecutions(0))
    first, again = (_started(world, purpose, number) for number in "12")
    world.simulation.running = None
    world.advance(1)
    lost = "FAILED" if purpose is not Purpose.REQUEST else first.status
    assert (first.status, again.status == "FAILED") == (lost, False)
    assert purpose is Purpose.REQUEST or first.error == "States.Runtime"


@pytest.mark.parametrize("throttled", [False, True])
def test_no_worker_runs_for_a_while(reply_server: ReplyServer, connected: Connected, throttled: bool) -> None:
    world = World(reply_server, connected, behaviors=(WorkerFails(0, 100, throttled=throttled),))
    stack = world.stack()
    assert stack.create(MODEL.template()) == "CREATE_COMPLETE"
    assert stack.sent("Create", THING)[0].seconds > 99
    begun = stack.exchanges[0].sent
    early = [it for it in world.functions.invocations if it.function.name == "worker" and it.started < begun + 99]
    assert {invocation.error for invocation in early} == (set() if throttled else {"Lambda.Unknown"})
    world.close()


def _started(world: World, purpose: Purpose = Purpose.REQUEST, number: str = "1") -> Any:
    """An execution of the state machine of the only stack, for the same logical id each time."""
    state_machine = next(iter(world.providers.values())).state_machine
    name = name_for(purpose, f"key-20260131T12000{number}Z-hash")
    request: Mapping[str, str] = {"stateMachineArn": state_machine.arn, "name": name, "input": "{}"}
    world.service.call("stepfunctions", "StartExecution", request)
    return state_machine.executions[name]
