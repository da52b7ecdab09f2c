"""What CloudFormation is refused, and what its resources mean for channels."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import Fault, NativeError

from .conftest import ACCOUNT, MEMBERSHIP, ROLE, Bench, error_of
from .native_stack import COLLABORATION, COLUMNS, SYNTHETIC, Template
from .requests import IMAGE, OTHER_ACCOUNT

TWO_PREDICTIVE = {
    "MembershipIdentifier": MEMBERSHIP,
    "Name": "t",
    "Format": "SQL",
    "Source": {"Text": "SELECT * FROM t"},
    "SyntheticDataParameters": {
        "MlSyntheticDataParameters": {
            "Epsilon": 3,
            "MaxMembershipInferenceAttackScore": 0.6,
            "ColumnClassification": {"ColumnMapping": [*COLUMNS[:4], {**COLUMNS[4], "IsPredictiveValue": "true"}]},
        }
    },
}


@pytest.fixture
def stack(bench: Bench) -> Template:
    return Template(bench)


# -- channels of templates ----------------------------------------------------------------------------------------


def test_a_channel_of_a_template_for_synthetic_data_is_synthetic(bench: Bench, stack: Template) -> None:
    membership = stack.membership(stack.collaboration())
    bench.association = bench.emulator.seeds.configured_model_algorithm_association(membership)
    _, attributes = stack.template(membership, SyntheticDataParameters=SYNTHETIC)
    request = bench.channel(membershipIdentifier=membership)
    source = request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    source["sqlParameters"] = {"analysisTemplateArn": attributes["Arn"]}
    arn = bench.client.create_ml_input_channel(**request)["mlInputChannelArn"]
    bench.clock.sleep(6)
    channel = bench.client.get_ml_input_channel(mlInputChannelArn=arn, membershipIdentifier=membership)
    assert channel["status"] == "ACTIVE"
    synthetic = channel["syntheticDataConfiguration"]
    assert synthetic["syntheticDataParameters"]["epsilon"] == 3.0
    assert synthetic["syntheticDataEvaluationScores"]["dataPrivacyScores"]["membershipInferenceAttackScores"]
    assert channel["payerConfiguration"] == {
        "computePayerAccountId": ACCOUNT,
        "syntheticDataPayerAccountId": ACCOUNT,
    }


def test_the_query_of_a_template_decides_how_a_channel_ends(bench: Bench, stack: Template) -> None:
    membership = stack.membership(stack.collaboration())
    bench.association = bench.emulator.seeds.configured_model_algorithm_association(membership)
    physical_id, attributes = stack.template(membership, Source={"Text": "SELECT a FROM no_such_table"})
    request = bench.channel(membershipIdentifier=membership)
    source = request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    source["sqlParameters"] = {"analysisTemplateArn": attributes["Arn"]}
    arn = bench.client.create_ml_input_channel(**request)["mlInputChannelArn"]
    bench.clock.sleep(3)
    channel = bench.client.get_ml_input_channel(mlInputChannelArn=arn, membershipIdentifier=membership)
    assert channel["statusDetails"]["statusCode"] == "TABLE_NOT_FOUND"
    stack.delete("CleanRooms::AnalysisTemplate", physical_id)
    with pytest.raises(ClientError) as caught:
        bench.client.create_ml_input_channel(**{**request, "name": "other"})
    assert "does not exist" in error_of(caught)[2]


def test_the_text_of_a_template_is_not_shown(bench: Bench, stack: Template) -> None:
    secret = {"Text": "SELECT secret FROM t"}
    _, attributes = stack.template(stack.membership(stack.collaboration()), Source=secret)
    shown = next(item for item in bench.emulator.records() if item["arn"] == attributes["Arn"])
    assert "secret" not in str(shown)
    assert "secret" not in str(bench.emulator.journal[-1].as_json())
    assert "secret" in str(bench.emulator.journal[-1].as_json(raw=True))


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_name", "properties", "expected"),
    [
        ("CleanRooms::Collaboration", {"Name": "n"}, "#/CreatorDisplayName is missing"),
        ("CleanRooms::Collaboration", {**COLLABORATION, "Colour": "red"}, "#/Colour is not known; allowed are Allowed"),
        ("CleanRooms::Collaboration", {**COLLABORATION, "QueryLogStatus": "ON"}, "queryLogStatus is"),
        ("CleanRooms::Collaboration", {**COLLABORATION, "Members": [{"AccountId": "1"}]}, "members[0].accountId"),
        ("CleanRooms::AnalysisTemplate", TWO_PREDICTIVE, "has 2 predictive columns; exactly one"),
        ("CleanRooms::Table", {}, "AWS::CleanRooms::Table is not known"),
        ("CleanRoomsML::TrainingDataset", {"Name": "n", "RoleArn": ROLE, "TrainingData": []}, "trainingData has 0"),
    ],
)
def test_wrong_properties_are_named(stack: Template, type_name: str, properties: dict[str, Any], expected: str) -> None:
    with pytest.raises(NativeError) as caught:
        stack.create(type_name, **properties)
    assert expected in str(caught.value)
    assert caught.value.code == "InvalidRequest"


@pytest.mark.parametrize(
    ("policy", "limit"),
    [
        ({"TrainedModelExports": {"FilesToExport": ["MODEL"], "MaxSize": {"Unit": "GB", "Value": 11}}}, 10),
        ({"TrainedModels": {"MaxArtifactSize": {"Unit": "GB", "Value": "10.5"}}}, 10),
        ({"TrainedModelInferenceJobs": {"MaxOutputSize": {"Unit": "GB", "Value": 51}}}, 50),
    ],
)
def test_the_schema_allows_less_than_the_api(bench: Bench, stack: Template, policy: Any, limit: int) -> None:
    algorithm = bench.client.create_configured_model_algorithm(**bench.algorithm())["configuredModelAlgorithmArn"]
    with pytest.raises(NativeError, match=f"allows at most {limit}"):
        stack.create(
            "CleanRoomsML::ConfiguredModelAlgorithmAssociation",
            MembershipIdentifier=stack.membership(stack.collaboration()),
            ConfiguredModelAlgorithmArn=algorithm,
            Name="a",
            PrivacyConfiguration={"Policies": policy},
        )


def test_what_is_in_use_cannot_be_deleted(bench: Bench, stack: Template) -> None:
    membership = stack.membership(stack.collaboration())
    _, attributes = stack.template(membership)
    with pytest.raises(NativeError) as caught:
        stack.delete("CleanRooms::Membership", membership)
    assert attributes["Arn"] in str(caught.value)
    assert caught.value.code == "ResourceConflict"


def test_a_name_that_is_taken_is_reported_as_cloudformation_does(stack: Template) -> None:
    membership = stack.membership(stack.collaboration())
    stack.template(membership)
    with pytest.raises(NativeError, match="HandlerErrorCode: AlreadyExists"):
        stack.template(membership)


def test_an_update_of_what_is_gone_fails(stack: Template) -> None:
    collaboration = stack.collaboration()
    stack.delete("CleanRooms::Collaboration", collaboration)
    for change in ({"Name": "renamed"}, {"Tags": [{"Key": "a", "Value": "b"}]}):
        with pytest.raises(NativeError) as caught:
            stack.change("CleanRooms::Collaboration", collaboration, **change)
        assert caught.value.code == "NotFound"


def test_a_role_that_cannot_be_passed_is_refused(stack: Template) -> None:
    with pytest.raises(NativeError) as caught:
        stack.create(
            "CleanRoomsML::ConfiguredModelAlgorithm",
            Name="a",
            RoleArn=ROLE.replace(ACCOUNT, OTHER_ACCOUNT),
            TrainingContainerConfig={"ImageUri": IMAGE},
        )
    assert caught.value.code == "AccessDenied"


def test_a_fault_hits_what_cloudformation_creates_too(bench: Bench, stack: Template) -> None:
    bench.emulator.add_fault(Fault("CreateCollaboration", error_code="InternalServerException", message="why"))
    with pytest.raises(NativeError, match="why") as caught:
        stack.collaboration()
    assert caught.value.code == "ServiceInternalError"
    assert stack.collaboration()


# -- collaborations ----------------------------------------------------------------------------------------------------


def test_an_invited_account_joins_once_and_others_do_not(bench: Bench, stack: Template) -> None:
    collaboration = stack.collaboration()
    other = Template(bench, OTHER_ACCOUNT)
    joined = other.membership(collaboration)
    assert joined != stack.membership(collaboration)
    with pytest.raises(NativeError, match="AlreadyExists"):
        other.membership(collaboration)
    with pytest.raises(NativeError, match="not invited"):
        Template(bench, "111122223333").membership(collaboration)
    with pytest.raises(NativeError, match="NotFound"):
        stack.membership("99999999-9999-4999-8999-999999999999")


def test_in_a_collaboration_that_was_deleted_things_can_only_be_deleted(bench: Bench, stack: Template) -> None:
    collaboration = stack.collaboration()
    membership = stack.membership(collaboration)
    template, _ = stack.template(membership)
    stack.delete("CleanRooms::Collaboration", collaboration)
    with pytest.raises(NativeError, match="was deleted"):
        stack.template(membership, "other")
    assert bench.emulator.records(seeded=False)[0]["status"] == "COLLABORATION_DELETED"
    stack.delete("CleanRooms::AnalysisTemplate", template)
    stack.delete("CleanRooms::Membership", membership)
    assert bench.emulator.records(seeded=False) == []
