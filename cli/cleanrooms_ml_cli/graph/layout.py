"""Where nodes go: in layers from left to right, in each layer so that few edges cross.

Sugiyama's method in its plain form: longest paths, then barycenters. Flows of an app have tens of nodes, for which
no library is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 12
_POINT = (1.0, 1.0)


@dataclass(frozen=True)
class Box:
    """A node's rectangle."""

    x: float
    y: float
    width: float
    height: float


Route = tuple[str, ...]


def layers(
    nodes: Sequence[str], edges: Iterable[tuple[str, str]]
) -> tuple[list[list[str]], dict[tuple[str, str], Route]]:
    """The nodes in layers, each behind all that flow into it, and the route of each edge.

    An edge over several layers passes a point in each of them, so that it crosses no node. One that closes a circle
    goes back straight.
    """
    known = list(edges)
    before: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in known:
        before[target].append(source)
    depth: dict[str, int] = {}
    open_nodes: set[str] = set()

    def of(node: str) -> int:
        if node not in depth:
            open_nodes.add(node)
            depth[node] = 1 + max((of(one) for one in before[node] if one not in open_nodes), default=-1)
            open_nodes.discard(node)
        return depth[node]

    for node in nodes:
        of(node)
    # What only flows on comes right before the first that takes it.
    for node in nodes:
        after = [depth[target] for source, target in known if source == node]
        if not before[node] and after:
            depth[node] = max(0, min(after) - 1)
    found: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in nodes:
        found[depth[node]].append(node)
    routes: dict[tuple[str, str], Route] = {}
    for source, target in known:
        points = {at: f"{source} > {target} at {at}" for at in range(depth[source] + 1, depth[target])}
        for at, point in points.items():
            found[at].append(point)
        routes[source, target] = (source, *points.values(), target)
    steps = [step for route in routes.values() for step in pairwise(route)]
    return _ordered([layer for layer in found if layer], steps), routes


def _ordered(found: list[list[str]], edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    neighbors: dict[str, list[str]] = {}
    for source, target in edges:
        neighbors.setdefault(source, []).append(target)
        neighbors.setdefault(target, []).append(source)
    for sweep in range(_SWEEPS):
        positions = {node: index / max(len(layer), 1) for layer in found for index, node in enumerate(layer)}
        row = found if sweep % 2 == 0 else found[::-1]
        for layer in row:
            layer.sort(key=lambda node: _mean([positions[one] for one in neighbors.get(node, ())], positions[node]))
            positions |= {node: index / max(len(layer), 1) for index, node in enumerate(layer)}
    return found


def _mean(numbers: Sequence[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise


def boxes(
    found: Sequence[Sequence[str]], sizes: Mapping[str, tuple[float, float]], *, gap: float, between: float
) -> dict[str, Box]:
    """The rectangle of each node; each layer is as wide as its widest node, and centered.

    Args:
        found: The layers.
        sizes: Width and height of each node; a point of an edge has none.
        gap: Between two nodes of a layer.
        between: Between two layers.
    """
    sizes = {**{point: _POINT for layer in found for point in layer}, **sizes}
    heights = [sum(sizes[node][1] for node in layer) + gap * (len(layer) - 1) for layer in found]
    tallest = max(heights, default=0)
    placed: dict[str, Box] = {}
    x = 0.0
    for layer, height in zip(found, heights, strict=True):
        width = max(sizes[node][0] for node in layer)
        y = (tallest - height) / 2
        for node in layer:
            # As wide as its layer, so that an edge that passes goes straight through it.
            placed[node] = Box(x, y, width, sizes[node][1])
            y += sizes[node][1] + gap
        x += width + between
    return placed
