"""Names, tags and reasons of others in the output of the command: no control characters, no forged line, no code."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.graph.mermaid import _text
from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.plan.change import Action, Change, Plan
from cleanrooms_ml_cli.plan.render import as_markdown, as_text
from cleanrooms_ml_cli.sandbox.deployment import _of_another_region
from cleanrooms_ml_cli.stack.drift import Drift
from cleanrooms_ml_cli.stack.existing import Existing, code
from cleanrooms_ml_cli.stack.follow import JsonLines, Log
from cleanrooms_ml_cli.stack.render import as_line
from cleanrooms_ml_cli.stack.status import Row

# A line of its own that GitHub obeys, a clearing of the screen, a change of the direction of text, a title of a window.
HOSTILE = "name\n::error file=app.py::forged\r\x1b[2J\u202e\x1b]0;title\x07\x9b31m"
_CODE = "Thing\nimport os\nos.system('id')"


def assert_harmless(text: str, lines: int) -> None:
    """Each line is printable, and there are no more of them than there should be."""
    shown = text.split("\n")
    assert len(shown) == lines, text
    assert all(line.isprintable() for line in shown), repr(text)
    assert not any(line.startswith("::") for line in shown)


def change(**changes: Any) -> Change:
    """A change of a plan with hostile texts."""
    texts = dict.fromkeys(("stack", "where", "kind", "deletes", "failure"), HOSTILE)
    listed = dict.fromkeys(("causes", "run", "notes"), (HOSTILE,))
    return Change(**{**texts, **listed, "action": Action.REPLACE, **changes})


def test_a_line_of_a_status() -> None:
    assert_harmless(
        as_line(Row(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, figures={HOSTILE: HOSTILE}, reason=HOSTILE)),
        1,
    )


@pytest.mark.parametrize("say", [Log(print).say, JsonLines().say], ids=["log", "JSON"])
def test_what_is_in_the_way(say: Callable[[str], None], capsys: pytest.CaptureFixture[str]) -> None:
    say(HOSTILE)
    captured = capsys.readouterr()
    assert_harmless((captured.out + captured.err).removesuffix("\n"), 1)


@pytest.mark.parametrize("command", ["import", "verify"])
def test_an_option_that_does_not_exist(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, f"--{HOSTILE}"])
    assert_harmless(capsys.readouterr().err.removesuffix("\n"), 1)


def test_the_name_of_what_is_in_another_region() -> None:
    assert_harmless(_of_another_region(HOSTILE, HOSTILE, "us-east-1", None), 1)


def test_a_drift() -> None:
    drift = Drift("app", HOSTILE, HOSTILE, HOSTILE, (), HOSTILE)
    assert_harmless("\n".join(drift.lines), 2)


def test_a_plan() -> None:
    plan = Plan(HOSTILE, False, (change(),))
    for text in (as_text([plan]), as_markdown([plan])):
        assert_harmless(text, len(text.split("\n")))
        assert "forged" in text
        assert not [line for line in text.split("\n") if line.lstrip().startswith("::")]


def test_a_comment_on_a_pull_request_shows_a_path_as_it_is() -> None:
    hostile = change(where="`<img src=x onerror=alert(1)>` | @everyone | [a](b)")
    text = as_markdown([Plan("app", False, (hostile,))])
    # All of it is code, from the first backtick to the second.
    [row] = [line for line in text.split("\n") if "onerror" in line]
    assert row.split("`")[1] == "'<img src=x onerror=alert(1)>' \\| @everyone \\| [a](b)"
    assert text.count("\n| ") == 2


def test_a_label_of_a_graph() -> None:
    assert_harmless(_text(HOSTILE), 1)


@pytest.mark.parametrize("adopt", [False, True])
@pytest.mark.parametrize("text", [HOSTILE, _CODE, '"); import os; os.system("id") #'])
def test_the_code_of_an_import_is_what_the_library_writes(text: str, adopt: bool) -> None:
    arn = "arn:aws:cleanrooms-ml:us-east-1:000000000000:audience-model/one"
    for owner in ("", text):
        found = Existing("AudienceModel", arn, text, text, owner, "from_audience_model_arn")
        written = code([found], adopt=adopt)
        tree = ast.parse(written)
        assert [type(node).__name__ for node in tree.body] == ["ImportFrom", "Assign"]
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        assert len(calls) == 1
        assert all(line.isprintable() for line in written.split("\n"))


# -- files that nobody trusts ------------------------------------------------------------------------------------------


def nested_in(file: str) -> dict[str, Any]:
    """A template with a nested stack."""
    properties = {"TemplateURL": "https://example.com"}
    metadata = {"aws:asset:path": file}
    return {
        "Resources": {"Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": properties, "Metadata": metadata}}
    }


@pytest.mark.parametrize("command", ["plan", "graph"])
@pytest.mark.parametrize("files", [["a.json"], ["a.json", "b.json"], [f"{number}.json" for number in range(40)]])
def test_a_template_that_is_nested_in_itself_ends_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, files: list[str]
) -> None:
    for file, below in zip(files, [*files[1:], files[0]], strict=True):
        (tmp_path / file).write_text(json.dumps(nested_in(below)))
    assert main([command, str(tmp_path / files[0])]) == 2
    said = capsys.readouterr().err
    assert "nested" in said
    assert "Traceback" not in said
    assert "has a fault" not in said


@pytest.mark.parametrize("command", ["check", "plan", "graph"])
@pytest.mark.parametrize("file", ["manifest.json", "app.template.json", "app.template.yaml"])
@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "- " * 20_000, "a: &a [*a]", "\x00", "9" * 10_000])
def test_a_file_of_any_depth_ends_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, file: str, text: str
) -> None:
    path = tmp_path / file
    path.write_text(text)
    assert main([command, str(tmp_path if file == "manifest.json" else path)]) == 2
    said = capsys.readouterr().err
    assert said
    assert "Traceback" not in said
    assert "has a fault" not in said
