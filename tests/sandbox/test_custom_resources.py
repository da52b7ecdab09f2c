"""What the launcher adds to MiniStack's custom resources, on stacks written by hand."""

from __future__ import annotations

import datetime
import json
import re
import urllib.request
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cleanrooms_ml_cli.sandbox import Sandbox

from .stacks import Stacks

FAILING = {"Id": "failing", "FailOn": ["Create"]}


def answer(event: dict[str, Any]) -> None:
    """Answers a request instead of the function."""
    same = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    body = json.dumps({"Status": "SUCCESS", "PhysicalResourceId": "answered", **same}).encode()
    with urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], body, method="PUT")) as response:
        assert response.status == 200


def test_a_reply_address_carries_its_signing_time_and_is_on_this_machine(stacks: Stacks, sandbox: Sandbox) -> None:
    before = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    assert stacks.deploy(Thing={"Id": "a"}) == "CREATE_COMPLETE"

    (event,) = stacks.events()
    address = urlsplit(event["ResponseURL"])
    assert address.netloc == f"127.0.0.1:{sandbox.port}"
    (signed,) = parse_qs(address.query)["X-Amz-Date"]
    moment = datetime.datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)
    assert before <= moment <= datetime.datetime.now(datetime.UTC)


def test_a_failed_create_is_deleted_by_the_id_of_its_answer(stacks: Stacks) -> None:
    assert stacks.deploy(Thing={"Id": "a"}, Other=FAILING) == "ROLLBACK_COMPLETE"

    assert stacks.requests() == [
        "Create Thing (a)",
        "Create Other (failing)",
        "Delete Other failing (failing)",
        "Delete Thing a (a)",
    ]
    assert stacks.history("Other")[-2:] == ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]


def test_a_failed_create_that_answered_without_an_id_is_deleted_by_an_invented_one(stacks: Stacks) -> None:
    assert stacks.deploy(Thing={**FAILING, "AnswerNoIdOn": ["Create"]}) == "ROLLBACK_COMPLETE"

    delete = stacks.events()[-1]
    assert delete["RequestType"] == "Delete"
    assert re.fullmatch(rf"{stacks.name}-Thing-[A-Z0-9]{{12}}", delete["PhysicalResourceId"])


def test_a_failed_create_of_an_update_is_deleted_in_its_cleanup(stacks: Stacks) -> None:
    stacks.deploy(Thing={"Id": "a"})
    stacks.events()

    assert stacks.deploy(Thing={"Id": "a"}, Other=FAILING) == "UPDATE_ROLLBACK_COMPLETE"

    assert stacks.requests() == ["Create Other (failing)", "Delete Other failing (failing)"]


def test_without_rollback_a_failed_create_is_deleted_with_the_stack(stacks: Stacks) -> None:
    assert stacks.deploy(rollback=False, Thing=FAILING) == "CREATE_FAILED"
    assert stacks.requests() == ["Create Thing (failing)"]

    stacks.delete()

    assert stacks.requests() == ["Delete Thing failing (failing)"]


def test_without_rollback_the_next_create_takes_the_place_of_the_failed_one(stacks: Stacks) -> None:
    stacks.deploy(rollback=False, Thing=FAILING)
    stacks.deploy(rollback=False, Thing={"Id": "b"})
    stacks.delete()

    assert stacks.requests() == ["Create Thing (failing)", "Create Thing (b)", "Delete Thing b (b)"]


def test_a_replaced_resource_is_deleted_with_its_old_properties(stacks: Stacks) -> None:
    stacks.deploy(Thing={"Id": "old"})
    stacks.events()

    assert stacks.deploy(Thing={"Id": "new"}) == "UPDATE_COMPLETE"

    assert stacks.requests() == ["Update Thing old: old -> new", "Delete Thing old (old)"]
    assert stacks.physical_id("Thing") == "new"


def test_a_cleanup_is_tried_three_times_and_then_given_up(stacks: Stacks) -> None:
    stacks.deploy(Thing={"Id": "old", "FailOn": ["Delete"]})
    stacks.events()

    assert stacks.deploy(Thing={"Id": "new"}) == "UPDATE_COMPLETE"

    assert stacks.requests() == ["Update Thing old: old -> new", *["Delete Thing old (old)"] * 3]


def test_a_stack_that_is_deleted_tries_once(stacks: Stacks) -> None:
    stacks.deploy(Thing={"Id": "a", "FailOn": ["Delete"]})
    stacks.events()

    stacks.delete()

    assert stacks.requests() == ["Delete Thing a (a)"]


def test_a_replacement_that_is_rolled_back_is_sent_back_and_then_deleted(stacks: Stacks) -> None:
    stacks.deploy(Thing={"Id": "old"})
    stacks.events()

    assert stacks.deploy(Thing={"Id": "new"}, Other=FAILING) == "UPDATE_ROLLBACK_COMPLETE"

    assert stacks.requests() == [
        "Update Thing old: old -> new",
        "Create Other (failing)",
        "Update Thing new: new -> old",
        "Delete Other failing (failing)",
        "Delete Thing new (new)",
    ]
    assert stacks.physical_id("Thing") == "old"
    assert stacks.history(stacks.name)[-1] == "UPDATE_ROLLBACK_COMPLETE"
    stacks.delete()
    assert stacks.requests() == ["Delete Thing old (old)"]


def test_a_replacement_that_the_handler_keeps_is_not_deleted(stacks: Stacks) -> None:
    stacks.deploy(Thing={"Id": "old", "KeepIdOn": ["Update"]})
    stacks.events()

    assert stacks.deploy(Thing={"Id": "new"}, Other=FAILING) == "UPDATE_ROLLBACK_COMPLETE"

    assert stacks.requests()[2:] == ["Update Thing new: new -> old", "Delete Other failing (failing)"]
    assert stacks.physical_id("Thing") == "new"


def test_a_retained_replacement_stays(stacks: Stacks) -> None:
    stacks.deploy(Thing={"Id": "old", "UpdateReplacePolicy": "Retain"})
    stacks.events()

    stacks.deploy(Thing={"Id": "new", "UpdateReplacePolicy": "Retain"}, Other=FAILING)

    assert not [request for request in stacks.requests() if request.startswith("Delete Thing")]
    assert stacks.history("Thing")[-1] == "DELETE_SKIPPED"


def test_a_failed_update_is_sent_back_under_its_own_id(stacks: Stacks) -> None:
    stacks.deploy(Thing={"Id": "a", "V": "1"})
    stacks.events()

    assert stacks.deploy(Thing={"Id": "a", "V": "2", "FailOn": ["Update"]}) == "UPDATE_ROLLBACK_COMPLETE"

    assert stacks.requests() == ["Update Thing a: a -> a", "Update Thing a: a -> a"]


def test_a_failed_update_that_answered_with_a_new_id_is_sent_back_under_it(stacks: Stacks) -> None:
    stacks.deploy(Thing={"Id": "old"})
    stacks.events()

    assert stacks.deploy(Thing={"Id": "new", "FailOn": ["Update"]}) == "UPDATE_ROLLBACK_COMPLETE"

    assert stacks.requests() == [
        "Update Thing old: old -> new",
        "Update Thing new: new -> old",
        "Delete Thing new (new)",
    ]
    assert stacks.physical_id("Thing") == "old"


def test_a_rollback_that_failed_is_cleaned_up_when_it_is_continued(stacks: Stacks, sandbox: Sandbox) -> None:
    stacks.deploy(Thing={"Id": "old", "FailOn": ["Update"]})
    stacks.events()
    assert stacks.deploy(Thing={"Id": "new"}, Other=FAILING) == "UPDATE_ROLLBACK_FAILED"
    assert stacks.requests()[2] == "Update Thing new: new -> old"

    sandbox.client("cloudformation").continue_update_rollback(StackName=stacks.name, ResourcesToSkip=["Thing"])

    assert stacks.settled() == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.physical_id("Thing") == "new"
    assert not stacks.requests()


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"Id": "a", "Long": "5000"}, "Response object is too long."),
        ({"Id": "a", "AnswerNoIdOn": ["Create"]}, "Invalid PhysicalResourceId"),
    ],
)
def test_an_answer_that_cloudformation_refuses_fails_the_resource(
    stacks: Stacks, properties: dict[str, object], reason: str
) -> None:
    assert stacks.deploy(Thing=properties) == "ROLLBACK_COMPLETE"

    assert stacks.reason("Thing") == reason


def test_a_crashing_function_is_tried_again_and_then_its_destination_gets_the_event(stacks: Stacks) -> None:
    """The rescue function, which gets it, answers FAILED; without it the stack would wait for its time-out."""
    assert stacks.deploy(Thing={"Id": "a", "CrashOn": ["Create"], "Reason": "rescued"}) == "ROLLBACK_COMPLETE"

    assert stacks.requests() == ["Create Thing (a)", "Create Thing (a)", "Rescue Thing (a)", "Delete Thing a (a)"]
    assert stacks.reason("Thing") == "rescued"


def test_a_destination_that_crashes_is_tried_again_as_well(stacks: Stacks) -> None:
    stacks.begin(Thing={"Id": "a", "CrashOn": ["Create", "Rescue"]})

    stacks.wait_for("Rescue Thing (a)", 3)

    answer(stacks.events()[0])
    assert stacks.settled() == "CREATE_COMPLETE"


def test_what_a_resource_needs_stays_when_it_cannot_be_deleted(stacks: Stacks) -> None:
    stacks.deploy(Needed={"Id": "needed"}, Thing={"Id": "a", "FailOn": ["Delete"]}, Last={"Id": "last"})
    stacks.events()

    stacks.delete()
    assert stacks.requests() == ["Delete Last last (last)", "Delete Thing a (a)"]
    assert stacks.history("Needed") == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]

    stacks.delete()
    assert stacks.requests() == ["Delete Thing a (a)"]


def test_the_function_of_an_event_rule_is_tried_again(stacks: Stacks, sandbox: Sandbox) -> None:
    stacks.deploy(Thing={"Id": "a"})
    stacks.events()
    function = sandbox.client("lambda").get_function(FunctionName=stacks.physical_id("Function"))
    events = sandbox.client("events")
    events.put_rule(Name=stacks.name, EventPattern='{"source": ["test"]}')
    events.put_targets(Rule=stacks.name, Targets=[{"Id": "Function", "Arn": function["Configuration"]["FunctionArn"]}])

    # It is no event of CloudFormation: the function writes it down and dies.
    events.put_events(Entries=[{"Source": "test", "DetailType": "test", "Detail": "{}"}])

    stacks.wait_for_events(3)
    first, second, rescued = stacks.events()
    assert first["source"] == second["source"] == rescued["source"] == "test"
    assert rescued["RequestType"] == "Rescue"
