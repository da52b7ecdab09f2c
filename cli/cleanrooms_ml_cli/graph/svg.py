"""A data flow as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from .layout import Box, boxes, layers
from .model import DataFlow, Edge, Flow, Node
from .palette import COLORS

_MARGIN, _GAP, _BETWEEN = 24.0, 18.0, 90.0
_LINE, _PADDING, _CHARACTER, _BOLD = 16.0, 9.0, 6.4, 7.7
_LONGEST_CHARS = 44
_FONT = "font-family='Helvetica, Arial, sans-serif' font-size='12'"


def as_svg(flow: DataFlow) -> str:
    """The flow as an SVG document."""
    return "\n".join(_document(flow)) + "\n"


def _document(flow: DataFlow) -> Iterator[str]:
    sizes = {key: _size(node) for key, node in flow.nodes.items()}
    found, routes = layers(list(flow.nodes), [(edge.source, edge.target) for edge in flow.edges.values()])
    placed = boxes(found, sizes, gap=_GAP, between=_BETWEEN)
    width = max((box.x + box.width for box in placed.values()), default=0) + 2 * _MARGIN
    height = max((box.y + box.height for box in placed.values()), default=0) + 2 * _MARGIN
    yield (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width:.0f} {height:.0f}' width='{width:.0f}' "
        f"height='{height:.0f}' role='img' aria-label='Data flow of the app'>"
    )
    yield (
        "<defs><marker id='arrow' viewBox='0 0 10 10' refX='9' refY='5' markerWidth='7' markerHeight='7' orient='auto'>"
        "<path d='M0 0 10 5 0 10z' fill='#545b64'/></marker></defs>"
    )
    yield f"<rect width='{width:.0f}' height='{height:.0f}' fill='#ffffff'/>"
    yield f"<g transform='translate({_MARGIN:.0f} {_MARGIN:.0f})' {_FONT}>"
    for ends, edge in flow.edges.items():
        yield _path(edge, [placed[stop] for stop in routes[ends]])
    for key, node in flow.nodes.items():
        yield from _drawn(node, placed[key])
    yield "</g></svg>"


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST_CHARS else f"{line[: _LONGEST_CHARS - 1]}…"


def _size(node: Node) -> tuple[float, float]:
    longest = max(len(_short(line)) * (_BOLD if number == 0 else _CHARACTER) for number, line in enumerate(node.lines))
    return longest + 2 * _PADDING, len(node.lines) * _LINE + 2 * _PADDING


def _path(edge: Edge, stops: Sequence[Box]) -> str:
    """An edge: a curve from each box to the next, and straight through those in between."""
    dash = " stroke-dasharray='3 4'" if edge.flow is Flow.ROLE else ""
    color = "#aab7b8" if edge.flow is Flow.ROLE else "#545b64"
    parts: list[str] = []
    for before, after in pairwise(stops):
        x1, y1 = before.x + before.width, before.y + before.height / 2
        x2, y2 = after.x, after.y + after.height / 2
        bend = max(40.0, (x2 - x1) / 2)
        start = f"L{x1:.1f} {y1:.1f}" if parts else f"M{x1:.1f} {y1:.1f}"
        parts.append(f"{start}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}")
    curve = "".join(parts)
    return f"<path d='{curve}' fill='none' stroke='{color}' stroke-width='1.4'{dash} marker-end='url(#arrow)'/>"


def _drawn(node: Node, box: Box) -> Iterator[str]:
    fill, line = COLORS[node.sort]
    dash = " stroke-dasharray='6 4' stroke-width='2'" if node.is_synthetic else ""
    title = escape("\n".join(node.lines))
    yield f"<g data-kind={quoteattr(node.kind)}><title>{title}</title>"
    yield (
        f"<rect x='{box.x:.1f}' y='{box.y:.1f}' width='{box.width:.1f}' height='{box.height:.1f}' rx='6' "
        f"fill='{fill}' stroke='{line}'{dash}/>"
    )
    for number, text in enumerate(node.lines):
        y = box.y + _PADDING + _LINE * (number + 0.75)
        weight = " font-weight='bold'" if number == 0 else " fill='#545b64'"
        yield f"<text x='{box.x + _PADDING:.1f}' y='{y:.1f}'{weight}>{escape(_short(text))}</text>"
    yield "</g>"
