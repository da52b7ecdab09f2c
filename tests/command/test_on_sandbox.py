"""The commands against a sandbox: real CloudFormation calls, the real CDK CLI, the real handlers."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.state import HOME_VARIABLE

ROOT = Path(__file__).parents[2]
_STACK = "CleanRoomsMLExample"
_NEXT_MONTH = {"channelRunId": "2026-12", "lookalikeDescription": "Customers who may buy in December"}

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    path = os.pathsep.join([str(Path(sys.executable).parent), str(ROOT / "node_modules" / ".bin"), os.environ["PATH"]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("sandboxes")))
        patch.setenv("PATH", path)
        durations = {"create": {"MLInputChannel": 1.0, "AudienceGenerationJob": 1.0}, "delete": {"MLInputChannel": 0.5}}
        with Sandbox.start(durations=durations, iam=True) as started:
            started.emulator.seed(kind="AudienceModel")
            started.emulator.seed(kind="ConfiguredModelAlgorithmAssociation")
            yield started


def _keys(sandbox: Sandbox, name: str, policy: str = "") -> dict[str, str]:
    """The variables of a new user of the account, with a policy or with none."""
    iam: Any = sandbox.client("iam")
    iam.create_user(UserName=name)
    if policy:
        iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


@pytest.fixture(scope="module")
def reader(sandbox: Sandbox) -> dict[str, str]:
    """A user who may do what the page asks for, and nothing else."""
    page = (ROOT / "docs" / "command.md").read_text("utf-8")
    (policy,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    return _keys(sandbox, "reader", policy)


@pytest.fixture
def run(
    sandbox: Sandbox, reader: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Runs a command there: exit code, output, errors."""
    for name, value in {**sandbox.variables(), **reader}.items():
        monkeypatch.setenv(name, value)

    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return command


def _synth(sandbox: Sandbox, output: Path, context: dict[str, str]) -> None:
    given = [f"--context={key}={value}" for key, value in context.items()]
    app = f"{sys.executable} app.py"
    result = sandbox.cdk("synth", "--all", "--output", str(output), *given, folder=ROOT, app=app)
    assert result.ok, result.output


def _deploy(sandbox: Sandbox, assembly: Path) -> None:
    result = sandbox.cdk("deploy", "--all", "--method=direct", folder=ROOT, app=str(assembly))
    assert result.ok, result.output


def test_from_a_plan_to_drift(sandbox: Sandbox, run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    now, later = tmp_path / "now", tmp_path / "later"
    _synth(sandbox, now, {})
    code, out, _ = run("plan", str(now))
    assert (code, out.splitlines()[0]) == (
        0,
        f"{_STACK} (a new stack): 3 create, 0 unchanged; 2 new runs",
    )
    assert run("graph", str(now), "--output", str(tmp_path / "flow.md"))[0] == 0
    # The page shows this app.
    assert (tmp_path / "flow.md").read_text("utf-8") in (ROOT / "docs" / "command.md").read_text("utf-8")
    assert run("plan", str(now), "--fail-on", "new-run")[0] == 1
    assert run("plan", str(now), "--fail-on", "replace,delete")[0] == 0
    code, _, err = run("status", _STACK)
    assert (code, err.count("\n")) == (2, 1)
    assert "does not exist" in err
    elsewhere = shutil.copytree(now, tmp_path / "elsewhere")
    manifest = elsewhere / "manifest.json"
    manifest.write_text(manifest.read_text().replace("aws://unknown-account", "aws://111122223333"))
    code, _, err = run("plan", str(elsewhere))
    assert (code, err.count("\n")) == (2, 1)
    assert "is for account 111122223333, but the credentials are those of 000000000000" in err

    _deploy(sandbox, now)
    code, out, _ = run("status", _STACK)
    assert (code, out.splitlines()[0]) == (0, f"{_STACK} is CREATE_COMPLETE: 3 ready")
    assert run("watch", _STACK)[0] == 0
    code, out, err = run("wait", _STACK, "--timeout", "1m", "--json")
    assert (code, json.loads(out)["ready"]) == (0, True)
    assert "3 ready" in err
    assert "nothing changes" in run("plan", str(now))[1]
    assert run("drift", _STACK) == (0, f"{_STACK} is as it was deployed\n", "")

    _synth(sandbox, later, _NEXT_MONTH)
    code, out, _ = run("plan", str(later), "--json", "--fail-on", "delete")
    (plan,) = json.loads(out)["plans"]
    assert (code, plan["classes"]) == (1, ["delete", "new-run", "replace"])
    since = sandbox.emulator.journal()[-1]["number"]
    _deploy(sandbox, later)
    done: list[str] = []
    for entry in sandbox.emulator.journal(since=since):
        if not entry["operation"].startswith(("Get", "List")) and entry["operation"] not in done:
            done.append(entry["operation"])
    assert sorted(done) == sorted({call for change in plan["changes"] for call in change["calls"]})

    client: Any = sandbox.client("cleanroomsml")
    (model,) = client.list_configured_audience_models()["configuredAudienceModels"]
    client.update_configured_audience_model(
        configuredAudienceModelArn=model["configuredAudienceModelArn"], description="by hand"
    )
    code, out, _ = run("drift", _STACK)
    assert code == 1
    assert '  + description: "by hand"' in out
    code, out, _ = run("drift", _STACK, "--json")
    (drift,) = json.loads(out)["drift"]
    assert drift["resource"] == "Lookalike"
    code, out, err = run("import", "--kind", "ConfiguredAudienceModel")
    assert (code, err) == (0, "")
    assert model["configuredAudienceModelArn"] in out

    client.delete_audience_generation_job(
        audienceGenerationJobArn=client.list_audience_generation_jobs()["audienceGenerationJobs"][0][
            "audienceGenerationJobArn"
        ]
    )
    assert run("wait", _STACK, "--timeout", "5s")[0] == 1


def test_a_stack_of_another_tool_is_reported(sandbox: Sandbox, run: Callable[..., tuple[int, str, str]]) -> None:
    for command in ("status", "watch", "wait", "drift"):
        code, _, err = run(command, "CDKToolkit")
        assert (code, err.count("\n")) == (2, 1)
        assert "has no Clean Rooms ML resources" in err


def test_a_user_without_permissions_sees_which_one_is_missing(
    sandbox: Sandbox, run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in _keys(sandbox, "nobody").items():
        monkeypatch.setenv(name, value)
    code, _, err = run("status", _STACK)
    assert (code, err.count("\n")) == (2, 1)
    assert "no permission" in err
    assert "cloudformation:DescribeStacks" in err
    code, _, err = run("import", "--kind", "AudienceModel")
    assert (code, err.count("\n")) == (2, 1)
    assert "cleanrooms-ml:ListAudienceModels" in err
