"""Templates in YAML, with the short forms of CloudFormation's functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.check.source import load
from cleanrooms_ml_cli.check.yaml_template import load_yaml
from cleanrooms_ml_policy.reading import UnreadableTemplate


def read(folder: Path, text: str) -> Any:
    """The content of a YAML file."""
    path = folder / "template.yaml"
    path.write_text(text, encoding="utf-8")
    return load_yaml(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!GetAtt A.Arn", {"Fn::GetAtt": ["A", "Arn"]}),
        ("!GetAtt A.Outputs.Arn", {"Fn::GetAtt": ["A", "Outputs.Arn"]}),
        ("!GetAtt [A, Arn]", {"Fn::GetAtt": ["A", "Arn"]}),
        ("!Sub 's3://${A}/x'", {"Fn::Sub": "s3://${A}/x"}),
        ("!Sub ['${x}', {x: !Ref A}]", {"Fn::Sub": ["${x}", {"x": {"Ref": "A"}}]}),
        ("!Join ['', [a, !Ref A]]", {"Fn::Join": ["", ["a", {"Ref": "A"}]]}),
        ("!If [C, 1, !Ref AWS::NoValue]", {"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}),
        ("!Select [0, !Split [',', a]]", {"Fn::Select": [0, {"Fn::Split": [",", "a"]}]}),
        ("!ImportValue x", {"Fn::ImportValue": "x"}),
        ("!FindInMap [a, b, c]", {"Fn::FindInMap": ["a", "b", "c"]}),
        ("!Transform {Name: AWS::Include}", {"Fn::Transform": {"Name": "AWS::Include"}}),
        ("!Condition C", {"Condition": "C"}),
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("16", 16),
        ("true", True),
    ],
)
def test_a_short_form_is_its_function(tmp_path: Path, text: str, value: Any) -> None:
    assert read(tmp_path, f"a: {text}") == {"a": value}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b: c", "line 1: is not YAML"),
        ("a: 1\na: 2", "line 2: is not YAML: the key 'a' is there twice"),
        ("a: !Sub\n  - x: 1\n    x: 2", "line 3: is not YAML: the key 'x' is there twice"),
        ("? [a]\n: b", "is not YAML"),
        ("a: *nothing", "is not YAML"),
        ("--- a\n--- b", "is not YAML"),
        ("a: !!python/object/apply:os.getcwd []", "is not YAML"),
        ("\x00", "is not YAML"),
    ],
)
def test_invalid_yaml_is_an_error_with_a_reason(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UnreadableTemplate) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["x.yaml", "x.yml", "x.template"])
def test_json_is_known_by_its_first_character_and_yaml_by_the_rest(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('\n {"Resources": {}}')
    assert load(path) == {"Resources": {}}
    path.write_text("# a comment\nResources: {}\n")
    assert load(path) == {"Resources": {}}


@pytest.mark.parametrize(
    ("content", "message"), [(b"- a", "is not a template"), (b"a: 1", "it has no Resources"), (b"\xff", "is not UTF-8")]
)
def test_yaml_that_is_not_a_template_is_an_error_with_a_reason(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(UnreadableTemplate) as caught:
        load(path)
    assert message in str(caught.value)
