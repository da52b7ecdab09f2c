"""Templates on disk, and their nested stacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_policy import Severity, check_file
from cleanrooms_ml_policy.reading import UnreadableTemplate, load_json

from .samples import channel, one, template

BROKEN = template(channel(retentionInDays=31))
STACK = "AWS::CloudFormation::Stack"
HASH = "3d761a5e2ee6236fc2d3fac3a0f5771c9a4d9dc76ed32db9846b88c362782efd"
BY_HASH = {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::Region"}, f"/bucket/{HASH}.json"]]}


def write(path: Path, content: Any) -> Path:
    """Writes a file of JSON."""
    path.write_text(json.dumps(content))
    return path


def test_a_nested_template_is_found_by_its_metadata(tmp_path: Path) -> None:
    write(tmp_path / "Child.nested.template.json", BROKEN)
    stack = one("Child", STACK, {}, Metadata={"aws:asset:path": "Child.nested.template.json"})
    parent, child = check_file(write(tmp_path / "Parent.template.json", template(stack)))
    assert not parent.findings
    assert child.path == tmp_path / "Child.nested.template.json"
    assert [finding.rule for finding in child.findings] == ["cleanrooms-ml:range"]
    assert child.resources == ("Channel",)


def test_a_nested_template_is_found_by_its_hash(tmp_path: Path) -> None:
    write(tmp_path / "Child.nested.template.json", BROKEN)
    files = {HASH: {"source": {"path": "Child.nested.template.json"}}}
    write(tmp_path / "Parent.assets.json", {"files": files})
    write(tmp_path / "Other.assets.json", ["of another tool"])
    path = write(tmp_path / "Parent.template.json", template(one("Child", STACK, {"TemplateURL": BY_HASH})))
    assert [len(checked.findings) for checked in check_file(path)] == [0, 1]


def test_a_nested_template_is_found_next_to_the_template(tmp_path: Path) -> None:
    write(tmp_path / "child.json", BROKEN)
    path = write(tmp_path / "parent.json", template(one("Child", STACK, {"TemplateURL": "./child.json"})))
    assert [len(checked.findings) for checked in check_file(path)] == [0, 1]


def test_templates_that_nest_each_other_end(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", template(one("Self", STACK, {"TemplateURL": "a.json"})))
    assert len(check_file(path)) == 1


@pytest.mark.parametrize(
    "stack",
    [
        one("Child", STACK, {}, Metadata={"aws:asset:path": "gone.json"}),
        one("Child", STACK, {"TemplateURL": BY_HASH}),
    ],
    ids=["metadata", "hash"],
)
def test_a_nested_template_that_is_gone_is_fatal(tmp_path: Path, stack: dict[str, Any]) -> None:
    checked = check_file(write(tmp_path / "Parent.template.json", template(stack)))
    (finding,) = [finding for one in checked for finding in one.findings]
    assert (finding.rule, finding.severity) == ("cleanrooms-ml:unreadable", Severity.FATAL)
    assert finding.logical_id == "Child"


@pytest.mark.parametrize("address", ["https://bucket.s3.amazonaws.com/child.yaml", {"Ref": "Address"}], ids=str)
def test_a_nested_template_elsewhere_is_advice(tmp_path: Path, address: Any) -> None:
    path = write(tmp_path / "parent.json", template(one("Child", STACK, {"TemplateURL": address})))
    assert not [finding for one in check_file(path) for finding in one.findings]
    (finding,) = [finding for one in check_file(path, advice=True) for finding in one.findings]
    assert (finding.severity, finding.is_violation) == (Severity.WARNING, False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not JSON: Expecting property name"),
        (b"[]", "is not a template: it is not an object with Resources"),
        (b"{}", "is not a template: it has no Resources"),
        (b'{"Resources": []}', "is not a template: it has no Resources"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"[" * 100_000, "is nested more than 100 levels deep"),
        (None, "cannot be read: No such file or directory"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_invalid_template_is_an_error_with_a_reason(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "x.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableTemplate) as caught:
        load_json(path)
    assert str(caught.value).startswith(f"{path}: {message}")
