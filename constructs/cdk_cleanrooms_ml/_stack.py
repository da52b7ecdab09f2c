"""The stack of a construct, and what this library keeps for each stack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from aws_cdk import Stack
from constructs import Construct, IConstruct, IValidation

_STACK, _STATE = "_cleanrooms_ml_stack", "_cleanrooms_ml_state"
_STATE_ID = "CleanRoomsMLState"

T = TypeVar("T")
V = TypeVar("V", bound=IValidation)


def stack_of(scope: Construct) -> Stack:
    """The stack of a scope. Remembered on the scope: asking the CDK costs a call."""
    if isinstance(scope, Stack):
        return scope
    stack = getattr(scope, _STACK, None)
    if stack is None:
        stack = Stack.of(scope)
        remember_stack(scope, stack)
    assert isinstance(stack, Stack)
    return stack


def remember_stack(scope: Construct, stack: Stack) -> None:
    """Lets ``stack_of`` know the stack of a scope."""
    setattr(scope, _STACK, stack)


class _State(Construct):
    """What belongs to a stack or stage, as a child of it.

    A stack that the CDK creates itself, as ``CfnInclude`` does for nested ones, is another Python object at each
    access. Its children that Python has created are not.
    """

    def __init__(self, scope: IConstruct) -> None:
        super().__init__(scope, _STATE_ID)  # type: ignore[arg-type]
        self.values: dict[str, Any] = {}


def kept(owner: IConstruct, key: str, create: Callable[[], T]) -> T:
    """What is kept for a stack or stage under a key, created if there is none.

    Args:
        owner: The stack or stage.
        key: The key.
        create: Creates it.
    """
    values = _values_of(owner)
    if key not in values:
        values[key] = create()
    found: T = values[key]
    return found


def kept_validation(owner: IConstruct, key: str, create: Callable[[], V]) -> V:
    """The validation that is kept for a stack or stage under a key, created and added to it if there is none."""

    def added() -> V:
        created = create()
        owner.node.add_validation(created)
        return created

    return kept(owner, key, added)


def keep(owner: Construct, key: str, value: object) -> None:
    """Keeps something for a stack or stage."""
    _values_of(owner)[key] = value


def find(owner: Construct, key: str) -> object:
    """What is kept for a stack or stage under a key; None if there is nothing."""
    return _values_of(owner).get(key)


def same(one: Construct, other: Construct) -> bool:
    """Whether two Python objects are the same construct of one tree."""
    return one is other or one.node.path == other.node.path


def _values_of(owner: IConstruct) -> dict[str, Any]:
    state = getattr(owner, _STATE, None)
    if state is None:
        state = owner.node.try_find_child(_STATE_ID) or _State(owner)
        # Asking for it costs a call.
        setattr(owner, _STATE, state)
    assert isinstance(state, _State)
    return state.values
