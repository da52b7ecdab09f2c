"""``cleanrooms-ml graph``: its options, and its exit code."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..account.errors import CannotDo
from ..account.run import guarded, write

_SVG, _MERMAID = ".svg", (".mmd", ".mermaid", ".md")


def add_to(groups: Any) -> None:
    """Add the command to a parser."""
    parser: argparse.ArgumentParser = groups.add_parser(
        "graph",
        help="the data flow of an app as SVG or Mermaid",
        description="Draw the data flow of a synthesized app: tables, datasets, models, channels, jobs, buckets and "
        "roles; who owns what, who pays, what is synthetic. Needs neither the CDK nor AWS.",
        epilog="Example: cdk synth -q && cleanrooms-ml graph --output flow.svg. Exit code: 0 drawn, 2 it could not be "
        "read or written.",
    )
    parser.add_argument(
        "path", nargs="?", type=Path, default=Path("cdk.out"), metavar="PATH", help="a cloud assembly or a template"
    )
    parser.add_argument("--stack", metavar="NAME", help="draw only this stack")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help=f"an {_SVG} file, or one of {', '.join(_MERMAID)} (default: Mermaid to the terminal)",
    )
    parser.set_defaults(run=guarded(_graph), takes_extra=False)


def _graph(options: argparse.Namespace) -> int:
    from ..plan.assembly import stacks_of
    from .flow import data_flow
    from .mermaid import as_mermaid
    from .svg import as_svg

    suffix = options.output.suffix.lower() if options.output else _MERMAID[0]
    if suffix not in (_SVG, *_MERMAID):
        endings = ", ".join((_SVG, *_MERMAID[:-1]))
        raise CannotDo(f"{options.output}: what to write is not known; end it in {endings} or {_MERMAID[-1]}")
    flow = data_flow(stacks_of(options.path, options.stack))
    text = as_svg(flow) if suffix == _SVG else as_mermaid(flow)
    text = f"```mermaid\n{text}```\n" if suffix == ".md" else text
    if options.output is None:
        write(text.rstrip("\n"))
        return 0
    try:
        options.output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotDo(f"{options.output}: cannot be written: {error.strerror}") from None
    write(f"{len(flow.nodes)} nodes and {len(flow.edges)} flows; see {options.output}")
    return 0
