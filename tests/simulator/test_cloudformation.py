"""Who checks the checker: the stack operations do what AWS documents, driven by a function that answers by a script."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from cleanrooms_ml_simulator.cloudformation.conductor import Conductor
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.cloudformation.template import stringified
from cleanrooms_ml_simulator.functions import Function, Lambda
from cleanrooms_ml_simulator.simulation import Simulation

_STACK_ID = "arn:aws:cloudformation:us-east-1:000000000000:stack/app/6a2b3c4d"


@dataclass
class Script:
    """A custom resource that answers as ordered, and otherwise with SUCCESS and an id derived from its logical id.

    Attributes:
        plans: What to answer, by request type and logical id, one after the other: members of the answer, and
            `seconds` until it is sent; None never answers.
    """

    simulation: Simulation
    plans: dict[tuple[str, str], list[Mapping[str, Any] | None]] = field(default_factory=dict)

    def run(self, event: Mapping[str, Any]) -> None:
        plans = self.plans.get((event["RequestType"], event["LogicalResourceId"]), [])
        plan = plans.pop(0) if plans else {}
        if plan is None:
            return
        members = dict(plan)
        self.simulation.sleep(members.pop("seconds", 1))
        answer = {
            "Status": "SUCCESS",
            "PhysicalResourceId": event.get("PhysicalResourceId") or f"{event['LogicalResourceId']}-1",
            "Data": {"Value": event["ResourceProperties"].get("value", "")},
            **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
            **members,
        }
        put = urllib.request.Request(
            event["ResponseURL"], json.dumps(answer).encode(), {"Content-Type": ""}, method="PUT"
        )
        urllib.request.urlopen(put).close()


@dataclass
class Desk:
    """A stack and the script that answers it."""

    stack: Stack
    script: Script

    def sent(self) -> list[tuple[str, str, str]]:
        """Type, logical id and physical id of every request so far."""
        return [(it.kind, it.logical_id, it.physical_id) for it in self.stack.exchanges]


@pytest.fixture
def desk() -> Iterator[Desk]:
    simulation, replies = Simulation(), ReplyServer()
    script = Script(simulation)
    front = Function("front", "arn:aws:lambda:us-east-1:000000000000:function:f", script.run, {}, 0, 60, 7200)
    conductor = Conductor(_STACK_ID, front, Lambda(simulation), replies, simulation)
    yield Desk(Stack("app", _STACK_ID, conductor, simulation), script)
    simulation.close()
    replies.close()


def resource(value: Any = "1", **more: Any) -> dict[str, Any]:
    """A resource with one property."""
    return {"Type": "Custom::Thing", "Properties": {"value": value}, **more}


def resources(**by_id: Mapping[str, Any]) -> dict[str, Any]:
    """A template."""
    return {"Resources": by_id}


_OF_A = {"Fn::GetAtt": ["A", "Value"]}


def test_scalars_become_the_strings_that_cloudformation_makes() -> None:
    given = {"yes": True, "no": False, "n": 16, "share": 0.8, "many": 2e7, "list": [1, "a"], "map": {"n": 25}}
    assert stringified(given) == {
        "yes": "true",
        "no": "false",
        "n": "16",
        "share": "0.8",
        "many": "2.0E7",
        "list": ["1", "a"],
        "map": {"n": "25"},
    }


def test_creates_follow_dependencies_and_the_independent_go_together(desk: Desk) -> None:
    template = resources(A=resource(), B=resource(_OF_A), C=resource(), D=resource(DependsOn=["B", "C"]))
    template["Outputs"] = {"Out": {"Value": {"Ref": "D"}}}
    assert desk.stack.create(template) == "CREATE_COMPLETE"
    a, c, b, d = desk.stack.exchanges
    assert [it.logical_id for it in (a, c, b, d)] == ["A", "C", "B", "D"]
    assert a.sent == c.sent < b.sent < d.sent
    assert b.event["ResourceProperties"]["value"] == "1"
    assert desk.stack.outputs == {"Out": "D-1"}


def test_a_failed_create_is_deleted_by_the_id_of_its_answer_and_the_cancelled_by_an_invented_one(desk: Desk) -> None:
    desk.script.plans["Create", "A"] = [{"Status": "FAILED", "Reason": "no", "PhysicalResourceId": "a-real-id"}]
    desk.script.plans["Create", "B"] = [{"seconds": 100}]
    assert desk.stack.create(resources(A=resource(), B=resource())) == "ROLLBACK_COMPLETE"
    deletes = {logical_id: physical_id for kind, logical_id, physical_id in desk.sent() if kind == "Delete"}
    assert deletes["A"] == "a-real-id"
    assert deletes["B"].startswith("app-B-")
    assert "Message returned: no (RequestId: " in desk.stack.why("A")
    assert desk.stack.why("B") == "Resource creation cancelled"
    assert desk.stack.reason.startswith("The following resource(s) failed to create: [A, B]")


def test_no_answer_means_waiting_for_the_time_out_and_an_invented_id(desk: Desk) -> None:
    desk.script.plans["Create", "A"] = [None]
    template = resources(A=resource())
    template["Resources"]["A"]["Properties"]["ServiceTimeout"] = 600
    assert desk.stack.create(template) == "ROLLBACK_COMPLETE"
    assert "did not receive a response from your Custom Resource" in desk.stack.why("A")
    create, delete = desk.stack.exchanges
    assert 600 <= delete.sent - create.sent < 610
    assert delete.physical_id.startswith("app-A-")


def test_without_rollback_everything_stays_and_the_next_deployment_creates_again(desk: Desk) -> None:
    desk.script.plans["Create", "B"] = [{"Status": "FAILED", "Reason": "no"}]
    template = resources(A=resource(), B=resource(_OF_A))
    assert desk.stack.create(template, disable_rollback=True) == "CREATE_FAILED"
    assert [kind for kind, _, _ in desk.sent()] == ["Create", "Create"]
    assert desk.stack.update(template) == "UPDATE_COMPLETE"
    first, second = desk.stack.sent("Create", "B")
    assert first.event["RequestId"] == second.event["RequestId"]
    assert first.event["ResponseURL"] != second.event["ResponseURL"]


def test_only_what_changed_is_updated_and_changes_travel_along_attributes(desk: Desk) -> None:
    def template(value: str) -> dict[str, Any]:
        return resources(A=resource(value), B=resource(_OF_A), C=resource("same"))

    desk.stack.create(template("1"))
    assert desk.stack.update(template("1")) == "UPDATE_COMPLETE"
    assert len(desk.stack.exchanges) == 3
    assert desk.stack.update(template("2")) == "UPDATE_COMPLETE"
    assert desk.sent()[3:] == [("Update", "A", "A-1"), ("Update", "B", "B-1")]
    assert desk.stack.exchanges[3].event["OldResourceProperties"] == {"value": "1"}


def test_another_id_is_a_replacement_whose_cleanup_is_tried_three_times(desk: Desk) -> None:
    desk.stack.create(resources(A=resource("1")))
    desk.script.plans["Update", "A"] = [{"PhysicalResourceId": "A-2"}]
    desk.script.plans["Delete", "A"] = [{"Status": "FAILED", "Reason": "busy"}] * 5
    assert desk.stack.update(resources(A=resource("2"))) == "UPDATE_COMPLETE"
    assert desk.sent()[2:] == [("Delete", "A", "A-1")] * 3
    assert all(it.event["ResourceProperties"] == {"value": "1"} for it in desk.stack.exchanges[2:])
    assert desk.stack.physical_id("A") == "A-2"


def test_a_rollback_sends_the_old_properties_with_the_new_id_and_cleans_up(desk: Desk) -> None:
    desk.stack.create(resources(A=resource("1"), Gone=resource("1")))
    desk.script.plans["Update", "A"] = [{"PhysicalResourceId": "A-2"}, {"PhysicalResourceId": "A-1"}]
    desk.script.plans["Create", "Bad"] = [{"Status": "FAILED", "Reason": "no"}]
    update = resources(A=resource("2"), New=resource(), Bad=resource(DependsOn=["A", "New"]))
    assert desk.stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    rest = desk.sent()[2:]
    assert sorted(rest[:2]) == [("Create", "New", ""), ("Update", "A", "A-1")]
    assert rest[2:4] == [("Create", "Bad", ""), ("Update", "A", "A-2")]
    back = desk.stack.sent("Update", "A")[1].event
    assert (back["ResourceProperties"], back["OldResourceProperties"]) == ({"value": "1"}, {"value": "2"})
    deletes = {
        (logical_id, physical_id): it
        for it in desk.stack.exchanges
        for _, logical_id, physical_id in [(it.kind, it.logical_id, it.physical_id)]
        if it.kind == "Delete"
    }
    assert set(deletes) == {("A", "A-2"), ("New", "New-1"), ("Bad", "Bad-1")}
    assert deletes["A", "A-2"].event["ResourceProperties"] == {"value": "2"}
    assert set(desk.stack.resources) == {"A", "Gone"}


def test_an_update_in_flight_is_cancelled_and_rolled_back_by_its_old_id(desk: Desk) -> None:
    desk.stack.create(resources(A=resource("1"), B=resource("1")))
    desk.script.plans["Update", "A"] = [{"PhysicalResourceId": "A-2", "seconds": 100}, {}]
    desk.script.plans["Update", "B"] = [{"Status": "FAILED", "Reason": "no"}, {}]
    assert desk.stack.update(resources(A=resource("2"), B=resource("2"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert desk.stack.why("A") == "Resource update cancelled"
    assert [it.physical_id for it in desk.stack.sent("Update", "A")] == ["A-1", "A-1"]
    assert not desk.stack.sent("Delete", "A")


def test_after_a_rollback_the_policies_are_those_of_the_template_in_force(desk: Desk) -> None:
    desk.stack.create(resources(A=resource("1"), B=resource("1")))
    desk.script.plans["Create", "Bad"] = [{"Status": "FAILED", "Reason": "no"}]
    kept = {"DeletionPolicy": "Retain"}
    update = resources(A=resource("2", **kept), B=resource("1", **kept), Bad=resource(DependsOn=["A", "B"]))
    assert desk.stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    assert desk.stack.delete() == "DELETE_COMPLETE"
    assert not desk.stack.retained
    assert {it.logical_id for it in desk.stack.exchanges if it.kind == "Delete"} == {"A", "B", "Bad"}


def test_what_left_the_template_is_deleted_in_the_cleanup(desk: Desk) -> None:
    desk.stack.create(resources(A=resource(), B=resource(_OF_A), Kept=resource(DeletionPolicy="Retain")))
    assert desk.stack.update(resources(C=resource())) == "UPDATE_COMPLETE"
    assert desk.sent()[3:] == [("Create", "C", ""), ("Delete", "B", "B-1"), ("Delete", "A", "A-1")]


def test_a_delete_goes_backwards_stops_at_a_failure_and_can_be_repeated(desk: Desk) -> None:
    desk.stack.create(resources(A=resource(), B=resource(_OF_A), C=resource()))
    desk.script.plans["Delete", "B"] = [{"Status": "FAILED", "Reason": "busy"}]
    assert desk.stack.delete() == "DELETE_FAILED"
    assert desk.stack.reason == "The following resource(s) failed to delete: [B]. "
    assert not desk.stack.sent("Delete", "A")
    assert desk.stack.delete() == "DELETE_COMPLETE"
    assert [it.logical_id for it in desk.stack.exchanges[-2:]] == ["B", "A"]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"Data": {"Value": "x" * 4096}}, "Response object is too long."),
        ({"RequestId": "another"}, "Invalid RequestId"),
        ({"PhysicalResourceId": ""}, "Invalid PhysicalResourceId"),
        ({"Status": "DONE"}, "Invalid Status"),
        ({"Status": "FAILED"}, "Reason is required"),
        ({"Data": {"Value": None}}, "must not be null"),
    ],
)
def test_an_answer_that_cloudformation_does_not_take_is_a_failure(
    desk: Desk, members: Mapping[str, Any], words: str
) -> None:
    desk.script.plans["Create", "A"] = [members]
    assert desk.stack.create(resources(A=resource())) == "ROLLBACK_COMPLETE"
    assert words in desk.stack.why("A")


def test_an_attribute_that_is_not_there_fails_the_test(desk: Desk) -> None:
    template = resources(A=resource(), B=resource({"Fn::GetAtt": ["A", "Other"]}))
    with pytest.raises(AssertionError, match="doesn't contain Other attribute"):
        desk.stack.create(template)
