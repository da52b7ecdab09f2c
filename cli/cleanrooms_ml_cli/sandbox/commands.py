"""``cleanrooms-ml sandbox …``: a local AWS with Clean Rooms ML."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import time
import webbrowser
from pathlib import Path
from typing import Any

from cleanrooms_ml_policy.visible import visible

from . import deployment, starter, state
from .assumptions import option_of
from .clients import boto3_modules
from .environment import ACCOUNT, REGION, leading_elsewhere
from .errors import Prerequisite, Refused
from .progress import Progress
from .sandbox import Sandbox

# What a shell takes as the name of a variable; an environment can hold others.
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SEEDS = {
    "audience-model": "AudienceModel",
    "association": "ConfiguredModelAlgorithmAssociation",
}


def add_to(groups: Any) -> None:
    """Add the command and its subcommands to a parser."""
    sandbox = groups.add_parser(
        "sandbox",
        help="a local AWS to deploy to, without an account",
        description="A local AWS with Clean Rooms ML on one address of this machine.",
        epilog="Example: cleanrooms-ml sandbox up && cleanrooms-ml sandbox deploy",
    )
    commands = sandbox.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(
        name: str, run: Any, text: str, *, takes_extra: bool = False, example: str = ""
    ) -> argparse.ArgumentParser:
        epilog = f"Example: {example or f'cleanrooms-ml sandbox {name}'}"
        parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text, epilog=epilog)
        parser.add_argument("--name", default="default", help="which one, of several side by side")
        parser.set_defaults(run=run, takes_extra=takes_extra)
        return parser

    up = command("up", _up, "Start it and say how to reach it.", example="cleanrooms-ml sandbox up --iam --port 4570")
    up.add_argument("--port", type=int, help="port of 127.0.0.1 (default: a free one)")
    up.add_argument("--iam", action="store_true", help="evaluate IAM policies")
    up.add_argument(
        "--durations",
        type=_json_object,
        default={},
        metavar="JSON",
        help='seconds that runs take, such as {"create": {"MLInputChannel": 10}}',
    )
    up.add_argument(
        "--assume",
        type=_assumption,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what is not known of AWS, such as inactive-frees-name=yes; see docs/assumptions.md",
    )
    _add_form(up)

    environment = command(
        "environment",
        _environment,
        "Print the variables that lead a shell to it.",
        example='eval "$(cleanrooms-ml sandbox environment --export)"',
    )
    _add_owner(environment)
    _add_form(environment)

    for name, run, text, example in (
        (
            "deploy",
            _deploy,
            "Deploy an app with the real CDK CLI. What follows -- goes to the CLI.",
            "cleanrooms-ml sandbox deploy --region eu-west-2 -- --hotswap-fallback",
        ),
        (
            "destroy",
            _destroy,
            "Destroy an app's stacks. What follows -- goes to the CLI.",
            "cleanrooms-ml sandbox destroy MyStack",
        ),
    ):
        parser = command(name, run, text, takes_extra=True, example=example)
        parser.add_argument("--account", help="twelve digits; whose it is (default: as the app says)")
        parser.add_argument("--region", help="where it is (default: as the app says)")
        parser.add_argument("--app", help="command that synthesizes the app (default: the one in cdk.json)")
        parser.add_argument("--folder", type=Path, default=Path(), help="where cdk.json is")
        parser.add_argument("stacks", nargs="*", help="which stacks (default: all)")
        if name == "deploy":
            parser.add_argument(
                "--no-seed", action="store_true", help="leave out what the app takes for granted, such as its models"
            )
    init = command(
        "init", _init, "Write a small app that can be deployed.", example="cleanrooms-ml sandbox init my-app"
    )
    init.add_argument("folder", nargs="?", type=Path, default=Path(), help="where (default: here)")

    page = command(
        "open",
        _open,
        "Show what it holds on a page in the browser; print its address.",
        example="cleanrooms-ml sandbox open --no-browser",
    )
    page.add_argument("--no-browser", action="store_true", help="print the address alone")

    command("reset", _reset, "Empty it: stacks, data and the bootstrap; the next deploy bootstraps again.")
    command("down", _down, "End it and remove its files.")
    status = command("status", _status, "Say which ones run.")
    status.add_argument("--json", action="store_true", help="for programs")
    journal = command(
        "journal",
        _journal,
        "Print the requests that Clean Rooms ML received.",
        example="cleanrooms-ml sandbox journal --operation CreateMLInputChannel --json",
    )
    journal.add_argument("--operation", help="only this one, such as CreateMLInputChannel")
    journal.add_argument("--json", action="store_true", help="with the whole requests")
    command("logs", _logs, "Print what the Lambda functions wrote.")
    seed = command(
        "seed",
        _seed,
        "Create a resource that CloudFormation cannot create, and print it.",
        example='cleanrooms-ml sandbox seed audience-model --set \'{"name": "lookalike"}\'',
    )
    _add_region(seed)
    seed.add_argument("what", choices=sorted(_SEEDS))
    seed.add_argument("--set", type=_json_object, default={}, metavar="JSON", help="its members")


def _add_owner(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--account", default=ACCOUNT, help=f"twelve digits; whose it is (default: {ACCOUNT})")
    _add_region(parser)


def _add_region(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--region", default=REGION, help=f"where it is (default: {REGION})")


def _add_form(parser: argparse.ArgumentParser) -> None:
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--export", action="store_true", help="for eval in a shell, without the explanations")
    form.add_argument("--json", action="store_true", help="as JSON")


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError("not a JSON object")
    return value


def _assumption(text: str) -> tuple[str, Any]:
    try:
        return option_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _up(options: argparse.Namespace) -> int:
    boto3_modules()  # said now if it is missing, not with the first deployment
    progress = Progress()
    with progress.step(f'start the sandbox "{options.name}"'):
        sandbox = Sandbox.start(
            options.name, port=options.port, iam=options.iam, durations=options.durations, owned=False
        )
    if options.assume:
        sandbox.emulator.set_options(**dict(options.assume))
    _print_variables(sandbox, options)
    return 0


def _environment(options: argparse.Namespace) -> int:
    sandbox = Sandbox.find(options.name).as_account(options.account).in_region(options.region)
    _print_variables(sandbox, options)
    return 0


def _print_variables(sandbox: Sandbox, options: argparse.Namespace) -> None:
    variables = sandbox.variables()
    if options.json:
        print(json.dumps({"name": sandbox.name, "endpoint": sandbox.endpoint, "environment": variables}, indent=2))
        return
    # Each line ends by itself: in an `eval` without quotes, all of them become one.
    foreign = [name for name in leading_elsewhere(os.environ) if _VARIABLE.fullmatch(name)]
    print(f"unset {' '.join(foreign)};")
    for key, value in variables.items():
        print(f"export {key}={shlex.quote(value)};")
    if not options.export:
        # Comments, and the last: a shell takes this form, too.
        for line in _explanations(sandbox):
            print(f"# {visible(line)}")


def _explanations(sandbox: Sandbox) -> list[str]:
    name = "" if sandbox.name == "default" else f" --name {sandbox.name}"
    owner = "" if sandbox.account == ACCOUNT else f" --account {sandbox.account}"
    region = "" if sandbox.region == REGION else f" --region {sandbox.region}"
    return [
        f"{sandbox.endpoint} (log: {sandbox.folder / 'log.txt'})",
        f"deploy an app:  cleanrooms-ml sandbox deploy{name}{owner}{region}",
        f'in a shell:     eval "$(cleanrooms-ml sandbox environment{name}{owner}{region})"',
        f"end it:         cleanrooms-ml sandbox down{name}",
    ]


def _deploy(options: argparse.Namespace) -> int:
    return deployment.run(options, "deploy")


def _destroy(options: argparse.Namespace) -> int:
    return deployment.run(options, "destroy")


def _init(options: argparse.Namespace) -> int:
    for path in starter.write(options.folder):
        print(path)
    inside = "" if options.folder == Path() else f"cd {shlex.quote(str(options.folder))}\n"
    print(f"\nnext:\n{inside}cleanrooms-ml sandbox up\ncleanrooms-ml sandbox deploy")
    return 0


def _open(options: argparse.Namespace) -> int:
    page = Sandbox.find(options.name).page
    print(page, flush=True)
    if not options.no_browser and not webbrowser.open(page):
        raise Prerequisite("no browser could be started; open the address above in one of this machine")
    return 0


def _reset(options: argparse.Namespace) -> int:
    sandbox = Sandbox.find(options.name)
    with Progress().step("reset"):
        sandbox.reset()
    return 0


def _down(options: argparse.Namespace) -> int:
    sandbox = Sandbox.find(options.name)
    with Progress().step(f'end the sandbox "{options.name}"'):
        sandbox.stop()
    return 0


def _status(options: argparse.Namespace) -> int:
    found = [Sandbox.find(running.name) for running in state.running()]
    if options.json:
        print(json.dumps([{"name": s.name, "endpoint": s.endpoint, "pid": s.pid, "iam": s.iam} for s in found]))
    elif not found:
        print("no sandbox is running; start one with: cleanrooms-ml sandbox up")
    else:
        for sandbox in found:
            since = time.time() - sandbox.started_at
            print(
                f"{sandbox.name}  {sandbox.endpoint}  process {sandbox.pid}  up {since:.0f} s"
                f"{'  with IAM' if sandbox.iam else ''}"
            )
    return 0


def _journal(options: argparse.Namespace) -> int:
    emulator = Sandbox.find(options.name).emulator
    try:
        entries = emulator.journal(operation=options.operation)
    except Refused as error:
        raise Prerequisite(f"--{error.reason}; look for it in docs/operations.md, or leave --operation out") from None
    for entry in entries:
        if options.json:
            print(json.dumps(entry))
        else:
            end = entry.get("error") or entry.get("status")
            moment = time.strftime("%H:%M:%S", time.localtime(float(entry["time"])))
            print(f"{moment}  {entry['operation']:<40}  {end}  {entry.get('arn', '')}")
    return 0


def _logs(options: argparse.Namespace) -> int:
    for function, line in Sandbox.find(options.name).function_logs():
        print(f"{function}  {line}")
    return 0


def _seed(options: argparse.Namespace) -> int:
    emulator = Sandbox.find(options.name).in_region(options.region).emulator
    if unfit := options.set.keys() & {"kind", "region", "self"}:
        raise Prerequisite(f"--set: {', '.join(sorted(unfit))} cannot be set; name what to seed, and --region")
    try:
        seeded = emulator.seed(kind=_SEEDS[options.what], **options.set)
    except Refused as error:
        # The message is about the request; here its members are those of --set.
        reason = error.reason.removeprefix("body.").removeprefix("body: ").replace("are kind, region, ", "are ")
        raise Prerequisite(f"--set: {reason}") from None
    print(json.dumps(seeded))
    return 0
