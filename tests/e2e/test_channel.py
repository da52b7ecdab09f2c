"""One channel, deployed with the real CDK CLI: long queries, throttling."""

from __future__ import annotations

from typing import Any

from cleanrooms_ml_cli.sandbox.control import call
from cleanrooms_ml_simulator.sandbox.deployed import held

from .conftest import App

LONGEST_QUERY_CHARS = 500_000


def creates(app: App) -> list[dict[str, Any]]:
    """The create requests that the service received, with their texts."""
    path = "/_cleanroomsml/journal?operation=CreateMLInputChannel&raw=true"
    entries: list[dict[str, Any]] = call(app.sandbox.endpoint, "GET", path)["entries"]
    return entries


def query_of(entry: dict[str, Any]) -> str:
    """The query of a create request."""
    source = entry["params"]["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    return str(source["sqlParameters"]["queryString"])


def test_the_longest_query_and_a_change_of_one_character_create_one_channel_each(app: App) -> None:
    start = "SELECT amount FROM purchases WHERE comment <> '"
    query = start + "x" * (LONGEST_QUERY_CHARS - len(start) - 1) + "'"
    changed = query[:-2] + "y'"

    arns = []
    for name, text in (("first", query), ("second", changed)):
        assert len(text) == LONGEST_QUERY_CHARS
        # A file each: the CDK reads one only once in a process.
        file = app.folder / f"{name}.sql"
        file.write_text(text)
        result = app.synthesize(query_file=str(file)).cdk("deploy")
        assert result.ok, result.output
        arns.append(app.deployed.outputs()["Arn"])

    assert [query_of(entry) for entry in creates(app)] == [query, changed]
    old, new = arns
    assert held(app.sandbox) == {old: "INACTIVE", new: "ACTIVE"}
    assert app.cdk("destroy").ok
    assert set(held(app.sandbox).values()) == {"INACTIVE"}


def test_a_throttled_create_is_tried_again_and_creates_one_channel(app: App) -> None:
    app.sandbox.emulator.add_fault(operation="CreateMLInputChannel", kind="throttle", count=3)
    result = app.synthesize().cdk("deploy")
    assert result.ok, result.output
    calls = creates(app)
    assert [entry["error"] for entry in calls] == ["ThrottlingException"] * 3 + [""]
    assert held(app.sandbox) == {app.deployed.outputs()["Arn"]: "ACTIVE"}
    assert app.cdk("destroy").ok
    assert app.deployed.status() == "DELETE_COMPLETE"


def test_a_create_whose_answer_is_lost_is_found_again(app: App) -> None:
    app.sandbox.emulator.add_fault(operation="CreateMLInputChannel", kind="drop_after")
    result = app.synthesize().cdk("deploy")
    assert result.ok, result.output
    assert len(creates(app)) == 1
    assert held(app.sandbox) == {app.deployed.outputs()["Arn"]: "ACTIVE"}
    assert app.cdk("destroy").ok
