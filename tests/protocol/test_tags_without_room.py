"""Tags that find no room beside those of others, which stay: rules C15, C16 and U6 of the lifecycle contract."""

from __future__ import annotations

import pytest

from cleanrooms_ml_handlers.tags import OWNERSHIP_TAG_KEY, TAGS_PER_RESOURCE
from cleanrooms_ml_simulator.lifecycle.cases import TAG, THING, Case
from cleanrooms_ml_simulator.templates import retaining, template
from cleanrooms_ml_simulator.world import World

from .test_adoption import EXISTING, adopting
from .test_canceled_creates import OTHER

MOST = TAGS_PER_RESOURCE - 1


def tags(count: int, prefix: str = "tag") -> dict[str, str]:
    """So many tags."""
    return {f"{prefix}-{number}": "1" for number in range(count)}


def arn_of(physical_id: str) -> str:
    return physical_id.partition("#")[0]


@pytest.mark.parametrize("renamed", [1, 7])
def test_c15_what_comes_back_with_renamed_tags_says_which_are_in_the_way(
    world: World, tagged: Case, renamed: int
) -> None:
    stack = world.stack()
    assert stack.create(template(retaining(tagged.resources(tags=tags(MOST))), OTHER)) == "CREATE_COMPLETE"
    physical_id = stack.physical_id(THING)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.advance(600)
    before = dict(world.record(physical_id)["tags"])
    asked = {**dict([*tags(MOST).items()][renamed:]), **tags(renamed, "renamed")}
    back = template(retaining(tagged.resources(tags=asked)), OTHER)
    assert stack.update(back) == "UPDATE_ROLLBACK_COMPLETE"
    reason = stack.why(THING)
    assert f"would have {TAGS_PER_RESOURCE + renamed} tags; allowed are {TAGS_PER_RESOURCE}" in reason
    assert '"tag-0"' in reason
    assert ('"tag-4" and 2 more' in reason) is (renamed == 7)
    assert "Remove them by hand, or ask for fewer new ones" in reason
    assert OWNERSHIP_TAG_KEY not in reason
    # It is as it was, and comes back when there is room.
    assert world.record(physical_id)["tags"] == before
    keys = [*tags(renamed)]
    world.call("UntagResource", service=tagged.spec.service, resourceArn=arn_of(physical_id), tagKeys=keys)
    assert stack.update(back) == "UPDATE_COMPLETE", stack.why(THING)
    assert stack.physical_id(THING) == physical_id
    assert world.record(physical_id)["tags"].keys() == {OWNERSHIP_TAG_KEY, *asked}


def test_u6_an_update_says_which_tags_of_others_leave_no_room(world: World, tagged: Case) -> None:
    stack = world.stack()
    assert stack.create(tagged.template(tags=TAG)) == "CREATE_COMPLETE"
    world.advance(600)
    physical_id = stack.physical_id(THING)
    world.call("TagResource", service=tagged.spec.service, resourceArn=arn_of(physical_id), tags={**tags(2, "theirs")})
    world.advance(600)
    assert stack.update(tagged.template(tags=tags(MOST))) == "UPDATE_ROLLBACK_COMPLETE"
    assert f"would have {TAGS_PER_RESOURCE + 2} tags; allowed are {TAGS_PER_RESOURCE}" in stack.why(THING)
    assert '"theirs-0", "theirs-1". Remove' in stack.why(THING)
    assert world.record(physical_id)["tags"].keys() == {OWNERSHIP_TAG_KEY, *TAG, *tags(2, "theirs")}


def test_c16_what_is_taken_over_says_which_tags_leave_no_room(world: World, tagged: Case) -> None:
    theirs = tagged.create_theirs(world, EXISTING)
    world.call("TagResource", service=tagged.spec.service, resourceArn=arn_of(theirs), tags=tags(MOST, "theirs"))
    before = dict(world.record(theirs)["tags"])
    stack = world.stack()
    assert stack.create(adopting(tagged, theirs, tags=tags(3))) == "ROLLBACK_COMPLETE"
    assert '"theirs-4" and 44 more. Remove' in stack.why(THING)
    assert world.record(theirs)["tags"] == before
