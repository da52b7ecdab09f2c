"""Lifecycles in which resources were lost or left behind, with the real CDK CLI: events, retention, rollbacks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cleanrooms_ml_cli.sandbox import CdkResult
from cleanrooms_ml_handlers.rules import OWNERSHIP_TAG_KEY, TAGS_PER_RESOURCE
from cleanrooms_ml_simulator.sandbox.deployed import held
from tests.waiting import until

from .conftest import App
from .lifecycle_app import synthesize

Case = Mapping[str, Mapping[str, Any]]


class Lifecycle:
    """A stack of `lifecycle_app.py`, of which each deployment has another assembly."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.emulator = app.sandbox.emulator
        self._count = 0

    def cdk(self, command: str, case: Case) -> CdkResult:
        """Runs the CDK CLI on the stack with a case."""
        self._count += 1
        assembly = synthesize(self.app.folder / f"assembly-{self._count}", self.app.stack, case)
        method = ("--method=direct",) if command == "deploy" else ()
        return self.app.sandbox.cdk(command, "--all", *method, folder=self.app.folder, app=str(assembly))

    def deploy(self, case: Case) -> str:
        """Deploys it; the ARN in its outputs."""
        result = self.cdk("deploy", case)
        assert result.ok, result.output
        return self.app.deployed.outputs().get("Arn", "")

    def destroy(self, case: Case) -> None:
        """Destroys it."""
        result = self.cdk("destroy", case)
        assert result.ok, result.output

    def seeded(self, kind: str) -> str:
        """The ARN of something that is there already."""
        return str(next(record["arn"] for record in self.emulator.records() if record["kind"] == kind))


def test_the_event_of_a_run_that_was_not_listed_yet_comes(app: App) -> None:
    lifecycle = Lifecycle(app)
    lifecycle.emulator.add_fault(operation="CreateMLInputChannel", kind="not_found", not_found_seconds=5)
    case = {"watched": {"association": lifecycle.seeded("ConfiguredModelAlgorithmAssociation")}}
    arn = lifecycle.deploy(case)
    queue: Any = app.sandbox.client("sqs")
    # The channel shows, and its run has ended.
    lifecycle.emulator.advance(10)
    url = app.deployed.outputs()["Queue"]
    messages = until(lambda: queue.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages"), "the event")
    [event] = [json.loads(message["Body"]) for message in messages]
    assert event["detail"]["arn"] == arn
    assert (event["detail"]["kind"], event["detail"]["status"]) == ("MLInputChannel", "ACTIVE")
    assert held(app.sandbox) == {arn: "ACTIVE"}
    lifecycle.destroy(case)


def test_a_retained_model_that_comes_back_with_another_prefix_has_it(app: App) -> None:
    lifecycle = Lifecycle(app)
    model = {"audience_model": lifecycle.seeded("AudienceModel")}
    arn = lifecycle.deploy({"other": {}, "retained": {**model, "prefix": "old/"}})
    lifecycle.deploy({"other": {}})
    assert held(app.sandbox) == {arn: "ACTIVE"}
    back: Case = {"other": {}, "retained": {**model, "prefix": "new/"}}
    assert lifecycle.deploy(back) == arn
    output = next(it for it in lifecycle.emulator.records() if it["arn"] == arn)["data"]["outputConfig"]
    assert output["destination"]["s3Destination"]["s3Uri"] == "s3://audiences/new/"
    # The role of the first deployment stays too; the model has that of the last.
    assert output["roleArn"].rpartition("/")[2] in app.deployed.ids()
    lifecycle.destroy(back)
    assert held(app.sandbox) == {arn: "ACTIVE"}


def test_a_replacement_with_all_tags_succeeds_after_two_rollbacks(app: App) -> None:
    lifecycle = Lifecycle(app)
    configured = lifecycle.emulator.seed(kind="ConfiguredAudienceModel")["arn"]
    association = lifecycle.seeded("ConfiguredModelAlgorithmAssociation")
    # One more is the library's own.
    common = {"association": association, "tags": TAGS_PER_RESOURCE - 1}
    first = lifecycle.deploy({"tagged": {**common, "run_id": "1"}})
    replaced: Case = {"tagged": {**common, "run_id": "2", "configured": configured}}
    for _ in range(2):
        lifecycle.emulator.order_run("AudienceGenerationJob", status_code="SEED_TOO_SMALL", message="seed is too small")
        assert not lifecycle.cdk("deploy", replaced).ok
        assert app.deployed.status() == "UPDATE_ROLLBACK_COMPLETE"
        assert app.deployed.outputs()["Arn"] == first
        assert [arn for arn, status in held(app.sandbox).items() if status == "ACTIVE"] == [first]
    second = lifecycle.deploy(replaced)
    assert second != first
    records = {it["arn"]: it for it in lifecycle.emulator.records()}
    assert records[second]["status"] == "ACTIVE"
    assert records[first]["status"] == "INACTIVE"
    assert len(records[second]["tags"]) == TAGS_PER_RESOURCE
    assert OWNERSHIP_TAG_KEY in records[second]["tags"]
    lifecycle.destroy(replaced)
    assert set(held(app.sandbox).values()) == {"INACTIVE"}
