"""Every permission of the functions is needed, and they need no other: shown by full lives, one permission less each.

What a life in the harness cannot show is listed with the reason in `WITHOUT_A_CALL`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest

from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.spec import ResourceSpec
from permissions_page import OF_EVERY_STACK, OF_SOME_STACKS, WITHOUT_A_CALL, main
from protocol.cases import CASES, Case

from .lives import Life, Lived, lives_of, policies_of
from .policies import Grants, Part


def allowed_by(specs: Iterable[ResourceSpec]) -> set[Part]:
    """Every action that calls for some kinds need, with the last part of the ARN."""
    needed = (permission for spec in specs for each in spec.permissions.values() for permission in each)
    return {(action, permission.resource.rpartition(":")[2]) for permission in needed for action in permission.actions}


Policies = Callable[[str], Mapping[str, Grants]]
NewLife = Callable[[Policies], Life]
_MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:any"
# The lifecycle tests do not know these kinds yet, so that there is no life to live.
OF_OTHER_KINDS = allowed_by(SPECS) - allowed_by(case.spec for case in CASES)
LIVES = [pytest.param(case, life, id=f"{case} {life.__name__}") for case in CASES for life in lives_of(case)]


@pytest.fixture(scope="session")
def lived(new_life: NewLife, policies: Policies) -> Callable[[Case, Any], Lived]:
    """How a life goes with all permissions; each is lived once."""
    known: dict[tuple[str, str], Lived] = {}

    def how(case: Case, life: Any) -> Lived:
        key = (str(case), life.__name__)
        if key not in known:
            known[key] = life(new_life(policies), case)
        return known[key]

    return how


@pytest.mark.parametrize(("case", "life"), LIVES)
def test_the_permissions_are_enough(lived: Callable[[Case, Any], Lived], case: Case, life: Any) -> None:
    how = lived(case, life)
    assert how.denied == []
    assert how.trouble == []
    assert how.needed


def test_each_permission_is_needed(lived: Callable[[Case, Any], Lived], new_life: NewLife, policies: Policies) -> None:
    unexplained: list[str] = []
    for function, part in parts(policies):
        if (part[0], part[1].rpartition(":")[2]) in OF_OTHER_KINDS:
            continue
        found = list(witnesses(lived, policies, function, part))
        if not found and part[0] not in WITHOUT_A_CALL:
            unexplained.append(f"{function}: no life needs {part[0]} on {part[1]}")
        if found and not any(fails_without(new_life, policies, function, part, *each) for each in found):
            unexplained.append(f"{function}: every life goes well without {part[0]} on {part[1]}")
    assert not unexplained, "\n".join(unexplained)


def test_every_reason_is_for_something_that_is_allowed(policies: Policies) -> None:
    assert set(WITHOUT_A_CALL) <= {action for _, (action, _) in parts(policies)}


def test_the_last_resource_of_a_kind_is_deleted_after_its_construct_is_gone(
    new_life: NewLife, policies: Policies, empty_template: Mapping[str, Any]
) -> None:
    after = policies_of(empty_template)
    for case in CASES:
        life = new_life(policies)
        life.expect(life.stack.create(case.template(tags={"team": "own"})), "CREATE_COMPLETE")
        life.gate.grants = after(life.world.providers[life.stack.id].machine.arn)
        life.expect(life.stack.update({"Resources": {}}), "UPDATE_COMPLETE")
        how = life.lived()
        assert (how.trouble, how.denied) == ([], []), case


def test_what_the_functions_of_an_empty_stack_may_do_makes_nothing(empty_template: Mapping[str, Any]) -> None:
    making = {operation for case in CASES for operation in (case.spec.create, case.spec.update) if operation}
    allowed = {action.partition(":")[2] for _, (action, _) in parts(policies_of(empty_template))}
    assert allowed & making == set()
    assert "PassRole" not in allowed


def parts(policies: Policies) -> Iterator[tuple[str, Part]]:
    """Everything that the functions may do, by function."""
    for function, grants in policies(_MACHINE).items():
        for part in grants.parts():
            yield function, part


def witnesses(
    lived: Callable[[Case, Any], Lived], policies: Policies, function: str, part: Part
) -> Iterator[tuple[Case, Any]]:
    """Lives with a call that nothing allows when a part is taken away."""
    for parameter in LIVES:
        case, life = parameter.values
        assert isinstance(case, Case)
        how = lived(case, life)
        machine = next(need[1] for _, need in how.needed if need[0] == "states:StartExecution")
        full = policies(machine)[function]
        own = part_in(part, machine)
        less = full.without(own)
        wanted = [need for name, need in how.needed if name == function and need[0] == part[0]]
        if any(full.allow(need) and not less.allow(need) for need in wanted):
            yield case, life


def fails_without(new_life: NewLife, policies: Policies, function: str, part: Part, case: Case, life: Any) -> bool:
    """Whether a life goes wrong without a part of the permissions."""
    how: Lived = life(new_life(lambda arn: reduced(policies(arn), function, part)), case)
    return bool(how.denied and how.trouble)


def part_in(part: Part, machine: str) -> Part:
    """A part in the words of a world whose state machine has another name."""
    name = machine.rsplit(":", 1)[-1]
    return part[0], part[1].replace(":any", f":{name}")


def reduced(grants: Mapping[str, Grants], function: str, part: Part) -> Mapping[str, Grants]:
    """Grants without a part of one function's."""
    name = next(arn.rsplit(":", 1)[-1] for action, arn in grants["front"].parts() if action == "states:StartExecution")
    return {**grants, function: grants[function].without(part_in(part, f":{name}"))}


def test_the_page_is_current(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["permissions_page.py", "--check"])
    assert main() == 0, capsys.readouterr().out


def test_the_page_tells_everything_that_is_allowed(policies: Policies) -> None:
    beside_the_service = {action for _, action, _, _ in (*OF_EVERY_STACK, *OF_SOME_STACKS)} | set(WITHOUT_A_CALL)
    told = {
        f"{each.split(':')[0]}:{name.strip().rpartition(':')[2]}"
        for each in beside_the_service
        for name in each.split(",")
    }
    told |= {action for action, _ in allowed_by(SPECS)}
    assert {action for _, (action, _) in parts(policies)} <= told
