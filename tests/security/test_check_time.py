"""``cleanrooms-ml check`` and its neighbors on small templates that would keep them busy, or waiting, for hours."""

from __future__ import annotations

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.account.intrinsics import _PLACEHOLDER as OF_ACCOUNT
from cleanrooms_ml_cli.check.metadata import metadata_of
from cleanrooms_ml_cli.graph.flow import _PLACEHOLDER as OF_GRAPH
from cleanrooms_ml_handlers.partial import PartialText
from cleanrooms_ml_policy.late.gates import _limit
from cleanrooms_ml_policy.late.key_policies import _NAMED_ROLE, _NAMED_USER
from cleanrooms_ml_policy.template import as_far_as_known, as_text

from .checking import CHANNEL, Check, checked_apart, write

_MANY = 300_000


def channel(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Channel": {"Type": CHANNEL, "Properties": properties}}}


# -- values: each took time that grows with the square of its length ---------------------------------------------------


@pytest.mark.parametrize(
    "template",
    [
        channel(name={"Fn::Sub": "${" * _MANY}),
        channel(name={"Fn::Sub": "${x" * _MANY}),
        channel(name="{{resolve:" * _MANY),
        channel(name="x" + "{{resolve:x}}" * _MANY),
        channel(name={"Fn::Join": ["x" * 3000, ["y"] * _MANY]}),
        channel(name={"Fn::Join": ["", [{"Fn::Join": ["x" * 4000, ["y"] * 1000]}] * 200]}),
        channel(name=["x"] * _MANY),
        channel(tags={f"{number}": "" for number in range(_MANY)}),
    ],
    ids=["variables", "names", "references", "unknown parts", "separators", "joins of joins", "list", "map"],
)
def test_a_value_takes_seconds(tmp_path: Path, template: dict[str, Any]) -> None:
    write(tmp_path / "a.json", template)
    assert checked_apart(tmp_path, "a.json", "--format", "text").returncode == 1


@pytest.mark.parametrize("pattern", [OF_GRAPH, OF_ACCOUNT, _NAMED_ROLE, _NAMED_USER], ids=lambda it: it.pattern)
@pytest.mark.parametrize("text", ["${", "${x", "${x.", "arn::role/", "arn::user/", ":role/", ":user/\n"], ids=ascii)
def test_a_pattern_reads_what_never_ends_once(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.fullmatch(f"arn{text * _MANY}\n/") is None
    if pattern in (OF_GRAPH, OF_ACCOUNT):
        assert not pattern.findall(text * _MANY)


def test_patterns_find_what_they_found() -> None:
    assert OF_GRAPH.findall("a${One}b${Two.Arn}${AWS::Region}") == ["One", "Two", "AWS::Region"]
    assert _NAMED_ROLE.fullmatch("arn:${AWS::Partition}:iam::000000000000:role/a/b/name")["name"] == "name"  # type: ignore[index]
    assert str(as_far_as_known({"Fn::Sub": "a${One}{{resolve:ssm:x}}${!Two}b"})) == "a${…}${…}${Two}b"
    assert as_text({"Fn::Join": ["-", ["a", {"Ref": "B"}]]}) == "a-${B}"
    assert PartialText(("a", "", "", "z")).may_match("^a[b-y]+z$")
    assert not PartialText(("a", "", "", "z")).may_match("^b[b-y]+z$")


@pytest.mark.parametrize("end", [" " * _MANY + "x", f"{' ' * _MANY}OFFSET x", "1" * _MANY, f";{' ' * _MANY}x"])
def test_the_end_of_a_query_is_read_once(end: str) -> None:
    assert _limit(f"SELECT 1 LIMIT 1{end}") is None
    assert _limit("SELECT 1 LIMIT 7 OFFSET 2 ; ") == 7


def test_the_path_of_a_construct_is_read_once(tmp_path: Path) -> None:
    def paths(*some: str) -> dict[str, Any]:
        entries = [[{"type": "aws:cdk:logicalId", "data": f"Id{number}"}] for number, _ in enumerate(some)]
        return {"metadata": dict(zip(some, entries, strict=True))}

    metadata_of(tmp_path, paths("/" + "a" * _MANY + ".NestedStack/" * 10))
    found = metadata_of(tmp_path, paths("/A/N/Channel", "/A/N.NestedStack/N.NestedStackResource", "/A/Other"))
    assert (set(found.paths), set(found.nested_paths)) == ({"Id1", "Id2"}, {"Id0"})


# -- YAML --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [":59" * _MANY, "0x" + "f" * 5000, "0b" + "1" * 20_000, "9" * 5000], ids=lambda it: it[:3]
)
def test_a_number_of_any_length_ends_with_a_reason(tmp_path: Path, number: str) -> None:
    number = number if number[0] != ":" else f"1{number}"
    write(tmp_path / "a.yaml", f"Resources: {{Channel: {{Type: {CHANNEL}, Properties: {{name: {number}}}}}}}")
    done = checked_apart(tmp_path, "a.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "cleanrooms-ml: a.yaml, line 1: is not YAML: a number has more than 256 digits\n"


def test_keys_of_other_types_are_text(tmp_path: Path) -> None:
    resource = f"{{Type: {CHANNEL}, Properties: {{1: 2, ~: 3, .nan: 4}}}}"
    write(tmp_path / "a.yaml", f"Resources: {{1: {resource}, ~: {resource}, 1.5: {resource}, true: {resource}}}")
    done = checked_apart(tmp_path, "a.yaml", "--format", "text")
    assert (done.returncode, done.stderr) == (1, "")
    assert "4 resources" in done.stdout


# -- files that never end ----------------------------------------------------------------------------------------------

# The kernel's log looks like a file, and a reader with the permission waits for the kernel; without it, opening fails.
_LOG = Path("/proc/kmsg")


@pytest.mark.parametrize("place", ["template", "metadata", "nested", "settings"])
def test_no_name_in_a_template_makes_it_wait(tmp_path: Path, place: str) -> None:
    stack: dict[str, Any] = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "a.json"}}
    template: dict[str, Any] = channel()
    if place == "template":
        stack["properties"]["templateFile"] = str(_LOG)
    elif place == "metadata":
        stack["additionalMetadataFile"] = str(_LOG)
    elif place == "nested":
        child = {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": str(_LOG)}}
        template["Resources"]["Child"] = child
    else:
        (tmp_path / "cleanrooms-ml.toml").symlink_to(_LOG)
    write(tmp_path / "a.json", template)
    write(tmp_path / "manifest.json", {"artifacts": {"S": stack}})
    path = "a.json" if place == "settings" else "."
    assert checked_apart(tmp_path, path).returncode == (1 if place in ("metadata", "nested") else 2)


def test_a_pipe_beside_a_template_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.assets.json")
    child = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Fn::Sub": f"x/{'a' * 64}"}}}
    write(tmp_path / "a.json", {"Resources": {"Child": child}})
    assert checked_apart(tmp_path, "a.json").returncode == 1


def test_a_pipe_that_the_user_names_is_read(tmp_path: Path, check: Check) -> None:
    os.mkfifo(tmp_path / "pipe")
    with ThreadPoolExecutor() as pool:
        pool.submit((tmp_path / "pipe").write_text, json.dumps(channel()))
        assert check("pipe", "--format", "text").returncode == 1
