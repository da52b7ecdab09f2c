"""What a request names by its ARN is drawn, however the template writes the ARN."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cleanrooms_ml_cli.graph import flow as flow_module
from cleanrooms_ml_cli.graph.flow import data_flow
from cleanrooms_ml_cli.graph.mermaid import as_mermaid
from cleanrooms_ml_cli.graph.model import DataFlow, Sort
from cleanrooms_ml_cli.plan.assembly import Synthesized
from cleanrooms_ml_simulator.templates import described, get, template

_TOKEN = re.compile(r"(\$\{[^}]*\})")


def _join(text: str) -> dict[str, Any]:
    """The text as the CDK renders tokens in it."""
    parts = [part for part in _TOKEN.split(text) if part]
    return {"Fn::Join": ["", [{"Ref": part[2:-1]} if part.startswith("${") else part for part in parts]]}


def _sub(text: str) -> dict[str, Any]:
    return {"Fn::Sub": text}


def _sub_with_variables(text: str) -> dict[str, Any]:
    """The last part is a variable of its own."""
    head, separator, last = text.rpartition("/")
    return {"Fn::Sub": [f"{head}{separator}${{Last}}", {"Last": last}]}


_AS_STANDARD = "arn:${AWS::Partition}:SERVICE:${AWS::Region}:${AWS::AccountId}:"
_OF_OWN_ACCOUNT = "arn:aws:SERVICE:us-east-1:${AWS::AccountId}:"
_OF_ANOTHER = "arn:${AWS::Partition}:SERVICE:${AWS::Region}:111122223333:"
_LITERAL = "arn:aws-us-gov:SERVICE:us-gov-west-1:111122223333:"
_BEGINNINGS: list[tuple[Callable[[str], object], str]] = [
    *((write, beginning) for write in (_join, _sub) for beginning in (_AS_STANDARD, _OF_OWN_ACCOUNT, _OF_ANOTHER)),
    (str, _LITERAL),
    (_sub, _LITERAL),
]


@pytest.fixture(autouse=True)
def _permissions_name_two_more_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_module, "_SERVICES", {*flow_module._SERVICES, "entityresolution", "tea-house"})


def _flow(value: object, member: str = "anything", **more: Any) -> DataFlow:
    request = described("MLInputChannel", {"membershipIdentifier": "m", member: value}, "Channel", waits=False)
    return data_flow([Synthesized("app", template(request, more))])


def _external(flow: DataFlow) -> list[tuple[str, str, str, str]]:
    assert len(flow.edges) == len([node for node in flow.nodes.values() if not node.stack])
    assert as_mermaid(flow)
    return [(node.name, node.kind, node.sort.value, node.owner) for node in flow.nodes.values() if not node.stack]


@pytest.mark.parametrize(("write", "beginning"), _BEGINNINGS)
@pytest.mark.parametrize(
    ("service", "resource", "kind", "sort"),
    [
        ("cleanrooms-ml", "audience-model/one", "AudienceModel", Sort.MODEL),
        ("cleanrooms-ml", "membership/abc/trained-model/one", "TrainedModel", Sort.MODEL),
        ("cleanrooms-ml", "training-dataset/one", "TrainingDataset", Sort.DATASET),
        ("cleanrooms", "membership/abc/analysistemplate/one", "AnalysisTemplate", Sort.QUERY),
        ("entityresolution", "idmappingworkflow/one", "entityresolution idmappingworkflow", Sort.OTHER),
        ("tea-house", "kettle:one", "tea-house kettle", Sort.OTHER),
        ("tea-house", "one", "tea-house", Sort.OTHER),
    ],
)
def test_an_arn_is_drawn_as_what_it_names_in_every_form(
    write: Callable[[str], object], beginning: str, service: str, resource: str, kind: str, sort: Sort
) -> None:
    owner = "account 111122223333" if "111122223333" in beginning else ""
    flow = _flow(write(beginning.replace("SERVICE", service) + resource))
    assert _external(flow) == [("one", kind, sort.value, owner)]


@pytest.mark.parametrize("write", [_join, _sub])
def test_what_is_unknown_of_a_name_stays_a_placeholder(write: Callable[[str], object]) -> None:
    text = _AS_STANDARD.replace("SERVICE", "entityresolution") + "idmappingworkflow/${AWS::StackName}-x"
    assert [each[:2] for each in _external(_flow(write(text)))] == [
        ("${AWS::StackName}-x", "entityresolution idmappingworkflow")
    ]


def test_the_variables_of_a_substitution_leave_the_rest_of_the_arn() -> None:
    text = _AS_STANDARD.replace("SERVICE", "entityresolution") + "idmappingworkflow/one"
    (found,) = _external(_flow(_sub_with_variables(text)))
    assert found[1] == "entityresolution idmappingworkflow"


@pytest.mark.parametrize(
    ("write", "text"),
    [
        *((write, text) for write in (str, _join, _sub) for text in ("arn:aws:s3:::results-x/a/b", "s3://results-x/a")),
        *((write, "arn:${AWS::Partition}:s3:::results-x/a/*") for write in (_join, _sub)),
        (str, "s3://results-x"),
        (str, "arn:aws-cn:s3:::results-x"),
    ],
)
def test_an_arn_of_s3_and_a_uri_are_the_bucket(write: Callable[[str], object], text: str) -> None:
    assert _external(_flow(write(text))) == [("results-x", "Bucket", "bucket", "")]


@pytest.mark.parametrize("write", [_join, _sub])
@pytest.mark.parametrize("text", ["arn:${AWS::Partition}:s3:::${Results}/a", "s3://${Results}/a"])
def test_a_bucket_of_the_stack_is_that_bucket(write: Callable[[str], object], text: str) -> None:
    flow = _flow(write(text), Results={"Type": "AWS::S3::Bucket", "Properties": {}})
    assert not _external_names(flow)
    assert [edge.source for edge in flow.edges.values()] == ["app/Results"]


@pytest.mark.parametrize("write", [_join, _sub])
def test_a_name_of_a_bucket_with_the_account_in_it_is_whole(write: Callable[[str], object]) -> None:
    assert _external_names(_flow(write("s3://${AWS::AccountId}-results-${AWS::Region}/a"))) == [
        "${AWS::AccountId}-results-${AWS::Region}"
    ]


def _external_names(flow: DataFlow) -> list[str]:
    return [node.name for node in flow.nodes.values() if not node.stack]


@pytest.mark.parametrize("service", ["iam", "kms", "lambda", "sns"])
def test_roles_keys_functions_and_services_of_no_permission_are_not_drawn(service: str) -> None:
    for write, beginning in _BEGINNINGS:
        assert not _flow(write(beginning.replace("SERVICE", service) + "kind/one")).nodes


_WORKFLOW = {"Type": "AWS::EntityResolution::IdMappingWorkflow", "Properties": {"RoleArn": get("Role", "Arn")}}


@pytest.mark.parametrize(
    "value",
    [
        get("Workflow", "WorkflowArn"),
        {"Ref": "Workflow"},
        {"Fn::Sub": "arn:aws:entityresolution:us-east-1:111122223333:idmappingworkflow/${Workflow}"},
        {"Fn::Sub": ["${It}", {"It": get("Workflow", "WorkflowArn")}]},
        {"Fn::If": ["Is", get("Workflow", "WorkflowArn"), {"Ref": "AWS::NoValue"}]},
    ],
    ids=["attribute", "reference", "text", "variable", "condition"],
)
def test_a_resource_of_such_a_service_that_a_request_refers_to_is_drawn(value: Mapping[str, Any]) -> None:
    unused = {"Type": "AWS::EntityResolution::IdNamespace", "Properties": {}}
    flow = _flow(value, Workflow=_WORKFLOW, Unused=unused, Role={"Type": "AWS::IAM::Role", "Properties": {}})
    assert {key: (node.kind, node.sort) for key, node in flow.nodes.items()} == {
        "app/Channel": ("MLInputChannel", Sort.CHANNEL),
        "app/Workflow": ("IdMappingWorkflow", Sort.OTHER),
    }
    assert [(edge.source, edge.target) for edge in flow.edges.values()] == [("app/Workflow", "app/Channel")]


@pytest.mark.parametrize(
    "resource_type",
    [
        "AWS::Lambda::Function",
        "AWS::KMS::Key",
        "AWS::SNS::Topic",
        "Custom::EntityResolution",
        "Mine::EntityResolution::Thing",
        "AWS::EntityResolution",
        "",
    ],
)
def test_a_resource_of_another_type_is_not_drawn(resource_type: str) -> None:
    assert not _flow(get("Other", "Arn"), Other={"Type": resource_type, "Properties": {}}).nodes


def test_a_reference_into_another_stack_to_what_is_not_drawn_leads_nowhere() -> None:
    reader = described("MLInputChannel", {"anything": {"Fn::ImportValue": "it"}}, "Channel", waits=False)
    export = {"Out": {"Value": get("It", "Arn"), "Export": {"Name": "it"}}}
    for resource_type, count in (("AWS::SQS::Queue", 0), ("AWS::EntityResolution::IdMappingWorkflow", 2)):
        other = {**template({"It": {"Type": resource_type, "Properties": {}}}), "Outputs": export}
        flow = data_flow([Synthesized("app", template(reader)), Synthesized("other", other)])
        assert len(flow.nodes) == count
        assert as_mermaid(flow).count("-->") == count // 2


@pytest.mark.parametrize(
    "value",
    [
        get("Role", "Arn"),
        {"Fn::Sub": "${Role.Arn}"},
        {"Fn::Sub": ["${It}", {"It": get("Role", "Arn")}]},
        {"Fn::If": ["Is", get("Role", "Arn"), {"Ref": "AWS::NoValue"}]},
    ],
    ids=json.dumps,
)
def test_a_role_is_a_role_in_every_form(value: Mapping[str, Any]) -> None:
    flow = _flow(value, "roleArn", Role={"Type": "AWS::IAM::Role", "Properties": {}})
    assert [(edge.source, edge.flow.value) for edge in flow.edges.values()] == [("app/Role", "role")]
