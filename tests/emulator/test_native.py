"""The types that CloudFormation has itself: properties, physical ids, attributes, replacement, errors."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator.native import is_replacement

from .conftest import ACCOUNT, ROLE, Bench
from .native_stack import COLLABORATION, SYNTHETIC, Template
from .requests import IMAGE


@pytest.fixture
def stack(bench: Bench) -> Template:
    return Template(bench)


def made_by_cloudformation(bench: Bench) -> list[str]:
    """The operations that it called."""
    return [entry.operation for entry in bench.emulator.journal if entry.caller == "cloudformation.amazonaws.com"]


def test_the_custom_model_walkthrough_is_created_changed_and_deleted(bench: Bench, stack: Template) -> None:
    collaboration, attributes = stack.create("CleanRooms::Collaboration", **COLLABORATION)
    assert attributes == {
        "Arn": f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:collaboration/{collaboration}",
        "CollaborationIdentifier": collaboration,
    }
    membership, attributes = stack.create(
        "CleanRooms::Membership", CollaborationIdentifier=collaboration, QueryLogStatus="DISABLED"
    )
    assert attributes == {
        "Arn": f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:membership/{membership}",
        "CollaborationArn": f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:collaboration/{collaboration}",
        "CollaborationCreatorAccountId": ACCOUNT,
        "MembershipIdentifier": membership,
    }
    table, attributes = stack.create(
        "CleanRooms::ConfiguredTable",
        Name="clicks",
        AllowedColumns=["user", "item"],
        AnalysisMethod="DIRECT_QUERY",
        TableReference={"Glue": {"DatabaseName": "ads", "TableName": "clicks"}},
    )
    assert attributes["Arn"].endswith(f":configuredtable/{table}")
    associated, attributes = stack.create(
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
    algorithm, attributes = stack.create(
        "CleanRoomsML::ConfiguredModelAlgorithm",
        Name="a",
        RoleArn=ROLE,
        TrainingContainerConfig={"ImageUri": IMAGE, "MetricDefinitions": [{"Name": "loss", "Regex": "loss=(.*)"}]},
    )
    assert attributes == {"ConfiguredModelAlgorithmArn": algorithm}
    found = bench.client.get_configured_model_algorithm(configuredModelAlgorithmArn=algorithm)
    assert found["trainingContainerConfig"]["metricDefinitions"] == [{"name": "loss", "regex": "loss=(.*)"}]
    association, attributes = stack.create(
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
    remaining = bench.emulator.records(seeded=False)
    assert [(record["kind"], record["status"]) for record in remaining] == [("MLInputChannel", "INACTIVE")]
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
    arn, attributes = stack.create(
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
    # No operation of the API changes the metrics of a collaboration that is there.
    assert (data["name"], data.get("isMetricsEnabled")) == ("renamed", None)
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
