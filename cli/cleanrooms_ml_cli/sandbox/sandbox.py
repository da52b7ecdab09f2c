"""Starting, using and ending a sandbox from Python."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import process, state, toolchain
from .clients import SIGNING_KEY, client
from .control import EmulatorControl, call
from .environment import ACCOUNT, PAGE_PATH, REGION, leading_elsewhere, without_proxy
from .errors import Prerequisite, SandboxError
from .toolchain import CdkResult

_ACCOUNT_DIGITS = 12
_SYNTHESIZING = ("deploy", "destroy", "diff", "drift", "rollback")
# A geography, a direction and a number, so that eu-wst-2 is none, and next year's Regions are.
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)?-(central|north|south|(north|south)?(east|west))-\d{1,2}")


class Sandbox:
    """A running sandbox. Start one with `start`, or find a running one with `find`.

    As a context manager it ends the sandbox at the end of the block.
    """

    def __init__(
        self,
        found: state.State,
        owner: subprocess.Popen[bytes] | None = None,
        account: str = ACCOUNT,
        region: str = REGION,
    ) -> None:
        self._state = found
        self._process = owner
        self.account = account
        self.region = region
        self.endpoint = f"http://127.0.0.1:{found.port}"
        self.emulator = EmulatorControl(self.endpoint, region)

    @classmethod
    def start(
        cls,
        name: str | None = None,
        *,
        port: int | None = None,
        iam: bool = False,
        durations: Mapping[str, Any] | None = None,
        owned: bool = True,
    ) -> Sandbox:
        """Start one, which takes about a second.

        Args:
            name: Its name. Default: one that is free.
            port: On 127.0.0.1. Default: one that is free.
            iam: Evaluate the policies of the roles that call.
            durations: How long runs take, the members of the emulator's ``Durations``. Default: its own.
            owned: End it when this process ends, however that comes.

        Raises:
            Prerequisite: MiniStack is missing or another version, the port is in use, or a sandbox of that
                name runs already.
            SandboxError: It did not come up.
        """
        chosen = f"process-{os.getpid()}-{time.time_ns() % 10**9}" if name is None else name
        started, owner = process.start(chosen, port, iam, dict(durations or {}), owned)
        return cls(started, owner)

    @classmethod
    def find(cls, name: str = "default") -> Sandbox:
        """A sandbox that another process started.

        Raises:
            Prerequisite: None of that name runs.
        """
        found = state.read(state.folder_of(name))
        if found is None:
            others = ", ".join(other.name for other in state.running())
            option = "" if name == "default" else f" --name {name}"
            hint = f"start one with: cleanrooms-ml sandbox up{option}"
            raise Prerequisite(f'no sandbox "{name}" is running; {f"running are: {others}; " if others else ""}{hint}')
        return cls(found)

    def as_account(self, account: str) -> Sandbox:
        """The same sandbox as another account has it: its clients, its environment, its stacks.

        Args:
            account: Twelve digits. Any account exists.

        Raises:
            Prerequisite: That is no account.
        """
        if not (account.isascii() and account.isdecimal() and len(account) == _ACCOUNT_DIGITS):
            raise Prerequisite(f"{account!r} is no account; allowed are {_ACCOUNT_DIGITS} digits")
        return Sandbox(self._state, self._process, account, self.region)

    def in_region(self, region: str) -> Sandbox:
        """The same sandbox in another Region: its clients, its environment, its stacks.

        Args:
            region: Any Region, such as eu-west-2. Each has its own resources.

        Raises:
            Prerequisite: That is no name of a Region.
        """
        if not _REGION.fullmatch(region):
            raise Prerequisite(f"{region!r} is no Region; allowed are names such as eu-west-2")
        return Sandbox(self._state, self._process, self.account, region)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def name(self) -> str:
        """Its name."""
        return self._state.name

    @property
    def pid(self) -> int:
        """Its process."""
        return self._state.pid

    @property
    def port(self) -> int:
        """Its port on 127.0.0.1."""
        return self._state.port

    @property
    def page(self) -> str:
        """Address of the page that shows what it holds."""
        return self.endpoint + PAGE_PATH

    @property
    def iam(self) -> bool:
        """Whether policies are evaluated."""
        return self._state.iam

    @property
    def started_at(self) -> float:
        """When it was started, in seconds since 1970."""
        return self._state.started_at

    @property
    def folder(self) -> Path:
        """Where its log and its temporary files are; gone after `stop`."""
        return state.folder_of(self.name)

    @property
    def _access_key(self) -> str:
        """MiniStack knows an account by its access key."""
        return "test" if self.account == ACCOUNT else self.account

    def log(self) -> str:
        """What its process wrote so far."""
        return (self.folder / process.LOG).read_text("utf-8", "replace")

    def function_logs(self) -> list[tuple[str, str]]:
        """What is in the log groups, those of the functions above all: last part of the group's name and line."""
        logs = self.client("logs")
        lines = []
        for groups in logs.get_paginator("describe_log_groups").paginate():
            for name in (group["logGroupName"] for group in groups["logGroups"]):
                for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
                    lines += [(name.rsplit("/", 1)[-1], event["message"].rstrip()) for event in page["events"]]
        return lines

    def variables(self) -> dict[str, str]:
        """The environment variables that lead boto3, the AWS CLI and the CDK here."""
        hosts = without_proxy(os.environ)
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self._access_key,
            "AWS_SECRET_ACCESS_KEY": SIGNING_KEY,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            # A profile of the user may name endpoints, too.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DEFAULT_ACCOUNT": self.account,
            "CDK_DEFAULT_REGION": self.region,
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "NO_PROXY": hosts,
            "no_proxy": hosts,
        }

    def environment(self) -> dict[str, str]:
        """A whole environment for a process: this one's, without what leads elsewhere, and `variables`.

        The CDK CLI keeps what it learns about accounts in the sandbox's folder then, not in the user's.
        """
        foreign = leading_elsewhere(os.environ)
        kept = {name: value for name, value in os.environ.items() if name not in foreign}
        return {**kept, **self.variables(), "CDK_HOME": str(self.folder / f"cdk-{self.account}")}

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client of this sandbox, whatever the environment says; ``options`` are boto3's."""
        return client(service, self.endpoint, self.region, self._access_key, **options)

    def is_bootstrapped(self) -> bool:
        """Whether the CDK's bootstrap stack is there."""
        stacks = self.client("cloudformation").list_stacks()["StackSummaries"]
        return any(stack["StackName"] == "CDKToolkit" and stack["StackStatus"] != "DELETE_COMPLETE" for stack in stacks)

    def bootstrap(self, folder: str | Path = ".") -> CdkResult | None:
        """Run ``cdk bootstrap`` unless that was done: None then.

        Args:
            folder: The project with the CLI in its node_modules.

        Raises:
            SandboxError: It failed; the message ends with what the CLI said.
        """
        if self.is_bootstrapped():
            return None
        # In a folder without cdk.json, so that no app is run for it.
        result = toolchain.run(
            ["bootstrap", f"aws://{self.account}/{self.region}"], self.folder, self.environment(), tools=Path(folder)
        )
        if not result.ok:
            raise SandboxError(f"cdk bootstrap failed:\n{result.output}")
        return result

    def cdk(
        self,
        *arguments: str,
        folder: str | Path = ".",
        app: str | None = None,
        to_terminal: bool = False,
        echo: Callable[[str], None] | None = None,
        bootstrap: bool = True,
    ) -> CdkResult:
        """Run the real CDK CLI here, after a bootstrap if one is needed.

        Args:
            arguments: Command and options: ``"deploy", "--all"``. What keeps the CLI from asking is added.
            folder: Where cdk.json is.
            app: Command that synthesizes the app. Default: the one in cdk.json.
            to_terminal: Whether the CLI writes to the terminal itself; the result's output is then empty.
            echo: Gets each line as it comes.
            bootstrap: Whether a deployment may bootstrap first.

        Raises:
            Prerequisite: Node, the CLI or the command is missing.
        """
        if not Path(folder).is_dir():
            raise Prerequisite(f"{folder} is no folder; name the one in which cdk.json is")
        toolchain.find_cdk(Path(folder))
        if not arguments:
            raise Prerequisite('no command for the CDK CLI; name one, such as "deploy"')
        if arguments[0] == "deploy" and bootstrap:
            self.bootstrap(folder)
        with self._output(Path(folder), arguments, app) as output:
            return toolchain.run(
                [*arguments, *output], Path(folder), self.environment(), app=app, to_terminal=to_terminal, echo=echo
            )

    @contextlib.contextmanager
    def _output(self, folder: Path, arguments: Sequence[str], app: str | None) -> Iterator[list[str]]:
        """Options for a cloud assembly of this run's own: the CLI refuses a second run on one cdk.out."""
        named = any(argument in ("-o", "--output") or argument.startswith("--output=") for argument in arguments)
        if named or arguments[0] not in _SYNTHESIZING or (app is not None and (folder / app).is_dir()):
            yield []
            return
        with tempfile.TemporaryDirectory(prefix="cdk.out-", dir=self.folder, ignore_cleanup_errors=True) as output:
            yield ["--output", output]

    def reset(self) -> None:
        """Empty it: stacks, buckets, functions, roles and the emulated service, bootstrap included."""
        call(self.endpoint, "POST", "/_ministack/reset")

    def stop(self) -> None:
        """End its process and remove its files. Ends nothing else, and does nothing the second time."""
        process.stop(self._state, self._process)
        state.remove(self.folder, self.pid)
