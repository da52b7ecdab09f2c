"""A data flow: nodes, and edges in the direction in which data goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Sort(StrEnum):
    """What a node is, which decides its form."""

    TABLE = "table"
    DATASET = "dataset"
    QUERY = "query"
    CHANNEL = "channel"
    MODEL = "model"
    JOB = "job"
    BUCKET = "bucket"
    IMAGE = "image"
    ROLE = "role"
    MEMBER = "member"
    OTHER = "other"


class Flow(StrEnum):
    """What an edge is.

    DATA: data, or what is learned from it.
    ROLE: the role as which the service works.
    """

    DATA = "data"
    ROLE = "role"


@dataclass(frozen=True)
class Node:
    """A thing that data comes from or goes to.

    Attributes:
        id: Unique in the flow.
        sort: What it is.
        name: What readers call it.
        kind: Its type for readers.
        stack: The stack that deploys it; empty for what exists already.
        owner: Whose it is; empty if it is the deploying account's.
        payer: Who pays for it; empty for what costs nothing by itself.
        is_synthetic: Whether its data is synthetic.
    """

    id: str
    sort: Sort
    name: str
    kind: str
    stack: str = ""
    owner: str = ""
    payer: str = ""
    is_synthetic: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """The label."""
        said = [
            self.name,
            f"{self.kind} (synthetic)" if self.is_synthetic else self.kind,
            f"owner: {self.owner}" if self.owner else "",
            f"pays: {self.payer}" if self.payer else "",
        ]
        return tuple(line for line in said if line)


@dataclass(frozen=True)
class Edge:
    """A flow from one node to another."""

    source: str
    target: str
    flow: Flow = Flow.DATA


@dataclass
class DataFlow:
    """Nodes by their ids, and edges, each once."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], Edge] = field(default_factory=dict)

    def add(self, node: Node) -> str:
        """Adds a node; its id."""
        self.nodes.setdefault(node.id, node)
        return node.id

    def connect(self, source: str, target: str, flow: Flow = Flow.DATA) -> None:
        """Adds an edge."""
        if source != target:
            self.edges.setdefault((source, target), Edge(source, target, flow))

    def trimmed(self) -> DataFlow:
        """The same without what nothing flows to or from."""
        used = {end for pair in self.edges for end in pair}
        return DataFlow({key: node for key, node in self.nodes.items() if key in used}, self.edges)
