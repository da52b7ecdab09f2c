"""``cleanrooms-ml check`` on templates that an attacker wrote: bounded time and memory."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cleanrooms_ml_cli.check.source import MAX_NESTED_ASSEMBLIES
from cleanrooms_ml_cli.check.yaml_bounds import MAX_VALUES
from cleanrooms_ml_policy import check_template
from cleanrooms_ml_policy.reading import MAX_DEPTH, MAX_TEMPLATE_BYTES
from cleanrooms_ml_policy.template import MAX_BRANCHES

from .checking import CHANNEL, checked_apart, write

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
    done = checked_apart(tmp_path, name)
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
    found = json.loads(checked_apart(tmp_path, "a.yaml", "--format", "json").stdout)["findings"]
    ranges = [one["problem"].split(";")[0] for one in found if one["rule"] == "cleanrooms-ml:range"]
    assert ranges == ["retentionInDays is 31", "retentionInDays is 32"]


@pytest.mark.parametrize("device", ["/dev/zero", "file:///dev/zero", "pipe"])
def test_a_nested_template_that_never_ends_is_not_read(tmp_path: Path, device: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    stack = {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": device.removeprefix("file://")}}
    write(tmp_path / "a.json", {"Resources": {"Child": stack}})
    done = checked_apart(tmp_path, "a.json", "--format", "text")
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
    done = checked_apart(tmp_path, "a.json", "--format", "json")
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
    done = checked_apart(tmp_path, "a.json", "--format", "text")
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
    done = checked_apart(tmp_path, "a.json", "--format", "json")
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
    done = checked_apart(tmp_path, "d")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("cleanrooms-ml: d/manifest.json: the nested assembly N0, d")
    assert done.stderr.endswith("contains itself; synthesize the app again\n")


def test_assemblies_that_nest_each_other_are_refused_by_name(tmp_path: Path) -> None:
    assembly(tmp_path / "d", "e")
    assembly(tmp_path / "d/e", "../../d")
    done = checked_apart(tmp_path, "d")
    assert done.returncode == 2
    assert "d/e/manifest.json: the nested assembly N0, d/e/../../d, contains itself" in done.stderr


def test_assemblies_that_nest_too_deep_are_refused_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    for _ in range(40):
        assembly(folder, "n")
        folder /= "n"
    assembly(folder)
    done = checked_apart(tmp_path, "d")
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
    assert checked_apart(tmp_path, "d").returncode == 0
