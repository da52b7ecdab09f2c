"""``cleanrooms-ml sandbox deploy`` and ``destroy``: the real CDK CLI, with all that an app needs beforehand."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cleanrooms_ml_policy.visible import visible

from . import toolchain
from .assembly import stacks
from .errors import Prerequisite, SandboxError
from .progress import Progress
from .sandbox import Sandbox

if TYPE_CHECKING:
    from .assumed import Owner

# These let the CLI synthesize by itself, again and again.
_LIVE = ("--watch",)
_CONTEXT = ("-c", "--context")
_MANIFEST = "manifest.json"
_NOT_SYNTHESIZED = "the app ended without a cloud assembly; call app.synth() at its end"


def run(options: argparse.Namespace, command: str) -> int:
    """Run ``cdk deploy`` or ``cdk destroy`` on an app; returns the exit code."""
    from . import assumed  # it needs the emulator, and that the extras

    sandbox = Sandbox.find(options.name)
    as_named(sandbox, options.account, options.region)  # what is no account or Region is refused first
    if not options.folder.is_dir():
        raise Prerequisite(f"--folder {options.folder} is no folder; name the one in which cdk.json is")
    if options.app is None and not (options.folder / "cdk.json").is_file():
        raise Prerequisite(
            f"{options.folder.resolve()} has no cdk.json; go to the app's folder, name its command with "
            '--app "python app.py", or begin with: cleanrooms-ml sandbox init'
        )
    progress = Progress()
    _find_cdk(options.folder, progress)
    with _assembly(sandbox, options, progress) as assembly:
        _check_environments(sandbox, assembly)
        owner = assumed.owner_of(assembly, options.account, options.region)
        there = as_named(sandbox, owner.account, owner.region)
        if command == "deploy":
            if thing := assumed.elsewhere(assembly, owner):
                raise Prerequisite(_of_another_region(thing.name, thing.region, owner.region, options.region))
            _prepare(there, assembly, owner, options, progress)
        is_live = any(option in options.extra for option in _LIVE)
        app = options.app if is_live else str(assembly)
        with progress.step(f"cdk {command}", spins=False) as step:
            result = there.cdk(
                command,
                *(options.stacks or ["--all"]),
                *options.extra,
                folder=options.folder,
                app=app,
                to_terminal=True,
                bootstrap=False,
            )
            if not result.ok:
                step.fail(f"the CDK CLI ended with code {result.exit_code}")
    return 0 if result.ok else 1


def as_named(sandbox: Sandbox, account: str | None, region: str | None) -> Sandbox:
    """A sandbox as an account and in a Region, where they are named."""
    named = sandbox if account is None else sandbox.as_account(account)
    return named if region is None else named.in_region(region)


def _check_environments(sandbox: Sandbox, assembly: Path) -> None:
    """Refuse an account or Region of the app's own that cannot be one, and name its stack."""
    for stack in stacks(assembly):
        try:
            as_named(sandbox, stack.account or None, stack.region or None)
        except Prerequisite as wrong:
            raise Prerequisite(f"stack {visible(stack.name)}: {wrong}; correct its env=cdk.Environment(...)") from None


def _of_another_region(name: str, its: str, region: str, named: str | None) -> str:
    hint = f"name one in {region}" if named is None else f"name one in {region}, or leave --region {named} out"
    where = f"{visible(name)} is in {visible(its)}, and the app in {region}"
    return f"{where}; the service uses nothing of another Region; {hint}"


def _find_cdk(folder: Path, progress: Progress) -> None:
    if toolchain.has_cdk(folder):
        toolchain.find_cdk(folder)
        return
    with progress.step(f"install the CDK CLI {toolchain.CDK_VERSION}, once"):
        toolchain.install_cdk()


@contextlib.contextmanager
def _assembly(sandbox: Sandbox, options: argparse.Namespace, progress: Progress) -> Iterator[Path]:
    """The cloud assembly of an app: synthesized for this run alone, or the folder that is named."""
    named = options.folder / (options.app or "")
    if options.app and named.is_dir():
        yield named.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="cdk.out-", dir=sandbox.folder, ignore_cleanup_errors=True) as output:
        with progress.step("synthesize"):
            result = as_named(sandbox, options.account, options.region).cdk(
                "synth", "--quiet", "--output", output, *_context(options.extra), folder=options.folder, app=options.app
            )
            if not result.ok:
                # The CLI then says that it cannot read a file of ours.
                is_silent = f"{output}/{_MANIFEST}" in result.output
                problem = _NOT_SYNTHESIZED if is_silent else "the app cannot be synthesized"
                raise SandboxError(f"{problem}:\n{result.output}")
        yield Path(output)


def _context(extra: Sequence[str]) -> list[str]:
    """The options for the CLI that change what an app synthesizes."""
    found: list[str] = []
    for position, option in enumerate(extra):
        if option in _CONTEXT:
            found += extra[position : position + 2]
        elif option.startswith(tuple(f"{name}=" for name in _CONTEXT)):
            found.append(option)
    return found


def _prepare(sandbox: Sandbox, assembly: Path, owner: Owner, options: argparse.Namespace, progress: Progress) -> None:
    """Bootstrap the Regions of an app, and seed what it takes for granted."""
    from . import assumed

    if options.account is None and owner.account != Sandbox.find(options.name).account:
        shell = f'eval "$(cleanrooms-ml sandbox environment --account {owner.account} --export)"'
        progress.note(
            f"the app is for account {owner.account}, which --account changes; a shell gets there with: {shell}"
        )
    for region in assumed.regions_of(assembly, owner):
        there = sandbox.in_region(region)
        if not there.is_bootstrapped():
            with progress.step(f"bootstrap {region}"):
                there.bootstrap(options.folder)
    if not options.no_seed:
        for line in assumed.seed(sandbox, assembly, owner):
            progress.note(line)
