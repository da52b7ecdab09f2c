"""MLInputChannel: what is rendered and what is refused."""

from __future__ import annotations

import aws_cdk as cdk

from cdk_cleanrooms_ml import ProtectedQuery, ResultFormat
from tests.synth.stacks import (
    ASSOCIATION_ARN,
    MEMBERSHIP,
    TEMPLATE_ARN,
    Template,
    channel,
    new_stack,
    only,
    request_of,
    resources_of,
    template_of,
)

CHANNEL = "Custom::CleanRoomsML-MLInputChannel"


WAIT = "Custom::CleanRoomsML-Wait"


def test_a_channel_is_the_request_in_the_apis_words(template: Template) -> None:
    resource = resources_of(template, CHANNEL)
    request = request_of(next(each for name, each in resource.items() if name.startswith("Channel")))
    role, key = request["inputChannel"].pop("roleArn"), request.pop("kmsKeyArn")  # type: ignore[attr-defined]
    assert request == {
        "membershipIdentifier": MEMBERSHIP,
        "configuredModelAlgorithmAssociations": [ASSOCIATION_ARN],
        "retentionInDays": 30,
        "inputChannel": {
            "dataSource": {
                "protectedQueryInputParameters": {
                    "sqlParameters": {"queryString": "SELECT age FROM users"},
                    "computeConfiguration": {
                        "worker": {
                            "type": "CR.4X",
                            "number": 16,
                            "properties": {"spark": {"spark.sql.shuffle.partitions": "400"}},
                        }
                    },
                }
            }
        },
    }
    assert "Fn::GetAtt" in role
    assert "Fn::GetAtt" in key  # type: ignore[operator]


def test_the_run_id_is_no_part_of_the_request(template: Template) -> None:
    run_ids = {name: each["Properties"].get("RunId") for name, each in resources_of(template, CHANNEL).items()}
    assert sorted(run_ids.values(), key=str) == ["2026-11", None]


def test_every_option_of_a_channel_reaches_the_request() -> None:
    stack = new_stack()
    channel(
        stack,
        query=ProtectedQuery.analysis_template(TEMPLATE_ARN),
        ml_input_channel_name="sales",
        description="monthly",
        result_format=ResultFormat.PARQUET,
        compute_payer_account="111122223333",
        synthetic_data_payer_account="444455556666",
        maximum_membership_inference_attack_score=0.7,
        retention=cdk.Duration.hours(48),
    )
    template = template_of(stack)
    request = request_of(only(template, CHANNEL))
    assert request["name"] == "sales"
    assert request["description"] == "monthly"
    assert request["retentionInDays"] == 2
    payers = {"computePayerAccountId": "111122223333", "syntheticDataPayerAccountId": "444455556666"}
    assert request["payerConfiguration"] == payers
    assert request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]["resultFormat"] == "PARQUET"  # type: ignore[index]
    gates = only(template, WAIT)["Properties"]["Settings"]["Gates"]
    assert gates == {"maximumMembershipInferenceAttackScore": 0.7}
