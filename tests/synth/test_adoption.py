"""Resources that exist already: `adopt_existing`."""

from __future__ import annotations

import inspect

import aws_cdk as cdk
import pytest

import cdk_cleanrooms_ml
from cdk_cleanrooms_ml import MLInputChannel
from cdk_cleanrooms_ml._adoption import adoption_problems
from cdk_cleanrooms_ml._custom_resource import CleanRoomsMLResource
from cleanrooms_ml_handlers.resources import SPECS, spec_of
from tests.synth.stacks import SERVICE, channel, errors_of, logical_id, new_stack, template_of

ARN = f"{SERVICE}:membership/78402c74-292f-5def-8ff9-64821c3e523a/ml-input-channel/sales"


def properties_of(stack: cdk.Stack, construct: MLInputChannel) -> dict[str, object]:
    properties: dict[str, object] = template_of(stack)["Resources"][logical_id(stack, construct)]["Properties"]
    return properties


def test_it_is_a_setting_and_no_part_of_the_request() -> None:
    stack = new_stack()
    taken = channel(stack, ml_input_channel_name="sales", adopt_existing=ARN)

    properties = properties_of(stack, taken)
    assert properties["Settings"] == {"AdoptExisting": ARN}
    assert properties["name"] == "sales"


def test_an_arn_of_another_stack_may_be_a_token() -> None:
    stack = new_stack()
    taken = channel(stack, ml_input_channel_name="sales", adopt_existing=cdk.Fn.import_value("Sales"))

    assert properties_of(stack, taken)["Settings"] == {"AdoptExisting": {"Fn::ImportValue": "Sales"}}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"adopt_existing": "sales"}, "adopt_existing is sales; allowed is the ARN of a MLInputChannel"),
        ({"adopt_existing": f"{SERVICE}:audience-model/one"}, "allowed is the ARN of a MLInputChannel"),
        ({"adopt_existing": ARN, "ml_input_channel_name": None}, "adopt_existing needs the name of what it takes over"),
    ],
)
def test_what_cannot_be_taken_over_is_said_at_synth(arguments: dict[str, str], problem: str) -> None:
    stack = new_stack()
    channel(stack, **{"ml_input_channel_name": "sales", **arguments})

    (error,) = errors_of(stack)
    assert problem in error


def test_it_has_to_be_text() -> None:
    with pytest.raises(ValueError, match="adopt_existing"):
        channel(new_stack(), ml_input_channel_name="sales", adopt_existing=object())


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_every_kind_with_tags_has_it_and_no_other(spec: object) -> None:
    one = spec_of(getattr(spec, "kind", ""))
    construct = getattr(cdk_cleanrooms_ml, one.kind)

    assert issubclass(construct, CleanRoomsMLResource)
    assert ("adopt_existing" in inspect.signature(construct.__init__).parameters) == one.is_taggable
    assert ("has no tags" in str(adoption_problems(one, ARN, {}))) != one.is_taggable
