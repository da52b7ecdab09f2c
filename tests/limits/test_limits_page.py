from __future__ import annotations

import sys

import pytest

import limits_page
from cleanrooms_ml_handlers.rules import CROSS_REQUEST_RULES, HARD, SOFT
from cleanrooms_ml_handlers.rules.in_flight import IN_FLIGHT
from service_operations import operations


def test_the_page_says_what_the_models_and_the_rules_say() -> None:
    assert limits_page.PAGE.read_text("utf-8") == limits_page.page(), "stale: run `make pages`"


def test_the_page_names_every_kind_operation_and_rule() -> None:
    text = limits_page.page()
    for operation in operations():
        assert f"## {operation.kind}\n" in text
        assert f"### {operation.name}\n" in text
    for rule in (*HARD, *SOFT, *CROSS_REQUEST_RULES, IN_FLIGHT):
        assert f"| `{rule.id}` | {rule.reason} |" in text


def test_a_rule_stands_beside_the_limit_that_it_narrows() -> None:
    lines = limits_page.page().splitlines()
    number = next(index for index, line in enumerate(lines) if "worker.number`" in line)
    assert lines[number].split(" | ")[1:] == ["a whole number, 2 to 1024", "service model |"]
    assert "usually at most 128 of CR.1X" in lines[number + 1]


@pytest.mark.parametrize(
    ("shape", "limit"),
    [
        ({"type": "list"}, "a list"),
        ({"type": "list", "min": 1, "max": 1}, "1 item"),
        ({"type": "map", "min": 1, "max": 1}, "1 entry"),
        ({"type": "list", "min": 2, "max": 2}, "2 items"),
        ({"type": "string", "min": 36, "max": 36}, "36 characters"),
        ({"type": "map", "max": 5}, "at most 5 entries"),
        ({"type": "string"}, "a string"),
        ({"type": "string", "enum": [*"abcdefgh"]}, "a, b, c, d, e, f, … (8 values)"),
        ({"type": "double"}, "a number"),
        ({"type": "double", "min": 0.5}, "a number, at least 0.5"),
        ({"type": "structure", "union": True, "members": {"a": {}, "b": {}}}, "exactly one of a, b"),
        ({"type": "timestamp"}, "a time"),
    ],
)
def test_limits_read_well(shape: dict[str, object], limit: str) -> None:
    assert limits_page.limit_of(shape) == limit


def test_a_stale_page_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    stale = tmp_path_factory.mktemp("docs") / "limits.md"
    monkeypatch.setattr(limits_page, "PAGE", stale)
    monkeypatch.setattr(sys, "argv", ["limits_page.py", "--check"])
    assert limits_page.main() == 1
    assert "limits.md is stale" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["limits_page.py"])
    assert limits_page.main() == 0
    assert stale.read_text("utf-8") == limits_page.page()
