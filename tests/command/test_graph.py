"""The data flow of an app, and its two forms."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.graph import flow as flow_module
from cleanrooms_ml_cli.graph.flow import data_flow
from cleanrooms_ml_cli.graph.layout import Box, boxes, layers
from cleanrooms_ml_cli.graph.mermaid import as_mermaid
from cleanrooms_ml_cli.graph.model import DataFlow, Flow, Node, Sort
from cleanrooms_ml_cli.graph.svg import as_svg
from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.plan.assembly import Synthesized
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_simulator.lifecycle.cases import CASES, Case
from cleanrooms_ml_simulator.templates import AUDIENCE_MODEL_ARN, MEMBERSHIP_ID, channel, described, get, template

_SVG = "{http://www.w3.org/2000/svg}"
# ARNs that name no data: of roles, keys, memberships and collaborations.
_NO_DATA = re.compile(r"^arn:[^:]*:(iam|kms):|:(membership|collaboration)/[^/]*$")
_SECRET = "SELECT very_secret FROM customers"


def _flow(*stacks: Mapping[str, Any]) -> DataFlow:
    return data_flow([Synthesized(f"app{number}", each) for number, each in enumerate(stacks)])


def _edges(flow: DataFlow) -> set[tuple[str, str, str]]:
    names = {key: node.name for key, node in flow.nodes.items()}
    return {(names[edge.source], names[edge.target], edge.flow.value) for edge in flow.edges.values()}


def _app() -> dict[str, Any]:
    """A table, a template of synthetic data on it, a channel from that, a model, a run of it, and where that goes."""
    parts = channel("Channel")
    source = parts["Channel"]["Properties"]["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    source["sqlParameters"] = {"analysisTemplateArn": get("Template", "Arn")}
    parts["Channel"]["Properties"]["inputChannel"]["roleArn"] = get("Role", "Arn")
    model = described(
        "TrainedModel",
        {
            "membershipIdentifier": MEMBERSHIP_ID,
            "configuredModelAlgorithmAssociationArn": {"Fn::ImportValue": "algorithm"},
            "dataChannels": [{"channelName": "train", "mlInputChannelArn": get("Channel", "Arn")}],
            "mlModelTrainingPayerAccountId": "111122223333",
        },
        "Trained",
        waits=True,
    )
    inference = described(
        "TrainedModelInferenceJob",
        {
            "membershipIdentifier": MEMBERSHIP_ID,
            "trainedModelArn": get("Trained", "Arn"),
            "outputConfiguration": {"members": [{"accountId": "000000000000"}]},
        },
        "Inference",
        waits=True,
    )
    location = {"s3Destination": {"s3Uri": {"Fn::Join": ["", ["s3://", {"Ref": "Results"}, "/x"]]}}}
    return template(
        {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {}},
            "Results": {"Type": "AWS::S3::Bucket", "Properties": {}},
            "Unused": {"Type": "AWS::S3::Bucket", "Properties": {}},
            "Table": {
                "Type": "AWS::CleanRooms::ConfiguredTable",
                "Properties": {"TableReference": {"Glue": {"DatabaseName": "shop", "TableName": "customers"}}},
            },
            "Associated": {
                "Type": "AWS::CleanRooms::ConfiguredTableAssociation",
                "Properties": {"Name": "customers", "ConfiguredTableIdentifier": {"Ref": "Table"}},
            },
            "Template": {
                "Type": "AWS::CleanRooms::AnalysisTemplate",
                "Properties": {"Source": {"Text": _SECRET}, "SyntheticDataParameters": {}},
            },
            "Configuration": {
                "Type": "Custom::CleanRoomsML-MLConfiguration",
                "Properties": {
                    "membershipIdentifier": MEMBERSHIP_ID,
                    "defaultOutputLocation": {"destination": location, "roleArn": get("Role", "Arn")},
                },
            },
        },
        parts,
        model,
        inference,
    )


def _provider() -> dict[str, Any]:
    """Another stack, which exports an algorithm."""
    algorithm = {
        "Type": "AWS::CleanRoomsML::ConfiguredModelAlgorithmAssociation",
        "Properties": {},
    }
    export = {"Value": {"Ref": "Algorithm"}, "Export": {"Name": "algorithm"}}
    return {**template({"Algorithm": algorithm}), "Outputs": {"Out": export}}


def test_data_flows_from_tables_to_where_results_go() -> None:
    found = _edges(_flow(_app(), _provider()))
    assert found >= {
        ("shop.customers", "Table", "data"),
        ("Table", "Associated", "data"),
        ("Associated", "Template", "data"),
        ("Template", "Channel", "data"),
        ("Role", "Channel", "role"),
        ("Channel", "Trained", "data"),
        ("Algorithm", "Trained", "data"),
        ("Trained", "Inference", "data"),
        ("Inference", "Configuration", "data"),
        ("Configuration", "Results", "data"),
        ("Role", "Configuration", "role"),
    }
    assert not any("Unused" in edge for edge in found)


def test_who_pays_who_owns_and_what_is_synthetic() -> None:
    flow = _flow(_app(), _provider())
    by_name = {node.name: node for node in flow.nodes.values()}
    assert by_name["Trained"].payer == "account 111122223333"
    assert by_name["Channel"].payer == "the collaboration's payer"
    assert by_name["Channel"].is_synthetic
    assert not by_name["Trained"].is_synthetic
    model = _flow(
        template(described("ConfiguredAudienceModel", {"audienceModelArn": AUDIENCE_MODEL_ARN}, "M", waits=False))
    )
    (external,) = (node for node in model.nodes.values() if not node.stack)
    assert (external.kind, external.owner) == ("AudienceModel", "account 000000000000")


def test_a_query_is_never_drawn() -> None:
    flow = _flow(_app())
    assert "very_secret" not in as_mermaid(flow) + as_svg(flow)
    inline = _flow(template(channel(query=_SECRET)))
    assert "very_secret" not in as_mermaid(inline) + as_svg(inline)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_kind_is_drawn(case: Case) -> None:
    flow = _flow(template(case.resources()))
    named = {
        arn for arn in re.findall(r"arn:[^\"]+|s3://[^\"]+", json.dumps(case.facts.least)) if not _NO_DATA.search(arn)
    }
    assert not named or str(case) in {node.kind for node in flow.nodes.values()}, (
        f"{case} is not drawn although its request names {', '.join(sorted(named))}. An ARN of another service is "
        "drawn if `permissions` of a spec name the service: add what the service authorizes on it. An ARN of a type of "
        "CloudFormation: add it to _OF_ARN in cli/cleanrooms_ml_cli/graph/flow.py, which has _OUTPUT and _NO_DATA, too"
    )


def test_every_kind_with_an_arn_is_drawn_by_its_arn_alone_as_what_it_is() -> None:
    for spec in SPECS:
        if spec.arn_field:
            arn = f"arn:aws:{spec.signing_name}:us-east-1:111122223333:{spec.arn_resource.replace('*', 'one')}"
            flow = _flow(template(described("MLInputChannel", {"anything": arn}, "Channel", waits=False)))
            (external,) = (node for node in flow.nodes.values() if not node.stack)
            assert (external.kind, external.name, external.owner) == (spec.kind, "one", "account 111122223333")
            own = _flow(template(described(spec.kind, {"anything": arn}, "Own", waits=False)))
            assert external.sort in {node.sort for node in own.nodes.values() if node.stack}


def test_what_a_request_names_of_another_service_is_drawn_if_the_permissions_of_a_kind_name_the_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arn = "arn:aws:teahouse:us-east-1:111122223333:kettle/customers"
    resources = described("MLInputChannel", {"anything": arn}, "Channel", waits=False)
    assert not _flow(template(resources)).nodes
    monkeypatch.setattr(flow_module, "_SERVICES", {*flow_module._SERVICES, "teahouse"})
    flow = _flow(template(resources))
    assert [(node.name, node.kind, node.sort, node.owner) for node in flow.nodes.values() if not node.stack] == [
        ("customers", "teahouse kettle", Sort.OTHER, "account 111122223333")
    ]
    assert len(flow.edges) == 1


def test_mermaid_declares_what_its_edges_name() -> None:
    text = as_mermaid(_flow(_app(), _provider()))
    declared = set(re.findall(r"^\s+(n\d+)[\[({>]", text, re.MULTILINE))
    drawn = re.findall(r"^  (n\d+) (?:-->|-\.->) (n\d+)$", text, re.MULTILINE)
    assert len(drawn) == len(_flow(_app(), _provider()).edges)
    assert {end for pair in drawn for end in pair} == declared
    assert text.startswith("flowchart LR\n")
    assert text.count("subgraph") == 2


def test_svg_is_xml_with_each_node_and_edge() -> None:
    flow = _flow(_app(), _provider())
    root = ElementTree.fromstring(as_svg(flow))
    assert len(root.findall(f".//{_SVG}g[@data-kind]")) == len(flow.nodes)
    assert len(root.findall(f".//{_SVG}g/{_SVG}path")) == len(flow.edges)


@pytest.mark.parametrize("name", ["<&\"'>", "a`b", "x" * 200])
def test_names_break_neither_form(name: str) -> None:
    flow = DataFlow()
    flow.add(Node("a", Sort.MODEL, name, name, stack=name))
    flow.add(Node("b", Sort.ROLE, "b", "Role"))
    flow.connect("b", "a", Flow.ROLE)
    ElementTree.fromstring(as_svg(flow))
    assert as_mermaid(flow).count('"') == 6


def test_layers_follow_the_edges_and_a_circle_ends() -> None:
    found, routes = layers("abcd", [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")])
    real = [[node for node in layer if len(node) == 1] for layer in found]
    assert real == [["a"], ["b"], ["c"], ["d"]]
    assert [len(routes["a", "c"]), len(routes["a", "b"])] == [3, 2]
    circle, _ = layers("abc", [("a", "b"), ("b", "c"), ("c", "a")])
    assert sorted(node for layer in circle for node in layer if len(node) == 1) == ["a", "b", "c"]
    assert layers([], []) == ([], {})


def test_boxes_of_a_layer_do_not_overlap() -> None:
    found, _ = layers("abcde", [("a", "b"), ("a", "c"), ("a", "d"), ("b", "e")])
    placed = boxes(found, dict.fromkeys("abcde", (10.0, 20.0)), gap=5, between=30)
    ordered: list[Box] = sorted((placed[node] for node in "bcd"), key=lambda box: box.y)
    assert all(first.y + first.height + 5 <= second.y for first, second in pairwise(ordered))
    assert placed["a"].x + 10 + 30 == placed["b"].x


def test_the_command_writes_what_the_files_name_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "app.template.json"
    path.write_text(json.dumps(_app()))
    assert main(["graph", str(path)]) == 0
    assert capsys.readouterr().out.startswith("flowchart LR")
    for name, start in (("a.svg", "<svg"), ("a.mmd", "flowchart"), ("a.md", "```mermaid")):
        assert main(["graph", str(path), "--output", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_text().startswith(start)
    assert main(["graph", str(path), "--output", str(tmp_path / "a.png")]) == 2
    assert main(["graph", str(path), "--output", str(tmp_path / "none" / "a.svg")]) == 2
    assert capsys.readouterr().err.count("\n") == 2
