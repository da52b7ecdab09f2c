"""Entry point of the launcher's process."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

from .. import state
from ..environment import ACCOUNT, EXIT_ALREADY_RUNNING, EXIT_FOLDER_GONE, REGION
from ..errors import Prerequisite, SandboxError
from . import pinned, settings

# Files of this user alone, those of the functions too.
_PRIVATE = 0o077
_LOCK_SECONDS = 2.0


def main() -> int:
    """Run until the process gets a signal to end."""
    parser = argparse.ArgumentParser(prog="python -m cleanrooms_ml_cli.sandbox.launcher")
    parser.add_argument("--name", default="default")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="state and temporary files")
    parser.add_argument("--iam", action="store_true", help="evaluate IAM policies")
    parser.add_argument("--durations", default="{}", help="JSON for the emulator's durations")
    parser.add_argument("--owned", action="store_true", help="end when standard input is closed")
    options = parser.parse_args()

    os.umask(_PRIVATE)
    # Held as long as this process lives, whatever ends it: a pid alone may meanwhile belong to another.
    try:
        lock = state.hold(options.folder, _LOCK_SECONDS)
    except FileNotFoundError:
        return EXIT_FOLDER_GONE
    if lock is None:
        return EXIT_ALREADY_RUNNING
    state.forget(options.folder)
    temporary = options.folder / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)  # of one that ended badly
    temporary.mkdir()
    settings.apply(options.port, temporary, options.iam, ACCOUNT, REGION)
    if options.owned:
        threading.Thread(target=_end_with_owner, daemon=True).start()
    try:
        pinned.check()
        _serve(options)
    except SandboxError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _serve(options: argparse.Namespace) -> None:
    # Only now: these import MiniStack, which reads its settings then.
    from ..emulator import Durations, Emulator
    from ..emulator.control.settings import changed_durations
    from ..emulator.fields import BadInputError
    from . import alarms, cloudformation, executions, gateway, guard, iam, native, partitions

    try:
        durations = changed_durations(Durations(), json.loads(options.durations), "durations")
    except BadInputError as error:
        raise Prerequisite(f"{error}") from None
    emulator = Emulator(
        durations=durations,
        account=ACCOUNT,
        region=REGION,
        role_check=iam.role_problem,
    )
    service = gateway.Service(emulator, iam.authorizer(emulator) if options.iam else None)
    service.register()
    cloudformation.install(f"http://127.0.0.1:{options.port}")
    executions.install()
    iam.install()
    native.install(emulator.native)
    alarms.install()
    partitions.install()
    app = pinned.module("app")
    identity = {"name": options.name, "pid": os.getpid(), "iam": options.iam}
    app.app = guard.Guard(gateway.Gateway(app.app, service, identity, claim_https=options.iam))
    sys.argv = sys.argv[:1]  # MiniStack reads it
    app.main()


def _end_with_owner() -> None:
    """End the whole process group when the process that started it has ended in any way."""
    while os.read(0, 4096):  # not sys.stdin, whose lock Python wants at its end
        pass
    os.killpg(os.getpid(), signal.SIGTERM)  # it leads a group of its own
    time.sleep(2)  # a custom resource that never answers keeps MiniStack from ending by itself
    os.killpg(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
