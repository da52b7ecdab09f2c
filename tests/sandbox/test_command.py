"""The ``cleanrooms-ml sandbox`` command, as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.state import HOME_VARIABLE, folder_of, is_alive

from .command_line import ROOT, clean, run


@pytest.fixture(scope="module")
def up(sandbox_home: None) -> Iterator[str]:
    """The name of a sandbox that the command started."""
    assert main(["sandbox", "up", "--name", "by-hand"]) == 0
    yield "by-hand"
    assert main(["sandbox", "down", "--name", "by-hand"]) == 0
    assert not is_alive(folder_of("by-hand"))


@pytest.mark.parametrize("form", [(), ("--export",)], ids=["to read", "export"])
@pytest.mark.parametrize("shell", ['eval "$({})"', "eval $({})"], ids=["quoted", "unquoted"])
def test_a_shell_takes_what_is_printed(
    up: str, shell: str, form: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox = Sandbox.find(up)

    assert main(["sandbox", "environment", "--name", up, *form]) == 0
    seen = _evaluated(capsys.readouterr().out, shell, AWS_PROFILE="of-the-user")
    assert main(["sandbox", "environment", "--name", up, "--json"]) == 0
    described = json.loads(capsys.readouterr().out)

    assert seen == sandbox.endpoint
    assert described["endpoint"] == described["environment"]["AWS_ENDPOINT_URL"] == sandbox.endpoint


def test_no_name_and_no_path_is_a_command_of_the_shell(tmp_path: Path) -> None:
    """What the environment and the folder are called is text, also with a newline in it."""
    home = tmp_path / f'of \'a "user"\ntouch {tmp_path / "made"} #'
    odd = {HOME_VARIABLE: str(home), f"AWS_ENDPOINT_URL_X;touch {tmp_path / 'made'};": "1"}
    started = run("sandbox", "up", "--name", "odd", environment=odd)
    try:
        assert started.returncode == 0, started.stderr
        assert _evaluated(started.stdout, 'eval "$({})"').startswith("http://127.0.0.1:")
        assert not (tmp_path / "made").exists()
    finally:
        assert run("sandbox", "down", "--name", "odd", environment=odd).returncode == 0


def test_the_explanations_lead_to_the_same_account_and_region(up: str, capsys: pytest.CaptureFixture[str]) -> None:
    owner = ["--account", "111122223333", "--region", "eu-west-2"]

    assert main(["sandbox", "environment", "--name", up, *owner]) == 0

    printed = capsys.readouterr().out
    assert f"cleanrooms-ml sandbox deploy --name {up} {' '.join(owner)}" in printed
    assert f"cleanrooms-ml sandbox environment --name {up} {' '.join(owner)}" in printed


def _evaluated(printed: str, shell: str, **variables: str) -> str:
    """The endpoint, and the profile if there is one, of a shell that has evaluated what a command printed."""
    script = shell.format("cat") + '\necho "$AWS_ENDPOINT_URL $AWS_PROFILE"'
    done = subprocess.run(
        ["sh", "-c", script],
        env={**os.environ, **variables},
        input=printed,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stderr
    return done.stdout.strip()


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["deploy"], "has no cdk.json; go to the app's folder, name its command"),
        (
            ["deploy", "--name", "none"],
            'no sandbox "none" is running; running are: by-hand; start one with: cleanrooms-ml sandbox up --name none',
        ),
        (["down", "--name", "none"], 'no sandbox "none" is running'),
        (
            ["up", "--name", "by-hand"],
            "down --name by-hand, or start another one beside it: cleanrooms-ml sandbox up --name",
        ),
        (["up", "--name", ""], "'' cannot be the name of a sandbox; allowed are letters"),
        (["up", "--name", "../x"], "'../x' cannot be the name of a sandbox; allowed are letters"),
        (["up", "--name", "x", "--assume", "bogus=1"], "bogus is no assumption; allowed are inactive-frees-name, "),
        (["up", "--name", "x", "--durations", "{"], "not JSON"),
        (["up", "--name", "x", "--durations", "[]"], "not a JSON object"),
        (["up", "--name", "x", "--durations", '{"bogus": 1}'], "durations.bogus is not known; allowed are create, "),
        (
            ["up", "--name", "x", "--durations", '{"create": {"Bogus": 1}}'],
            "durations.create.Bogus is not known; allowed are AudienceModel, ",
        ),
        (["up", "--name", "x", "--durations", '{"create": {"AudienceModel": "1"}}'], "an object of numbers is needed"),
        (["up", "--name", "x", "--durations", '{"pendingShare": 7}'], "allowed is 1 or less"),
        (["up", "--name", "x", "--port", "99999"], "99999 is no port; allowed are 1 to 65535"),
        (["up", "--name", "x", "--port", "0"], "0 is no port; allowed are 1 to 65535"),
        (["up", "--name", "x", "--port", "http"], "invalid int value"),
        (["deploy", "--folder", "/no/such/folder"], "--folder /no/such/folder is no folder"),
        (["deploy", "--region", "London"], "'London' is no Region"),
        (
            ["journal", "--operation", "Foo"],
            "--operation is Foo, which the service does not have; look for it in docs/",
        ),
        (["seed", "association", "--set", '{"kind": "AudienceModel"}'], "--set: kind cannot be set"),
        (["reset", "--name", "by-hand", "--", "extra"], "takes nothing after --"),
        (["teapot"], "invalid choice"),
        (
            ["up", "--prot", "5001"],
            "unrecognized arguments: --prot 5001; did you mean --port?; see cleanrooms-ml sandbox up --help",
        ),
        (["seed"], "the following arguments are required: what"),
        (["seed", "model"], "invalid choice: 'model' (choose from"),
        (["environment", "--account", "12"], "'12' is no account; allowed are 12 digits"),
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


def test_a_port_in_use_is_named_and_leaves_nothing(up: str) -> None:
    port = str(urlsplit(Sandbox.find(up).endpoint).port)

    done = run("sandbox", "up", "--name", "x", "--port", port)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"port {port} of 127.0.0.1 is in use; leave --port out to get a free one" in done.stderr
    assert not folder_of("x").exists()


def test_down_twice_says_that_it_does_not_run(sandbox_home: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "up", "--name", "twice"]) == 0
    assert main(["sandbox", "down", "--name", "twice"]) == 0
    capsys.readouterr()
    assert main(["sandbox", "down", "--name", "twice"]) == 2
    assert 'no sandbox "twice" is running' in capsys.readouterr().err


def test_what_does_not_run_is_started_under_its_name(sandbox_home: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "journal", "--name", "second"]) == 2
    assert capsys.readouterr().err.endswith("; start one with: cleanrooms-ml sandbox up --name second\n")


def test_a_failed_start_leaves_nothing(up: str) -> None:
    assert not folder_of("x").exists()
    assert main(["sandbox", "up", "--name", "x", "--durations", '{"bogus": 1}']) == 2
    assert not folder_of("x").exists()


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ('{"bogus": 1}', "--set: bogus is not known; allowed are name, id, account, status, tags, "),
        ('{"name": 5}', "--set: name is 5; a text is needed"),
        ('{"account": "x"}', "--set: account is x; allowed are twelve digits"),
        ('{"id": "a b"}', "--set: the identifier 'a b' does not match "),
    ],
)
def test_wrong_members_of_a_seed_are_refused_in_one_line(
    up: str, capsys: pytest.CaptureFixture[str], members: str, message: str
) -> None:
    assert main(["sandbox", "seed", "association", "--set", members, "--name", up]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A file where the folder should be: also the administrator cannot write there."""
    (tmp_path / "file").touch()

    done = run("sandbox", "up", "--name", "x", environment={HOME_VARIABLE: str(tmp_path / "file")})

    assert done.returncode == 2
    assert f"{tmp_path / 'file' / 'x'} cannot be used: Not a directory" in done.stderr
    assert f"name another folder in {HOME_VARIABLE}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_enough_is_no_error(up: str) -> None:
    client = Sandbox.find(up).client("cleanroomsml")
    for _ in range(3):
        client.list_audience_models()
    line = [sys.executable, "-m", "cleanrooms_ml_cli", "sandbox", "journal", "--name", up, "--json"]
    code = "import sys; print(sys.stdin.readline(), end='')"
    with subprocess.Popen(line, env=clean(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as journal:
        head = subprocess.run([sys.executable, "-c", code], stdin=journal.stdout, capture_output=True, check=True)
        assert journal.stdout is not None
        journal.stdout.close()
        assert journal.stderr is not None
        said = journal.stderr.read()

    assert json.loads(head.stdout)["operation"]
    assert said == b""
    assert journal.returncode in (0, 141)


def test_a_shell_forgets_what_would_lead_elsewhere(up: str) -> None:
    foreign = {
        "AWS_PROFILE": "of-the-user",
        "AWS_ENDPOINT_URL_S3": "https://elsewhere.example",
        "AWS_ENDPOINT_URL_CLEANROOMSML": "https://elsewhere.example",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_SESSION_TOKEN": "token",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
        "AWS_CONFIG_FILE": "/of/the/user",
    }
    exported = run("sandbox", "environment", "--name", up, "--export", environment=foreign).stdout
    assert exported

    shell = subprocess.run(
        ["sh", "-c", f"{exported}\nenv"], env={**os.environ, **foreign}, capture_output=True, text=True, check=True
    )

    seen = dict(line.split("=", 1) for line in shell.stdout.splitlines() if "=" in line)
    assert {name: seen.get(name) for name in foreign} == {**dict.fromkeys(foreign), "AWS_CONFIG_FILE": os.devnull}
    assert seen["AWS_ENDPOINT_URL"] == Sandbox.find(up).endpoint


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
    assert "pip install 'cdk-cleanrooms-ml[sandbox]'" in done.stderr  # not [cli], which lacks MiniStack
    assert not is_alive(folder_of("without-extra"))
