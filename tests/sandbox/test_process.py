"""A sandbox is a process of its own, and ends as that alone."""

from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from cleanrooms_ml_cli.sandbox import Prerequisite, Sandbox, SandboxError
from cleanrooms_ml_cli.sandbox import state as sandbox_state
from cleanrooms_ml_cli.sandbox.state import State, create_private, folder_of, hold, identity_of, is_alive
from tests.waiting import until

from .stacks import Stacks


def members(group: int) -> list[str]:
    """The processes of a group that still run."""
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,stat=,args="], capture_output=True, text=True, check=True)
    lines = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    return [args[-1] for pgid, status, *args in lines if int(pgid) == group and not status.startswith("Z")]


def test_two_run_side_by_side_and_do_not_see_each_other(sandbox: Sandbox) -> None:
    with Sandbox.start() as other:
        other.client("sqs").create_queue(QueueName="of-the-other")
        other.emulator.seed("AudienceModel", name="of-the-other")

        assert not sandbox.client("sqs").list_queues().get("QueueUrls")
        assert sandbox.emulator.records() == []
        names = [state.name for state in sandbox_state.running()]
        assert {sandbox.name, other.name} <= set(names)


def test_one_that_another_process_started_is_found_by_its_name(sandbox: Sandbox) -> None:
    found = Sandbox.find(sandbox.name)

    assert (found.pid, found.endpoint) == (sandbox.pid, sandbox.endpoint)
    written = sandbox_state.read(sandbox.folder)
    assert written is not None
    assert written.identity == identity_of(sandbox.pid)
    assert "cleanrooms_ml_cli.sandbox.launcher" in written.identity


def test_a_name_is_used_once_at_a_time(sandbox: Sandbox) -> None:
    with pytest.raises(Prerequisite, match=f"is running already; end it with.*down --name {sandbox.name}"):
        Sandbox.start(sandbox.name)

    assert is_alive(sandbox.folder)


def test_a_name_that_cannot_be_a_folder_is_refused() -> None:
    with pytest.raises(Prerequisite, match="cannot be the name of a sandbox"):
        Sandbox.start("../elsewhere")


def test_a_port_in_use_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(Prerequisite, match=f"port {port} of 127.0.0.1 is in use"):
            Sandbox.start(port=port)


def test_settings_that_the_emulator_lacks_are_refused() -> None:
    with pytest.raises(Prerequisite, match=r"durations.bogus is not known; allowed are create, delete"):
        Sandbox.start("wrong-durations", durations={"bogus": 1})

    assert not folder_of("wrong-durations").exists()


def test_durations_reach_the_emulator_and_outlive_a_reset() -> None:
    with Sandbox.start(durations={"pending_share": 0.9}) as sandbox:
        sandbox.reset()

        assert sandbox.emulator.durations()["pendingShare"] == 0.9


def test_bootstrap_takes_the_cli_of_the_project_that_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    """The folder that the CLI is run in has no node_modules; here the one that is named is a stand-in."""
    cdk = tmp_path / "node_modules" / ".bin" / "cdk"
    cdk.parent.mkdir(parents=True)
    cdk.write_text('#!/bin/sh\necho "$PWD $*"\n')
    cdk.chmod(0o755)

    done = sandbox.bootstrap(tmp_path)

    assert done is not None
    assert done.output.split() == [
        str(sandbox.folder),
        "bootstrap",
        "--no-notices",
        "--no-version-reporting",
        "aws://000000000000/us-east-1",
    ]


def test_stop_removes_its_files_and_may_be_called_again() -> None:
    sandbox = Sandbox.start("to-be-stopped")
    assert (sandbox.folder / "tmp").is_dir()

    sandbox.stop()
    sandbox.stop()

    assert not sandbox.folder.exists()
    with pytest.raises(Prerequisite, match='no sandbox "to-be-stopped" is running'):
        Sandbox.find("to-be-stopped")


def test_stop_by_another_process_ends_it() -> None:
    sandbox = Sandbox.start("stopped-by-another", owned=False)

    Sandbox.find("stopped-by-another").stop()

    assert not is_alive(sandbox.folder)
    sandbox.stop()


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that leads a group of its own, as a sandbox does."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, start_new_session=True) as process:
        # Linux notifies the parent a moment before it shows the command line.
        until(lambda: identity_of(process.pid), "the command line of the process")
        yield process
        process.kill()


def test_a_stale_state_ends_nothing(bystander: subprocess.Popen[bytes]) -> None:
    """The pid of a sandbox that is gone may be another process's by now."""
    folder = folder_of("stale")
    create_private(folder)
    stale = State("stale", bystander.pid, 1, False, 0.0)
    stale.write(folder)

    Sandbox(stale).stop()

    assert bystander.poll() is None


@pytest.mark.parametrize("is_same_program", [False, True])
def test_a_reused_pid_is_not_ended_while_the_folder_is_in_use(
    bystander: subprocess.Popen[bytes], is_same_program: bool
) -> None:
    """After a crash, while the next sandbox of that name is starting: its state is not written yet."""
    folder = folder_of("starting")
    create_private(folder)
    started, _, line = identity_of(bystander.pid).partition(" ")
    before = f"{int(started) - 1} {line}" if is_same_program else f"{started} python -m launcher"
    crashed = State("starting", bystander.pid, 1, False, 0.0, before)
    crashed.write(folder)
    lock = hold(folder)
    assert lock is not None
    with lock:
        with pytest.raises(SandboxError, match=f'the process {bystander.pid} is not the sandbox "starting"'):
            Sandbox(crashed).stop()

        assert bystander.poll() is None
        assert folder.exists()
    Sandbox(crashed).stop()
    assert not folder.exists()


def test_a_new_sandbox_forgets_what_a_crashed_one_wrote_down(bystander: subprocess.Popen[bytes]) -> None:
    folder = folder_of("crashed")
    create_private(folder)
    State("crashed", bystander.pid, 1, False, 0.0).write(folder)

    with Sandbox.start("crashed") as sandbox:
        assert Sandbox.find("crashed").pid == sandbox.pid != bystander.pid


def test_stopping_one_that_crashed_leaves_the_next_of_its_name_alone() -> None:
    crashed = Sandbox.start("twice")
    os.kill(crashed.pid, signal.SIGKILL)
    until(lambda: not is_alive(crashed.folder), "its end")
    with Sandbox.start("twice") as sandbox:
        crashed.stop()

        assert is_alive(sandbox.folder)
        assert Sandbox.find("twice").pid == sandbox.pid


def test_a_lock_of_a_folder_that_was_removed_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening and locking the file another process may remove the folder."""
    folder = tmp_path / "sandbox"
    create_private(folder)
    lock = fcntl.flock

    def remove_first(file: IO[str], how: int) -> None:
        shutil.rmtree(folder)
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", remove_first)
    with pytest.raises(FileNotFoundError):
        hold(folder)


def test_a_function_that_never_answers_does_not_keep_it_alive(tmp_path: Path) -> None:
    sandbox = Sandbox.start()
    stacks = Stacks(sandbox, tmp_path)
    stacks.begin(Thing={"Id": "a", "HangOn": ["Create"]})
    stacks.wait_for("Create Thing (a)", 1)
    # MiniStack waits for the answer, an hour if need be, and does not end by itself meanwhile.
    assert stacks.status() == "CREATE_IN_PROGRESS"

    sandbox.stop()

    until(lambda: not members(sandbox.pid), "the end of its processes")


def test_it_ends_with_the_process_that_owns_it(tmp_path: Path) -> None:
    """However that process ends: here it is killed."""
    code = (
        "import signal; from cleanrooms_ml_cli.sandbox import Sandbox; "
        "sandbox = Sandbox.start('owned'); print(sandbox.pid, flush=True); signal.pause()"
    )
    roots = [Path(sandbox_state.__file__).parents[2], Path(sandbox_state.__file__).parents[3] / "custom_resources"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, roots))}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert int(owner.stdout.readline())
        assert is_alive(folder_of("owned"))

        owner.send_signal(signal.SIGKILL)

    until(lambda: not is_alive(folder_of("owned")), "the end of the sandbox")


def test_functions_get_the_sandbox_and_nothing_of_the_users_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINISTACK_HOST", "elsewhere")
    monkeypatch.setenv("AWS_PROFILE", "of-the-user")
    monkeypatch.setenv("NO_PROXY", "internal.example")
    with Sandbox.start() as sandbox:
        seen = environment_of_a_function(sandbox)

        def shows_its_lines() -> bool:
            # MiniStack logs a line that arrives 50 ms after the answer with the next invocation.
            sandbox.client("lambda").invoke(FunctionName="environment")
            return ("environment", "seen") in sandbox.function_logs()

        until(shows_its_lines, "the line that the function printed")

    assert seen["AWS_ENDPOINT_URL"] == sandbox.endpoint
    assert seen["CLEANROOMS_ML_REPLY_HOST"] == f"127.0.0.1:{sandbox.port}"
    assert seen["NO_PROXY"] == "internal.example,127.0.0.1,localhost"
    assert not {"AWS_PROFILE", "MINISTACK_HOST", "PYTHONPATH"} & seen.keys()


def environment_of_a_function(sandbox: Sandbox) -> dict[str, str]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr(
            "index.py", "import os\ndef handler(event, context):\n    print('seen')\n    return dict(os.environ)\n"
        )
    client = sandbox.client("lambda")
    client.create_function(
        FunctionName="environment",
        Runtime="python3.13",
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/any",
        Code={"ZipFile": archive.getvalue()},
    )
    found: dict[str, str] = json.load(client.invoke(FunctionName="environment")["Payload"])
    return found
