"""From the templates of an app to its data flow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cleanrooms_ml_handlers.shared_names import NATIVE_PREFIX
from cleanrooms_ml_policy.organization_checks import SYNTHETIC_DATA
from cleanrooms_ml_policy.template import PATH_METADATA, as_text, target

from ..account.handlers import SPECS, is_singleton, kind_of_type, values
from ..account.usual import USUAL
from ..plan.assembly import Synthesized
from .model import DataFlow, Flow, Node, Sort

_CLEAN_ROOMS = "AWS::CleanRooms::"
_CLEAN_ROOMS_SERVICES = ("cleanrooms", "cleanrooms-ml")
# What a resource of a type is; anything else of Clean Rooms ML is of the last sort.
_SORTS: Mapping[str, Sort] = {
    "AWS::S3::Bucket": Sort.BUCKET,
    "AWS::IAM::Role": Sort.ROLE,
    "AWS::Glue::Table": Sort.TABLE,
    "AWS::CleanRooms::ConfiguredTable": Sort.TABLE,
    "AWS::CleanRooms::ConfiguredTableAssociation": Sort.TABLE,
    "AWS::CleanRooms::AnalysisTemplate": Sort.QUERY,
    "AWS::CleanRooms::Collaboration": Sort.MEMBER,
    "AWS::CleanRooms::Membership": Sort.MEMBER,
    "AWS::CleanRoomsML::TrainingDataset": Sort.DATASET,
    "AWS::CleanRoomsML::ConfiguredModelAlgorithm": Sort.MODEL,
    "AWS::CleanRoomsML::ConfiguredModelAlgorithmAssociation": Sort.MODEL,
}
# What a kind of the library is, by the last word of its name; an association is what it associates.
_OF_WORD: Mapping[str, Sort] = {
    "Channel": Sort.CHANNEL,
    "Dataset": Sort.DATASET,
    "Job": Sort.JOB,
    "Model": Sort.MODEL,
    "Query": Sort.QUERY,
    "Table": Sort.TABLE,
}


def _sort(kind: str) -> Sort:
    (*_, word) = re.findall("[A-Z][a-z]*", kind.removesuffix("Association"))
    return _OF_WORD.get(word, Sort.OTHER)


# What an ARN of Clean Rooms ML names, by the part before the id: the types of CloudFormation, and the library's kinds.
_OF_ARN: Mapping[str, tuple[Sort, str]] = {
    "training-dataset": (Sort.DATASET, "TrainingDataset"),
    "configured-model-algorithm": (Sort.MODEL, "ConfiguredModelAlgorithm"),
    "configured-model-algorithm-association": (Sort.MODEL, "ConfiguredModelAlgorithmAssociation"),
    "analysistemplate": (Sort.QUERY, "AnalysisTemplate"),
    **{spec.arn_resource.split("/")[-2]: (_sort(spec.kind), spec.kind) for spec in SPECS if spec.arn_field},
}
# Services whose resources a request may name as data: those of the permissions of the kinds. Functions, roles and keys
# are none.
_SERVICES = frozenset(
    each.resource.split(":")[0]
    for spec in SPECS
    for permissions in spec.permissions.values()
    for each in permissions
    if each.resource != "*"
) - {"iam", "kms", "lambda"}
# A member below which data goes out, and members that name no data.
_OUTPUT = re.compile(r"(^|\.)(s3Destination|S3Destination|outputConfiguration)(\.|$)")
_ROLE = re.compile(r"(^|\.)[rR]oleArn(\.Fn::.*)?$")
_NO_DATA = re.compile(r"(^|\.)(kmsKeyArn|KmsKeyArn|tags|Tags|ServiceToken|[mM]embershipIdentifier|Settings)(\.|\[|$)")
# A part of an ARN; what represents a token has colons of its own, as ${AWS::Partition}.
_PART = r"(?:\$\{[^{}]*\}|[^:$])*"
_ARN = re.compile(rf"arn:{_PART}:([-a-z0-9]+):{_PART}:({_PART}):(.+)")
_SEPARATOR = re.compile(r"[/:](?![^{}]*\})")
_S3 = re.compile(rf"(?:s3://|arn:{_PART}:s3:::)([^/]+)")
_RECEIVERS, _MEMBERSHIP = "outputConfiguration", "membershipIdentifier"
_PLACEHOLDER = re.compile(r"\$\{([^{}.]+)(?:\.[^{}]*)?\}")


@dataclass(frozen=True)
class _Leaf:
    """A value of a template: its path in the properties, and what it refers to."""

    path: str
    value: Any


def data_flow(stacks: Iterable[Synthesized]) -> DataFlow:
    """The data flow of an app.

    Args:
        stacks: Its stacks.
    """
    every = [one for stack in stacks for one in stack.walk()]
    flow = DataFlow()
    exports = {name: node for stack in every for name, node in _exports(stack)}
    for stack in every:
        for logical_id, entry in stack.template["Resources"].items():
            if _is_drawn(str(entry.get("Type"))):
                flow.add(_node(stack, logical_id, entry))
    for stack in every:
        for logical_id, entry in stack.template["Resources"].items():
            if _is_reader(str(entry.get("Type"))):
                _connect(flow, stack, logical_id, entry, exports)
    _mark_synthetic(flow, every)
    return flow.trimmed()


def _exports(stack: Synthesized) -> Iterator[tuple[str, str]]:
    for output in (stack.template.get("Outputs") or {}).values():
        name, source = (output.get("Export") or {}).get("Name"), target(output.get("Value"))
        if isinstance(name, str) and source:
            yield name, _id(stack, source)


def _is_reader(resource_type: str) -> bool:
    is_native = resource_type.startswith((NATIVE_PREFIX, _CLEAN_ROOMS))
    return is_native or kind_of_type(resource_type) is not None


def _is_drawn(resource_type: str) -> bool:
    return resource_type in _SORTS or _is_reader(resource_type) or _is_of_service(resource_type)


def _is_of_service(resource_type: str) -> bool:
    """Whether a type of CloudFormation is of a service that the permissions name, by the service's name in both."""
    vendor, _, service = resource_type.rpartition("::")[0].partition("::")
    return vendor == "AWS" and service.lower() in {name.replace("-", "") for name in _SERVICES}


def _id(stack: Synthesized, logical_id: str) -> str:
    return f"{stack.name}/{logical_id}"


def _node(stack: Synthesized, logical_id: str, entry: Mapping[str, Any]) -> Node:
    resource_type = str(entry["Type"])
    spec = kind_of_type(resource_type)
    kind = spec.kind if spec else resource_type.rsplit("::", 1)[-1]
    path = (entry.get("Metadata") or {}).get(PATH_METADATA)
    name = path.partition("/")[2].removesuffix("/Resource") if isinstance(path, str) and "/" in path else logical_id
    sort = _sort(kind) if spec else _SORTS.get(resource_type, Sort.OTHER)
    payer = ""
    usual = USUAL.get(kind)
    if spec is not None and usual is not None and usual.cost is not None:
        chosen = values(entry.get("Properties") or {}, usual.cost.payer_field) if usual.cost.payer_field else []
        named = "the collaboration's payer" if usual.cost.payment else usual.cost.owner_pays
        payer = f"account {chosen[0]}" if chosen and isinstance(chosen[0], str) else named
    return Node(_id(stack, logical_id), sort, name, kind, stack.name, payer=payer)


def _connect(
    flow: DataFlow, stack: Synthesized, logical_id: str, entry: Mapping[str, Any], exports: Mapping[str, str]
) -> None:
    own = _id(stack, logical_id)
    for leaf in _leaves(entry.get("Properties") or {}, ""):
        if _NO_DATA.search(leaf.path):
            continue
        source = _source(flow, stack, leaf, exports)
        if source is None or source == own:
            continue
        if _ROLE.search(leaf.path):
            flow.connect(source, own, Flow.ROLE)
        elif _OUTPUT.search(leaf.path):
            flow.connect(own, source)
        else:
            flow.connect(source, own)
    for name in _tables(entry.get("Properties") or {}):
        flow.connect(flow.add(Node(f"table {name}", Sort.TABLE, name, "Glue table")), own)
    _connect_query(flow, stack, own, entry)
    _connect_results(flow, stack, own, entry)


def _leaves(value: Any, path: str) -> Iterator[_Leaf]:
    """Every value that is a text or a function."""
    text = as_text(value)
    if text is not None or (isinstance(value, Mapping) and "Fn::ImportValue" in value):
        yield _Leaf(path, value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]")


def _source(flow: DataFlow, stack: Synthesized, leaf: _Leaf, exports: Mapping[str, str]) -> str | None:
    """The node that a value leads to; one that exists already is added when it is first met."""
    if isinstance(leaf.value, Mapping) and "Fn::ImportValue" in leaf.value:
        source = exports.get(str(leaf.value["Fn::ImportValue"]))
        return source if source in flow.nodes else None
    text = as_text(leaf.value) or ""
    for name in _PLACEHOLDER.findall(text):
        if _id(stack, name) in flow.nodes:
            return _id(stack, name)
    bucket = _S3.search(text)
    if bucket is not None:
        return flow.add(Node(f"s3 {bucket[1]}", Sort.BUCKET, bucket[1], "Bucket"))
    arn = _ARN.search(text)
    if arn is not None and arn[1] in _SERVICES:
        return _external(flow, arn[1], arn[2], arn[3])
    if leaf.path.endswith(("ImageUri", "imageUri")):
        return flow.add(Node(f"image {text}", Sort.IMAGE, text.rsplit("/", 1)[-1], "Container image"))
    return None


def _external(flow: DataFlow, service: str, account: str, resource: str) -> str | None:
    """A resource that exists already; of another service, its kind is that service's own word."""
    parts = _SEPARATOR.split(resource)
    known: tuple[Sort, str] | None = (Sort.OTHER, " ".join([service, *parts[:-1][:1]]))
    if service in _CLEAN_ROOMS_SERVICES:
        known = _OF_ARN.get(parts[-2]) if len(parts) > 1 else None
    if known is None:
        return None
    owner = "" if not account or account.startswith("$") else f"account {account}"
    return flow.add(Node(f"arn {service} {resource}", known[0], parts[-1], known[1], owner=owner))


def _tables(value: Any) -> Iterator[str]:
    """The tables of Glue that a resource names, as database.table."""
    if isinstance(value, Mapping):
        database, table = value.get("DatabaseName"), value.get("TableName")
        names = [as_text(database), as_text(table)]
        if all(names):
            yield f"{names[0]}.{names[1]}"
        for item in value.values():
            yield from _tables(item)
    elif isinstance(value, list):
        for item in value:
            yield from _tables(item)


def _connect_query(flow: DataFlow, stack: Synthesized, own: str, entry: Mapping[str, Any]) -> None:
    """What a query of the app reads of the tables that the app associates: the query itself is never shown."""
    query = " ".join(as_text(text) or "" for text in _queries(entry.get("Properties") or {}))
    for logical_id, other in stack.template["Resources"].items():
        if other.get("Type") == "AWS::CleanRooms::ConfiguredTableAssociation" and query:
            name = as_text((other.get("Properties") or {}).get("Name"))
            if name and re.search(rf"\b{re.escape(name)}\b", query):
                flow.connect(_id(stack, logical_id), own)


def _connect_results(flow: DataFlow, stack: Synthesized, own: str, entry: Mapping[str, Any]) -> None:
    """Where results go that a request sends to members: what the configuration of the membership says."""
    properties = entry.get("Properties") or {}
    if _RECEIVERS not in properties:
        return
    for logical_id, other in stack.template["Resources"].items():
        spec, its = kind_of_type(str(other.get("Type"))), other.get("Properties") or {}
        is_same = its.get(_MEMBERSHIP) == properties.get(_MEMBERSHIP)
        if spec is not None and is_singleton(spec) and is_same:
            flow.connect(own, _id(stack, logical_id))


def _queries(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in ("queryString", "Text"):
                yield item
            yield from _queries(item)
    elif isinstance(value, list):
        for item in value:
            yield from _queries(item)


def _mark_synthetic(flow: DataFlow, stacks: Iterable[Synthesized]) -> None:
    """Marks what comes from a template of synthetic data: the channel; what is learned from it is no data of that."""
    templates = {
        _id(stack, logical_id)
        for stack in stacks
        for logical_id, entry in stack.template["Resources"].items()
        if SYNTHETIC_DATA in (entry.get("Properties") or {})
    }
    for edge in flow.edges.values():
        node = flow.nodes[edge.target]
        if edge.source in templates and node.sort is Sort.CHANNEL:
            flow.nodes[node.id] = replace(node, is_synthetic=True)
    for identifier in templates & flow.nodes.keys():
        flow.nodes[identifier] = replace(flow.nodes[identifier], is_synthetic=True)
