"""The ``cleanrooms-ml`` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from .check import command as check
from .graph import command as graph
from .plan import command as plan
from .stack import commands as stack

_INTERRUPTED = 130
_WITHOUT_SANDBOX = (check, plan, stack, graph)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 when it worked, 1 when the work failed or a check found violations, 2 when it was called in a wrong way or
        something it needs is missing.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    # What follows "--" goes to the CDK CLI as it is.
    own, extra = arguments, []
    if "--" in arguments:
        at = arguments.index("--")
        own, extra = arguments[:at], arguments[at + 1 :]
    parser = argparse.ArgumentParser(
        prog="cleanrooms-ml", description="AWS Clean Rooms ML on your own machine: policy checks and a local AWS."
    )
    groups = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for each in _WITHOUT_SANDBOX:
        each.add_to(groups)
    try:
        # These work without what the sandbox needs, and do not wait for it to be imported.
        if own and own[0] in groups.choices:
            return _run(parser, own, extra)
        return _run_with_sandbox(parser, groups, own, extra)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _run_with_sandbox(parser: argparse.ArgumentParser, groups: Any, own: list[str], extra: list[str]) -> int:
    from .sandbox.errors import SandboxError

    try:
        from .sandbox import commands  # only here: it refuses to be imported when an extra is missing

        commands.add_to(groups)
        return _run(parser, own, extra)
    except SandboxError as error:
        print(f"cleanrooms-ml: {error}", file=sys.stderr)
        return error.exit_code


def _run(parser: argparse.ArgumentParser, own: list[str], extra: list[str]) -> int:
    options = parser.parse_args(own)
    if extra and not options.takes_extra:
        parser.error(f"{' '.join(own)}: takes nothing after --")
    options.extra = extra
    return int(options.run(options))


if __name__ == "__main__":
    sys.exit(main())
