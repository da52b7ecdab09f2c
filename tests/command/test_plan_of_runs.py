"""What a plan says about a new run: quotas in flight, who pays, and budgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cleanrooms_ml_cli.plan.assembly import Synthesized
from cleanrooms_ml_cli.plan.facts import Facts
from cleanrooms_ml_cli.plan.planner import plan
from cleanrooms_ml_simulator.templates import (
    DATASET_ARN,
    MEMBERSHIP_ID,
    channel,
    described,
    get,
    template,
    watched,
)
from cleanrooms_ml_simulator.world import World

from .account import Account

_LONG_SECONDS = 4000


def test_a_quota_in_flight_that_is_met_is_reported(world: World, account: Account) -> None:
    for name in ("one", "two"):
        world.call("CreateAudienceModel", name=name, trainingDatasetArn=DATASET_ARN)
        world.advance(1.5)
    wanted = template(described("AudienceModel", {"trainingDatasetArn": DATASET_ARN}, "Model", waits=True))
    (change,) = account.plan(world.stack(), wanted).changes
    assert "2 audience models are under way and 1 more are planned" in change.notes[0]
    world.advance(_LONG_SECONDS * 100)
    world.call("CreateAudienceModel", name="three", trainingDatasetArn=DATASET_ARN)
    (change,) = account.plan(world.stack(), wanted).changes
    assert not change.notes


def test_the_quota_of_synthetic_channels_counts_those_alone(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(*(watched(channel(name), name) for name in ("One", "Two", "Three"))))
    for name in ("One", "Two"):
        data = world.emulator.state.world.records[stack.physical_id(name)].data
        data["syntheticDataConfiguration"] = {"syntheticDataParameters": {}}
    query = {"analysisTemplateArn": get("Template", "Arn")}
    synthetic = channel()
    source = synthetic["Channel"]["Properties"]["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    source["sqlParameters"] = query
    parameters: Mapping[str, Any] = {"SyntheticDataParameters": {}}
    makes = {"Template": {"Type": "AWS::CleanRooms::AnalysisTemplate", "Properties": parameters}}
    (change,) = account.plan(world.stack("new"), template(makes, synthetic)).changes
    assert "2 ML input channels with synthetic data are under way" in change.notes[0]
    assert any("synthetic data generation units" in line for line in change.run)
    (plain,) = account.plan(world.stack("plain"), template(channel())).changes
    assert not plain.notes


def test_a_payer_of_the_request_is_reported_and_budgets_of_the_old_run(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(channel()))
    budget = {"resourceArn": "arn:aws:cleanrooms:us-east-1:1:table", "details": [], "aggregateRemainingBudget": 7}
    results = world.emulator.state.world.records[stack.physical_id("Channel")].results
    results["privacyBudgets"] = {"accessBudgets": [budget]}
    paid = channel(payerConfiguration={"computePayerAccountId": "111122223333"})
    (change,) = account.plan(stack, template(paid)).changes
    assert "billed in CRPU-hours of the query, paid by account 111122223333" in change.run
    assert f"draws on the access budget of {budget['resourceArn']}: 7 left" in change.run


class _Known:
    """Collaborations of which something is known."""

    def payers(self, membership_id: str, payment: str) -> list[str]:
        assert (membership_id, payment) == (MEMBERSHIP_ID, "queryCompute")
        return ["111122223333", "444455556666"]

    def budgets(self, membership_id: str) -> list[str]:
        return ["the differential privacy budget: 3 of 9 AVG left"]


def test_what_the_collaboration_says_is_reported(world: World, account: Account) -> None:
    stack = world.stack()
    wanted = Synthesized("app", template(channel()))
    found = plan(wanted, account.values(stack), world.service, Facts(_Known()), world.simulation.now)
    assert (
        "billed in CRPU-hours of the query, paid by account 111122223333 or account 444455556666"
        in found.changes[0].run
    )
    assert "draws on the differential privacy budget: 3 of 9 AVG left" in found.changes[0].run
