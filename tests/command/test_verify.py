"""`verify`: every assumption is listed, and both sides of what the sandbox plays are seen."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.account.session import Session
from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.assumptions import ASSUMPTIONS as PLAYED
from cleanrooms_ml_cli.sandbox.assumptions import option_of
from cleanrooms_ml_cli.sandbox.state import HOME_VARIABLE
from cleanrooms_ml_cli.verify import runs as runs_module
from cleanrooms_ml_cli.verify.account import Account
from cleanrooms_ml_cli.verify.assumptions import ASSUMPTIONS
from cleanrooms_ml_cli.verify.runs import PREFIX, Runs
from cleanrooms_ml_cli.verify.seen import Price

_PAGE = (Path(__file__).parents[2] / "docs" / "assumptions.md").read_text("utf-8")
_BY_NAME = {one.name: one for one in ASSUMPTIONS}
_SIDES = [pytest.param(name, value, id=f"{name}={value}") for name, one in PLAYED.items() for value in one.values]
_RUNS = [
    pytest.param(one.name, value, id=f"{one.name}={value}") for one in ASSUMPTIONS if one.run for value in one.values
]
_TRUST = {"Effect": "Allow", "Principal": {"Service": "cleanrooms-ml.amazonaws.com"}, "Action": "sts:AssumeRole"}
_READING = ("Get", "List", "Untag")
_REGION = "eu-west-2"
_VERBS = ("create", "delete")
# Less than the data of a channel is kept: a day of that is an hour here.
_RUN_SECONDS = 600.0


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("sandboxes")))
        # Longer than a slow machine takes from one call to the next: runs end when a test lets time pass.
        durations = {verb: {"MLInputChannel": _RUN_SECONDS, "TrainedModel": _RUN_SECONDS} for verb in _VERBS}
        with Sandbox.start(durations=durations) as started:
            yield started.in_region(_REGION)


@pytest.fixture
def there(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """An empty sandbox, to which the environment leads."""
    for name, value in sandbox.variables().items():
        monkeypatch.setenv(name, value)
    sandbox.reset()
    # Tries are not about rates.
    sandbox.emulator.set_options(throttle=False)
    monkeypatch.setattr(runs_module, "Runs", lambda account: Runs(account, pausing(sandbox)))
    return sandbox


def pausing(sandbox: Sandbox) -> Callable[[float], None]:
    """What a run sleeps with: the sandbox's time passes instead, until every run is over."""
    return lambda _: sandbox.emulator.advance(_RUN_SECONDS)


class App:
    """What an app has created in a sandbox before anybody verifies anything."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._ml = sandbox.client("cleanroomsml")
        trust = json.dumps({"Version": "2012-10-17", "Statement": [_TRUST]})
        created = sandbox.client("iam").create_role(RoleName="query", AssumeRolePolicyDocument=trust)
        self.role: str = created["Role"]["Arn"]
        self._association: str = sandbox.emulator.seed(kind="ConfiguredModelAlgorithmAssociation", name="churn")["arn"]

    @property
    def _membership(self) -> str:
        return self._association.split("/")[1]

    def channel(self, name: str = "sales", **spark: str) -> str:
        """An ACTIVE channel."""
        worker = {"worker": {"type": "CR.1X", "number": 2, "properties": {"spark": spark}}}
        query = {"sqlParameters": {"queryString": "SELECT 1 FROM sales"}}
        created = self._ml.create_ml_input_channel(
            membershipIdentifier=self._membership,
            configuredModelAlgorithmAssociations=[self._association],
            name=name,
            retentionInDays=30,
            inputChannel={
                "roleArn": self.role,
                "dataSource": {
                    "protectedQueryInputParameters": {**query, **({"computeConfiguration": worker} if spark else {})}
                },
            },
        )
        self._sandbox.emulator.advance(_RUN_SECONDS)
        return str(created["mlInputChannelArn"])

    def expired(self, name: str = "old", **spark: str) -> str:
        """An INACTIVE channel."""
        arn = self.channel(name, **spark)
        self._sandbox.emulator.expire(arn)
        return arn

    def model(self) -> str:
        """An ACTIVE trained model."""
        return str(self._sandbox.emulator.seed(kind="TrainedModel", name="churn-2026")["arn"])


def verified(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, dict[str, Any]]:
    """What `verify` sees, by the name of the assumption."""
    capsys.readouterr()
    assert main(["verify", "--account", "--json", *arguments]) == 0
    return {one["name"]: one for one in json.loads(capsys.readouterr().out)["assumptions"]}


def changed_anything(sandbox: Sandbox, since: int) -> list[str]:
    entries = sandbox.emulator.journal(since=since)
    return [one["operation"] for one in entries if one["tookEffect"] and not one["operation"].startswith(_READING)]


def test_every_assumption_of_the_page_is_known_and_no_other() -> None:
    rows = [re.split(r" \| ", line.strip("| \n")) for line in _PAGE.splitlines() if line.startswith("| ")]
    told = {row[0]: row[-2] for row in rows if row[0] not in ("question", "---")}

    assert {one.question: one.library for one in ASSUMPTIONS} == told
    assert {one.name: one.values for one in ASSUMPTIONS if one.values} == {
        name: tuple(one.values) for name, one in PLAYED.items()
    }
    for one in ASSUMPTIONS:
        assert bool(one.why_not) == (one.look is None and one.run is None), one.name
        assert (one.price is Price.NOTHING) == (one.run is None), one.name


def test_without_an_account_it_lists_them_and_calls_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    assert main(["verify"]) == 0
    out = capsys.readouterr().out
    assert [line.partition(":")[0] for line in out.splitlines() if line and line[0] != " "][:-1] == list(_BY_NAME)
    assert "for two protected queries, billed in CRPU-hours" in out
    assert "seen:" not in out


def test_an_empty_account_reports_little_and_stays_empty(there: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    seen = verified(capsys)

    assert seen["undeclared-not-found"]["seen"] == "not-found"
    assert {name for name, one in seen.items() if one["seen"]} == {"undeclared-not-found"}
    assert all(one["evidence"] or _BY_NAME[name].run for name, one in seen.items())
    assert changed_anything(there, 0) == []


@pytest.mark.parametrize(("name", "value"), _SIDES)
def test_what_an_account_shows_for_free_is_seen_on_both_sides(
    name: str, value: str, there: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    app = App(there)
    arn = app.expired()
    option, side = option_of(f"{name}={value}")
    there.emulator.set_options(**{option: side})
    frees = name == "inactive-frees-name" and value == "yes"
    accepted = name == "unlisted-spark-keys" and value == "accepted"
    if frees or accepted:
        app.channel("old" if frees else "new", **({"spark.unheard.of": "1"} if accepted else {}))
    since = there.emulator.journal()[-1]["number"]

    (found,) = verified(capsys, "--only", name).values()

    # What only a run can show, and what the absence of something does not prove.
    silent = {"busy-delete", "deleting-holds", "new-version", "latest-version"} | (
        {name} if name in ("inactive-frees-name", "unlisted-spark-keys") else set()
    )
    assert found["seen"] == (value if frees or accepted or name not in silent else "")
    assert found["assume"] == (f"{name}={value}" if found["seen"] else "")
    assert changed_anything(there, since) == []
    assert arn not in json.dumps(found)


@pytest.mark.parametrize(("name", "value"), _RUNS)
def test_a_run_reports_which_side_holds_and_leaves_nothing(
    name: str, value: str, there: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    app = App(there)
    app.channel()
    app.model()
    option, side = option_of(f"{name}={value}")
    there.emulator.set_options(**{option: side})
    before = {record["arn"] for record in there.emulator.records()}

    assert main(["verify", "--account", "--try", name, "--json"]) == 0

    out, err = capsys.readouterr()
    (found,) = json.loads(out)["assumptions"]
    assert found["seen"] == value, found
    assert found["assume"] == f"{name}={value}"
    assert f"{name} takes {_BY_NAME[name].price}" in err
    new = [record for record in there.emulator.records() if record["arn"] not in before]
    assert new or value == "refused"
    assert {(record["name"].startswith(PREFIX), record["status"]) for record in new} <= {(True, "INACTIVE")}


def test_the_figures_of_jobs_and_channels_are_looked_at(there: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    role = App(there).role
    model = there.emulator.seed(kind="ConfiguredAudienceModel", name="lookalike")
    output = next(it for it in there.emulator.records() if it["arn"] == model["arn"])["data"]["outputConfig"]
    bucket = output["destination"]["s3Destination"]["s3Uri"].split("/")[2]
    there.client("cleanroomsml").start_audience_generation_job(
        name="november",
        configuredAudienceModelArn=model["arn"],
        seedAudience={"dataSource": {"s3Uri": f"s3://{bucket}/seed.jsonl"}, "roleArn": role},
    )
    there.emulator.advance(_RUN_SECONDS)

    seen = verified(capsys)

    assert seen["relevance"]["seen"] == "yes"
    assert seen["seed-in-output-bucket"]["seen"] == "yes"


def test_the_text_says_what_was_seen_and_which_way_the_library_goes(
    there: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--account", "000000000000", "--only", "undeclared-not-found", "--only", "busy-delete"]) == 0
    out = capsys.readouterr().out

    assert "seen: not-found (GetCollaboration of what does not exist: ResourceNotFoundException)" in out
    assert "the sandbox plays it as it does by default" in out
    assert "to try: --account --try busy-delete, for one protected query" in out
    assert out.endswith("2 assumptions, 1 seen\n")


def test_what_cannot_be_removed_is_said(there: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    App(there).channel()
    there.emulator.add_fault("DeleteMLInputChannelData", error_code="AccessDeniedException", count=100, http_status=403)

    assert main(["verify", "--account", "--try", "inactive-figures"]) == 1
    assert "not removed: no permission:" in capsys.readouterr().err


def test_an_interrupted_run_is_removed(there: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    App(there).channel()
    runs = Runs(Account(Session()), pausing(there))

    def interrupted() -> None:
        with runs:
            runs.channel()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    (record,) = (it for it in there.emulator.records() if it["name"].startswith(PREFIX))
    assert (record["status"], runs.left) == ("INACTIVE", [])
    assert "removing what was created" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--only", "nonsense"], "nonsense is no assumption; choose one of inactive-frees-name"),
        (["--account", "--try", "relevance"], "no run shows relevance; --try takes inactive-frees-name"),
        (["--try", "busy-delete"], "--try needs --account"),
        (["--account", "111122223333"], "the credentials are of another account than 111122223333"),
        (["--account", "--try", "busy-delete"], "the account has no channel whose query could be repeated"),
        (["--account", "--profile", "nobody"], "--profile"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_in_the_way_is_one_line(
    arguments: list[str], words: str, there: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    _assert_one_line(arguments, words, capsys)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDeniedException", "no permission: An internal error occurred (ListConfiguredAudienceModels)"),
        ("ExpiredTokenException", "the AWS credentials have expired (ListConfiguredAudienceModels)"),
        ("UnrecognizedClientException", "AWS does not accept the credentials"),
    ],
)
def test_a_refused_caller_is_one_line(
    code: str, words: str, there: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    there.emulator.add_fault("ListConfiguredAudienceModels", error_code=code, count=100, http_status=403)
    _assert_one_line(["--account"], words, capsys)


def test_without_credentials_it_says_so(
    there: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    _assert_one_line(["--account"], "no AWS credentials were found", capsys)


def test_where_nothing_answers_it_says_so(
    there: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        _assert_one_line(["--account"], "nothing answers at http://127.0.0.1", capsys)


def test_a_region_without_the_service_is_reported(
    there: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The name of its endpoint leads nowhere; everything else answers."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLEANROOMSML", "http://cleanrooms-ml.mars-1.invalid")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    _assert_one_line(["--account", "--region", "mars-1"], "has no documented endpoint there; pass --region", capsys)


def test_a_read_that_is_refused_does_not_stop_the_others(there: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    there.emulator.add_fault("ListMemberships", error_code="AccessDeniedException", count=100, http_status=403)
    seen = verified(capsys)

    assert seen["inactive-figures"]["evidence"] == "the caller may not read what would show it"
    assert seen["undeclared-not-found"]["seen"] == "not-found"


def test_what_was_read_once_is_not_read_again(there: Sandbox) -> None:
    account = Account(Session())
    assert account.channels == account.channels == []

    assert len(there.emulator.journal("ListMemberships")) == 1


def _assert_one_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["verify", *arguments]) == 2
    out, err = capsys.readouterr()
    last = err.splitlines()[-1]
    assert words in last
    assert last.startswith("cleanrooms-ml: ")
    assert "Traceback" not in err
    assert out == ""
