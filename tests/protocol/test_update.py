"""Update without replacement: rules U1, U3 to U7, U9, U11 and U12 of the lifecycle contract."""

from __future__ import annotations

from typing import Literal

import pytest

from cleanrooms_ml_handlers.tags import OWNERSHIP_TAG_KEY, TAGS_PER_RESOURCE
from cleanrooms_ml_simulator.behaviors import Lag
from cleanrooms_ml_simulator.cloudformation.conductor import Target
from cleanrooms_ml_simulator.lifecycle.cases import TAG, THING, Case, failing
from cleanrooms_ml_simulator.templates import AUDIENCE_MODEL_ARN, channel, configured_audience_model, ready, template
from cleanrooms_ml_simulator.world import World


def test_u1_a_mutable_property_changes_in_place(world: World, changeable: Case) -> None:
    stack = world.stack()
    stack.create(changeable.template(tags=TAG))
    arn, before = stack.physical_id(THING), world.calls(changeable.update)
    assert stack.update(changeable.template(**changeable.changeable)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == arn
    assert world.calls(changeable.update) == before + 1
    assert world.created() == [arn]
    assert not stack.sent("Delete", THING)
    # What is adopted would keep its tags.
    assert not TAG.keys() & world.record(arn)["tags"].keys()


def test_u5_reading_back_after_an_update_returns_the_request(world: World, changeable: Case) -> None:
    stack = world.stack()
    stack.create(changeable.template(**changeable.changeable))
    changed = {**changeable.changeable, **changeable.changed}
    assert changed != changeable.changeable
    stack.update(changeable.template(tags=TAG, **changed))
    record = world.record(stack.physical_id(THING))
    shown = changeable.shown(record)
    assert {key: shown[key] for key in changed} == changed
    assert changeable.tags.items() <= record["tags"].items()
    assert not world.audit()


def test_another_audience_model_is_an_update_in_place(world: World) -> None:
    other = world.emulator.seeds.audience_model("other")
    stack = world.stack()
    stack.create(template(configured_audience_model(THING)))
    arn = stack.physical_id(THING)
    assert stack.update(template(configured_audience_model(THING, audienceModelArn=other))) == "UPDATE_COMPLETE"
    assert world.record(arn)["data"]["audienceModelArn"] == other != AUDIENCE_MODEL_ARN


def test_u3_an_update_of_a_resource_that_is_gone_fails_and_creates_nothing(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template(tags=TAG))
    made = world.created()
    world.emulator.forget(stack.physical_id(THING))
    answer = stack.request("Update", THING, {**stack.resources[THING].properties, "tags": {"team": "ads"}}).answer
    assert answer is not None
    assert not answer.is_success
    assert "is gone: it was deleted outside CloudFormation" in answer.reason
    assert answer.physical_id == stack.physical_id(THING)
    assert world.created() == made
    # A change that creates a new one is still possible.
    assert stack.update(case.template(tags=TAG, **case.run(2))) == "UPDATE_COMPLETE"


def test_u4_removing_an_optional_property_takes_effect(world: World, updatable: Case) -> None:
    stack, fresh = world.stack(), world.stack("fresh")
    stack.create(updatable.template(**updatable.changeable))
    fresh.create(updatable.template())
    arn = stack.physical_id(THING)
    assert stack.update(updatable.template()) == "UPDATE_COMPLETE"
    data, expected = world.record(arn)["data"], world.record(fresh.physical_id(THING))["data"]
    for key in updatable.changeable:
        assert (data.get(key) or None) == expected.get(key), key
    assert stack.physical_id(THING) == arn


def test_removing_what_the_api_cannot_clear_creates_a_new_resource(world: World) -> None:
    sizes = {"audienceSizeType": "ABSOLUTE", "audienceSizeBins": [10_000, 20_000_000]}
    stack = world.stack()
    stack.create(template(configured_audience_model(THING, audienceSizeConfig=sizes)))
    first = stack.physical_id(THING)
    assert world.record(first)["data"]["audienceSizeConfig"] == sizes
    assert stack.update(template(configured_audience_model(THING))) == "UPDATE_COMPLETE"
    assert world.created() == [first, stack.physical_id(THING)]
    assert "audienceSizeConfig" not in world.record(stack.physical_id(THING))["data"]


def test_other_sizes_are_an_update_in_place(world: World) -> None:
    stack = world.stack()
    for bins in ([1, 5], [1, 5, 10]):
        sizes = {"audienceSizeType": "PERCENTAGE", "audienceSizeBins": bins}
        resources = template(configured_audience_model(THING, audienceSizeConfig=sizes))
        status = stack.update(resources) if stack.resources else stack.create(resources)
        assert status.endswith("_COMPLETE")
    assert world.created() == [stack.physical_id(THING)]
    assert world.record(stack.physical_id(THING))["data"]["audienceSizeConfig"] == sizes


def test_u6_tags_are_added_changed_and_removed_in_place(world: World, tagged: Case) -> None:
    stack = world.stack()
    stack.create(tagged.template(tags={"stays": "1", "changes": "1", "goes": "1"}))
    arn = stack.physical_id(THING)
    world.set_tags(arn, {"aws:cloudformation:stack-name": "app", "others": "theirs"})
    assert stack.update(tagged.template(tags={"stays": "1", "changes": "2", "comes": "1"})) == "UPDATE_COMPLETE"
    tags = world.record(arn)["tags"]
    assert tags.pop(OWNERSHIP_TAG_KEY)
    assert tags == {
        "stays": "1",
        "changes": "2",
        "comes": "1",
        "aws:cloudformation:stack-name": "app",
        "others": "theirs",
    }
    assert world.created() == [arn]
    [untagged] = world.emulator.journal.select("UntagResource")
    assert untagged.params["tagKeys"] == ["goes"]


def test_a_change_of_tags_does_not_wait_for_the_run_again(world: World, run: Case) -> None:
    stack = world.stack()
    stack.create(run.template())
    assert stack.update(run.template(tags=TAG)) == "UPDATE_COMPLETE"
    assert not stack.sent("Update", ready(THING))


def test_all_tags_can_be_removed_and_the_ownership_tag_stays(world: World, tagged: Case) -> None:
    stack = world.stack()
    stack.create(tagged.template(tags=TAG))
    assert stack.update(tagged.template()) == "UPDATE_COMPLETE"
    assert list(world.record(stack.physical_id(THING))["tags"]) == [OWNERSHIP_TAG_KEY]


def test_c16_fifty_tags_are_refused_and_49_leave_the_ownership_tag_its_slot(world: World, tagged: Case) -> None:
    stack = world.stack()
    tags = {f"tag-{number}": "x" for number in range(TAGS_PER_RESOURCE)}
    refusal = "allowed 0 to 49, because the ownership tag takes one of the 50 that AWS allows. Drop a tag"
    assert stack.create(tagged.template(tags=tags)) == "ROLLBACK_COMPLETE"
    assert f"tags has 50 entries; {refusal}" in stack.why(THING)
    assert not world.created(str(tagged))
    key, last = tags.popitem()
    stack = world.stack()
    assert stack.create(tagged.template(tags=tags)) == "CREATE_COMPLETE"
    arn = stack.physical_id(THING)
    assert world.record(arn)["tags"].keys() == {OWNERSHIP_TAG_KEY, *tags}
    assert stack.update(tagged.template(tags={**tags, key: last})) == "UPDATE_ROLLBACK_COMPLETE"
    assert refusal in stack.why(THING)
    assert world.record(arn)["tags"].keys() == {OWNERSHIP_TAG_KEY, *tags}
    assert stack.update(tagged.template(tags=TAG)) == "UPDATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def test_c16_the_key_of_the_ownership_tag_is_refused_among_the_tags(world: World, tagged: Case) -> None:
    stack = world.stack()
    assert stack.create(tagged.template(tags={OWNERSHIP_TAG_KEY: "somebody"})) == "ROLLBACK_COMPLETE"
    assert "which is the library's ownership tag. Choose another key" in stack.why(THING)
    assert not world.created(str(tagged))


def test_c16_what_an_earlier_version_created_without_an_ownership_tag_gets_it_and_is_deleted(
    world: World, tagged: Case
) -> None:
    stack = world.stack()
    stack.create(tagged.template())
    arn = stack.physical_id(THING)
    world.emulator.state.world.records[arn].tags.clear()
    world.advance(60)
    assert stack.update(tagged.template(tags=TAG)) == "UPDATE_COMPLETE"
    assert world.record(arn)["tags"].keys() == {OWNERSHIP_TAG_KEY, *TAG}
    world.emulator.state.world.records[arn].tags.clear()
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def test_u7_a_rollback_restores_what_an_update_changed(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template(tags=TAG))
    arn = stack.physical_id(THING)
    before = world.record(arn)
    changed = case.template(failing(THING), tags={"team": "ads"}, **case.changeable)
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    after = world.record(arn)
    assert after["tags"] == before["tags"]
    for key in case.changeable:
        assert (after["data"].get(key) or None) == before["data"].get(key), key
    assert [record["arn"] for record in world.leftovers()] == case.held(arn)


@pytest.mark.parametrize("reads", ["Get", "Tags"])
@pytest.mark.parametrize("tags", [{}, {"team": "ads", "new": "1"}], ids=["removed", "changed"])
def test_u7_a_rollback_restores_tags_though_the_service_still_shows_those_before_the_update(
    world: World, tagged: Case, tags: dict[str, str], reads: Literal["Get", "Tags"]
) -> None:
    stack = world.stack()
    stack.create(tagged.template(tags=TAG))
    arn = stack.physical_id(THING)
    world.advance(60)
    before = world.record(arn)["tags"]
    Lag(reads, 20).arm(world)
    properties = stack.resources[THING].properties
    changed = {**properties, "tags": tags}
    for wanted, old in ((changed, properties), (properties, changed)):
        target = Target(THING, tagged.spec.resource_type, wanted)
        stack.declare(target)
        exchange = stack.conductor.send("Update", target, arn, old)
        world.advance(2)
        assert exchange.answer is not None
        assert exchange.answer.is_success
    assert world.record(arn)["tags"] == before


def test_u7_an_update_without_a_change_has_no_mutating_call(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template(tags=TAG, **case.members))
    before = world.mutations()
    answer = stack.request("Update", THING).answer
    assert answer is not None
    assert answer.is_success
    assert answer.physical_id == stack.physical_id(THING)
    assert dict(answer.data) == dict(stack.resources[THING].attributes)
    assert world.mutations() == before


def test_u9_another_spelling_of_a_value_is_not_a_change(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template(tags=TAG, **case.members))
    before = world.mutations()
    # As in the template, before CloudFormation turned them into strings.
    typed = case.resources(tags=TAG, **case.members)[THING]["Properties"]
    assert typed != stack.resources[THING].properties
    answer = stack.request("Update", THING, {**stack.resources[THING].properties, **typed}).answer
    assert answer is not None
    assert answer.is_success
    assert answer.physical_id == stack.physical_id(THING)
    assert world.mutations() == before


def test_another_spelling_of_a_number_is_not_a_change(world: World) -> None:
    stack = world.stack()
    stack.create(template(configured_audience_model(THING, minMatchingSeedSize=1000)))
    before = world.mutations()
    properties = {**stack.resources[THING].properties, "minMatchingSeedSize": 1000}
    assert stack.resources[THING].properties["minMatchingSeedSize"] == "1000"
    for spelling in (1000, "1.0E3", "1000.0"):
        answer = stack.request("Update", THING, {**properties, "minMatchingSeedSize": spelling}).answer
        assert answer is not None
        assert answer.physical_id == stack.physical_id(THING)
    assert world.mutations() == before


def test_another_spelling_of_a_create_only_number_creates_no_new_resource(world: World) -> None:
    stack = world.stack()
    stack.create(template(channel(THING, retentionInDays=14)))
    for spelling in (14, "14.0"):
        answer = stack.request(
            "Update", THING, {**stack.resources[THING].properties, "retentionInDays": spelling}
        ).answer
        assert answer is not None
        assert answer.physical_id == stack.physical_id(THING)
    assert len(world.created()) == 1


def test_u11_settings_of_the_library_cause_no_mutating_call(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template(tags=TAG))
    before = world.mutations()
    changed = case.template(tags=TAG)
    changed["Resources"][THING]["Properties"]["Settings"] = {"TimeoutSeconds": 1200}
    assert stack.update(changed) == "UPDATE_COMPLETE"
    assert world.mutations() == before
    assert stack.sent("Update", THING)


def test_u11_a_change_of_a_gate_or_a_wait_reads_again_and_replaces_nothing(world: World, run: Case) -> None:
    stack = world.stack()
    stack.create(run.template())
    before = world.mutations()
    gates = dict.fromkeys([*run.spec.gates][:1], 0)
    assert stack.update(run.template(gates=gates, timeout_seconds=1200)) == "UPDATE_COMPLETE"
    assert world.mutations() == before
    assert not stack.sent("Update", THING)
    assert stack.sent("Update", ready(THING))


def test_u12_a_tag_of_an_expired_run_can_be_changed(world: World, expiring: Case) -> None:
    stack = world.stack()
    stack.create(expiring.template(tags=TAG))
    arn = stack.physical_id(THING)
    world.expire(arn)
    before = world.mutations()
    assert stack.update(expiring.template(tags={"team": "ads"})) == "UPDATE_COMPLETE"
    assert world.mutations() == before
    assert stack.physical_id(THING) == arn


def test_u12_a_new_run_id_of_an_expired_run_creates_a_new_one(world: World, expiring: Case) -> None:
    stack = world.stack()
    stack.create(expiring.template(run_id="1"))
    old = stack.physical_id(THING)
    world.expire(old)
    assert stack.update(expiring.template(run_id="2")) == "UPDATE_COMPLETE"
    assert world.created() == [old, stack.physical_id(THING)]
    assert world.record(stack.physical_id(THING))["status"] == "ACTIVE"
    assert world.record(old)["status"] == "INACTIVE"
