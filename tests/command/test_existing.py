"""What is listed, and the code for it."""

from __future__ import annotations

import ast
import inspect

import pytest

import cdk_cleanrooms_ml
from cleanrooms_ml_cli.stack.existing import LISTINGS, Existing, Listing, code, existing
from cleanrooms_ml_simulator.lifecycle.cases import CHANNEL
from cleanrooms_ml_simulator.templates import MEMBERSHIP_ID, channel, generation_job, template
from cleanrooms_ml_simulator.world import World


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.kind)
def test_every_kind_that_is_listed_can_be_brought_into_an_app(listing: Listing) -> None:
    assert callable(getattr(getattr(cdk_cleanrooms_ml, listing.kind), listing.method))


def test_every_construct_that_takes_an_arn_of_the_service_is_listed() -> None:
    named = {
        name
        for name in cdk_cleanrooms_ml.__all__
        for method in vars(getattr(cdk_cleanrooms_ml, name))
        if method.startswith("from_") and method.endswith("_arn")
    }
    own = {listing.kind for listing in LISTINGS}
    # What lies in Clean Rooms itself; the account is asked about Clean Rooms ML.
    assert named - own <= {"AnalysisTemplate", "Collaboration", "Membership", "ConfiguredTable"}


def test_all_that_exists_is_listed_and_whose_it_is(world: World) -> None:
    stack = world.stack()
    assert stack.create(template(channel(), generation_job())) == "CREATE_COMPLETE"
    found = {one.arn: one for one in existing(world.service, [MEMBERSHIP_ID])}
    assert {one.kind for one in found.values()} >= {
        *("TrainingDataset", "AudienceModel", "ConfiguredAudienceModel", "MLInputChannel", "TrainedModel"),
        *("AudienceGenerationJob", "ConfiguredModelAlgorithmAssociation"),
    }
    own = found[stack.physical_id("Channel")]
    assert own.owner == f"{stack.id.rsplit('/', 1)[-1]}/Channel"
    assert {one.owner for one in found.values() if one.kind == "TrainingDataset"} == {""}


def test_what_ended_is_listed_only_if_asked_for(world: World) -> None:
    stack = world.stack()
    stack.create(template(channel()))
    arn = stack.physical_id("Channel")
    world.expire(arn)
    assert arn not in {one.arn for one in existing(world.service, [MEMBERSHIP_ID], kinds=["MLInputChannel"])}
    assert arn in {one.arn for one in existing(world.service, [MEMBERSHIP_ID], kinds=["MLInputChannel"], ended=True)}


def test_the_code_is_python_with_each_name_once() -> None:
    names = ["sales", "sales", "", "2026 jobs", "class", "Ünïcode-ß", "TrainingData-6a64cf5959-65acca3f94"]
    names += ["TrainingData-6a64cf59596a64cf-65acca3f9465acca-2"]
    found = [
        Existing("MLInputChannel", f"arn:{number}", name, "ACTIVE", "", "from_ml_input_channel_arn")
        for number, name in enumerate(names)
    ]
    text = code(found, [MEMBERSHIP_ID])
    assigned = [node.targets[0].id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Assign)]  # type: ignore[attr-defined]
    assert len(assigned) == len(set(assigned)) == len(names) + 1
    assert assigned[-2:] == ["training_data", "training_data_2"]
    assert f'Membership.from_membership_id(self, "Membership", "{MEMBERSHIP_ID}")' in text


def test_what_no_stack_owns_can_be_taken_over(world: World) -> None:
    theirs = CHANNEL.create_theirs(world, 'it "is"\\n')
    stack = world.stack()
    stack.create(template(channel()))
    found = list(existing(world.service, [MEMBERSHIP_ID]))
    calls = [node for node in ast.walk(ast.parse(code(found, adopt=True))) if isinstance(node, ast.Call)]
    read = {it.args[2].value for it in calls if len(it.args) > 2 and isinstance(it.args[2], ast.Constant)}
    taken = [{it.arg: ast.literal_eval(it.value) for it in call.keywords} for call in calls if call.keywords]

    assert {"ml_input_channel_name": 'it "is"\\n', "adopt_existing": theirs} in taken
    # What a stack owns, and what CloudFormation creates itself.
    assert stack.physical_id("Channel") in read
    assert {one.arn for one in found if one.kind == "TrainingDataset"} <= read


@pytest.mark.parametrize("listing", [it for it in LISTINGS if it.can_be_adopted], ids=lambda listing: listing.kind)
def test_the_arguments_of_taking_over_are_those_of_the_construct(listing: Listing) -> None:
    arguments = inspect.signature(getattr(cdk_cleanrooms_ml, listing.kind).__init__).parameters
    assert {f"{listing.stem}_name", "adopt_existing"} <= arguments.keys()


def test_nothing_is_code_too() -> None:
    assert code([]).startswith("#")
