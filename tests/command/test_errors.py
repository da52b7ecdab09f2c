"""Whatever is in the way is one line that says what to do, and exit code 2."""

from __future__ import annotations

import builtins
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import botocore.exceptions as aws
import pytest

from cleanrooms_ml_cli.account.errors import Unreachable
from cleanrooms_ml_cli.account.service import Service
from cleanrooms_ml_cli.account.session import Session, translated
from cleanrooms_ml_cli.main import main
from cleanrooms_ml_handlers.model import DATA_PATH
from cleanrooms_ml_simulator.templates import channel, template

_COMMANDS = (["status", "app"], ["watch", "app"], ["wait", "app"], ["drift", "app"], ["import"])


def _refused(code: str, message: str = "no") -> aws.ClientError:
    return aws.ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (aws.NoCredentialsError(), "no AWS credentials were found; set AWS_PROFILE"),
        (aws.ProfileNotFound(profile="mine"), "pass another --profile"),
        (aws.NoRegionError(), "pass --region"),
        (_refused("ExpiredToken"), "have expired"),
        (_refused("InvalidClientTokenId"), "does not accept the credentials"),
        (_refused("AccessDenied", "User x is not authorized to perform: y"), "no permission: User x is not"),
        (_refused("Throttling"), "try again in a minute"),
        (_refused("ValidationError", "Stack with id app does not exist"), "app does not exist; look at the name"),
        (_refused("Odd", "words\nof two lines"), "Odd: words of two lines"),
        (aws.EndpointConnectionError(endpoint_url="https://cleanrooms-ml.us-east-1.amazonaws.com"), "look at the net"),
        (
            aws.EndpointConnectionError(endpoint_url="https://cleanrooms-ml.mars-1.amazonaws.com"),
            "has no documented endpoint there",
        ),
        (aws.ReadTimeoutError(endpoint_url="https://x"), "cannot be reached"),
        (aws.UnauthorizedSSOTokenError(), "sign in again"),
        (aws.SSLError(endpoint_url="https://x", error="bad certificate"), "look at the network and the proxy"),
    ],
)
def test_an_error_of_boto3_is_one_line(error: Exception, words: str) -> None:
    line = str(translated(error, "mars-1" if "mars" in str(error) else "us-east-1"))
    assert words in line
    assert "\n" not in line


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "Throttling"])
def test_what_passes_by_itself_is_reported_from_what_does_not(code: str) -> None:
    assert isinstance(translated(_refused(code), ""), Unreachable)
    assert not isinstance(translated(_refused("AccessDenied"), ""), Unreachable)


@pytest.mark.parametrize("command", _COMMANDS, ids=lambda command: command[0])
def test_without_credentials_a_command_says_so(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    _assert_one_line(command, "no AWS credentials", capsys)


@pytest.mark.parametrize("command", _COMMANDS, ids=lambda command: command[0])
def test_where_nothing_answers_a_command_says_so(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        _assert_one_line(command, "sandbox up", capsys)


def test_the_client_of_clean_rooms_ml_has_the_model_of_the_functions() -> None:
    # A Region's boto3 may know less; who pays is read with AWS's own model, which knows more.
    session = Session(region="us-east-1")
    assert Path(Service(session)._client.model_path).is_relative_to(DATA_PATH)
    assert "list_members" in dir(session.client("cleanrooms"))


def test_an_unknown_profile_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    _assert_one_line(["status", "app", "--profile", "nobody"], "--profile", capsys)


def test_without_a_region_a_command_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    _assert_one_line(["status", "app"], "pass --region", capsys)


@pytest.mark.parametrize(
    ("option", "variables", "expected"),
    [
        (None, {"AWS_REGION": "eu-west-1"}, "eu-west-1"),
        (None, {"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        (None, {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-1"),
        (None, {"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        ("us-west-2", {"AWS_REGION": "eu-west-1"}, "us-west-2"),
    ],
    ids=str,
)
def test_the_region_is_that_of_the_cdk_and_the_aws_cli(
    option: str | None, variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    session = Session(region=option)
    assert session.region == expected
    # The functions' own client asks the same Region.
    assert session.core.get_config_variable("region") == expected


@pytest.mark.parametrize("missing", ["boto3", "rich"])
def test_a_missing_package_is_reported_with_how_to_install_it(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == missing:
            raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    command = ["status", "app"] if missing == "boto3" else ["watch", "app"]
    _assert_one_line(command, f"{missing} is not installed; install it with: pip install", capsys)


def test_a_graph_needs_neither_boto3_nor_rich(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        assert name.split(".")[0] not in ("boto3", "botocore", "rich", "yaml")
        return real(name, *rest, **more)

    (tmp_path / "a.json").write_text(json.dumps(template(channel())))
    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["graph", str(tmp_path / "a.json")]) == 0
    assert capsys.readouterr().out.startswith("flowchart")


@pytest.mark.parametrize(
    "resources", [{"Fn::ForEach::All": []}, {"Channel": {"Type": "x", "Properties": []}}, {"Channel": "nothing"}]
)
def test_a_template_that_cannot_be_planned_is_reported(
    resources: Mapping[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"Resources": resources}))
    _assert_one_line(["plan", str(tmp_path / "a.json")], "a.json", capsys)


@pytest.mark.parametrize("command", ["plan", "graph"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "run cdk synth first"),
        ({}, "has no manifest.json"),
        ({"manifest.json": "{"}, "run cdk synth again"),
        ({"manifest.json": json.dumps({"artifacts": {}})}, "has no stacks"),
        (
            {
                "manifest.json": json.dumps(
                    {"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "a.json"}}}}
                ),
                "a.json": json.dumps({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}),
            },
            "has Clean Rooms ML resources",
        ),
    ],
    ids=["nothing", "no assembly", "broken", "empty", "another app"],
)
def test_a_path_that_is_no_app_of_ours_is_reported(
    command: str,
    content: Mapping[str, str] | None,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "cdk.out").mkdir()
        for name, text in content.items():
            (tmp_path / "cdk.out" / name).write_text(text)
    _assert_one_line([command], words, capsys)


def test_a_stack_that_the_app_has_not_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cdk.out"
    path.mkdir()
    artifact = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "a.json"}}
    (path / "manifest.json").write_text(json.dumps({"artifacts": {"A": artifact}}))
    (path / "a.json").write_text(json.dumps(template(channel())))
    _assert_one_line(["graph", str(path), "--stack", "B"], "has no stack B; it has A", capsys)


def test_a_kind_that_is_none_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    _assert_one_line(["import", "--kind", "Nonsense"], "Nonsense is no kind", capsys)


def _assert_one_line(command: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 2
    out, err = capsys.readouterr()
    assert words in err
    assert err.startswith("cleanrooms-ml: ")
    assert err.count("\n") == 1, err
    assert out == ""
