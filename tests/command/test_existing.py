"""What is listed, and the code for it."""

from __future__ import annotations

import ast

import pytest

import cdk_cleanrooms_ml
from cleanrooms_ml_cli.stack.existing import LISTINGS, Existing, Listing, code, existing
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
    found = [
        Existing("MLInputChannel", f"arn:{number}", name, "ACTIVE", "", "from_ml_input_channel_arn")
        for number, name in enumerate(names)
    ]
    text = code(found, [MEMBERSHIP_ID])
    assigned = [node.targets[0].id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Assign)]  # type: ignore[attr-defined]
    assert len(assigned) == len(set(assigned)) == len(names) + 1
    assert assigned[-1] == "training_data"
    assert f'Membership.from_membership_id(self, "Membership", "{MEMBERSHIP_ID}")' in text


def test_nothing_is_code_too() -> None:
    assert code([]).startswith("#")
