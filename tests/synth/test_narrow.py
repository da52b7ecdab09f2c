"""A construct that is created with fewer members is what it would be with all of them."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from jsii._kernel import _get_overides

import cdk_cleanrooms_ml
from cdk_cleanrooms_ml import MLInputChannel
from cdk_cleanrooms_ml._custom_resource import CleanRoomsMLResource
from cdk_cleanrooms_ml._narrow import _narrow
from tests.synth.stacks import channel_arguments, new_stack, only, template_of


def _public_kinds() -> list[type[CleanRoomsMLResource]]:
    values = [getattr(cdk_cleanrooms_ml, name) for name in cdk_cleanrooms_ml.__all__]
    return [each for each in values if isinstance(each, type) and issubclass(each, CleanRoomsMLResource)]


def _called(kind: Any) -> set[tuple[str | None, str | None, str | None]]:
    """What JavaScript calls Python for."""
    return {(each.method, each.property, each.cookie) for each in _get_overides(kind, kind.__new__(kind))}


@pytest.mark.parametrize("kind", _public_kinds(), ids=lambda kind: kind.__name__)
def test_javascript_calls_the_same_members(kind: type[CleanRoomsMLResource]) -> None:
    found = _called(kind)
    assert "cdkTagManager" in {each for _, each, _ in found}
    assert _called(_narrow(kind)) == found


class _Named(MLInputChannel):
    """A user's own class, with a member of its own for JavaScript."""

    def to_string(self) -> str:
        return "a channel"


def test_so_it_does_for_a_users_own_class() -> None:
    assert ("toString", None, "to_string") in _called(_Named)
    assert _called(_narrow(_Named)) == _called(_Named)


def test_an_object_keeps_its_class_and_its_tags() -> None:
    stack = new_stack()
    created = _Named(stack, "Channel", **channel_arguments(stack))
    cdk.Tags.of(created).add("team", "audiences")
    assert type(created) is _Named
    assert stack.node.find_child("Channel") is created
    resource = only(template_of(stack), "Custom::CleanRoomsML-MLInputChannel")
    assert resource["Properties"]["tags"] == {"team": "audiences"}
