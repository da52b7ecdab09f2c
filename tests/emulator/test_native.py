"""What CloudFormation makes by itself: types, physical ids, attributes, replacement, errors."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import Fault, NativeError
from cleanrooms_ml_cli.sandbox.emulator.native import is_replacement

from .conftest import ACCOUNT, ROLE, Bench, error_of
from .requests import IMAGE, OTHER_ACCOUNT

PAYS = {"IsResponsible": True}
COLLABORATION = {
    "Name": "collaboration",
    "Description": "d",
    "CreatorDisplayName": "creator",
    "CreatorMemberAbilities": ["CAN_QUERY"],
    "CreatorMLMemberAbilities": {"CustomMLMemberAbilities": ["CAN_RECEIVE_MODEL_OUTPUT"]},
    "CreatorPaymentConfiguration": {
        "QueryCompute": PAYS,
        "MachineLearning": {"ModelTraining": PAYS, "ModelInference": PAYS, "SyntheticDataGeneration": PAYS},
    },
    "Members": [{"AccountId": OTHER_ACCOUNT, "DisplayName": "other", "MemberAbilities": ["CAN_RECEIVE_RESULTS"]}],
    "QueryLogStatus": "DISABLED",
}
COLUMNS = [
    {"ColumnName": f"c{number}", "ColumnType": "NUMERICAL", "IsPredictiveValue": number == 0} for number in range(5)
]
SYNTHETIC = {
    "MlSyntheticDataParameters": {
        "Epsilon": "3.0",
        "MaxMembershipInferenceAttackScore": 0.6,
        "ColumnClassification": {"ColumnMapping": COLUMNS},
    }
}


class Template:
    """Resources of a stack of an account, as CloudFormation would make them."""

    def __init__(self, bench: Bench, account: str = "") -> None:
        self._native = bench.emulator.native
        self._account = account
        self.properties: dict[str, dict[str, Any]] = {}

    def make(self, type_name: str, **properties: Any) -> tuple[str, dict[str, Any]]:
        """Creates a resource."""
        found = self._native.create(f"AWS::{type_name}", properties, account=self._account)
        self.properties[found[0]] = properties
        return found

    def change(self, type_name: str, physical_id: str, **changes: Any) -> tuple[str, dict[str, Any]]:
        """Updates a resource; None takes a property away."""
        old = self.properties[physical_id]
        new = {name: value for name, value in {**old, **changes}.items() if value is not None}
        found = self._native.update(f"AWS::{type_name}", physical_id, old, new, account=self._account)
        self.properties[found[0]] = new
        return found

    def delete(self, type_name: str, physical_id: str) -> None:
        """Deletes a resource."""
        self._native.delete(f"AWS::{type_name}", physical_id, account=self._account)

    def collaboration(self, **changes: Any) -> str:
        return self.make("CleanRooms::Collaboration", **{**COLLABORATION, **changes})[0]

    def membership(self, collaboration: str) -> str:
        return self.make("CleanRooms::Membership", CollaborationIdentifier=collaboration, QueryLogStatus="DISABLED")[0]

    def template(self, membership: str, name: str = "t", **changes: Any) -> tuple[str, dict[str, Any]]:
        made = {
            "MembershipIdentifier": membership,
            "Name": name,
            "Format": "SQL",
            "Source": {"Text": "SELECT * FROM clicks JOIN users ON a = b"},
            **changes,
        }
        return self.make("CleanRooms::AnalysisTemplate", **made)


@pytest.fixture
def stack(bench: Bench) -> Template:
    return Template(bench)


def made_by_cloudformation(bench: Bench) -> list[str]:
    """The operations that it called."""
    return [entry.operation for entry in bench.emulator.journal if entry.caller == "cloudformation.amazonaws.com"]


def test_the_custom_model_story_is_made_changed_and_deleted(bench: Bench, stack: Template) -> None:
    collaboration, attributes = stack.make("CleanRooms::Collaboration", **COLLABORATION)
    assert attributes == {
        "Arn": f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:collaboration/{collaboration}",
        "CollaborationIdentifier": collaboration,
    }
    membership, attributes = stack.make(
        "CleanRooms::Membership", CollaborationIdentifier=collaboration, QueryLogStatus="DISABLED"
    )
    assert attributes == {
        "Arn": f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:membership/{membership}",
        "CollaborationArn": f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:collaboration/{collaboration}",
        "CollaborationCreatorAccountId": ACCOUNT,
        "MembershipIdentifier": membership,
    }
    table, attributes = stack.make(
        "CleanRooms::ConfiguredTable",
        Name="clicks",
        AllowedColumns=["user", "item"],
        AnalysisMethod="DIRECT_QUERY",
        TableReference={"Glue": {"DatabaseName": "ads", "TableName": "clicks"}},
    )
    assert attributes["Arn"].endswith(f":configuredtable/{table}")
    associated, attributes = stack.make(
        "CleanRooms::ConfiguredTableAssociation",
        MembershipIdentifier=membership,
        ConfiguredTableIdentifier=table,
        Name="clicks",
        RoleArn=ROLE,
    )
    assert associated == f"{attributes['ConfiguredTableAssociationIdentifier']}|{membership}"
    template, attributes = stack.template(membership)
    assert template == f"{attributes['AnalysisTemplateIdentifier']}|{membership}"
    assert attributes["CollaborationIdentifier"] == collaboration
    assert attributes["Schema.ReferencedTables"] == ["clicks", "users"]
    algorithm, attributes = stack.make(
        "CleanRoomsML::ConfiguredModelAlgorithm",
        Name="a",
        RoleArn=ROLE,
        TrainingContainerConfig={"ImageUri": IMAGE, "MetricDefinitions": [{"Name": "loss", "Regex": "loss=(.*)"}]},
    )
    assert attributes == {"ConfiguredModelAlgorithmArn": algorithm}
    found = bench.client.get_configured_model_algorithm(configuredModelAlgorithmArn=algorithm)
    assert found["trainingContainerConfig"]["metricDefinitions"] == [{"name": "loss", "regex": "loss=(.*)"}]
    association, attributes = stack.make(
        "CleanRoomsML::ConfiguredModelAlgorithmAssociation",
        MembershipIdentifier=membership,
        ConfiguredModelAlgorithmArn=algorithm,
        Name="a",
        PrivacyConfiguration={
            "Policies": {"TrainedModelExports": {"FilesToExport": ["MODEL"], "MaxSize": {"Unit": "GB", "Value": "5"}}}
        },
    )
    assert attributes == {
        "CollaborationIdentifier": collaboration,
        "ConfiguredModelAlgorithmAssociationArn": association,
    }
    bench.association = association
    channel = bench.created_channel(membershipIdentifier=membership)
    bench.clock.sleep(3)
    bench.client.delete_ml_input_channel_data(mlInputChannelArn=channel, membershipIdentifier=membership)
    bench.clock.sleep(1)
    for type_name, physical_id in (
        ("CleanRoomsML::ConfiguredModelAlgorithmAssociation", association),
        ("CleanRoomsML::ConfiguredModelAlgorithm", algorithm),
        ("CleanRooms::AnalysisTemplate", template),
        ("CleanRooms::ConfiguredTableAssociation", associated),
        ("CleanRooms::ConfiguredTable", table),
        ("CleanRooms::Membership", membership),
        ("CleanRooms::Collaboration", collaboration),
    ):
        stack.delete(type_name, physical_id)
        stack.delete(type_name, physical_id)
    left = bench.emulator.records(seeded=False)
    assert [(record["kind"], record["status"]) for record in left] == [("MLInputChannel", "INACTIVE")]
    assert [name for name in made_by_cloudformation(bench) if name.startswith("Delete")][::2] == [
        "DeleteConfiguredModelAlgorithmAssociation",
        "DeleteConfiguredModelAlgorithm",
        "DeleteAnalysisTemplate",
        "DeleteConfiguredTableAssociation",
        "DeleteConfiguredTable",
        "DeleteMembership",
        "DeleteCollaboration",
    ]


def test_a_training_dataset_is_the_same_as_one_of_the_api(bench: Bench, stack: Template) -> None:
    glue = {"DatabaseName": "ads", "TableName": "clicks"}
    schema = [{"ColumnName": name.lower(), "ColumnTypes": [name]} for name in ("USER_ID", "ITEM_ID", "TIMESTAMP")]
    arn, attributes = stack.make(
        "CleanRoomsML::TrainingDataset",
        Name="d",
        RoleArn=ROLE,
        TrainingData=[
            {"Type": "INTERACTIONS", "InputConfig": {"Schema": schema, "DataSource": {"GlueDataSource": glue}}}
        ],
    )
    assert attributes == {"Status": "ACTIVE", "TrainingDatasetArn": arn}
    source = bench.client.get_training_dataset(trainingDatasetArn=arn)["trainingData"][0]["inputConfig"]
    assert source["dataSource"] == {"glueDataSource": {"databaseName": "ads", "tableName": "clicks"}}
    assert source["schema"][0] == {"columnName": "user_id", "columnTypes": ["USER_ID"]}


# -- updates -----------------------------------------------------------------------------------------------------------


def test_a_create_only_property_replaces_and_others_do_not(bench: Bench, stack: Template) -> None:
    collaboration = stack.collaboration()
    same, _ = stack.change("CleanRooms::Collaboration", collaboration, Name="renamed", IsMetricsEnabled="true")
    assert same == collaboration
    data = bench.emulator.record(f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:collaboration/{collaboration}")["data"]
    assert (data["name"], data["isMetricsEnabled"]) == ("renamed", True)
    other, _ = stack.change("CleanRooms::Collaboration", collaboration, CreatorDisplayName="other")
    assert other != collaboration
    assert made_by_cloudformation(bench) == ["CreateCollaboration", "UpdateCollaboration", "CreateCollaboration"]
    assert is_replacement("AWS::CleanRooms::Collaboration", {"Members": []}, {})
    assert not is_replacement("AWS::CleanRooms::Collaboration", {"Name": "a"}, {"Name": "b"})


def test_a_change_of_synthetic_data_is_accepted_and_does_nothing(bench: Bench, stack: Template) -> None:
    template, attributes = stack.template(stack.membership(stack.collaboration()), SyntheticDataParameters=SYNTHETIC)
    changed = {"MlSyntheticDataParameters": {**SYNTHETIC["MlSyntheticDataParameters"], "Epsilon": 9.0}}
    assert stack.change("CleanRooms::AnalysisTemplate", template, SyntheticDataParameters=changed)[0] == template
    stack.change("CleanRooms::AnalysisTemplate", template, Description="new")
    data = bench.emulator.record(attributes["Arn"])["data"]
    assert data["syntheticDataParameters"]["mlSyntheticDataParameters"]["epsilon"] == 3.0
    assert data["description"] == "new"
    assert made_by_cloudformation(bench)[-1] == "UpdateAnalysisTemplate"


def test_tags_of_the_template_change_and_those_of_aws_stay(bench: Bench, stack: Template) -> None:
    native = bench.emulator.native
    config = {"ImageUri": IMAGE}
    properties = {
        "Name": "a",
        "RoleArn": ROLE,
        "TrainingContainerConfig": config,
        "Tags": [{"Key": "kept", "Value": "1"}, {"Key": "gone", "Value": "2"}],
    }
    system = {"aws:cloudformation:stack-name": "s"}
    algorithm, _ = native.create("AWS::CleanRoomsML::ConfiguredModelAlgorithm", properties, {**system, "stack": "3"})

    def tags() -> Any:
        return bench.client.list_tags_for_resource(resourceArn=algorithm)["tags"]

    assert tags() == {"kept": "1", "gone": "2", "stack": "3", **system}
    changed = {**properties, "Tags": [{"Key": "kept", "Value": "9"}]}
    native.update(
        "AWS::CleanRoomsML::ConfiguredModelAlgorithm",
        algorithm,
        properties,
        changed,
        {**system},
        {**system, "stack": "3"},
    )
    assert tags() == {"kept": "9", **system}
    assert made_by_cloudformation(bench)[-2:] == ["UntagResource", "TagResource"]


def test_tags_of_a_membership_change_through_clean_rooms(bench: Bench, stack: Template) -> None:
    membership = stack.membership(stack.collaboration())
    stack.change("CleanRooms::Membership", membership, Tags=[{"Key": "a", "Value": "b"}])
    entry = bench.emulator.journal[-1]
    assert (entry.service, entry.operation) == ("cleanrooms", "TagResource")


# -- what channels make of templates -----------------------------------------------------------------------------------


def test_a_channel_of_a_template_for_synthetic_data_is_synthetic(bench: Bench, stack: Template) -> None:
    membership = stack.membership(stack.collaboration())
    bench.association = bench.emulator.seed_configured_model_algorithm_association(membership)
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
    bench.association = bench.emulator.seed_configured_model_algorithm_association(membership)
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
    ("type_name", "properties", "told"),
    [
        ("CleanRooms::Collaboration", {"Name": "n"}, "#/CreatorDisplayName is missing"),
        ("CleanRooms::Collaboration", {**COLLABORATION, "Colour": "red"}, "#/Colour is not known; allowed are Allowed"),
        ("CleanRooms::Collaboration", {**COLLABORATION, "QueryLogStatus": "ON"}, "queryLogStatus is"),
        ("CleanRooms::Collaboration", {**COLLABORATION, "Members": [{"AccountId": "1"}]}, "members[0].accountId"),
        ("CleanRooms::Table", {}, "AWS::CleanRooms::Table is not known"),
        ("CleanRoomsML::TrainingDataset", {"Name": "n", "RoleArn": ROLE, "TrainingData": []}, "trainingData has 0"),
    ],
)
def test_wrong_properties_are_told(stack: Template, type_name: str, properties: dict[str, Any], told: str) -> None:
    with pytest.raises(NativeError) as caught:
        stack.make(type_name, **properties)
    assert told in str(caught.value)
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
        stack.make(
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


def test_a_name_that_is_taken_is_told_as_cloudformation_does(stack: Template) -> None:
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
        stack.make(
            "CleanRoomsML::ConfiguredModelAlgorithm",
            Name="a",
            RoleArn=ROLE.replace(ACCOUNT, OTHER_ACCOUNT),
            TrainingContainerConfig={"ImageUri": IMAGE},
        )
    assert caught.value.code == "AccessDenied"


def test_a_fault_hits_what_cloudformation_makes_too(bench: Bench, stack: Template) -> None:
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
