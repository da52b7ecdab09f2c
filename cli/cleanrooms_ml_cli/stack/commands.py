"""``cleanrooms-ml status | watch | wait | drift | import``: their options, and their exit codes."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable
from typing import Any

from cleanrooms_ml_policy.visible import visible

from ..account.run import guarded, write
from ..account.session import add_options

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DEFAULT_TIMEOUT = "24h"


def add_to(groups: Any) -> None:
    """Add the commands to a parser."""
    status = _command(
        groups,
        "status",
        "every Clean Rooms ML resource of a stack: status, age, results, reasons",
        "cleanrooms-ml status MyStack",
        "Exit code: 0 nothing failed, 1 something failed, 2 it could not be read.",
    )
    status.add_argument("--json", action="store_true", help="write JSON")
    status.set_defaults(run=guarded(_status))
    watch = _command(
        groups,
        "watch",
        "watch the Clean Rooms ML resources of a stack until nothing changes any more",
        "cleanrooms-ml watch MyStack",
        "A table in a terminal, a line for every change anywhere else. Exit code: 0 nothing failed, 1 something "
        "failed, 2 it could not be read.",
    )
    watch.add_argument("--json", action="store_true", help="write a line of JSON for each change")
    _add_interval(watch)
    watch.set_defaults(run=guarded(_watch))
    wait = _command(
        groups,
        "wait",
        "wait until all runs of a stack are ACTIVE",
        "cleanrooms-ml wait MyStack --timeout 12h",
        "Waits through expired credentials and lost connections, and can be run again. Exit code: 0 all are ACTIVE, 1 "
        "one failed, 2 the stack could not be read, 3 time is up.",
    )
    wait.add_argument(
        "--timeout",
        type=seconds,
        default=seconds(_DEFAULT_TIMEOUT),
        metavar="TIME",
        help=f"such as 90m, 24h or 2d (default: {_DEFAULT_TIMEOUT})",
    )
    wait.add_argument("--json", action="store_true", help="write the last status as JSON, and progress to stderr")
    _add_interval(wait)
    wait.set_defaults(run=guarded(_wait))

    drift = _command(
        groups,
        "drift",
        "compare the deployed properties of a stack with the service",
        "cleanrooms-ml drift MyStack",
        "CloudFormation detects no drift of custom resources. Exit code: 0 no drift, 1 drift, 2 it could not be read.",
    )
    drift.add_argument("--json", action="store_true", help="write JSON")
    drift.set_defaults(run=guarded(_drift))
    found: argparse.ArgumentParser = groups.add_parser(
        "import",
        help="list what exists in the account, as code that brings it into an app",
        description="List what exists in the account and Region, as code that brings it into an app.",
        epilog="Example: cleanrooms-ml import --kind AudienceModel. Exit code: 0 listed, 2 it could not be read.",
    )
    add_options(found)
    found.add_argument(
        "--kind", action="append", default=[], metavar="KIND", help="only this kind, such as MLInputChannel"
    )
    found.add_argument(
        "--membership",
        action="append",
        default=[],
        metavar="ID",
        help="list what is in this membership (default: all memberships of the account)",
    )
    found.add_argument("--all", action="store_true", help="also what failed, or holds no data any more")
    found.add_argument(
        "--adopt", action="store_true", help="write constructs that take over what no stack owns, with adopt_existing"
    )
    found.add_argument("--json", action="store_true", help="write JSON")
    found.set_defaults(run=guarded(_import), takes_extra=False)


def _command(groups: Any, name: str, text: str, example: str, epilog: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = groups.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=f"Example: {example}. {epilog}"
    )
    parser.add_argument("stack", metavar="STACK", help="name or ARN of a deployed stack")
    add_options(parser)
    parser.set_defaults(takes_extra=False)
    return parser


def _add_interval(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--interval", type=seconds, metavar="TIME", help="between two looks, such as 10s (default: 1s, growing to 30s)"
    )


def seconds(text: str) -> float:
    """A time such as 90m in seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text.strip())
    if match is None or float(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write 30s, 90m, 24h or 2d")
    return float(match[1]) * _UNITS[match[2] or "s"]


def _looks(options: argparse.Namespace) -> Callable[[], Any]:
    """Looks at the stack, each time with the credentials that are there then."""
    from ..account.service import Service
    from ..account.session import Session
    from ..account.stacks import Stacks, require_ours
    from .status import status_of

    known: list[tuple[Stacks, Service]] = []

    def connect() -> tuple[Stacks, Service]:
        if not known:
            session = Session(options.profile, options.region)
            known.append((Stacks(session), Service(session)))
        return known[0]

    def look() -> Any:
        try:
            stacks, service = connect()
            stack = stacks.read(options.stack)
            require_ours(stack)
            return status_of(stack, service, time.time)
        except Exception:
            # New credentials take a new session.
            known.clear()
            raise

    return look


def _status(options: argparse.Namespace) -> int:
    from .render import as_lines, as_table

    status = _looks(options)()
    if options.json:
        write(json.dumps(status.as_json(), indent=2))
    elif sys.stdout.isatty():
        from rich.console import Console

        Console().print(as_table(status))
    else:
        write(as_lines(status))
    return 1 if status.has_failed else 0


def _watch(options: argparse.Namespace) -> int:
    from .follow import JsonLines, follow, watched

    if options.json:
        log = JsonLines()
        last = follow(
            _looks(options), log.show, log.say, until=lambda status: status.is_settled, interval=options.interval
        )
        return 1 if last is not None and last.has_failed else 0
    status = watched(_looks(options), until=lambda status: status.is_settled, interval=options.interval, deadline=None)
    return 1 if status is not None and status.has_failed else 0


def _wait(options: argparse.Namespace) -> int:
    from .follow import FAILED, OUT_OF_TIME, READY, Log, follow, watched

    deadline = time.time() + options.timeout
    last: list[Any] = []
    look = _looks(options)

    def noted() -> Any:
        last[:] = [look()]
        return last[0]

    def is_over(status: Any) -> bool:
        # A run that failed makes that all can never be ACTIVE, whatever else is still under way.
        return bool(status.is_settled or (status.has_failed and not status.stack.is_busy))

    if options.json:
        log = Log(lambda line: print(line, file=sys.stderr, flush=True))
        status = follow(noted, log.show, log.say, until=is_over, interval=options.interval, deadline=deadline)
    else:
        status = watched(noted, until=is_over, interval=options.interval, deadline=deadline)
    if options.json and last:
        write(json.dumps(last[0].as_json(), indent=2))
    if status is None:
        print(f"cleanrooms-ml: {last[0].summary} after the time-out; run it again to go on waiting", file=sys.stderr)
        return OUT_OF_TIME
    return READY if status.is_ready else FAILED


def _drift(options: argparse.Namespace) -> int:
    from ..account.service import Service
    from ..account.session import Session
    from ..account.stacks import Stacks, require_ours
    from ..account.values import DeployedValues
    from .drift import drifts

    session = Session(options.profile, options.region)
    stacks, service = Stacks(session), Service(session)
    stack = stacks.read(options.stack)
    require_ours(stack)
    now = time.time()
    found = drifts(stack, DeployedValues(stack, service, now, stacks.export), service, now)
    if options.json:
        write(json.dumps({"stack": stack.name, "drift": [one.as_json() for one in found]}, indent=2))
    elif found:
        write("\n".join(line for one in found for line in one.lines))
        write(f"{stack.name} has drifted: deployed (-), now (+); deploy a changed value, or put it back by hand")
    else:
        write(f"{stack.name} is as it was deployed")
    return 1 if found else 0


def _import(options: argparse.Namespace) -> int:
    from ..account.errors import CannotDo
    from ..account.service import Service
    from ..account.session import Session
    from .existing import LISTINGS, code, existing

    known = [listing.kind for listing in LISTINGS]
    for kind in options.kind:
        if kind not in known:
            raise CannotDo(f"{kind} is no kind that can be imported; choose one of {', '.join(known)}")
    session = Session(options.profile, options.region)
    needs = any(one.parameters for one in LISTINGS if not options.kind or one.kind in options.kind)
    memberships = options.membership or (_memberships(session) if needs else [])
    found = list(existing(Service(session), memberships, kinds=options.kind, ended=options.all))
    if options.json:
        write(json.dumps({"memberships": memberships, "resources": [one.as_json() for one in found]}, indent=2))
    else:
        write(code(found, [] if options.kind else memberships, adopt=options.adopt))
    return 0


def _memberships(session: Any) -> list[str]:
    from ..account.errors import Refused

    client = session.client("cleanrooms")
    try:
        pages = session.asked(lambda: list(client.get_paginator("list_memberships").paginate(status="ACTIVE")))
    except Refused as error:
        print(
            f"cleanrooms-ml: what is in memberships is left out: {visible(str(error))}; or pass --membership",
            file=sys.stderr,
        )
        return []
    return [one["id"] for page in pages for one in page["membershipSummaries"]]
