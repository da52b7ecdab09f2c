"""The test of a new resource, and what the lifecycle tests have to know of it."""

from __future__ import annotations

import re

from cleanrooms_ml_simulator.templates import ACCOUNT as ACCOUNT_OF_THE_STACKS

from .resource import MEMBERSHIP, Resource
from .samples import ACCOUNT, sample
from .writing import article, entries, indented, longer_lines, snake


def test(one: Resource) -> str:
    """The test's file: how to create one, which the tests of every kind use too, and what is rendered."""
    required = [name for name in one.needed if name != MEMBERSHIP]
    values = {name: sample(one.model, one.members[name]) for name in required}
    member = one.in_membership
    given = {f'"{snake(name)}"': value for name, value in values.items()}
    expected = {f'"{name}"': value for name, value in values.items()}
    if member:
        given = {'"membership"': 'Membership.from_membership_id(stack, f"{id}Membership", MEMBERSHIP)', **given}
        expected = {f'"{MEMBERSHIP}"': "MEMBERSHIP", **expected}
    return f'''"""{one.kind}: what is rendered."""
{longer_lines(given.values())}
from __future__ import annotations

from typing import Any

import aws_cdk as cdk

from cdk_cleanrooms_ml import {one.kind}{", Membership" if member else ""}
from tests.synth.stacks import {"MEMBERSHIP, " if member else ""}logical_id, new_stack, only, template_of


def {one.stem}(stack: cdk.Stack, id: str = "One", **changes: Any) -> {one.kind}:
    """{article(one.words)} with only the required arguments."""
    given: dict[str, Any] = {{
{_items(given, 8)}        **changes,
    }}
    return {one.kind}(stack, id, **given)


def test_it_is_the_request_in_the_apis_words() -> None:
    stack = new_stack()
    one = {one.stem}(stack)
    properties = dict(only(template_of(stack), "Custom::CleanRoomsML-{one.kind}")["Properties"])
    assert (properties.pop("ServiceTimeout"), "ServiceToken" in properties) == (3600, True)
    del properties["ServiceToken"]
    assert properties == {{
{_items(expected, 8)}    }}
    for attribute, name in {{"arn": "Arn", "name": "Name"}}.items():
        value = stack.resolve(getattr(one, f"{one.stem}_{{attribute}}"))
        assert value == {{"Fn::GetAtt": [logical_id(stack, one), name]}}
'''


def _items(values: dict[str, str], by: int) -> str:
    return indented((f"{name}: {value}," for name, value in values.items()), by)


# What the simulator's World has, by the word of its ARN.
_IN_WORLD = {
    "audience-generation-job": "PROVIDED_JOB_ARN",
    "audience-model": "AUDIENCE_MODEL_ARN",
    "configured-audience-model": "PROVIDED_MODEL_ARN",
    "configured-model-algorithm-association": "ASSOCIATION_ARN",
    "ml-input-channel": "CHANNEL_ARN",
    "role": "ROLE_ARN",
    "trained-model": "TRAINED_MODEL_ARN",
    "training-dataset": "DATASET_ARN",
}
_SAMPLE_ARN = re.compile(r'"arn:aws:(?:cleanrooms-ml|iam):[^"]*?:(?:membership/[^/"]+/)?([a-z-]+)/[^"/]+"')


def facts(one: Resource) -> str:
    """The entry of `FACTS`, from which every lifecycle test makes its requests."""
    required = [name for name in one.needed if name != MEMBERSHIP]
    least = {MEMBERSHIP: "MEMBERSHIP_ID"} if one.in_membership else {}
    least |= {name: _in_world(sample(one.model, one.members[name])) for name in required}
    members = {"description": '"one"'} if "description" in one.members else {}
    others = {name: _in_world(sample(one.model, one.members[name], "two")) for name in required}
    new = [name for name in required if name not in one.changeable and others[name] != least[name]][:1]
    return f'''    # Look: what it names has to be in `World`; `members` needs a member of each scalar type.
    "{one.kind}": Facts(
        least={entries(least)},
        members={entries(members)},
        create_only={entries({name: others[name] for name in new})},
    ),
'''


def _in_world(value: str) -> str:
    """A sample, with the ARNs of what the World has, and everything else of the stacks' own account."""
    provided = _SAMPLE_ARN.sub(lambda found: _IN_WORLD.get(found[1], found[0]), value)
    return provided.replace(f":{ACCOUNT}:", f":{ACCOUNT_OF_THE_STACKS}:")
