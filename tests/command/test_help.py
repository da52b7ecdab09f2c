"""`--help`: every command has an example that it accepts."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator

import pytest

from cleanrooms_ml_cli.main import _COMMANDS, main
from cleanrooms_ml_cli.parser import PROGRAM, Parser
from cleanrooms_ml_cli.sandbox import commands as sandbox

_EXAMPLE = re.compile(r"Example: (.+?)(?:\. |\.$|$)")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog=PROGRAM)
    groups = parser.add_subparsers(dest="command")
    for each in (*_COMMANDS, sandbox):
        each.add_to(groups)
    return parser


def _below(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield each
                yield from _below(each)


COMMANDS = {one.prog.removeprefix(f"{PROGRAM} "): one for one in _below(_parser())}


def _lines(example: str) -> list[list[str]]:
    """The calls of the command in an example, as lists of arguments."""
    parts = re.split(r"&&|\||>", re.sub(r'eval "\$\((.*)\)"', r"\1", example))
    return [words[1:] for words in map(shlex.split, parts) if words[:1] == [PROGRAM]]


def test_the_commands_are_those_of_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert all(re.search(rf"^ +{name}\b", out, re.MULTILINE) for name in COMMANDS if " " not in name)
    assert len(COMMANDS) >= 22
    assert f"Example: {PROGRAM} plan cdk.out" in out


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_an_example_that_it_accepts(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*name.split(), "--help"])
    assert ended.value.code == 0
    shown = _EXAMPLE.search(" ".join(capsys.readouterr().out.split()))
    written = _EXAMPLE.search(COMMANDS[name].epilog or "")
    assert shown is not None
    assert written is not None
    lines = _lines(written[1])
    assert any(line[: len(name.split())] == name.split() for line in lines), written[1]
    for line in lines:
        own = line[: line.index("--")] if "--" in line else line
        # What cannot be parsed ends with SystemExit.
        options = _parser().parse_args(own)
        assert options.takes_extra or own == line
