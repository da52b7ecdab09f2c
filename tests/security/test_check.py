"""``cleanrooms-ml check`` on templates that an attacker wrote: no forged reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cleanrooms_ml_cli.check.command import FORMATS
from cleanrooms_ml_policy.visible import visible

from .checking import CHANNEL, Check, checked_apart, write

# What an attacker gets in if the check does not see to it: each begins a line, moves the cursor or reverses text.
ATTACKS = (
    "\n::error file=app.py,line=1::forged\n",
    "\r\x1b[2K\x1b[1Ano violations in 1 resource of 1 template\r\n",
    "\x1b]8;;https://example.com\x07link\x1b]8;;\x07",
    "\x9b31m\x85::warning::forged\u2028::warning::forged",
    "\u202egnihton\u2066\u200b\ufeff",
    "##vso[task.setvariable variable=PATH]/tmp",
    "##[error]forged",
    "##teamcity[testFinished name='forged']",
)


def assert_not_forged(text: str) -> None:
    """No character but the ends of lines does anything, and no line is a command of a build server."""
    assert [char for char in text if not (char.isprintable() or char == "\n")] == []
    for line in text.split("\n"):
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line
        assert "##teamcity[" not in line


def hostile(attack: str) -> dict[str, Any]:
    """A template with an attack in everything that a finding shows."""
    channel = {
        "Type": CHANNEL,
        "Metadata": {"aws:cdk:path": f"App/{attack}/Resource"},
        "Properties": {attack: 1, "name": attack, "kmsKeyArn": [attack], "tags": {attack: {attack: 1}}},
    }
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": f"gone{attack}.json"}}
    return {
        "Resources": {
            f"Channel{attack}": channel,
            "Kind": {"Type": f"Custom::CleanRoomsML-{attack}", "Properties": {}},
            attack: {"Type": CHANNEL, "Properties": {}},
            f"Fn::ForEach::{attack}": ["x", ["a"], {"${x}": channel}],
            f"Child{attack}": nested,
        }
    }


@pytest.mark.parametrize("attack", ATTACKS, ids=ascii)
@pytest.mark.parametrize("form", FORMATS)
def test_no_text_of_a_template_forges_a_report(tmp_path: Path, check: Check, form: str, attack: str) -> None:
    write(tmp_path / "a.json", hostile(attack))
    done = check("a.json", "--format", form)
    assert (done.returncode, done.stderr) == (1, "")
    assert_not_forged(done.stdout)
    assert "forged" not in attack or "forged" in done.stdout


@pytest.mark.parametrize("attack", ATTACKS, ids=ascii)
def test_what_a_program_reads_from_a_report_forges_nothing_either(tmp_path: Path, check: Check, attack: str) -> None:
    write(tmp_path / "a.json", hostile(attack))
    found = json.loads(check("a.json", "--format", "json").stdout)["findings"]
    sarif = json.loads(check("a.json", "--format", "sarif").stdout)["runs"][0]["results"]
    junit = ElementTree.fromstring(check("a.json", "--format", "junit").stdout)
    texts = [value for finding in found for value in finding.values() if isinstance(value, str)]
    texts += [result["message"]["text"] for result in sarif]
    texts += [value for case in junit.iter("testcase") for value in case.attrib.values()]
    texts += [child.text or "" for case in junit.iter("testcase") for child in case]
    assert len(texts) > 20
    for text in texts:
        assert "\n" not in text
        assert_not_forged(text)


@pytest.mark.parametrize("form", FORMATS)
def test_no_reason_of_an_acknowledgement_forges_a_report(tmp_path: Path, form: str) -> None:
    """Here in a process of its own, whose output is a pipe's."""
    attack = "".join(ATTACKS)
    write(tmp_path / "cdk.out/a.json", {"Resources": {"Channel": {"Type": CHANNEL, "Properties": {}}}})
    artifact = {
        "type": "aws:cloudformation:stack",
        "properties": {"templateFile": "a.json"},
        "metadata": {
            "/A/Channel": [{"type": "aws:cdk:logicalId", "data": "Channel"}],
            "/A": [
                {
                    "type": "aws:cdk:acknowledged-rules",
                    "data": {"CleanRoomsMLChecks::cleanrooms-ml:required": f"agreed{attack}"},
                }
            ],
        },
    }
    write(tmp_path / "cdk.out/manifest.json", {"artifacts": {"A": artifact}})
    done = checked_apart(tmp_path, "--format", form)
    assert (done.returncode, done.stderr) == (0, "")
    assert "agreed" in done.stdout
    assert_not_forged(done.stdout)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["\n::error::forged", "::error::forged", f"{'x' * 140} ::error::forged"], ids=ascii)
def test_no_file_name_forges_a_report(tmp_path: Path, check: Check, form: str, name: str) -> None:
    write(tmp_path / name, hostile("x"))
    done = check(f"./{name}", "--format", form)
    assert done.returncode == 1
    assert_not_forged(done.stdout)


@pytest.mark.parametrize("attack", ATTACKS, ids=ascii)
@pytest.mark.parametrize(
    "files",
    [
        lambda attack: {"manifest.json": {"artifacts": {attack: {"type": "aws:cloudformation:stack"}}}},
        lambda attack: {
            "manifest.json": {
                "artifacts": {"S": {"type": "cdk:cloud-assembly", "properties": {"directoryName": attack}}}
            }
        },
        lambda attack: {"a.yaml": f"Resources: {{{json.dumps(attack)}: 1, {json.dumps(attack)}: 2}}"},
        lambda attack: {"cleanrooms-ml.toml": f"[policy]\n{json.dumps(attack)} = 1", "a.json": {"Resources": {}}},
        lambda attack: {"cleanrooms-ml.toml": f"{json.dumps(attack)} = 1", "a.json": {"Resources": {}}},
    ],
    ids=["stack", "assembly", "key", "setting", "table"],
)
def test_no_error_message_is_forged(
    tmp_path: Path, check: Check, files: Callable[[str], dict[str, Any]], attack: str
) -> None:
    for name, content in files(attack).items():
        write(tmp_path / "d" / name, content)
    (path,) = [one for one in (tmp_path / "d").iterdir() if one.suffix != ".toml"]
    done = check("d" if path.name == "manifest.json" else f"d/{path.name}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert_not_forged(done.stderr)


def test_an_escape_shows_which_character_it_is() -> None:
    assert visible("a\x1b[0m\n\u202eb\x9b ä\ud800") == r"a\u001b[0m\n\u202eb\u009b ä\ud800"
    assert visible("##vso[x] ##[y] # ##") == r"#\u0023vso[x] #\u0023[y] # ##"
