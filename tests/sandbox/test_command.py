"""The ``cleanrooms-ml sandbox`` command, as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.state import folder_of, is_alive

ROOT = Path(__file__).parents[2]
TEMPLATE = {
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    "Outputs": {"Queue": {"Value": {"Ref": "Queue"}}},
}


@pytest.fixture(scope="module")
def up(sandbox_home: None) -> Iterator[str]:
    """The name of a sandbox that the command started."""
    assert main(["sandbox", "up", "--name", "by-hand"]) == 0
    yield "by-hand"
    assert main(["sandbox", "down", "--name", "by-hand"]) == 0
    assert not is_alive(folder_of("by-hand"))


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


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, since the CDK CLI writes to the terminal itself."""
    roots = os.pathsep.join([str(ROOT / "cli"), str(ROOT / "custom_resources")])
    path = os.pathsep.join([str(ROOT / "node_modules" / ".bin"), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", "cleanrooms_ml_cli", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": roots, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_up_prints_what_leads_a_shell_there(up: str, capsys: pytest.CaptureFixture[str]) -> None:
    sandbox = Sandbox.find(up)

    assert main(["sandbox", "environment", "--name", up, "--export"]) == 0
    exported = capsys.readouterr().out
    assert main(["sandbox", "environment", "--name", up, "--json"]) == 0
    described = json.loads(capsys.readouterr().out)

    shell = subprocess.run(
        ["sh", "-c", f'{exported}\necho "$AWS_ENDPOINT_URL $AWS_PROFILE"'],
        env={**os.environ, "AWS_PROFILE": "of-the-user"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shell.stdout.strip() == sandbox.endpoint
    assert described["endpoint"] == described["environment"]["AWS_ENDPOINT_URL"] == sandbox.endpoint


def test_status_names_each_one(up: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "status", "--json"]) == 0

    (found,) = (item for item in json.loads(capsys.readouterr().out) if item["name"] == up)
    assert found == {"name": up, "endpoint": Sandbox.find(up).endpoint, "pid": Sandbox.find(up).pid, "iam": False}


def test_seed_and_journal_show_what_the_service_holds_and_got(up: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "seed", "audience-model", "--set", '{"name": "lookalike"}', "--name", up]) == 0
    arn = json.loads(capsys.readouterr().out)["arn"]
    Sandbox.find(up).client("cleanroomsml").get_audience_model(audienceModelArn=arn)

    assert main(["sandbox", "journal", "--name", up, "--operation", "GetAudienceModel"]) == 0
    line = capsys.readouterr().out.strip()
    assert "GetAudienceModel" in line
    assert line.endswith(f"200  {arn}")
    assert main(["sandbox", "journal", "--name", up, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["params"] == {"audienceModelArn": arn}


def test_an_app_is_deployed_and_destroyed_with_the_real_cli(up: str, assembly: Path, tmp_path: Path) -> None:
    """The bootstrap is done when it is needed, and only then."""
    sandbox = Sandbox.find(up)
    at = ["--name", up, "--app", str(assembly)]

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
    assert main(["sandbox", "reset", "--name", up]) == 0
    assert not sandbox.is_bootstrapped()


def test_a_failed_deployment_ends_with_1(up: str, assembly: Path, tmp_path: Path) -> None:
    (assembly / "Queues.template.json").write_text('{"Resources": {"No": {"Type": "AWS::No::Such"}}}')

    deployed = run("sandbox", "deploy", "--name", up, "--app", str(assembly), cwd=tmp_path)

    assert deployed.returncode == 1
    assert "failed cdk deploy: the CDK CLI ended with code 1" in deployed.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["deploy"], "has no cdk.json; go to the app's folder, or name its command"),
        (["deploy", "--name", "none"], 'no sandbox "none" is running; running are: by-hand'),
        (["down", "--name", "none"], 'no sandbox "none" is running'),
        (["up", "--name", "by-hand"], 'a sandbox "by-hand" is running already'),
        (["up", "--name", "x", "--durations", "{"], "not JSON"),
        (["reset", "--name", "by-hand", "--", "extra"], "takes nothing after --"),
        (["teapot"], "invalid choice"),
    ],
)
def test_what_is_missing_or_wrong_ends_with_2_and_says_what_to_do(
    up: str, tmp_path: Path, arguments: list[str], message: str
) -> None:
    named = arguments if "--name" in arguments or arguments == ["teapot"] else [*arguments, "--name", up]

    done = run("sandbox", *named, cwd=tmp_path)

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("package", ["rich", "boto3"])
def test_a_missing_extra_is_named(tmp_path: Path, package: str) -> None:
    """An import that fails, as in an environment without the extra."""
    code = f"import sys; sys.modules[{package!r}] = None; from cleanrooms_ml_cli.main import main; sys.exit(main())"
    roots = os.pathsep.join([str(ROOT / "cli"), str(ROOT / "custom_resources")])

    done = subprocess.run(
        [sys.executable, "-c", code, "sandbox", "up", "--name", "without-extra"],
        env={**os.environ, "PYTHONPATH": roots},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "pip install 'cdk-cleanrooms-ml[cli]'" in done.stderr
    assert not is_alive(folder_of("without-extra"))
