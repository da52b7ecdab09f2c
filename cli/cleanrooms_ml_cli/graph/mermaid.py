"""A data flow as Mermaid, which GitHub and GitLab draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cleanrooms_ml_policy.visible import visible

from .model import DataFlow, Flow, Node, Sort
from .palette import COLORS

# The brackets that give a node its form.
_FORMS: Mapping[Sort, tuple[str, str]] = {
    Sort.TABLE: ("[(", ")]"),
    Sort.DATASET: ("[(", ")]"),
    Sort.QUERY: ("[/", "/]"),
    Sort.CHANNEL: ("[[", "]]"),
    Sort.MODEL: ("([", "])"),
    Sort.JOB: ("{{", "}}"),
    Sort.BUCKET: ("[(", ")]"),
    Sort.ROLE: (">", "]"),
}


def as_mermaid(flow: DataFlow) -> str:
    """The flow as a Mermaid flowchart."""
    return "\n".join(_lines(flow)) + "\n"


def _lines(flow: DataFlow) -> Iterator[str]:
    ids = {key: f"n{number}" for number, key in enumerate(flow.nodes)}
    yield "flowchart LR"
    stacks = list(dict.fromkeys(node.stack for node in flow.nodes.values()))
    for number, stack in enumerate(stacks):
        inside = [node for node in flow.nodes.values() if node.stack == stack]
        if stack:
            yield f'  subgraph s{number}["{_text(stack)}"]'
        yield from (f"{'    ' if stack else '  '}{_node(node, ids[node.id])}" for node in inside)
        if stack:
            yield "  end"
    for edge in flow.edges.values():
        arrow = "-.->" if edge.flow is Flow.ROLE else "-->"
        yield f"  {ids[edge.source]} {arrow} {ids[edge.target]}"
    for sort in dict.fromkeys(node.sort for node in flow.nodes.values()):
        fill, line = COLORS[sort]
        yield f"  classDef {sort} fill:{fill},stroke:{line},color:#16191f"
    if any(node.is_synthetic for node in flow.nodes.values()):
        yield "  classDef synthetic stroke-dasharray:6 4,stroke-width:2px"


def _node(node: Node, identifier: str) -> str:
    left, right = _FORMS.get(node.sort, ("[", "]"))
    label = "<br/>".join(_text(line) for line in node.lines)
    style = f":::{node.sort}" if not node.is_synthetic else f":::{node.sort}:::synthetic"
    return f'{identifier}{left}"{label}"{right}{style}'


def _text(text: str) -> str:
    text = visible(text)
    for sign, entity in (("&", "#amp;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("`", "#96;")):
        text = text.replace(sign, entity)
    return text
