"""Records what this version sends and deploys, so that later versions can be compared with it.

Usage: make fixtures        once per released version; a file that is there is never written again
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Collection, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from cleanrooms_ml_simulator import environment
from cleanrooms_ml_simulator.behaviors import WELL_BEHAVED
from cleanrooms_ml_simulator.cloudformation.exchange import Exchange
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.lifecycle.cases import CASES, TAG, Case
from cleanrooms_ml_simulator.sandbox.assembly import synthesized
from cleanrooms_ml_simulator.wire import Connected
from cleanrooms_ml_simulator.world import World
from tests.iam.everything import everything

from .app import build

FIXTURES = Path(__file__).parent / "fixtures"
# These differ from deployment to deployment, and nothing may depend on them.
_FLEETING = ("ResponseURL", "RequestId", "ServiceToken", "StackId")


def lifecycle_of(world: World, case: Case) -> dict[str, Any]:
    """The record of a lifecycle: requests, answers, and the create request."""
    stack = world.stack()
    assert stack.create(case.template(tags=TAG, **case.run(1), **case.members)) == "CREATE_COMPLETE"
    (created,) = [entry for entry in world.emulator.journal.select(case.spec.create) if entry.took_effect]
    assert stack.update(case.template(tags={"team": "others"}, **case.run(1), **case.members)) == "UPDATE_COMPLETE"
    assert stack.update(case.template(tags=TAG, **case.run(2), **case.members)) == "UPDATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    return {
        "kind": str(case),
        "stackId": stack.id,
        "made": {"arn": created.arn, "request": created.params},
        "exchanges": [kept(exchange) for exchange in stack.exchanges],
    }


def kept(exchange: Exchange) -> dict[str, Any]:
    """A request and its answer without what differs each time."""
    assert exchange.answer is not None
    answer = exchange.answer
    event = {key: value for key, value in exchange.event.items() if key not in _FLEETING}
    for name in ("ResourceProperties", "OldResourceProperties"):
        if name in event:
            event[name] = {key: value for key, value in event[name].items() if key != "ServiceToken"}
    return {"event": event, "answer": {"id": answer.physical_id, "data": dict(answer.data)}}


def custom_resources(template: Mapping[str, Any]) -> dict[str, Any]:
    """The library's resources of a template, without what may change between versions."""
    return {
        name: {
            "Type": resource["Type"],
            "Properties": {
                key: value for key, value in resource["Properties"].items() if key not in ("ServiceToken", "Settings")
            },
        }
        for name, resource in template["Resources"].items()
        if resource["Type"].startswith("Custom::CleanRoomsML-")
    }


def rendered(types: Collection[str] | None = None) -> dict[str, Any]:
    """What the constructs of this version render for the app, whose kinds are always the same."""
    with tempfile.TemporaryDirectory() as folder:
        return _ours(synthesized(Path(folder), build).template)


def rendered_kinds(types: Collection[str] | None = None) -> dict[str, Any]:
    """What the constructs of every kind render.

    Args:
        types: CloudFormation types of the kinds of an earlier version, which had no others. Default: every kind.
    """
    with tempfile.TemporaryDirectory() as folder:
        query = Path(folder) / "query.sql"
        query.write_text("SELECT a FROM b", "utf-8")
        return _ours(everything(query, types))


class Render(Protocol):
    """Renders constructs with the code of this version."""

    def __call__(self, types: Collection[str] | None = None) -> dict[str, Any]:
        """What they render."""


RENDERED: Mapping[str, Render] = {"template": rendered, "kinds": rendered_kinds}


def _ours(template: Mapping[str, Any]) -> dict[str, Any]:
    provider = {name: each["Type"] for name, each in template["Resources"].items() if name.startswith("CleanRoomsML")}
    return {"provider": provider, "resources": custom_resources(template)}


def files() -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the content of each fixture."""
    for name, render in RENDERED.items():
        yield f"{name}.json", render()
    replies, connected = ReplyServer(), Connected()
    for case in CASES:
        world = World(replies, connected, behaviors=WELL_BEHAVED)
        with contextlib.redirect_stdout(io.StringIO()):
            lifecycle = lifecycle_of(world, case)
        world.close()
        yield f"{case}.json", lifecycle
    replies.close()


def main() -> None:
    """Writes what is not there yet."""
    environment.isolate()
    folder = FIXTURES / version("cdk-cleanrooms-ml")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files():
        file = folder / name
        if file.exists():
            print(f"kept     {file.relative_to(FIXTURES)}")
            continue
        file.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", "utf-8")
        print(f"recorded {file.relative_to(FIXTURES)}")


if __name__ == "__main__":
    main()
