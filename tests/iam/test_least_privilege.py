"""Every permission of the functions is needed, and they need no other: full lifecycles, each with one permission less.

What a lifecycle in the simulator cannot show is listed with the reason in `WITHOUT_A_CALL` and `LEFT_OPEN`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

import pytest

from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.spec import Cardinality
from cleanrooms_ml_simulator.lifecycle.cases import CASES, TAG, Case
from cleanrooms_ml_simulator.permissions import LEFT_OPEN, OF_EVERY_STACK, OF_SOME_STACKS, WITHOUT_A_CALL
from tests.synth.of_each_kind import stem_of

from .lifecycles import LIFECYCLES, Result, Run, lifecycles_of, with_own, written_by_others
from .policies import Grants, Part, grants_for

AllGrants = Mapping[str, Grants]
NewLifecycle = Callable[[AllGrants], Run]
Lifecycle = Callable[[Run, Case], Result]
RunOnce = Callable[[Case, Lifecycle], Result]

# All kinds of the shortest lifecycle first.
LIFECYCLES_OF_KINDS = [
    (case, lifecycle) for lifecycle in LIFECYCLES for case in CASES if lifecycle in lifecycles_of(case)
]
DOCUMENTS = [case for case in CASES if case.spec.cardinality is Cardinality.DOCUMENT]
# What an operation may need, or not.
UNSURE = {(operation, action) for operation, actions, _, _ in LEFT_OPEN for action in actions}
# Of the functions' own part of AWS, and what depends on the user's own roles and keys.
_IN_NO_TABLE = ("states:", "events:", "s3:", "iam:", "kms:")
_SHOWN_PROBLEMS = 3
# What neither creates nor changes anything but tags.
_HARMLESS = ("Get", "List", "Delete", "Cancel", "TagResource", "UntagResource", "PassMembership", "PassCollaboration")


@pytest.fixture(scope="session")
def result_of(new_lifecycle: NewLifecycle, grants: AllGrants) -> RunOnce:
    """How a lifecycle goes with all permissions; each runs once."""
    known: dict[tuple[str, Lifecycle], Result] = {}

    def how(case: Case, lifecycle: Lifecycle) -> Result:
        if (str(case), lifecycle) not in known:
            known[str(case), lifecycle] = lifecycle(new_lifecycle(grants), case)
        return known[str(case), lifecycle]

    return how


@pytest.mark.parametrize(
    ("case", "lifecycle"), [pytest.param(*each, id=f"{each[0]} {each[1].__name__}") for each in LIFECYCLES_OF_KINDS]
)
def test_the_permissions_are_enough(result_of: RunOnce, case: Case, lifecycle: Lifecycle) -> None:
    how = result_of(case, lifecycle)
    assert how.denied == [], lacking(case, how)
    assert how.problems == []
    assert how.asked


def test_each_permission_is_needed(result_of: RunOnce, new_lifecycle: NewLifecycle, grants: AllGrants) -> None:
    unexplained: list[str] = []
    for function, part in parts(grants):
        less = {**grants, function: grants[function].without(part)}
        found = list(witnesses(result_of, less[function], function))
        if not found and part[0] not in WITHOUT_A_CALL:
            unexplained.append(f"{function}: no lifecycle needs {part[0]} on {part[1]}")
        if found and not any(fails(lifecycle(new_lifecycle(less), case)) for case, lifecycle in found):
            unexplained.append(f"{function}: every lifecycle goes well without {part[0]} on {part[1]}")
    assert not unexplained, "\n".join(unexplained)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_table_of_a_kind_says_what_each_of_its_calls_needs(result_of: RunOnce, case: Case) -> None:
    """The roles of a stack join the tables of its kinds: one could hide what another lacks."""
    asked = list(chain.from_iterable(result_of(case, lifecycle).asked for lifecycle in lifecycles_of(case)))
    asked = [each for each in asked if not each.need[0].startswith(_IN_NO_TABLE)]
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
    assert not unexplained, "\n".join([f"{_permissions_of(case)} and the calls differ:", *unexplained])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_kind_uses_keys_and_roles_of_the_user_as_its_spec_says(result_of: RunOnce, case: Case) -> None:
    how = result_of(case, with_own)
    actions = {each.need[0] for each in how.asked}
    needed = {action for action in case.spec.key_actions if (case.spec.create, action) not in UNSURE}
    assert {action for action in actions if action.startswith("kms:")} == needed
    assert ("iam:PassRole" in actions) is bool(case.spec.role_fields)


def test_every_reason_is_for_something_that_is_allowed_and_that_no_call_needs(
    result_of: RunOnce, grants: AllGrants
) -> None:
    assert set(WITHOUT_A_CALL) <= {action for _, (action, _) in parts(grants)}
    asked = chain.from_iterable(result_of(case, lifecycle).asked for case, lifecycle in LIFECYCLES_OF_KINDS)
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
    new_lifecycle: NewLifecycle, grants: AllGrants, last_grants: AllGrants, case: Case
) -> None:
    how = taken_out(new_lifecycle(grants), last_grants, case)
    assert (how.problems, how.denied) == ([], []), lacking(case, how)


@pytest.mark.parametrize("case", DOCUMENTS, ids=str)
def test_to_leave_a_document_of_others_too_is_to_write_it(
    new_lifecycle: NewLifecycle, grants: AllGrants, last_grants: AllGrants, case: Case
) -> None:
    """Why the functions of an empty stack may call one operation that creates something."""
    lifecycle = new_lifecycle(grants)
    statements = written_by_others(lifecycle.world, case)
    how = taken_out(lifecycle, last_grants, case)
    assert (how.problems, how.denied) == ([], [])
    assert statements() == 1

    lifecycle = new_lifecycle(grants)
    statements = written_by_others(lifecycle.world, case)
    worker = last_grants["worker"]
    (writing,) = [part for part in worker.parts() if part[0].endswith(f":{case.spec.create}")]
    how = taken_out(lifecycle, {**last_grants, "worker": worker.without(writing)}, case)
    # CloudFormation gives up what it cannot clean up, and calls that a success.
    assert how.denied
    assert statements() == 2


def test_the_functions_of_an_empty_stack_create_nothing(last_grants: AllGrants) -> None:
    listed = {action for spec in SPECS for each in spec.permissions.values() for one in each for action in one.actions}
    actions = {action for _, (action, _) in parts(last_grants) if action in listed}
    assert actions
    assert {action.partition(":")[2] for action in actions if not action.split(":")[1].startswith(_HARMLESS)} == {
        case.spec.create for case in DOCUMENTS
    }
    assert "iam:PassRole" not in {action for _, (action, _) in parts(last_grants)}


def test_what_a_kind_lacks_is_named_once_with_the_place_where_to_add_it() -> None:
    one, arn = "cleanrooms-ml:GetMLInputChannel", "arn:aws:cleanrooms-ml:us-east-1:000000000000:x"
    how = Result(["failed"], [], [(one, arn, {}), (one, arn, {"aws:x": "y"}), ("kms:Decrypt", arn, {})])
    (case,) = (case for case in CASES if str(case) == "MLInputChannel")
    text = lacking(case, how)
    assert text.count(one) == 1
    assert "`permissions` of the spec in custom_resources/cleanrooms_ml_handlers/resources/ml_input_channel.py" in text
    assert f"kms:Decrypt on {arn}" in text


def lacking(case: Case, how: Result) -> str:
    """What was refused, each action on an ARN once, and where to add what is missing."""
    refused = sorted({f"  {action} on {arn}" for action, arn, _ in how.denied})
    listed = "\n".join([f"{case} calls what the functions may not do:", *refused, *how.problems[:_SHOWN_PROBLEMS]])
    return (
        f"{listed}\nAdd the actions to {_permissions_of(case)}: under the operation that needs them, on the ARN above "
        "with `*` for its ids. What each operation is authorized on in the sandbox: rules/clean_rooms_actions.py, "
        "rules/clean_rooms_dependents.py and rules/authorization.py in cli/cleanrooms_ml_cli/sandbox/emulator"
    )


def _permissions_of(case: Case) -> str:
    return f"`permissions` of the spec in custom_resources/cleanrooms_ml_handlers/resources/{stem_of(str(case))}.py"


def parts(grants: AllGrants) -> Iterator[tuple[str, Part]]:
    """Everything that the functions may do, by function."""
    for function, its in grants.items():
        for part in its.parts():
            yield function, part


def witnesses(result_of: RunOnce, less: Grants, function: str) -> Iterator[tuple[Case, Lifecycle]]:
    """Lifecycles with a call that the remaining permissions of a function do not allow."""
    for case, lifecycle in LIFECYCLES_OF_KINDS:
        if not all(less.allow(each.need) for each in result_of(case, lifecycle).asked if each.function == function):
            yield case, lifecycle


def fails(how: Result) -> bool:
    """Whether something was refused, and that did not go well."""
    return bool(how.denied and how.problems)


def taken_out(run: Run, last_grants: AllGrants, case: Case) -> Result:
    """Creates one, then takes it out of the template, with the permissions that are left."""
    run.expect(run.stack.create(case.template(tags=TAG)), "CREATE_COMPLETE")
    run.gate.grants = last_grants
    run.expect(run.stack.update({"Resources": {}}), "UPDATE_COMPLETE")
    return run.result()


def test_the_page_lists_everything_that_is_allowed(grants: AllGrants) -> None:
    listed = set(WITHOUT_A_CALL)
    for _, actions, _, _ in (*OF_EVERY_STACK, *OF_SOME_STACKS):
        prefix = actions.split(":")[0]
        listed |= {f"{prefix}:{name.strip().rpartition(':')[2]}" for name in actions.split(",")}
    for spec in SPECS:
        listed |= {action for each in spec.permissions.values() for one in each for action in one.actions}
    assert {action for _, (action, _) in parts(grants)} <= listed
