"""``cleanrooms-ml sandbox deploy`` and ``destroy`` with the real CDK CLI."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.state import identity_of
from tests.waiting import HANGS_AFTER_SECONDS, until

from .command_line import ROOT, TEMPLATE, clean, run


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    """A cloud assembly, written by hand: no app has to run."""
    properties = {"templateFile": "Queues.template.json"}
    stack = {"type": "aws:cloudformation:stack", "environment": "aws://000000000000/us-east-1"}
    manifest = {"version": "36.0.0", "artifacts": {"Queues": {**stack, "properties": properties}}}
    folder = tmp_path / "cdk.out"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "Queues.template.json").write_text(json.dumps(TEMPLATE))
    return folder


def test_an_app_is_deployed_and_destroyed_with_the_real_cli(sandbox: Sandbox, assembly: Path, tmp_path: Path) -> None:
    """The bootstrap is done when it is needed, and only then."""
    at = ["--name", sandbox.name, "--app", str(assembly)]

    deployed = run("sandbox", "deploy", *at, cwd=tmp_path)

    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    assert "done bootstrap" in deployed.stderr
    assert "Queues.Queue = http" in deployed.stdout + deployed.stderr
    again = run("sandbox", "deploy", "Queues", *at, "--", "--quiet", cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "bootstrap" not in again.stderr
    destroyed = run("sandbox", "destroy", *at, cwd=tmp_path)
    assert destroyed.returncode == 0, destroyed.stdout + destroyed.stderr
    assert not sandbox.client("sqs").list_queues().get("QueueUrls")
    assert main(["sandbox", "reset", "--name", sandbox.name]) == 0
    assert not sandbox.is_bootstrapped()


def test_a_failed_deployment_ends_with_1(sandbox: Sandbox, assembly: Path, tmp_path: Path) -> None:
    (assembly / "Queues.template.json").write_text('{"Resources": {"No": {"Type": "AWS::No::Such"}}}')

    deployed = run("sandbox", "deploy", "--name", sandbox.name, "--app", str(assembly), cwd=tmp_path)

    assert deployed.returncode == 1
    assert "failed cdk deploy: the CDK CLI ended with code 1" in deployed.stderr


@pytest.mark.parametrize(
    ("app", "messages"),
    [
        ('raise ValueError("my mistake")', ["the app cannot be synthesized:", "ValueError: my mistake"]),
        ('print("begun")', ["the app ended without a cloud assembly; call app.synth() at its end:", "begun"]),
        ("import nothing_of_that_name", ["No module named 'nothing_of_that_name'"]),
    ],
)
def test_an_app_that_fails_ends_with_1_and_shows_why(
    sandbox: Sandbox, tmp_path: Path, app: str, messages: list[str]
) -> None:
    (tmp_path / "app.py").write_text(app)

    done = run("sandbox", "deploy", "--name", sandbox.name, "--app", f"{sys.executable} app.py", cwd=tmp_path)

    assert done.returncode == 1
    assert all(message in done.stderr for message in messages), done.stderr


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ("aws://000000000000/eu-wst-2", "stack Queues: 'eu-wst-2' is no Region; allowed are names such as eu-west-2"),
        ("aws://123/eu-west-2", "stack Queues: '123' is no account; allowed are 12 digits"),
    ],
)
def test_an_environment_that_cannot_be_is_refused_with_its_stack(
    sandbox: Sandbox, assembly: Path, tmp_path: Path, environment: str, message: str
) -> None:
    manifest = assembly / "manifest.json"
    manifest.write_text(manifest.read_text().replace("aws://000000000000/us-east-1", environment))

    done = run("sandbox", "deploy", "--name", sandbox.name, "--app", str(assembly), cwd=tmp_path)

    assert done.returncode == 2
    assert f"{message}; correct its env=cdk.Environment(...)" in done.stderr


@pytest.fixture
def heard_ctrl_c() -> Iterator[None]:
    """Processes that are started hear Ctrl-C, also where a shell runs the tests in the background and ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard_ctrl_c")
def test_ctrl_c_ends_a_deployment_without_a_traceback(sandbox: Sandbox, tmp_path: Path) -> None:
    """The terminal sends it to every process of the command."""
    app = tmp_path / "slow.py"
    app.write_text("import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(600)\n")
    assert sandbox.bootstrap(ROOT) or sandbox.is_bootstrapped()
    line = [sys.executable, "-m", "cleanrooms_ml_cli", "sandbox", "deploy", "--name", sandbox.name]
    line += ["--app", f"{sys.executable} {app}"]
    with subprocess.Popen(
        line,
        cwd=tmp_path,
        env=clean(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as command:
        pid = until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "the app")
        os.killpg(command.pid, signal.SIGINT)
        said, _ = command.communicate(timeout=HANGS_AFTER_SECONDS)

    assert command.returncode == 130
    assert "Traceback" not in said
    until(lambda: not identity_of(int(pid)), "the end of the app")


def test_two_deployments_of_one_folder_do_not_collide(sandbox: Sandbox, tmp_path: Path) -> None:
    manifest = {
        "version": "36.0.0",
        "artifacts": {
            name: {
                "type": "aws:cloudformation:stack",
                "environment": "aws://000000000000/us-east-1",
                "properties": {"templateFile": "template.json"},
            }
            for name in ("One", "Two")
        },
    }
    # Each app waits for the other one: both assemblies are being written at the same time.
    (tmp_path / "running").mkdir()
    (tmp_path / "app.py").write_text(
        "import os, pathlib, time\n"
        "out = pathlib.Path(os.environ['CDK_OUTDIR'])\n"
        f"until = time.monotonic() + {HANGS_AFTER_SECONDS}\n"
        "pathlib.Path('running', str(os.getpid())).touch()\n"
        "while len(os.listdir('running')) < 2:\n"
        "    assert time.monotonic() < until, 'the other app does not come'\n"
        "    time.sleep(0.05)\n"
        f"(out / 'manifest.json').write_text({json.dumps(json.dumps(manifest))})\n"
        f"(out / 'template.json').write_text({json.dumps(json.dumps(TEMPLATE))})\n"
    )
    sandbox.bootstrap(ROOT)

    def deploy(stack: str) -> subprocess.CompletedProcess[str]:
        return run(
            "sandbox", "deploy", stack, "--name", sandbox.name, "--app", f"{sys.executable} app.py", cwd=tmp_path
        )

    with ThreadPoolExecutor() as pool:
        both = list(pool.map(deploy, ("One", "Two")))

    assert [done.returncode for done in both] == [0, 0], [done.stdout + done.stderr for done in both]
    assert not (tmp_path / "cdk.out").exists()
