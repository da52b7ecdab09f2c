"""``cleanrooms-ml verify``: its options, and its exit code."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from ..account.run import COULD_NOT, guarded, write
from ..account.session import add_options

_LEFT = 1


def add_to(groups: Any) -> None:
    """Add the command to a parser."""
    parser: argparse.ArgumentParser = groups.add_parser(
        "verify",
        help="try in an account what AWS documents nowhere, without cost unless named",
        description="Try what is assumed of AWS, because no document says it. Without --account, list it. With it, "
        "read and make calls that change nothing; what costs money is tried only if --try names it.",
        epilog="Example: cleanrooms-ml verify --account --json > seen.json. Exit code: 0 tried, 1 something could not "
        "be removed again, 2 it could not be tried.",
    )
    parser.add_argument(
        "--account",
        nargs="?",
        const="",
        metavar="ID",
        help="try it in the account of the credentials; with an ID, only if it is that one",
    )
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only this assumption")
    parser.add_argument(
        "--try", action="append", default=[], dest="named", metavar="NAME", help="try this by a run that costs money"
    )
    parser.add_argument("--json", action="store_true", help="write JSON that names nothing of the account")
    add_options(parser)
    parser.set_defaults(run=guarded(_verify), takes_extra=False)


def _verify(options: argparse.Namespace) -> int:
    from cleanrooms_ml_policy.visible import visible

    from ..account.errors import CannotDo
    from .assumptions import ASSUMPTIONS
    from .report import as_json, as_text

    known = {one.name: one for one in ASSUMPTIONS}
    for name in (*options.only, *options.named):
        if name not in known:
            raise CannotDo(f"{name} is no assumption; choose one of {', '.join(known)}")
    for name in options.named:
        if known[name].run is None:
            can = ", ".join(one.name for one in ASSUMPTIONS if one.run)
            raise CannotDo(f"no run shows {name}; --try takes {can}")
    if options.named and options.account is None:
        raise CannotDo("--try needs --account; say in which account to spend the money")
    wanted = [known[name] for name in dict.fromkeys((*options.only, *options.named))] or list(ASSUMPTIONS)
    problems: list[str] = []
    found: list[Any] = [(one, None) for one in wanted]
    if options.account is not None:
        found = list(_tried(options, wanted, problems))
    if found:
        write(json.dumps(as_json(found), indent=2) if options.json else as_text(found))
    left = [line for _, seen in found if seen is not None for line in seen.left]
    for line in (*problems, *(f"not removed: {each}" for each in left)):
        print(f"cleanrooms-ml: {visible(line)}", file=sys.stderr)
    return COULD_NOT if problems else _LEFT if left else 0


def _tried(options: argparse.Namespace, wanted: list[Any], problems: list[str]) -> Iterator[tuple[Any, Any]]:
    """What is seen of each; what could not be tried is a problem, and costs none of what was seen before."""
    from ..account.errors import CannotDo, Refused
    from ..account.session import Session
    from .account import Account
    from .seen import Seen

    session = Session(options.profile, options.region)
    _, number = session.identity()
    if options.account and options.account != number:
        raise CannotDo(f"the credentials are of another account than {options.account}; pass another --profile")
    account = Account(session)
    # One call of the service says whether it is there at all and the caller may use it.
    account.call("list_configured_audience_models", maxResults=1)
    for one in wanted:
        try:
            if one.name in options.named:
                print(f"cleanrooms-ml: {one.name} takes {one.price}", file=sys.stderr, flush=True)
                yield one, _seen_by_a_run(one, account)
            else:
                yield one, one.look(account) if one.look else None
        except Refused:
            yield one, Seen("", "the caller may not read what would show it")
        except CannotDo as error:
            problems.append(f"{one.name}: {error}")


def _seen_by_a_run(one: Any, account: Any) -> Any:
    from ..account.errors import Refused
    from .runs import Runs
    from .seen import Seen

    runs = Runs(account)
    try:
        with runs:
            seen = one.run(runs)
    except Refused as error:
        seen = Seen("", f"the run was refused: {type(error.__cause__).__name__}")
    return Seen(seen.side, seen.evidence, tuple(runs.left))
