"""Every Region is there, with its own resources; the one that a request is signed for counts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.sandbox import Prerequisite, Sandbox

from .test_iam import client_with
from .test_service import make_role, request_for

REGIONS = ("us-east-1", "eu-west-2", "ap-southeast-2")


@pytest.fixture(scope="module")
def sandbox(sandbox_home: None) -> Iterator[Sandbox]:
    with Sandbox.start(iam=True) as started:
        yield started


@pytest.mark.parametrize("region", REGIONS)
def test_arns_have_the_region_that_a_request_is_signed_for(sandbox: Sandbox, region: str) -> None:
    there = sandbox.in_region(region)
    role = make_role(sandbox, f"output-{region}", "cleanrooms-ml.amazonaws.com")

    seeded = there.emulator.seed("AudienceModel")["arn"]
    client = there.client("cleanroomsml")
    created = client.create_configured_audience_model(**request_for(there, role, "by-a-request"))

    assert seeded.startswith(f"arn:aws:cleanrooms-ml:{region}:{sandbox.account}:audience-model/")
    assert created["configuredAudienceModelArn"].startswith(f"arn:aws:cleanrooms-ml:{region}:{sandbox.account}:")
    assert sandbox.emulator.journal("CreateConfiguredAudienceModel")[-1]["region"] == region
    assert there.variables()["AWS_REGION"] == region


def test_each_region_has_its_own_resources(sandbox: Sandbox) -> None:
    london, sydney = sandbox.in_region("eu-west-2"), sandbox.in_region("ap-southeast-2")
    arn = london.emulator.seed("AudienceModel", name="in-london")["arn"]

    in_london = london.client("cleanroomsml").list_audience_models()["audienceModels"]
    in_sydney = sydney.client("cleanroomsml").list_audience_models()["audienceModels"]

    assert arn in [model["audienceModelArn"] for model in in_london]
    assert arn not in [model["audienceModelArn"] for model in in_sydney]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        sydney.client("cleanroomsml").get_audience_model(audienceModelArn=arn)
    # The same name in both is no conflict, and what one holds can be removed.
    sydney.emulator.seed("AudienceModel", name="in-london")
    sandbox.emulator.forget(arn)
    assert [record["region"] for record in sandbox.emulator.records() if record["name"] == "in-london"] == [
        "ap-southeast-2"
    ]


@pytest.mark.parametrize("allowed", ["eu-west-2", "us-east-1"])
def test_policies_are_evaluated_with_the_arns_of_the_region(sandbox: Sandbox, allowed: str) -> None:
    london = sandbox.in_region("eu-west-2")
    arn = london.emulator.seed("AudienceModel")["arn"]
    statement = {"Action": "cleanrooms-ml:GetAudienceModel", "Resource": arn.replace("eu-west-2", allowed)}
    client, _ = client_with(london, statement)

    if allowed == "eu-west-2":
        assert client.get_audience_model(audienceModelArn=arn)["status"] == "ACTIVE"
    else:
        with pytest.raises(ClientError, match="AccessDenied"):
            client.get_audience_model(audienceModelArn=arn)


@pytest.mark.parametrize(
    ("region", "partition"), [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("cn-northwest-1", "aws-cn")]
)
def test_regions_of_other_partitions_have_its_arns(sandbox: Sandbox, region: str, partition: str) -> None:
    there = sandbox.in_region(region)
    arn = there.emulator.seed("AudienceModel")["arn"]

    shown = there.client("cleanroomsml").get_audience_model(audienceModelArn=arn)

    assert shown["audienceModelArn"] == arn
    assert arn.startswith(f"arn:{partition}:cleanrooms-ml:{region}:")


def test_the_command_speaks_for_a_region(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--name", sandbox.name, "--region", "eu-west-2"]
    assert main(["sandbox", "environment", *at, "--json"]) == 0
    variables = json.loads(capsys.readouterr().out)["environment"]
    assert {variables[name] for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "CDK_DEFAULT_REGION")} == {"eu-west-2"}
    assert main(["sandbox", "seed", "association", *at]) == 0
    assert ":eu-west-2:" in json.loads(capsys.readouterr().out)["arn"]


@pytest.mark.parametrize("region", ["", "London", "eu_west_2", "eu-west", "eu-wst-2", "../x"])
def test_what_is_no_region_is_refused(sandbox: Sandbox, region: str) -> None:
    with pytest.raises(Prerequisite, match="is no Region; allowed are names such as eu-west-2"):
        sandbox.in_region(region)
