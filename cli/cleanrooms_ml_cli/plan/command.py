"""``cleanrooms-ml plan``: its options, and its exit code."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..account.run import guarded, write
from ..account.session import add_options

if TYPE_CHECKING:
    from .assembly import Synthesized
    from .change import Plan

CLASSES = ("replace", "new-run", "delete")


def add_to(groups: Any) -> None:
    """Add the command to a parser."""
    parser: argparse.ArgumentParser = groups.add_parser(
        "plan",
        help="what a deployment will do in Clean Rooms ML: new runs, replacements, deletions",
        description="Say what a deployment will do in Clean Rooms ML, from the synthesized template, the deployed "
        "stack and the service. Changes nothing.",
        epilog="Example: cdk synth -q && cleanrooms-ml plan --fail-on delete. Exit code: 0 nothing that --fail-on "
        "names, 1 something of it, or a deployment that fails, 2 it could not be planned.",
    )
    parser.add_argument(
        "path", nargs="?", type=Path, default=Path("cdk.out"), metavar="PATH", help="a cloud assembly or a template"
    )
    parser.add_argument("--stack", metavar="NAME", help="plan only this stack")
    parser.add_argument(
        "--fail-on", type=classes, default=frozenset(), metavar="WHAT", help=f"any of {','.join(CLASSES)}"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="write JSON")
    form.add_argument("--markdown", action="store_true", help="write Markdown, for a pull request")
    add_options(parser)
    parser.set_defaults(run=guarded(_plan), takes_extra=False)


def classes(text: str) -> frozenset[str]:
    """A list such as ``replace,delete``."""
    found = frozenset(part.strip() for part in text.split(",") if part.strip())
    if not found or not found <= set(CLASSES):
        raise argparse.ArgumentTypeError(f"{text!r}: write any of {','.join(CLASSES)}, separated by commas")
    return found


def _plan(options: argparse.Namespace) -> int:
    from .assembly import stacks_of
    from .render import as_markdown, as_text

    plans = [_of(stack, options) for stack in stacks_of(options.path, options.stack)]
    if options.json:
        write(json.dumps({"plans": [plan.as_json() for plan in plans]}, indent=2))
    elif options.markdown:
        write(as_markdown(plans))
    else:
        write(as_text(plans))
    found = frozenset().union(*(plan.classes for plan in plans))
    return 1 if found & options.fail_on or any(plan.fails for plan in plans) else 0


def _of(stack: Synthesized, options: argparse.Namespace) -> Plan:
    from ..account.errors import CannotDo
    from ..account.service import Service
    from ..account.session import Session
    from ..account.stacks import DeployedStack, Stacks
    from ..account.values import DeployedValues
    from .facts import AccountCollaborations, Facts
    from .planner import plan

    wanted_account, wanted_region = _place(stack.environment)
    session = Session(options.profile, options.region or wanted_region)
    if wanted_account is not None and session.identity()[1] != wanted_account:
        raise CannotDo(
            f"{stack.name} is for account {wanted_account}, but the credentials are those of {session.identity()[1]}; "
            "pass the --profile of that account"
        )
    stacks, service, now = Stacks(session), Service(session), time.time()
    found = stacks.find(stack.name)
    if found is None:
        partition, account = session.identity()
        stack_id = f"arn:{partition}:cloudformation:{session.region}:{account}:stack/{stack.name}/new"
        found = DeployedStack(stack.name, stack_id, "")
    values = DeployedValues(found, service, now, stacks.export)
    return plan(stack, values, service, Facts(AccountCollaborations(session)), now, stacks.export)


def _place(environment: str) -> tuple[str | None, str | None]:
    """The account and Region of a stack's environment; None where the app leaves one to the caller."""
    account, _, region = environment.removeprefix("aws://").partition("/")
    return (
        None if account in ("", "unknown-account") else account,
        None if region in ("", "unknown-region") else region,
    )
