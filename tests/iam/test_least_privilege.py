"""Every permission of the functions is needed, and they need no other: shown by full lives, one permission less each.

What a life in the harness cannot show is listed with the reason in `WITHOUT_A_CALL` and `LEFT_OPEN`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

import pytest

from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.spec import Cardinality
from cleanrooms_ml_simulator.lifecycle.cases import CASES, TAG, Case
from cleanrooms_ml_simulator.permissions import LEFT_OPEN, OF_EVERY_STACK, OF_SOME_STACKS, WITHOUT_A_CALL

from .lifecycles import LIVES, Life, Lived, lives_of, with_own, written_by_others
from .policies import Grants, Part, grants_for

AllGrants = Mapping[str, Grants]
NewLife = Callable[[AllGrants], Life]
Living = Callable[[Life, Case], Lived]
LivedOnce = Callable[[Case, Living], Lived]

# All kinds of the shortest life first.
LIVED = [(case, life) for life in LIVES for case in CASES if life in lives_of(case)]
DOCUMENTS = [case for case in CASES if case.spec.cardinality is Cardinality.DOCUMENT]
# What an operation may need, or not.
UNSURE = {(operation, action) for operation, actions, _, _ in LEFT_OPEN for action in actions}
# What neither makes nor changes anything but tags.
_HARMLESS = ("Get", "List", "Delete", "Cancel", "TagResource", "UntagResource", "PassMembership", "PassCollaboration")


@pytest.fixture(scope="session")
def lived(new_life: NewLife, grants: AllGrants) -> LivedOnce:
    """How a life goes with all permissions; each is lived once."""
    known: dict[tuple[str, Living], Lived] = {}

    def how(case: Case, life: Living) -> Lived:
        if (str(case), life) not in known:
            known[str(case), life] = life(new_life(grants), case)
        return known[str(case), life]

    return how


@pytest.mark.parametrize(("case", "life"), [pytest.param(*each, id=f"{each[0]} {each[1].__name__}") for each in LIVED])
def test_the_permissions_are_enough(lived: LivedOnce, case: Case, life: Living) -> None:
    how = lived(case, life)
    assert how.denied == []
    assert how.trouble == []
    assert how.asked


def test_each_permission_is_needed(lived: LivedOnce, new_life: NewLife, grants: AllGrants) -> None:
    unexplained: list[str] = []
    for function, part in parts(grants):
        less = {**grants, function: grants[function].without(part)}
        found = list(witnesses(lived, less[function], function))
        if not found and part[0] not in WITHOUT_A_CALL:
            unexplained.append(f"{function}: no life needs {part[0]} on {part[1]}")
        if found and not any(fails(life(new_life(less), case)) for case, life in found):
            unexplained.append(f"{function}: every life goes well without {part[0]} on {part[1]}")
    assert not unexplained, "\n".join(unexplained)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_table_of_a_kind_says_what_each_of_its_calls_needs(lived: LivedOnce, case: Case) -> None:
    """The roles of a stack join the tables of its kinds: one could hide what another lacks."""
    asked = list(chain.from_iterable(lived(case, life).asked for life in lives_of(case)))
    # What depends on the user's own roles and keys is no part of the table.
    asked = [each for each in asked if each.need[0].startswith("cleanrooms")]
    called = {each.operation for each in asked}
    unexplained = [f"{operation} is called" for operation in called - case.spec.permissions.keys()]
    for operation, permissions in case.spec.permissions.items():
        table = grants_for(permissions)
        needs = [each.need for each in asked if each.operation == operation]
        unexplained += [f"{operation} needs {need[0]} on {need[1]}" for need in needs if not table.allow(need)]
        for part in table.parts():
            less = table.without(part)
            is_needed = not all(less.allow(need) for need in needs)
            if is_needed is ((operation, part[0]) in UNSURE):
                unexplained.append(f"{operation} {'needs' if is_needed else 'never needs'} {part[0]} on {part[1]}")
    assert not unexplained, "\n".join(unexplained)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_kind_uses_keys_and_roles_of_the_user_as_its_spec_says(lived: LivedOnce, case: Case) -> None:
    how = lived(case, with_own)
    actions = {each.need[0] for each in how.asked}
    needed = {action for action in case.spec.key_actions if (case.spec.create, action) not in UNSURE}
    assert {action for action in actions if action.startswith("kms:")} == needed
    assert ("iam:PassRole" in actions) is bool(case.spec.role_fields)


def test_every_reason_is_for_something_that_is_allowed_and_that_no_call_needs(
    lived: LivedOnce, grants: AllGrants
) -> None:
    assert set(WITHOUT_A_CALL) <= {action for _, (action, _) in parts(grants)}
    asked = chain.from_iterable(lived(case, life).asked for case, life in LIVED)
    assert not set(WITHOUT_A_CALL) & {each.need[0] for each in asked}
    table = {
        (operation, action)
        for case in CASES
        for operation, permissions in case.spec.permissions.items()
        for action in chain(case.spec.key_actions, *(each.actions for each in permissions))
    }
    assert table >= UNSURE


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_last_resource_of_a_kind_is_deleted_after_its_construct_is_gone(
    new_life: NewLife, grants: AllGrants, last_grants: AllGrants, case: Case
) -> None:
    how = taken_out(new_life(grants), last_grants, case)
    assert (how.trouble, how.denied) == ([], [])


@pytest.mark.parametrize("case", DOCUMENTS, ids=str)
def test_to_leave_a_document_of_others_too_is_to_write_it(
    new_life: NewLife, grants: AllGrants, last_grants: AllGrants, case: Case
) -> None:
    """Why the functions of an empty stack may call one operation that makes something."""
    life = new_life(grants)
    statements = written_by_others(life.world, case)
    how = taken_out(life, last_grants, case)
    assert (how.trouble, how.denied) == ([], [])
    assert statements() == 1

    life = new_life(grants)
    statements = written_by_others(life.world, case)
    worker = last_grants["worker"]
    (writing,) = [part for part in worker.parts() if part[0].endswith(f":{case.spec.create}")]
    how = taken_out(life, {**last_grants, "worker": worker.without(writing)}, case)
    # CloudFormation gives up what it cannot clean up, and calls that a success.
    assert how.denied
    assert statements() == 2


def test_the_functions_of_an_empty_stack_make_nothing(last_grants: AllGrants) -> None:
    actions = {action for _, (action, _) in parts(last_grants) if action.startswith("cleanrooms")}
    assert {action.partition(":")[2] for action in actions if not action.split(":")[1].startswith(_HARMLESS)} == {
        case.spec.create for case in DOCUMENTS
    }
    assert "iam:PassRole" not in {action for _, (action, _) in parts(last_grants)}


def parts(grants: AllGrants) -> Iterator[tuple[str, Part]]:
    """Everything that the functions may do, by function."""
    for function, its in grants.items():
        for part in its.parts():
            yield function, part


def witnesses(lived: LivedOnce, less: Grants, function: str) -> Iterator[tuple[Case, Living]]:
    """Lives with a call that what is left of a function's permissions does not allow."""
    for case, life in LIVED:
        if not all(less.allow(each.need) for each in lived(case, life).asked if each.function == function):
            yield case, life


def fails(how: Lived) -> bool:
    """Whether something was refused, and that did not go well."""
    return bool(how.denied and how.trouble)


def taken_out(life: Life, last_grants: AllGrants, case: Case) -> Lived:
    """Makes one, then takes it out of the template, when all that is left may be done."""
    life.expect(life.stack.create(case.template(tags=TAG)), "CREATE_COMPLETE")
    life.gate.grants = last_grants
    life.expect(life.stack.update({"Resources": {}}), "UPDATE_COMPLETE")
    return life.lived()


def test_the_page_tells_everything_that_is_allowed(grants: AllGrants) -> None:
    told = set(WITHOUT_A_CALL)
    for _, actions, _, _ in (*OF_EVERY_STACK, *OF_SOME_STACKS):
        prefix = actions.split(":")[0]
        told |= {f"{prefix}:{name.strip().rpartition(':')[2]}" for name in actions.split(",")}
    for spec in SPECS:
        told |= {action for each in spec.permissions.values() for one in each for action in one.actions}
    assert {action for _, (action, _) in parts(grants)} <= told
