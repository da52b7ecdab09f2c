"""What the CDK CLI and nested stacks need of CloudFormation beyond create, update and delete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox import Sandbox
from tests.waiting import until

ROOT = Path(__file__).parents[2]
IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/team/model:1"
ROLE = "arn:aws:iam::000000000000:role/service"


def seeded_template(sandbox: Sandbox) -> tuple[str, dict[str, str], dict[str, Any]]:
    """An analysis template, which two values identify."""
    arn = sandbox.emulator.seed("AnalysisTemplate")["arn"]
    _, membership, _, template = arn.split(":")[-1].split("/")
    identifier = {"AnalysisTemplateIdentifier": template, "MembershipIdentifier": membership}
    properties = {"MembershipIdentifier": membership, "Name": "t", "Format": "SQL", "Source": {"Text": "SELECT 1"}}
    return f"{template}|{membership}", identifier, properties


def seeded_algorithm(sandbox: Sandbox) -> tuple[str, dict[str, str], dict[str, Any]]:
    """An algorithm, which its ARN identifies."""
    arn = sandbox.emulator.seed("ConfiguredModelAlgorithm")["arn"]
    properties = {"Name": "a", "RoleArn": ROLE, "InferenceContainerConfig": {"ImageUri": IMAGE}}
    return arn, {"ConfiguredModelAlgorithmArn": arn}, properties


def write(folder: Path, template: dict[str, Any]) -> Path:
    """A cloud assembly with one stack."""
    stack = {"type": "aws:cloudformation:stack", "environment": "aws://000000000000/us-east-1"}
    artifacts = {"Existing": {**stack, "properties": {"templateFile": "t.json"}}}
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": artifacts}))
    (folder / "t.json").write_text(json.dumps(template))
    return folder


def test_cdk_import_brings_existing_resources_into_a_stack(sandbox: Sandbox, tmp_path: Path) -> None:
    ids, identifiers, resources = {}, {}, {}
    for name, type_name, seeded in (
        ("Template", "AWS::CleanRooms::AnalysisTemplate", seeded_template(sandbox)),
        ("Algorithm", "AWS::CleanRoomsML::ConfiguredModelAlgorithm", seeded_algorithm(sandbox)),
    ):
        ids[name], identifiers[name], properties = seeded
        resources[name] = {"Type": type_name, "DeletionPolicy": "Retain", "Properties": properties}
    (tmp_path / "mapping.json").write_text(json.dumps(identifiers))
    assembly = write(tmp_path / "cdk.out", {"Resources": resources})
    before = len(sandbox.emulator.records())

    result = sandbox.cdk(
        "import", "--resource-mapping", str(tmp_path / "mapping.json"), "--force", folder=ROOT, app=str(assembly)
    )

    assert result.ok, result.output
    cloudformation = sandbox.client("cloudformation")
    listed = cloudformation.list_stack_resources(StackName="Existing")["StackResourceSummaries"]
    assert {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in listed} == ids
    assert len(sandbox.emulator.records()) == before


def test_the_summary_of_a_template_names_what_identifies_its_resources(sandbox: Sandbox) -> None:
    types = {"One": "AWS::CleanRooms::Membership", "Two": "AWS::CleanRooms::Membership", "Other": "AWS::X::Y"}
    body = json.dumps({"Resources": {name: {"Type": kind, "Properties": {}} for name, kind in types.items()}})

    summary = sandbox.client("cloudformation").get_template_summary(TemplateBody=body)

    assert summary["ResourceIdentifierSummaries"] == [
        {
            "ResourceType": "AWS::CleanRooms::Membership",
            "LogicalResourceIds": ["One", "Two"],
            "ResourceIdentifiers": ["MembershipIdentifier"],
        }
    ]


@pytest.mark.parametrize("type_name", ["AWS::CleanRoomsML::TrainingDataset"])
def test_what_is_not_there_cannot_be_imported(sandbox: Sandbox, type_name: str) -> None:
    cloudformation = sandbox.client("cloudformation")
    arn = "arn:aws:cleanrooms-ml:us-east-1:000000000000:training-dataset/none"
    change = cloudformation.create_change_set(
        StackName="Missing",
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps({"Resources": {"Data": {"Type": type_name, "DeletionPolicy": "Retain"}}}),
        ResourcesToImport=[
            {
                "ResourceType": type_name,
                "LogicalResourceId": "Data",
                "ResourceIdentifier": {"TrainingDatasetArn": arn},
            }
        ],
    )

    described = cloudformation.describe_change_set(ChangeSetName=change["Id"])

    assert described["Status"] == "FAILED"
    assert described["StatusReason"] == f"Resource of type '{type_name}' with identifier '{arn}' was not found."


def test_a_nested_stack_is_updated_in_place(sandbox: Sandbox) -> None:
    """What does not change keeps its attributes, to which what is new refers."""
    cloudformation, s3 = sandbox.client("cloudformation"), sandbox.client("s3")
    s3.create_bucket(Bucket="nested-templates")
    logs = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}}
    parameter = {"Type": "String", "Value": {"Fn::GetAtt": ["Logs", "Arn"]}}
    output = {"Arn": {"Value": {"Fn::GetAtt": ["Logs", "Arn"]}}}
    arns = []
    for number, resources in enumerate(
        ({"Logs": logs}, {"Logs": logs, "Name": {"Type": "AWS::SSM::Parameter", "Properties": parameter}})
    ):
        body = json.dumps({"Resources": resources, "Outputs": output})
        s3.put_object(Bucket="nested-templates", Key=f"{number}.json", Body=body.encode())
        url = f"{sandbox.endpoint}/nested-templates/{number}.json"
        nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
        outer = {"Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Nested", "Outputs.Arn"]}}}}
        change = cloudformation.update_stack if number else cloudformation.create_stack
        change(StackName="Outer", TemplateBody=json.dumps({"Resources": {"Nested": nested}, **outer}))

        def ended() -> Any:
            (stack,) = cloudformation.describe_stacks(StackName="Outer")["Stacks"]
            return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

        stack = until(ended, "the end")
        assert stack["StackStatus"].endswith(("CREATE_COMPLETE", "UPDATE_COMPLETE")), stack
        assert "ROLLBACK" not in stack["StackStatus"]
        arns.append(stack["Outputs"][0]["OutputValue"])

    assert arns[0] == arns[1]
    assert arns[0].startswith("arn:aws:logs:")
