"""``cleanrooms-ml check`` on templates that an attacker wrote: no forged reports, bounded time and memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cleanrooms_ml_cli.check.command import FORMATS
from cleanrooms_ml_cli.check.source import MAX_NESTED_ASSEMBLIES
from cleanrooms_ml_cli.check.yaml_bounds import MAX_VALUES
from cleanrooms_ml_policy import check_template
from cleanrooms_ml_policy.reading import MAX_DEPTH, MAX_TEMPLATE_BYTES
from cleanrooms_ml_policy.template import MAX_BRANCHES
from cleanrooms_ml_policy.visible import visible

ROOTS = [str(Path(__file__).parents[2] / name) for name in ("constructs", "custom_resources", "cli")]
CHANNEL = "Custom::CleanRoomsML-MLInputChannel"
MEGABYTES = 1024 * 1024
# What is bounded takes a tenth of it; what is not takes hours.
_CPU_SECONDS = 120
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


def check(folder: Path, *arguments: object, megabytes: int = 300) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process with bounded memory and CPU time, which does not depend on what else runs."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * MEGABYTES, megabytes * MEGABYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "cleanrooms_ml_cli", "check", *map(str, arguments)],
        cwd=folder,
        env=environment,
        preexec_fn=limit,
        capture_output=True,
        encoding="utf-8",
    )


def write(path: Path, content: Any) -> Path:
    """A file of JSON, or of text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


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
def test_no_text_of_a_template_forges_a_report(tmp_path: Path, form: str, attack: str) -> None:
    write(tmp_path / "a.json", hostile(attack))
    done = check(tmp_path, "a.json", "--format", form)
    assert (done.returncode, done.stderr) == (1, "")
    assert_not_forged(done.stdout)
    assert "forged" not in attack or "forged" in done.stdout


@pytest.mark.parametrize("attack", ATTACKS, ids=ascii)
def test_what_a_program_reads_from_a_report_forges_nothing_either(tmp_path: Path, attack: str) -> None:
    write(tmp_path / "a.json", hostile(attack))
    found = json.loads(check(tmp_path, "a.json", "--format", "json").stdout)["findings"]
    sarif = json.loads(check(tmp_path, "a.json", "--format", "sarif").stdout)["runs"][0]["results"]
    junit = ElementTree.fromstring(check(tmp_path, "a.json", "--format", "junit").stdout)
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
    done = check(tmp_path, "--format", form)
    assert (done.returncode, done.stderr) == (0, "")
    assert "agreed" in done.stdout
    assert_not_forged(done.stdout)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["\n::error::forged", "::error::forged", f"{'x' * 140} ::error::forged"], ids=ascii)
def test_no_file_name_forges_a_report(tmp_path: Path, form: str, name: str) -> None:
    write(tmp_path / name, hostile("x"))
    done = check(tmp_path, f"./{name}", "--format", form)
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
def test_no_error_message_is_forged(tmp_path: Path, files: Callable[[str], dict[str, Any]], attack: str) -> None:
    for name, content in files(attack).items():
        write(tmp_path / "d" / name, content)
    (path,) = [one for one in (tmp_path / "d").iterdir() if one.suffix != ".toml"]
    done = check(tmp_path, "d" if path.name == "manifest.json" else f"d/{path.name}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert_not_forged(done.stderr)


def test_an_escape_shows_which_character_it_is() -> None:
    assert visible("a\x1b[0m\n\u202eb\x9b ä\ud800") == r"a\u001b[0m\n\u202eb\u009b ä\ud800"
    assert visible("##vso[x] ##[y] # ##") == r"#\u0023vso[x] #\u0023[y] # ##"


# -- time and memory ---------------------------------------------------------------------------------------

MERGE_BOMB = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{'<<': [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 9)
)
ALIAS_BOMB = "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
DEEP = MAX_DEPTH + 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.yaml", f"{MERGE_BOMB}Resources: {{}}", f"has more than {MAX_VALUES} values"),
        ("a.yaml", MERGE_BOMB.replace("'<<'", "<<"), f"has more than {MAX_VALUES} values"),
        ("a.yaml", f"{ALIAS_BOMB}Resources: {{}}", f"has more than {MAX_VALUES} values"),
        ("a.yaml", "Resources: &a {Self: *a}", "the alias *a contains itself"),
        ("a.yaml", f"Resources: {'[' * 100_000}", f"is nested more than {MAX_DEPTH} levels deep"),
        ("a.yaml", f"Resources: {'{a: ' * DEEP}{'}' * DEEP}", f"is nested more than {MAX_DEPTH} levels deep"),
        (
            "a.yaml",
            "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, DEEP)),
            f"is nested more than {MAX_DEPTH} levels deep",
        ),
        ("a.yaml", f"Resources: [{'[],' * 400_000}]", f"has more than {MAX_VALUES} values"),
        ("a.yaml", f"# {'x' * MAX_TEMPLATE_BYTES}\nResources: {{}}", "has more than 4 MB"),
        ("a.json", f'{{"Resources": {{}}, "x": "{"x" * MAX_TEMPLATE_BYTES}"}}', "has more than 4 MB"),
        ("a.json", f'{{"Resources": {{"A": {"[" * 100_000}', f"is nested more than {MAX_DEPTH} levels deep"),
        (
            "a.json",
            f'{{"Resources": {{"A": {"[" * DEEP}{"]" * DEEP}}}}}',
            f"is nested more than {MAX_DEPTH} levels deep",
        ),
    ],
    ids=[
        *("merges", "merges that are none", "aliases", "circle", "YAML lists", "YAML maps", "aliases in aliases"),
        *("values", "YAML size", "JSON size", "open JSON lists", "JSON lists"),
    ],
)
def test_a_bomb_is_refused_by_name(tmp_path: Path, name: str, content: str, message: str) -> None:
    write(tmp_path / name, content)
    done = check(tmp_path, name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"cleanrooms-ml: {name}: {message}")
    assert done.stderr.count("\n") == 1


def test_a_template_of_aliases_and_merges_within_the_bounds_is_read(tmp_path: Path) -> None:
    text = f"""
    Common: &common {{Type: {CHANNEL}, Properties: &properties {{retentionInDays: 31}}}}
    Resources:
      A: *common
      B: {{<<: *common, Properties: {{<<: *properties, retentionInDays: 32}}}}
    """
    write(tmp_path / "a.yaml", text)
    found = json.loads(check(tmp_path, "a.yaml", "--format", "json").stdout)["findings"]
    ranges = [one["problem"].split(";")[0] for one in found if one["rule"] == "cleanrooms-ml:range"]
    assert ranges == ["retentionInDays is 31", "retentionInDays is 32"]


@pytest.mark.parametrize("device", ["/dev/zero", "file:///dev/zero", "pipe"])
def test_a_nested_template_that_never_ends_is_not_read(tmp_path: Path, device: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    stack = {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": device.removeprefix("file://")}}
    write(tmp_path / "a.json", {"Resources": {"Child": stack}})
    done = check(tmp_path, "a.json", "--format", "text")
    assert done.returncode == 1, done.stderr
    assert "is not checked: is not a file" in done.stdout


def test_one_nested_template_that_many_stacks_name_is_read_once(tmp_path: Path) -> None:
    child = {"Resources": {"Channel": {"Type": CHANNEL, "Properties": {}}}, "x": [[]] * 100_000}
    write(tmp_path / "child.json", child)
    stacks = {
        f"S{n}": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": f"{'./' * n}child.json"}}
        for n in range(500)
    }
    write(tmp_path / "a.json", {"Resources": stacks})
    done = check(tmp_path, "a.json", "--format", "json")
    assert done.returncode == 1, done.stderr
    assert len(json.loads(done.stdout)["templates"]) == 2


def test_branches_of_conditions_are_bounded() -> None:
    tags = {f"t{n}": {"Fn::If": ["c", "a", {"Fn::If": ["d", "b", "c"]}]} for n in range(MAX_BRANCHES)}
    found = check_template({"Resources": {"Channel": {"Type": CHANNEL, "Properties": {"tags": tags}}}})
    assert "cleanrooms-ml:not-checked" in {finding.rule for finding in found}
    few = dict(list(tags.items())[:40])
    found = check_template({"Resources": {"Channel": {"Type": CHANNEL, "Properties": {"tags": few}}}})
    assert "cleanrooms-ml:not-checked" not in {finding.rule for finding in found}


def test_a_template_full_of_conditions_takes_seconds(tmp_path: Path) -> None:
    branch = {"Fn::If": ["c", 1, 2]}
    channel = {"Type": CHANNEL, "Properties": {"configuredModelAlgorithmAssociations": [branch] * 20_000}}
    write(tmp_path / "a.json", {"Resources": {"Channel": channel}})
    done = check(tmp_path, "a.json", "--format", "text")
    assert done.returncode == 1, done.stderr
    assert f"has more than {MAX_BRANCHES} branches of conditions" in done.stdout


def test_a_template_full_of_runs_takes_seconds(tmp_path: Path) -> None:
    runs = {
        f"M{n}": {"Type": "Custom::CleanRoomsML-AudienceModel", "DependsOn": f"W{n - 1}", "Properties": {}}
        for n in range(3000)
    }
    waits = {
        f"W{n}": {
            "Type": "Custom::CleanRoomsML-Wait",
            "Properties": {"Kind": "AudienceModel", "Arn": {"Ref": f"M{n}"}},
        }
        for n in range(3000)
    }
    write(tmp_path / "a.json", {"Resources": {**runs, **waits}})
    done = check(tmp_path, "a.json", "--format", "json")
    assert done.returncode == 1, done.stderr


# -- nested assemblies -------------------------------------------------------------------------------------


def assembly(folder: Path, *nested: str) -> None:
    """A cloud assembly with nested ones, as its manifest names them."""
    artifacts = {
        f"N{number}": {"type": "cdk:cloud-assembly", "properties": {"directoryName": name}}
        for number, name in enumerate(nested)
    }
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "a.json"}}
    write(folder / "a.json", {"Resources": {}})
    write(folder / "manifest.json", {"artifacts": {"Stack": stack, **artifacts}})


@pytest.mark.parametrize("name", [".", "./", "../d", "link"])
def test_an_assembly_in_itself_is_refused_by_name(tmp_path: Path, name: str) -> None:
    assembly(tmp_path / "d", name)
    (tmp_path / "d" / "link").symlink_to(tmp_path / "d")
    done = check(tmp_path, "d")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("cleanrooms-ml: d/manifest.json: the nested assembly N0, d")
    assert done.stderr.endswith("contains itself; synthesize the app again\n")


def test_assemblies_that_nest_each_other_are_refused_by_name(tmp_path: Path) -> None:
    assembly(tmp_path / "d", "e")
    assembly(tmp_path / "d/e", "../../d")
    done = check(tmp_path, "d")
    assert done.returncode == 2
    assert "d/e/manifest.json: the nested assembly N0, d/e/../../d, contains itself" in done.stderr


def test_assemblies_that_nest_too_deep_are_refused_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    for _ in range(40):
        assembly(folder, "n")
        folder /= "n"
    assembly(folder)
    done = check(tmp_path, "d")
    assert done.returncode == 2
    assert (
        f"the nested assembly N0 is more than {MAX_NESTED_ASSEMBLIES} levels deep; pass its folder as a path"
        in done.stderr
    )


def test_an_assembly_that_many_name_is_read_once(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    for _ in range(10):
        # Ten to the power of ten paths lead to the innermost one.
        assembly(folder, *(["n"] * 10))
        folder /= "n"
    assembly(folder)
    assert check(tmp_path, "d").returncode == 0
