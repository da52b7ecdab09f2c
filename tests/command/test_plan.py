"""What a plan says in addition to the calls: causes, cascades, clashes, thresholds, what is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from cleanrooms_ml_cli.account.stacks import DeployedStack
from cleanrooms_ml_cli.account.values import DeployedValues
from cleanrooms_ml_cli.plan.assembly import Synthesized
from cleanrooms_ml_cli.plan.change import Action, Change, FailOn, Plan
from cleanrooms_ml_cli.plan.command import classes
from cleanrooms_ml_cli.plan.facts import Facts
from cleanrooms_ml_cli.plan.planner import plan
from cleanrooms_ml_cli.plan.render import as_markdown, as_text
from cleanrooms_ml_simulator.templates import (
    AUDIENCE_MODEL_ARN,
    DATASET_ARN,
    MEMBERSHIP_ID,
    QUERY,
    ROLE_ARN,
    Resources,
    channel,
    configured_audience_model,
    described,
    generation_job,
    get,
    ready,
    template,
    watched,
)
from cleanrooms_ml_simulator.world import World

from .account import Account

_OTHER_QUERY = "SELECT a_secret FROM b"
_LONG_SECONDS = 4000


def _model(channel_id: str = "Channel") -> Resources:
    """A trained model on the data of a channel of the same template."""
    request = {
        "membershipIdentifier": MEMBERSHIP_ID,
        "configuredModelAlgorithmAssociationArn": channel()["Channel"]["Properties"][
            "configuredModelAlgorithmAssociations"
        ][0],
        "resourceConfig": {"instanceType": "ml.m5.4xlarge", "volumeSizeInGB": 30},
        "dataChannels": [{"channelName": "train", "mlInputChannelArn": get(channel_id, "Arn")}],
    }
    resources = described("TrainedModel", request, "Trained", waits=True)
    resources["Trained"]["DependsOn"] = [ready(channel_id)]
    return resources


def _by_place(found: Plan) -> dict[str, Change]:
    return {change.where: change for change in found.changes}


def test_another_query_is_a_new_run_that_deletes_data_and_is_never_shown(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(channel()))
    found = account.plan(stack, template(channel(query=_OTHER_QUERY)))
    (change,) = found.changes
    assert change.action is Action.REPLACE
    (cause,) = change.causes
    assert cause.endswith("sqlParameters")
    assert stack.physical_id("Channel") in change.deletes
    assert found.classes == set(FailOn)
    told = as_text([found]) + as_markdown([found]) + json.dumps(found.as_json())
    assert not any(secret in told for secret in (QUERY, _OTHER_QUERY))
    assert "billed in CRPU-hours of the query" in told


def test_what_is_created_from_a_replaced_run_is_replaced_too(world: World, account: Account) -> None:
    stack = world.stack()
    assert stack.create(template(channel(), _model())) == "CREATE_COMPLETE"
    changed = template(channel(run_id="2"), _model())
    found = account.plan(stack, changed)
    assert [(one.where, one.action) for one in found.changes] == [
        ("Channel", Action.REPLACE),
        ("Trained", Action.REPLACE),
    ]
    assert _by_place(found)["Trained"].causes == ("dataChannels[0].mlInputChannelArn",)
    assert "(Channel.Arn, known after deploy)" in as_text([found])
    before = stack.physical_id("Trained")
    assert stack.update(changed) == "UPDATE_COMPLETE"
    assert stack.physical_id("Trained") != before


def test_what_names_a_model_that_is_updated_in_place_stays(world: World, account: Account) -> None:
    parts = [generation_job(model=get("Model", "Arn"))]
    stack = world.stack()
    stack.create(template(configured_audience_model(), *parts))
    found = account.plan(stack, template(configured_audience_model(description="another"), *parts))
    assert [(one.where, one.action) for one in found.changes] == [("Model", Action.UPDATE)]
    assert found.unchanged == 1
    assert not found.classes


def test_a_foreign_resource_of_the_same_name_clashes(world: World, account: Account) -> None:
    world.call("CreateAudienceModel", name="mine", trainingDatasetArn=DATASET_ARN)
    # A moment after its creation its tags may not show yet.
    world.simulation.sleep(60)
    wanted = template(
        described("AudienceModel", {"trainingDatasetArn": DATASET_ARN, "name": "mine"}, "Model", waits=True)
    )
    (change,) = account.plan(world.stack(), wanted).changes
    assert change.action is Action.FAIL
    assert "exists already and is not this stack's" in change.failure


def test_a_taken_name_of_a_kind_whose_names_are_unique_clashes(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(channel(name="mine")))
    other = world.stack("other")
    (change,) = account.plan(other, template(channel(name="mine"))).changes
    assert "exists already and is not this stack's" in change.failure
    assert other.create(template(channel(name="mine"))) == "ROLLBACK_COMPLETE"


def test_a_fixed_name_cannot_have_another_query(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(channel(name="mine")))
    found = account.plan(stack, template(channel(name="mine", query=_OTHER_QUERY)))
    assert "change the name too" in found.changes[0].failure
    assert found.fails


def test_what_is_retained_is_not_deleted(world: World, account: Account) -> None:
    kept = channel()
    kept["Channel"] |= {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    stack = world.stack()
    stack.create(template(kept))
    (removed,) = account.plan(stack, template()).changes
    assert (removed.action, removed.deletes, removed.calls) == (Action.KEEP, "", ())
    another = channel(run_id="2")
    another["Channel"] |= {"UpdateReplacePolicy": "Retain"}
    (replaced,) = account.plan(stack, template(another)).changes
    assert (replaced.action, replaced.deletes) == (Action.REPLACE, "")
    assert "retained" in replaced.notes[0]


def test_going_back_to_a_retained_run_starts_none(world: World, account: Account) -> None:
    first, second = channel(run_id="1"), channel(run_id="2")
    for each in (first, second):
        each["Channel"] |= {"UpdateReplacePolicy": "Retain"}
    stack = world.stack()
    stack.create(template(first))
    assert stack.update(template(second)) == "UPDATE_COMPLETE"
    (change,) = account.plan(stack, template(first)).changes
    assert change.action is Action.REPLACE
    assert not change.run
    since = world.calls("CreateMLInputChannel")
    assert stack.update(template(first)) == "UPDATE_COMPLETE"
    assert world.calls("CreateMLInputChannel") == since


def test_a_threshold_that_the_figures_do_not_reach_fails_the_plan_as_it_does_the_deployment(
    world: World, account: Account
) -> None:
    stack = world.stack()
    stack.create(template(channel()))
    strict = template(channel(gates={"minimumRecords": 10**12}))
    (change,) = account.plan(stack, strict).changes
    assert (change.kind, change.action) == ("Wait", Action.FAIL)
    assert "below minimum_records" in change.failure
    assert stack.update(strict) == "UPDATE_ROLLBACK_COMPLETE"
    assert change.failure in stack.why(ready("Channel"))


def test_a_run_that_still_runs_is_waited_for(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(watched(generation_job(), "Job")))
    (change,) = account.plan(stack, template()).changes
    assert "its deletion waits for its end" in change.notes[0]


def test_a_reference_that_only_the_deployment_knows_fits_the_request(world: World, account: Account) -> None:
    role = {"Role": {"Type": "AWS::IAM::Role", "Properties": {}}}
    resources = channel()
    resources["Channel"]["Properties"]["inputChannel"]["roleArn"] = get("Role", "Arn")
    (change,) = account.plan(world.stack(), template(role, resources)).changes
    assert (change.action, change.failure) == (Action.CREATE, "")


def test_conditions_parameters_and_nested_stacks_are_resolved(world: World, account: Account) -> None:
    nested = {
        "Parameters": {"Model": {"Type": "String"}},
        **template(configured_audience_model(audienceModelArn={"Ref": "Model"})),
    }
    top: Mapping[str, Any] = {
        "Parameters": {"Stage": {"Type": "String", "Default": "test"}},
        "Conditions": {"IsProduction": {"Fn::Equals": [{"Ref": "Stage"}, "production"]}},
        "Resources": {
            "Child": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {"Parameters": {"Model": AUDIENCE_MODEL_ARN}},
            },
            "Channel": {**channel()["Channel"], "Condition": "IsProduction"},
        },
    }
    deployed = account.values(world.stack())
    now = world.simulation.now
    stack = Synthesized("app", top, nested={"Child": Synthesized("app/Child", nested)})
    found = plan(stack, deployed, world.service, Facts(), now)
    assert [(one.kind, one.action) for one in found.changes] == [("ConfiguredAudienceModel", Action.CREATE)]


def test_what_is_in_a_nested_stack_that_leaves_is_deleted(world: World, account: Account) -> None:
    child = world.stack("child")
    child.create(template(channel()))
    top = DeployedStack("top", child.id, "CREATE_COMPLETE", nested={"Child": account.deployed(child)})
    values = DeployedValues(top, world.service, world.simulation.now)
    found = plan(Synthesized("top", {"Resources": {}}), values, world.service, Facts(), world.simulation.now)
    assert [(one.stack, one.action) for one in found.changes] == [("child", Action.DELETE)]
    assert child.physical_id("Channel") in found.changes[0].deletes


def test_a_changed_type_is_what_cloudformation_refuses(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(channel("Thing")))
    (change, *_) = account.plan(stack, template(generation_job("Thing"))).changes
    assert "its type cannot change" in change.failure


def test_a_time_limit_of_the_request_is_reported(world: World, account: Account) -> None:
    limited = _model()
    limited["Trained"]["Properties"]["stoppingCondition"] = {"maxRuntimeInSeconds": 7200}
    found = account.plan(world.stack(), template(channel(), limited))
    assert "takes minutes to hours; at most 2h" in _by_place(found)["Trained"].run


def test_markdown_shows_signs_as_they_are() -> None:
    change = Change("app", "Data", "Wait", Action.FAIL, failure="a | b <script> *c* _d_")
    text = as_markdown([Plan("app", False, (change,))])
    assert r"a \| b &lt;script&gt; \*c\* \_d\_" in text


def test_without_a_change_nothing_is_sent_even_if_the_resource_is_gone(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(generation_job()))
    world.call("DeleteAudienceGenerationJob", audienceGenerationJobArn=stack.physical_id("Job"))
    world.advance(_LONG_SECONDS)
    assert not account.plan(stack, template(generation_job())).changes
    changed = template(generation_job(tags={"a": "b"}))
    (change,) = account.plan(stack, changed).changes
    assert "deleted outside CloudFormation" in change.failure
    assert stack.update(changed).startswith("UPDATE_ROLLBACK")
    assert change.failure in stack.why("Job")


def test_a_member_that_the_api_cannot_take_away_is_a_cause_when_it_comes(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(configured_audience_model()))
    sizes = {"audienceSizeType": "PERCENTAGE", "audienceSizeBins": [1, 5]}
    (change,) = account.plan(stack, template(configured_audience_model(audienceSizeConfig=sizes))).changes
    assert (change.action, change.causes) == (Action.REPLACE, ("audienceSizeConfig",))


def test_nothing_to_do_is_said(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(channel()))
    found = account.plan(stack, template(channel()))
    assert as_text([found]) == "app: nothing changes in Clean Rooms ML (1 unchanged)"


def test_the_classes_of_fail_on() -> None:
    assert classes("replace, new-run") == {"replace", "new-run"}
    assert {each.value for each in FailOn} == classes("replace,new-run,delete")
    for text in ("", "all", "replace,everything"):
        with pytest.raises(Exception, match="write any of"):
            classes(text)


def test_the_role_of_a_deployed_stack_is_known_by_its_name(world: World) -> None:
    from cleanrooms_ml_cli.account.stacks import StackResource

    entry = {"Type": "AWS::IAM::Role", "Properties": {"Path": {"Fn::Sub": "/cleanrooms-ml/${AWS::StackName}/"}}}
    stack = DeployedStack(
        "app",
        "arn:aws:cloudformation:us-east-1:000000000000:stack/app/guid",
        "CREATE_COMPLETE",
        {"Resources": {"Role": entry}},
        {"Role": StackResource("Role", "AWS::IAM::Role", "service")},
    )
    values = DeployedValues(stack, world.service, world.simulation.now)
    assert values.lookup("Role", "Arn") == ROLE_ARN
