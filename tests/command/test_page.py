"""docs/command.md: its policy is enough, its graph is that of app.py, its commands exist."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from cleanrooms_ml_cli.account.handlers import SPECS, ResourceSpec
from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.stack.existing import LISTINGS

_PAGE = (Path(__file__).parents[2] / "docs" / "command.md").read_text("utf-8")
_POLICY = json.loads(next(iter(re.findall(r"```json\n(.*?)```", _PAGE, re.DOTALL))))
_ALLOWED = [action for statement in _POLICY["Statement"] for action in statement["Action"]]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_the_policy_allows_all_that_is_read(spec: ResourceSpec) -> None:
    lookups = [lookup.operation for lookup in spec.list_lookups.values()]
    for operation in filter(None, (spec.get, spec.list, *lookups)):
        for permission in spec.permissions[operation]:
            for action in permission.actions:
                assert any(fnmatchcase(action, pattern) for pattern in _ALLOWED), action


def test_the_policy_allows_no_change() -> None:
    verbs = ("Get", "List", "Describe", "PassMembership", "PassCollaboration")
    assert all(action.split(":")[1].startswith(verbs) for action in _ALLOWED)


def test_what_is_listed_is_only_listed() -> None:
    assert all(listing.operation.startswith("List") for listing in LISTINGS)


def _commands() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", _PAGE, re.DOTALL)
    lines = [line.split("#")[0].split("&&")[-1].split() for block in blocks for line in block.splitlines()]
    return [line[1:] for line in lines if line[:1] == ["cleanrooms-ml"]]


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_a_command_of_the_page_is_one(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    # Help comes before anything is read, and after what cannot be parsed.
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    options = re.findall(r"--[a-z-]+", " ".join(command))
    text = capsys.readouterr().out
    assert all(option in text for option in options)
