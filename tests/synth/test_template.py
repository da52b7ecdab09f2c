"""The shape of what is rendered: what the engine reads and policy tools see."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from cdk_cleanrooms_ml import ResultFormat, SeedAudience, SharedAudienceMetrics, TagOnCreatePolicy, Wait
from cdk_cleanrooms_ml.protected_query import ProtectedQuery, WorkerCompute, WorkerType
from tests.synth.stacks import (
    ASSOCIATION_ARN,
    CONFIGURED_ARN,
    MEMBERSHIP,
    MODEL_ARN,
    TEMPLATE_ARN,
    Template,
    channel,
    configured,
    job,
    logical_id,
    new_stack,
    only,
    resources_of,
    template_of,
)

CONFIGURED = "Custom::CleanRoomsML-ConfiguredAudienceModel"
CHANNEL = "Custom::CleanRoomsML-MLInputChannel"
JOB = "Custom::CleanRoomsML-AudienceGenerationJob"
WAIT = "Custom::CleanRoomsML-Wait"


def request_of(resource: Template) -> dict[str, object]:
    """The properties without those that every custom resource has."""
    ours = ("ServiceToken", "ServiceTimeout", "RunId", "Settings", "tags")
    return {key: value for key, value in resource["Properties"].items() if key not in ours}


def test_a_configured_audience_model_is_the_request_in_the_apis_words(template: Template) -> None:
    resource = only(template, CONFIGURED)
    request = request_of(resource)
    output = request.pop("outputConfig")
    assert request == {
        "audienceModelArn": MODEL_ARN,
        "description": "spring",
        "sharedAudienceMetrics": ["NONE"],
        "audienceSizeConfig": {"audienceSizeType": "PERCENTAGE", "audienceSizeBins": [1, 5, 10]},
    }
    assert isinstance(output, dict)
    uri = output["destination"]["s3Destination"]["s3Uri"]["Fn::Join"][1]
    assert (uri[0], uri[2]) == ("s3://", "/audiences/")
    assert "Fn::GetAtt" in output["roleArn"]


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


def test_the_run_id_stands_beside_the_request(template: Template) -> None:
    run_ids = {name: each["Properties"].get("RunId") for name, each in resources_of(template, CHANNEL).items()}
    assert sorted(run_ids.values(), key=str) == ["2026-11", None]


def test_a_job_is_the_request_in_the_apis_words(stack: cdk.Stack, template: Template) -> None:
    request = request_of(only(template, JOB))
    seed = request.pop("seedAudience")
    model = logical_id(stack, stack.node.find_child("Configured"))
    assert request == {"configuredAudienceModelArn": {"Fn::GetAtt": [model, "Arn"]}}
    assert isinstance(seed, dict)
    assert seed["dataSource"]["s3Uri"]["Fn::Join"][1][2] == "/seeds/seed.jsonl"


def test_only_what_takes_time_has_a_ready(stack: cdk.Stack, template: Template) -> None:
    kinds = {each["Properties"]["Kind"] for each in resources_of(template, WAIT).values()}
    assert kinds == {"AudienceGenerationJob", "MLInputChannel"}
    assert stack.node.find_child("Job").node.try_find_child("Ready") is not None
    assert stack.node.find_child("Configured").node.try_find_child("Ready") is None


def test_ready_follows_the_resource_and_holds_the_gates(stack: cdk.Stack, template: Template) -> None:
    one = stack.node.find_child("Channel")
    resource, ready = logical_id(stack, one), template["Resources"][logical_id(stack, one, "Ready")]
    properties = dict(ready["Properties"])
    assert properties.pop("ServiceToken") == template["Resources"][resource]["Properties"]["ServiceToken"]
    assert properties == {
        "ServiceTimeout": 3600,
        "Kind": "MLInputChannel",
        "Arn": {"Ref": resource},
        "RequestHash": {"Fn::GetAtt": [resource, "RequestHash"]},
        "Settings": {"Gates": {"minimumRecords": 1000}},
    }


def test_defaults_of_our_settings_are_not_rendered(template: Template, stack: cdk.Stack) -> None:
    ready = template["Resources"][logical_id(stack, stack.node.find_child("OwnRoleChannel"), "Ready")]
    assert "Settings" not in ready["Properties"]
    assert all("Settings" not in each["Properties"] for each in resources_of(template, CHANNEL).values())


def test_a_shorter_wait_is_a_setting_of_ready() -> None:
    stack = new_stack()
    channel(stack, wait=Wait.until_active(cdk.Duration.minutes(20)))
    assert only(template_of(stack), WAIT)["Properties"]["Settings"] == {"TimeoutSeconds": 1200}


def test_every_option_of_a_channel_reaches_the_request() -> None:
    stack = new_stack()
    channel(
        stack,
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


def test_every_option_of_a_configured_audience_model_reaches_the_request() -> None:
    stack = new_stack()
    configured(
        stack,
        configured_audience_model_name="spring",
        shared_audience_metrics=SharedAudienceMetrics.ALL,
        min_matching_seed_size=25,
        child_resource_tag_on_create_policy=TagOnCreatePolicy.FROM_PARENT_RESOURCE,
    )
    request = request_of(only(template_of(stack), CONFIGURED))
    assert request["outputConfig"]["destination"] == {"s3Destination": {"s3Uri": "s3://audiences"}}  # type: ignore[index]
    assert request["name"] == "spring"
    assert request["sharedAudienceMetrics"] == ["ALL"]
    assert request["minMatchingSeedSize"] == 25
    assert request["childResourceTagOnCreatePolicy"] == "FROM_PARENT_RESOURCE"


def test_every_option_of_a_job_reaches_the_request() -> None:
    stack = new_stack()
    query = ProtectedQuery.analysis_template(TEMPLATE_ARN, parameters={"country": "CH"})
    compute = WorkerCompute(type=WorkerType.CR_1X, number=2)
    job(
        stack,
        seed_audience=SeedAudience.from_query(query, compute=compute),
        include_seed_in_output=False,
        collaboration_id=MEMBERSHIP,
        audience_generation_job_name="spring",
        minimum_relevance=0.25,
    )
    request = request_of(only(template_of(stack), JOB))
    seed = request["seedAudience"]
    assert isinstance(seed, dict)
    assert seed["sqlParameters"] == {"analysisTemplateArn": TEMPLATE_ARN, "parameters": {"country": "CH"}}
    assert seed["sqlComputeConfiguration"] == {"worker": {"type": "CR.1X", "number": 2}}
    assert request["configuredAudienceModelArn"] == CONFIGURED_ARN
    assert request["includeSeedInOutput"] is False
    assert request["collaborationId"] == MEMBERSHIP
    assert request["name"] == "spring"


@pytest.mark.parametrize("kind", [CONFIGURED, CHANNEL, JOB, WAIT])
def test_what_leaves_the_stack_is_deleted_by_default(template: Template, kind: str) -> None:
    for resource in resources_of(template, kind).values():
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Delete", "Delete")


def test_a_removal_policy_covers_resource_and_ready_alike() -> None:
    stack = new_stack()
    channel(stack, "Given", removal_policy=cdk.RemovalPolicy.RETAIN)
    channel(stack, "Applied").apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    channel(stack, "Default")
    template = template_of(stack)
    for name, policy in {"Given": "Retain", "Applied": "Retain", "Default": "Delete"}.items():
        for child in ("Resource", "Ready"):
            resource = template["Resources"][logical_id(stack, stack.node.find_child(name), child)]
            assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == (policy, policy)


def test_it_behaves_like_any_construct_of_the_cdk(stack: cdk.Stack) -> None:
    one = stack.node.find_child("Channel")
    assert isinstance(one, cdk.Resource)
    assert isinstance(one.node.default_child, cdk.CfnResource)
    assert one.stack is stack
    assert one.env.region == stack.region
