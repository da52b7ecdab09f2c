"""The types of Clean Rooms and Clean Rooms ML that CloudFormation has itself, in raw templates."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox import Sandbox
from tests.waiting import until

OTHER_ACCOUNT = "444455556666"
PAYS = {"IsResponsible": True}
COLUMNS = [
    {"ColumnName": f"c{number}", "ColumnType": "NUMERICAL", "IsPredictiveValue": number == 0} for number in range(5)
]


def att(logical_id: str, name: str) -> dict[str, Any]:
    """The attribute of a resource."""
    return {"Fn::GetAtt": [logical_id, name]}


def ref(logical_id: str) -> dict[str, Any]:
    """The Ref of a resource."""
    return {"Ref": logical_id}


def resource(type_name: str, **properties: Any) -> dict[str, Any]:
    """A resource of a template."""
    return {"Type": f"AWS::{type_name}", "Properties": properties}


def role(*principals: str) -> dict[str, Any]:
    """A role that services may assume."""
    statement = {"Effect": "Allow", "Principal": {"Service": list(principals)}, "Action": "sts:AssumeRole"}
    return resource("IAM::Role", AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [statement]})


def custom_model(**changes: Any) -> dict[str, Any]:
    """What CloudFormation has itself of the custom-model walkthrough."""
    everything = {
        "Collaboration": resource(
            "CleanRooms::Collaboration",
            Name="collaboration",
            Description="d",
            CreatorDisplayName="creator",
            CreatorMemberAbilities=["CAN_QUERY"],
            CreatorMLMemberAbilities={"CustomMLMemberAbilities": ["CAN_RECEIVE_MODEL_OUTPUT"]},
            CreatorPaymentConfiguration={
                "QueryCompute": PAYS,
                "MachineLearning": {"ModelTraining": PAYS, "SyntheticDataGeneration": PAYS},
            },
            Members=[{"AccountId": OTHER_ACCOUNT, "DisplayName": "other", "MemberAbilities": ["CAN_RECEIVE_RESULTS"]}],
            QueryLogStatus="DISABLED",
        ),
        "Membership": resource(
            "CleanRooms::Membership",
            CollaborationIdentifier=att("Collaboration", "CollaborationIdentifier"),
            QueryLogStatus="DISABLED",
        ),
        "Table": resource(
            "CleanRooms::ConfiguredTable",
            Name="clicks",
            AllowedColumns=["c0"],
            AnalysisMethod="DIRECT_QUERY",
            TableReference={"Glue": {"DatabaseName": "ads", "TableName": "clicks"}},
        ),
        "TableRole": role("cleanrooms.amazonaws.com"),
        "TableAssociation": resource(
            "CleanRooms::ConfiguredTableAssociation",
            ConfiguredTableIdentifier=att("Table", "ConfiguredTableIdentifier"),
            MembershipIdentifier=ref("Membership"),
            Name="clicks",
            RoleArn=att("TableRole", "Arn"),
        ),
        "Template": resource(
            "CleanRooms::AnalysisTemplate",
            MembershipIdentifier=att("Membership", "MembershipIdentifier"),
            Name="synthetic",
            Format="SQL",
            Source={"Text": "SELECT * FROM clicks"},
            SyntheticDataParameters={
                "MlSyntheticDataParameters": {
                    "Epsilon": 3,
                    "MaxMembershipInferenceAttackScore": 0.8,
                    "ColumnClassification": {"ColumnMapping": COLUMNS},
                }
            },
        ),
        "AlgorithmRole": role("cleanrooms-ml.amazonaws.com"),
        "Algorithm": resource(
            "CleanRoomsML::ConfiguredModelAlgorithm",
            Name="algorithm",
            RoleArn=att("AlgorithmRole", "Arn"),
            TrainingContainerConfig={"ImageUri": "000000000000.dkr.ecr.us-east-1.amazonaws.com/algorithm:1"},
            Tags=[{"Key": "team", "Value": "ads"}],
        ),
        "AlgorithmAssociation": resource(
            "CleanRoomsML::ConfiguredModelAlgorithmAssociation",
            ConfiguredModelAlgorithmArn=ref("Algorithm"),
            MembershipIdentifier=att("Membership", "MembershipIdentifier"),
            Name="association",
        ),
    }
    for logical_id, properties in changes.items():
        everything[logical_id]["Properties"] |= properties
    return everything


class Stack:
    """A stack of an account, created from raw templates."""

    def __init__(self, sandbox: Sandbox, account: str = "test") -> None:
        self._sandbox = sandbox
        self._account = account
        self.name = f"native-{uuid.uuid4().hex[:8]}"
        self._cloudformation = self.client("cloudformation")

    def client(self, service: str) -> Any:
        """A client of the stack's account."""
        return self._sandbox.client(service, aws_access_key_id=self._account)

    def deploy(self, resources: dict[str, Any], tags: dict[str, str] | None = None, **outputs: Any) -> str:
        """Creates or updates it; returns the final status."""
        template = {"Resources": resources}
        if outputs:
            template["Outputs"] = {name: {"Value": value} for name, value in outputs.items()}
        call = self._cloudformation.update_stack if self._exists() else self._cloudformation.create_stack
        call(
            StackName=self.name,
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_IAM"],
            Tags=[{"Key": key, "Value": value} for key, value in (tags or {}).items()],
        )
        return self._settled()

    def delete(self) -> str:
        """Deletes it; returns the final status."""
        identifier = self._stack(self.name)["StackId"]
        self._cloudformation.delete_stack(StackName=self.name)
        return self._settled(identifier, "DELETE_")

    def outputs(self) -> dict[str, str]:
        """Its outputs by name."""
        return {item["OutputKey"]: item["OutputValue"] for item in self._stack(self.name)["Outputs"]}

    def physical_id(self, logical_id: str) -> str:
        """What CloudFormation knows a resource by."""
        found = self._cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def reason(self, logical_id: str) -> str:
        """Why a resource failed."""
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return next(
            str(event["ResourceStatusReason"])
            for event in events
            if event["LogicalResourceId"] == logical_id and event["ResourceStatus"].endswith("_FAILED")
        )

    def _exists(self) -> bool:
        stacks = self._cloudformation.describe_stacks()["Stacks"]
        return self.name in [stack["StackName"] for stack in stacks]

    def _stack(self, name: str) -> Any:
        return self._cloudformation.describe_stacks(StackName=name)["Stacks"][0]

    def _settled(self, name: str = "", prefix: str = "") -> str:
        def end() -> str:
            status = str(self._stack(name or self.name)["StackStatus"])
            return status if status.startswith(prefix) and not status.endswith("IN_PROGRESS") else ""

        return until(end, f"the end of {self.name}")


@pytest.fixture
def stack(sandbox: Sandbox) -> Stack:
    sandbox.reset()
    return Stack(sandbox)


def native_calls(sandbox: Sandbox) -> list[str]:
    """What CloudFormation called, in order."""
    journal = sandbox.emulator.journal()
    return [entry["operation"] for entry in journal if entry["caller"] == "cloudformation.amazonaws.com"]


def test_references_and_attributes_are_the_documented_ones(sandbox: Sandbox, stack: Stack) -> None:
    status = stack.deploy(
        custom_model(),
        Collaboration=ref("Collaboration"),
        Creator=att("Membership", "CollaborationCreatorAccountId"),
        Membership=ref("Membership"),
        TableAssociation=ref("TableAssociation"),
        Template=ref("Template"),
        TemplateArn=att("Template", "Arn"),
        TemplateCollaboration=att("Template", "CollaborationIdentifier"),
        Algorithm=ref("Algorithm"),
        AssociationCollaboration=att("AlgorithmAssociation", "CollaborationIdentifier"),
    )
    assert status == "CREATE_COMPLETE"
    outputs = stack.outputs()
    assert outputs["Creator"] == "000000000000"
    assert outputs["TableAssociation"].endswith(f"|{outputs['Membership']}")
    template, membership = outputs["Template"].split("|")
    assert outputs["TemplateArn"] == (
        f"arn:aws:cleanrooms:us-east-1:000000000000:membership/{membership}/analysistemplate/{template}"
    )
    assert outputs["TemplateCollaboration"] == outputs["Collaboration"] == outputs["AssociationCollaboration"]
    service = stack.client("cleanroomsml")
    tags = service.list_tags_for_resource(resourceArn=outputs["Algorithm"])["tags"]
    assert tags["team"] == "ads"
    assert tags["aws:cloudformation:logical-id"] == "Algorithm"


def test_a_channel_of_the_stacks_template_is_synthetic(sandbox: Sandbox, stack: Stack) -> None:
    resources = {**custom_model(), "ChannelRole": role("cleanrooms-ml.amazonaws.com")}
    outputs = {"Membership": ref("Membership"), "Template": att("Template", "Arn"), "Role": att("ChannelRole", "Arn")}
    stack.deploy(resources, **outputs, Association=ref("AlgorithmAssociation"))
    found = stack.outputs()
    service = stack.client("cleanroomsml")
    source = {"protectedQueryInputParameters": {"sqlParameters": {"analysisTemplateArn": found["Template"]}}}
    arn = service.create_ml_input_channel(
        membershipIdentifier=found["Membership"],
        configuredModelAlgorithmAssociations=[found["Association"]],
        inputChannel={"dataSource": source, "roleArn": found["Role"]},
        name="channel",
        retentionInDays=1,
    )["mlInputChannelArn"]
    sandbox.emulator.advance(10)
    named = {"mlInputChannelArn": arn, "membershipIdentifier": found["Membership"]}
    channel = service.get_ml_input_channel(**named)
    assert (channel["status"], channel["payerConfiguration"]["syntheticDataPayerAccountId"]) == (
        "ACTIVE",
        "000000000000",
    )
    assert channel["syntheticDataConfiguration"]["syntheticDataParameters"]["epsilon"] == 3.0
    assert stack.delete() == "DELETE_FAILED"
    service.delete_ml_input_channel_data(**named)
    sandbox.emulator.advance(10)
    assert stack.delete() == "DELETE_COMPLETE"


def test_a_stack_is_deleted_in_the_order_of_its_references(sandbox: Sandbox, stack: Stack) -> None:
    stack.deploy(custom_model())
    assert stack.delete() == "DELETE_COMPLETE"
    deletes = [name for name in native_calls(sandbox) if name.startswith("Delete")]
    for first, second in (
        ("DeleteConfiguredModelAlgorithmAssociation", "DeleteConfiguredModelAlgorithm"),
        ("DeleteConfiguredModelAlgorithmAssociation", "DeleteMembership"),
        ("DeleteAnalysisTemplate", "DeleteMembership"),
        ("DeleteConfiguredTableAssociation", "DeleteConfiguredTable"),
        ("DeleteConfiguredTableAssociation", "DeleteMembership"),
        ("DeleteMembership", "DeleteCollaboration"),
    ):
        assert deletes.index(first) < deletes.index(second), deletes
    assert sandbox.emulator.records() == []


def test_updates_change_in_place_or_replace(sandbox: Sandbox, stack: Stack) -> None:
    stack.deploy(custom_model(), {"stage": "dev"})
    kept = {name: stack.physical_id(name) for name in ("Collaboration", "Membership", "Algorithm", "Template")}
    changed = custom_model(
        Collaboration={"Name": "renamed"},
        Template={"Name": "other"},
        Algorithm={"Tags": [{"Key": "team", "Value": "sales"}]},
    )
    assert stack.deploy(changed, {"stage": "prod"}) == "UPDATE_COMPLETE"
    same = {name for name, before in kept.items() if stack.physical_id(name) == before}
    assert same == {"Collaboration", "Membership", "Algorithm"}
    calls = native_calls(sandbox)
    assert calls.count("CreateAnalysisTemplate") == 2
    assert calls.index("DeleteAnalysisTemplate") > calls.index("UpdateCollaboration")
    tags = stack.client("cleanroomsml").list_tags_for_resource(resourceArn=kept["Algorithm"])["tags"]
    assert {name: tags[name] for name in ("team", "stage")} == {"team": "sales", "stage": "prod"}


def test_what_is_refused_rolls_back_with_its_reason(sandbox: Sandbox, stack: Stack) -> None:
    mapping = {"ColumnMapping": COLUMNS[:3]}
    synthetic = {"Epsilon": 3, "MaxMembershipInferenceAttackScore": 0.8, "ColumnClassification": mapping}
    parameters = {"SyntheticDataParameters": {"MlSyntheticDataParameters": synthetic}}
    assert stack.deploy(custom_model(Template=parameters)) == "ROLLBACK_COMPLETE"
    reason = stack.reason("Template")
    assert "columnMapping has 3 items; allowed 5 to 1000" in reason
    assert "HandlerErrorCode: InvalidRequest" in reason
    assert sandbox.emulator.records() == []


@pytest.mark.parametrize("principal", ["lambda.amazonaws.com", "cleanrooms-ml.amazonaws.com"])
def test_the_role_of_a_table_association_trusts_one_of_both_services(
    sandbox: Sandbox, stack: Stack, principal: str
) -> None:
    status = stack.deploy({**custom_model(), "TableRole": role(principal)})
    assert status == ("CREATE_COMPLETE" if "cleanrooms" in principal else "ROLLBACK_COMPLETE")


def test_another_account_joins_with_a_stack_of_its_own(sandbox: Sandbox, stack: Stack) -> None:
    stack.deploy(custom_model(), Collaboration=ref("Collaboration"))
    other = Stack(sandbox, OTHER_ACCOUNT)
    membership = resource(
        "CleanRooms::Membership",
        CollaborationIdentifier=stack.outputs()["Collaboration"],
        QueryLogStatus="DISABLED",
    )
    status = other.deploy({"Membership": membership}, Id=ref("Membership"), Arn=att("Membership", "Arn"))
    assert status == "CREATE_COMPLETE"
    outputs = other.outputs()
    assert outputs["Arn"] == f"arn:aws:cleanrooms:us-east-1:{OTHER_ACCOUNT}:membership/{outputs['Id']}"
    listed = other.client("cleanroomsml").list_collaboration_configured_model_algorithm_associations(
        collaborationIdentifier=stack.outputs()["Collaboration"]
    )["collaborationConfiguredModelAlgorithmAssociations"]
    assert [item["creatorAccountId"] for item in listed] == ["000000000000"]
    assert other.delete() == "DELETE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
