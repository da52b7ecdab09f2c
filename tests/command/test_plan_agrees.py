"""What a plan announces is what the service's journal then shows: every kind, every member."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from cleanrooms_ml_cli.plan.change import Action
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.shared_names import ADOPT_EXISTING
from cleanrooms_ml_simulator.lifecycle.cases import CASES, TAG, TAGGED, THING, Case
from cleanrooms_ml_simulator.templates import (
    ASSOCIATION_ARN,
    COLLABORATION_ID,
    TRAINED_MODEL_ARN,
    configured_audience_model,
    template,
)
from cleanrooms_ml_simulator.world import World

from .account import Account

# Until everything that a deployment began in the service has come to its end.
_LONG_SECONDS = 4000


def _variants(case: Case) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A change of each member, by its name, and of what is no member."""
    yield "nothing", {}
    yield "create_only", case.facts.create_only
    if case.changeable:
        yield "changeable", case.changed
    if not case.is_singleton:
        yield "run_id", {"run_id": "other"}
    if case.spec.is_taggable:
        yield "tags", {"tags": {"team": "others"}}
        yield "no tags", {"tags": None}
    model = service_model(case.spec.service)
    request = {**case.facts.least, **case.members}
    for member in model.input_members(case.spec.create):
        if member in ("tags", case.spec.name_field, *_GUARDS):
            continue
        if member in request:
            yield member, {member: _other(request[member])}
            if member not in case.facts.least:
                yield f"no {member}", {member: _ABSENT}
        else:
            yield f"new {member}", {member: _ADDED[member]}


_ABSENT = object()
# By which the engine replaces a document only as it read it: no part of what is asked for.
_GUARDS = ("previousPolicyHash", "policyExistenceCondition")
# Members that no request of the tests has.
_ADDED: Mapping[str, Any] = {
    "kmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/11111111-1111-4111-8111-111111111111",
    "trainingInputMode": "FastFile",
    "payerConfiguration": {"computePayerAccountId": "000000000000"},
    "mlModelTrainingPayerAccountId": "000000000000",
    "mlModelInferencePayerAccountId": "000000000000",
    "collaborationId": COLLABORATION_ID,
    "incrementalTrainingDataChannels": [{"trainedModelArn": TRAINED_MODEL_ARN, "channelName": "more"}],
    "trainedModelVersionIdentifier": "11111111-1111-4111-8111-111111111111",
    "trainingDataStartTime": "2026-01-01T00:00:00Z",
    "trainingDataEndTime": "2026-02-01T00:00:00Z",
    "configuredModelAlgorithmAssociationArn": ASSOCIATION_ARN,
}


def _other(value: Any) -> Any:
    """A value of the same form that is another one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1 if value < 30 else value - 1
    if isinstance(value, str):
        return value[:-1] + ("a" if value[-1] != "a" else "b") if value else "x"
    if isinstance(value, list):
        return [_other(value[0]), *value[1:]]
    key = "description" if "description" in value else next(iter(value))
    return {**value, key: _other(value[key])}


_CHANGES = [pytest.param(case, name, change, id=f"{case}-{name}") for case in CASES for name, change in _variants(case)]


def _template(case: Case, change: Mapping[str, Any]) -> dict[str, Any]:
    options = {"run_id": None if case.is_singleton else "1", "tags": TAG, **case.members, **change}
    given = {key: copy.deepcopy(value) for key, value in options.items() if value is not _ABSENT}
    return template(case.resources(**given))


def _mutations(world: World, since: int) -> list[tuple[str, bool]]:
    """The calls that were to change something, in order, without what only came again; whether they took effect."""
    found: dict[tuple[str, str], bool] = {}
    for entry in world.emulator.journal:
        if entry.number > since and not entry.operation.startswith(("Get", "List")):
            found.setdefault((entry.operation, entry.arn or ""), entry.took_effect)
    return [(operation, took_effect) for (operation, _), took_effect in found.items()]


@pytest.mark.parametrize(("case", "name", "change"), _CHANGES)
def test_a_change_does_what_the_plan_says(
    case: Case, name: str, change: Mapping[str, Any], world: World, account: Account
) -> None:
    stack = world.stack()
    assert stack.create(_template(case, {})) == "CREATE_COMPLETE"
    world.settle()
    world.advance(_LONG_SECONDS)
    changed = _template(case, change)
    # From before the plan: it changes nothing by itself.
    before_id, since = stack.physical_id(THING), len(world.emulator.journal)
    plan = account.plan(stack, changed)
    planned = [operation for one in plan.changes for operation in one.calls]
    status = stack.update(changed)
    world.settle()
    done = _mutations(world, since)
    if status != "UPDATE_COMPLETE":
        # What AWS alone can refuse; up to there the two agree.
        assert plan.changes
        assert plan.fails or planned[0] == done[0][0]
        return
    assert not plan.fails
    assert sorted(planned) == sorted(operation for operation, _ in done)
    action = plan.changes[0].action if plan.changes else Action.NONE
    assert (action is Action.REPLACE) == (stack.physical_id(THING) != before_id)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_first_deployment_does_what_the_plan_says(case: Case, world: World, account: Account) -> None:
    stack = world.stack()
    wanted = _template(case, {})
    plan = account.plan(stack, wanted)
    assert [one.action for one in plan.changes] == [Action.CREATE]
    assert stack.create(wanted) == "CREATE_COMPLETE"
    world.settle()
    assert [*plan.changes[0].calls] == [operation for operation, _ in _mutations(world, 0)]
    assert bool(plan.changes[0].run) is case.spec.long_running


@pytest.mark.parametrize("case", CASES, ids=str)
def test_taking_a_resource_out_does_what_the_plan_says(case: Case, world: World, account: Account) -> None:
    stack = world.stack()
    assert stack.create(_template(case, {})) == "CREATE_COMPLETE"
    world.settle()
    world.advance(_LONG_SECONDS)
    since = len(world.emulator.journal)
    plan = account.plan(stack, {"Resources": {}})
    assert stack.update({"Resources": {}}) == "UPDATE_COMPLETE"
    world.settle()
    assert [one.action for one in plan.changes] == [Action.DELETE]
    assert sorted(plan.changes[0].calls) == sorted(operation for operation, _ in _mutations(world, since))
    assert bool(plan.changes[0].deletes) is bool(case.spec.delete)


@pytest.mark.parametrize("case", TAGGED, ids=str)
def test_taking_over_and_giving_back_is_what_the_plan_says(case: Case, world: World, account: Account) -> None:
    theirs = case.create_theirs(world, "theirs")
    world.advance(_LONG_SECONDS)
    other = configured_audience_model("Other")
    stack = world.stack()
    assert stack.create(template(other)) == "CREATE_COMPLETE"
    adopting = template(other, case.resources(name="theirs", tags=TAG, **case.changeable))
    adopting["Resources"][THING]["Properties"]["Settings"] = {ADOPT_EXISTING: theirs}
    for wanted, action in ((adopting, Action.ADOPT), (template(other), Action.KEEP)):
        since = len(world.emulator.journal)
        plan = account.plan(stack, wanted)
        (planned,) = (one for one in plan.changes if one.kind == str(case))
        assert stack.update(wanted) == "UPDATE_COMPLETE"

        assert (planned.action, planned.deletes, planned.run) == (action, "", ())
        assert list(planned.calls) == [operation for operation, _ in _mutations(world, since)]
    assert "stays in the service" in planned.notes[0]
