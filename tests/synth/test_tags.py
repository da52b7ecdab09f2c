"""Tags: from the argument, from aspects, and their limit."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from cleanrooms_ml_handlers.tags import TAGS_PER_RESOURCE
from cleanrooms_ml_policy import check_template
from tests.synth.stacks import Template, channel, configured, errors_of, job, new_stack, only, resources_of, template_of

MODEL = "Custom::CleanRoomsML-ConfiguredAudienceModel"
KINDS = [MODEL, "Custom::CleanRoomsML-MLInputChannel", "Custom::CleanRoomsML-AudienceGenerationJob"]


@pytest.mark.parametrize("kind", KINDS)
def test_tags_of_the_app_reach_every_kind(template: Template, kind: str) -> None:
    for resource in resources_of(template, kind).values():
        assert resource["Properties"]["tags"]["team"] == "aspect"


def test_an_aspect_wins_over_the_argument_as_everywhere_in_the_cdk(template: Template) -> None:
    assert only(template, MODEL)["Properties"]["tags"] == {"team": "aspect", "purpose": "tests"}


def test_waiting_has_no_tags(template: Template) -> None:
    assert not any(
        "tags" in each["Properties"] for each in resources_of(template, "Custom::CleanRoomsML-Wait").values()
    )


def test_without_tags_nothing_is_rendered() -> None:
    stack = new_stack()
    configured(stack)
    assert "tags" not in only(template_of(stack), MODEL)["Properties"]


def test_an_aspect_may_remove_a_tag() -> None:
    stack = new_stack()
    cdk.Tags.of(configured(stack, tags={"a": "1", "b": "2"})).remove("a")
    assert only(template_of(stack), MODEL)["Properties"]["tags"] == {"b": "2"}


@pytest.mark.parametrize("make", [configured, channel, job])
def test_tags_are_counted_after_aspects(make: object) -> None:
    stack = new_stack()
    one = make(stack, tags={f"k{number}": "v" for number in range(TAGS_PER_RESOURCE - 1)})  # type: ignore[operator]
    cdk.Tags.of(one).add("one", "more")
    (error,) = errors_of(stack)
    assert "tags has 50 entries; allowed 0 to 49, because the ownership tag takes one" in error


@pytest.mark.parametrize("count", [TAGS_PER_RESOURCE, TAGS_PER_RESOURCE + 1, 201])
@pytest.mark.parametrize("kind", ["construct", "command"])
def test_too_many_tags_are_one_sentence(kind: str, count: int) -> None:
    stack = new_stack()
    given = configured(stack)
    tags = {f"k{number}": "v" for number in range(count)}
    if kind == "construct":
        for key, value in tags.items():
            cdk.Tags.of(given).add(key, value)
        found = errors_of(stack)
    else:
        template = dict(template_of(stack))
        only(template, MODEL)["Properties"]["tags"] = tags
        found = [each.message for each in check_template(template)]
    (error,) = found
    assert f"has {count} entries; allowed 0 to 49, because the ownership tag takes one of the 50" in error


def test_every_resource_has_room_for_the_ownership_tag() -> None:
    fifty = {f"k{number}": "v" for number in range(TAGS_PER_RESOURCE)}
    stack = new_stack()
    configured(stack, "Generated", tags=fifty)
    configured(stack, "Fixed", tags=fifty, configured_audience_model_name="spring")
    generated, fixed = errors_of(stack)
    assert generated.startswith("[Stack] Stack/Generated: tags has 50 entries; allowed 0 to 49")
    assert fixed.startswith("[Stack] Stack/Fixed: tags has 50 entries; allowed 0 to 49")


def test_tags_that_belong_to_others_are_refused() -> None:
    stack = new_stack()
    configured(stack, tags={"AWS:x": "1", "cdk-cleanrooms-ml:owner": "me", "fine": "v" * 257})
    errors = "\n".join(errors_of(stack))
    assert 'tags has the key "AWS:x"' in errors
    assert 'tags has the key "cdk-cleanrooms-ml:owner"' in errors
    assert 'tags["fine"] has 257 characters; allowed 0 to 256' in errors


def test_tags_of_the_stack_are_inherited_below_all_others() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack", tags={"cost": "stack", "team": "stack", "gone": "stack"})
    made = channel(stack, tags={"team": "own"})
    cdk.Tags.of(made).remove("gone")
    configured(stack)
    template = template_of(stack)
    assert only(template, "Custom::CleanRoomsML-MLInputChannel")["Properties"]["tags"] == {
        "cost": "stack",
        "team": "own",
    }
    assert only(template, "Custom::CleanRoomsML-ConfiguredAudienceModel")["Properties"]["tags"] == {
        "cost": "stack",
        "team": "stack",
        "gone": "stack",
    }


def test_tags_that_an_aspect_gives_to_the_stack_alone_are_inherited_too() -> None:
    stack = new_stack()
    configured(stack)
    cdk.Tags.of(stack).add("cost", "42", include_resource_types=["aws:cdk:stack"])
    properties = only(template_of(stack), "Custom::CleanRoomsML-ConfiguredAudienceModel")["Properties"]
    assert properties["tags"] == {"cost": "42"}


def test_a_nested_stack_inherits_from_its_parent() -> None:
    parent = cdk.Stack(cdk.App(), "Parent", tags={"cost": "42"})
    nested = cdk.NestedStack(parent, "Nested")
    configured(nested)
    properties = only(template_of(nested), "Custom::CleanRoomsML-ConfiguredAudienceModel")["Properties"]
    assert properties["tags"] == {"cost": "42"}


def test_inherited_tags_count() -> None:
    stack = cdk.Stack(cdk.App(), "Stack", tags={f"key{number}": "x" for number in range(TAGS_PER_RESOURCE + 1)})
    configured(stack)
    (error,) = errors_of(stack)
    assert "tags has 51 entries; allowed 0 to 49" in error
