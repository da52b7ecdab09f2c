"""Events and templates of earlier versions: this version deletes with them and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_handlers.resources import spec_of
from cleanrooms_ml_simulator.cloudformation.conductor import Target
from cleanrooms_ml_simulator.cloudformation.exchange import Exchange
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.world import World

from .record import FIXTURES, RENDERED

TEMPLATES = sorted(path for path in FIXTURES.glob("*/*.json") if path.stem in RENDERED)
LIFECYCLES = sorted({*FIXTURES.glob("*/*.json")} - {*TEMPLATES})
_WAIT = "Custom::CleanRoomsML-Wait"


def named(path: Path) -> str:
    """A fixture in a test's name."""
    return f"{path.parent.name} {path.stem}"


@dataclass
class Old:
    """A stack of an earlier version: its resource is in the service, created by that version's own request."""

    world: World
    stack: Stack
    lifecycle: Mapping[str, Any]

    def __post_init__(self) -> None:
        created = self.lifecycle["made"]
        self.world.call(self._create_operation(), **created["request"])
        self.arn = self.world.created(self.lifecycle["kind"])[-1]
        self.world.advance(60)
        assert self.stack.id == self.lifecycle["stackId"], "ownership tags name the stack"

    def _create_operation(self) -> str:
        return spec_of(self.lifecycle["kind"]).create

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The recorded requests of a kind for the resource."""
        text = json.dumps([it["event"] for it in self.lifecycle["exchanges"]]).replace(
            self.lifecycle["made"]["arn"], self.arn
        )
        found: list[dict[str, Any]] = json.loads(text)
        return [event for event in found if event["RequestType"] == kind]

    def send(
        self,
        kind: str,
        event: Mapping[str, Any],
        physical_id: str,
        old: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> Exchange:
        """Sends a request with the recorded properties."""
        properties = {**event["ResourceProperties"], **changes}
        target = Target(event["LogicalResourceId"], event["ResourceType"], properties)
        exchange = self.stack.conductor.send(kind, target, physical_id, old)
        self.world.simulation.run_until(lambda: exchange.is_over)
        assert exchange.answer is not None
        return exchange


@pytest.fixture(params=LIFECYCLES, ids=named)
def old(request: pytest.FixtureRequest, world: World) -> Old:
    return Old(world, world.stack(), json.loads(request.param.read_text("utf-8")))


def resource(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The first event for the resource itself and not for its `Ready`."""
    return next(event for event in events if event["ResourceType"] != _WAIT)


def test_there_are_fixtures_of_a_version() -> None:
    assert LIFECYCLES
    assert TEMPLATES


def test_what_an_old_version_created_is_deleted_by_its_id(old: Old) -> None:
    for event in sorted(old.events("Create"), key=lambda event: event["ResourceType"] != _WAIT):
        physical_id = old.arn if event["ResourceType"] != _WAIT else "wait-0123456789"
        answer = old.send("Delete", event, physical_id).answer
        assert answer is not None
        assert answer.is_success, answer.reason
    assert old.world.leftovers() == []


@pytest.mark.parametrize("physical_id", ["app-Thing-1ABCDEFGHIJKL", "lost-0123456789"])
def test_what_an_old_version_created_is_found_by_its_ownership_tag(old: Old, physical_id: str) -> None:
    answer = old.send("Delete", resource(old.events("Create")), physical_id).answer
    assert answer is not None
    assert answer.is_success, answer.reason
    assert old.world.leftovers() == []


def test_an_upgrade_changes_nothing(old: Old) -> None:
    before = old.world.mutations()
    for event in old.events("Create"):
        is_wait = event["ResourceType"] == _WAIT
        physical_id = "wait-0123456789" if is_wait else old.arn
        kept = dict(event["ResourceProperties"])
        # What a version may change: other parts of the service token, settings, time-outs.
        exchange = old.send(
            "Update", event, physical_id, kept, ServiceToken="another", Settings={"TimeoutSeconds": "3000"}
        )
        answer = exchange.answer
        assert answer is not None
        assert answer.is_success, answer.reason
        assert answer.physical_id == physical_id or is_wait
    assert old.world.mutations() == before


def test_every_attribute_that_an_old_template_may_use_still_exists(old: Old) -> None:
    attributes = {
        it["event"]["ResourceType"]: set(it["answer"]["data"])
        for it in old.lifecycle["exchanges"]
        if it["answer"]["data"]
    }
    for event in old.events("Create"):
        physical_id = "wait-0123456789" if event["ResourceType"] == _WAIT else old.arn
        answer = old.send("Update", event, physical_id, dict(event["ResourceProperties"])).answer
        assert answer is not None
        assert attributes[event["ResourceType"]] <= set(answer.data)


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_an_unchanged_app_renders_what_it_rendered(path: Path) -> None:
    before = json.loads(path.read_text("utf-8"))
    types = {resource["Type"] for resource in before["resources"].values()}
    assert differences(before, RENDERED[path.stem](types)) == []


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What an upgrade would drop, change or add."""
    found = [
        f"{name} is {now[part].get(name, 'gone')}; it was {old}"
        for part in ("provider", "resources")
        for name, old in before[part].items()
        if now[part].get(name) != old
    ]
    # A longer default wait adds links, which call nothing that changes anything.
    return found + [
        f"{name} is new: {new}. A kind that the earlier version did not have is created by _others in "
        "tests/iam/everything.py alone"
        for name, new in now["resources"].items()
        if name not in before["resources"] and new["Type"] != _WAIT
    ]


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_every_difference_of_a_template_is_found(path: Path) -> None:
    before = json.loads(path.read_text("utf-8"))
    assert differences(before, before) == []
    for part in ("provider", "resources"):
        for name, old in before[part].items():
            rest = {other: it for other, it in before[part].items() if other != name}
            changed = {**before[part], name: {"Type": "Custom::Other", "Properties": old}}
            assert [text.split()[0] for text in differences(before, {**before, part: rest})] == [name]
            assert [text.split()[0] for text in differences(before, {**before, part: changed})] == [name]
    second = {"Type": "Custom::CleanRoomsML-AudienceModel", "Properties": {}}
    (text,) = differences(before, {**before, "resources": {**before["resources"], "Second": second}})
    assert text.startswith("Second is new")


def test_a_template_of_an_earlier_version_is_compared_with_all_kinds_of_that_version() -> None:
    """A kind that is rendered for no earlier version is one that the earlier version did not have."""
    for path in TEMPLATES:
        if path.stem == "kinds":
            recorded = json.loads(path.read_text("utf-8"))["resources"].values()
            kinds = {each["Type"] for each in recorded} - {_WAIT}
            lived = {json.loads(each.read_text("utf-8"))["kind"] for each in LIFECYCLES if each.parent == path.parent}
            assert kinds == {spec_of(kind).resource_type for kind in lived}
