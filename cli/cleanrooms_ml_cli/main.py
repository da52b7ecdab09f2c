"""The ``cleanrooms-ml`` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from . import completion
from .check import command as check
from .graph import command as graph
from .output import CLOSED_PIPE, ReaderGone, closed_pipe_ends
from .parser import PROGRAM, USAGE_ERROR, Parser, UsageError, Version
from .plan import command as plan
from .stack import commands as stack
from .verify import command as verify

SANDBOX_HELP = "a local AWS to deploy to, without an account"
_INTERRUPTED = 130
# Each imports what it needs when it is run.
_COMMANDS = (check, plan, stack, graph, verify)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 if it worked, 1 if the work failed or there is a finding, 2 if it was called in a wrong way or something that
        it needs is missing, 3 if time ran out, 130 after Ctrl-C, 141 if the reader of its output closed the pipe.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    # Arguments after "--" go to the CDK CLI unchanged.
    own, extra = arguments, []
    if "--" in arguments:
        at = arguments.index("--")
        own, extra = arguments[:at], arguments[at + 1 :]
    try:
        with closed_pipe_ends():
            return _run(own, extra)
    except ReaderGone:
        return CLOSED_PIPE
    except UsageError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        return _INTERRUPTED


def _run(own: list[str], extra: list[str]) -> int:
    parser = Parser(
        prog=PROGRAM,
        description="AWS Clean Rooms ML from the command line.",
        epilog=f"Example: {PROGRAM} plan cdk.out. Every command has one: {PROGRAM} plan --help",
    )
    parser.add_argument("--version", action=Version, nargs=0, help="print the version and exit")
    parser.add_argument(
        "--completion", choices=completion.SHELLS, help='print a script for a shell; eval "$(…)" in its startup file'
    )
    groups = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for each in _COMMANDS:
        each.add_to(groups)
    # They, the help and the version need nothing of the sandbox, and do not wait for it to be imported.
    if "sandbox" in own[:1] or completion.is_wanted():
        return _run_with_sandbox(parser, groups, own, extra)
    groups.add_parser("sandbox", help=SANDBOX_HELP, add_help=False)
    return _run_command(parser, own, extra)


def _run_with_sandbox(parser: Parser, groups: Any, own: list[str], extra: list[str]) -> int:
    from .sandbox.errors import SandboxError

    try:
        from .sandbox import commands  # it refuses to be imported when an extra is missing

        commands.add_to(groups)
        return _run_command(parser, own, extra)
    except SandboxError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return error.exit_code


def _run_command(parser: Parser, own: list[str], extra: list[str]) -> int:
    completion.complete(parser)
    options: argparse.Namespace = parser.parse_args(own)
    if options.completion:
        return completion.print_script(options.completion)
    if options.command is None:
        parser.error("a command is missing")
    if extra and not options.takes_extra:
        parser.error(f"{' '.join(own)}: takes nothing after --")
    options.extra = extra
    return int(options.run(options))


if __name__ == "__main__":
    sys.exit(main())
