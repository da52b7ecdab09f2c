"""Looking again and again: until it is over, time is up, or for as long as AWS gives no answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cleanrooms_ml_cli.account.errors import CannotDo, Unreachable
from cleanrooms_ml_cli.account.stacks import DeployedStack
from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.stack.commands import seconds
from cleanrooms_ml_cli.stack.follow import Clock, Log, follow
from cleanrooms_ml_cli.stack.status import Row, Status


def _status(state: str, stack: str = "CREATE_COMPLETE") -> Status:
    row = Row("app", "Data", "MLInputChannel", "data", state.upper(), state)
    return Status(DeployedStack("app", "id", stack), (row,))


class _Time:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, self._sleep)

    def _sleep(self, span: float) -> None:
        self.now += span


def _looks(*answers: Status | Exception) -> Callable[[], Status]:
    row: Iterator[Any] = iter(answers)

    def look() -> Status:
        answer = next(row)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Status)
        return answer

    return look


def _followed(look: Callable[[], Status], **options: Any) -> tuple[Status | None, list[str]]:
    said: list[str] = []
    time = _Time()
    log = Log(lambda line: said.append(line.split("  ", 1)[1]), lambda: time.now)
    return follow(look, log.show, log.say, until=lambda it: it.is_settled, clock=time.clock, **options), said


def test_it_ends_when_nothing_changes_any_more() -> None:
    status, said = _followed(_looks(_status("pending"), _status("pending"), _status("ready")))
    assert status is not None
    assert status.is_ready
    assert [line.split("  ")[-1] for line in said if "Data" in line] == ["PENDING", "READY"]


def test_expired_credentials_are_reported_once_and_waited_through() -> None:
    expired = Unreachable("the AWS credentials have expired; sign in again")
    status, said = _followed(_looks(_status("pending"), expired, expired, _status("ready")))
    assert status is not None
    assert [line for line in said if "expired" in line] == [f"{expired}; this goes on by itself when AWS answers again"]
    assert "AWS answers again" in said


def test_at_the_first_look_they_end_it() -> None:
    with pytest.raises(Unreachable):
        _followed(_looks(Unreachable("the AWS credentials have expired")))


def test_a_refusal_ends_it_whenever_it_comes() -> None:
    with pytest.raises(CannotDo, match="no permission"):
        _followed(_looks(_status("pending"), CannotDo("no permission")))


def test_it_ends_when_time_is_up() -> None:
    status, _ = _followed(_looks(*[_status("pending")] * 100), deadline=1_000_060.0)
    assert status is None


def test_a_stack_that_is_being_changed_is_not_settled() -> None:
    assert not _status("ready", "UPDATE_IN_PROGRESS").is_settled
    assert _status("ready", "UPDATE_COMPLETE").is_ready
    assert not _status("ready", "UPDATE_ROLLBACK_COMPLETE").is_ready
    assert not _status("gone").is_ready


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets the commands see some statuses, one after the other."""

    def script(*answers: Status | Exception) -> None:
        look = _looks(*answers)
        monkeypatch.setattr("cleanrooms_ml_cli.stack.commands._looks", lambda options: look)

    return script


@pytest.mark.parametrize(
    ("states", "code"),
    [
        (["pending", "ready"], 0),
        (["pending", "failed"], 1),
        (["gone"], 1),
        (["pending"] * 50, 3),
    ],
)
def test_the_exit_code_of_wait(
    states: list[str], code: int, scripted: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    scripted(*map(_status, states))
    assert main(["wait", "app", "--timeout", "0.2s", "--interval", "0.01s"]) == code
    assert ("run it again to go on waiting" in capsys.readouterr().err) is (code == 3)


def test_a_run_that_failed_ends_a_wait_whatever_else_runs(scripted: Callable[..., None]) -> None:
    rows = (_status("failed").rows[0], _status("pending").rows[0])
    scripted(Status(DeployedStack("app", "id", "CREATE_COMPLETE"), rows))
    assert main(["wait", "app", "--timeout", "1m"]) == 1


def test_watch_writes_a_line_of_json_for_each_change(
    scripted: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    scripted(_status("pending"), _status("pending"), _status("failed"))
    assert main(["watch", "app", "--json", "--interval", "0.01s"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["resources"][0]["state"] for line in lines] == ["pending", "failed"]
    assert {"resource", "isLate"} < lines[0]["resources"][0].keys()
    assert not any("_" in key for line in lines for key in line["resources"][0])


def test_watch_draws_a_table_in_a_terminal(
    scripted: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "160")
    scripted(_status("pending"), Unreachable("the AWS credentials have expired"), _status("ready"))
    assert main(["watch", "app", "--interval", "0.01s"]) == 0
    out = capsys.readouterr().out
    assert all(text in out for text in ("READY", "MLInputChannel", "have expired"))


@pytest.mark.parametrize(("text", "expected"), [("90", 90), ("30s", 30), ("90m", 5400), ("24h", 86400), ("2d", 172800)])
def test_times(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "0h", "-1h", "1w", "soon"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(Exception, match="is no time"):
        seconds(text)
