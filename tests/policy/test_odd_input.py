"""``cleanrooms-ml check`` with unusual files."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

from cleanrooms_ml_cli.check.command import FORMATS

from .conftest import MISTAKES, Command
from .samples import channel, one, template

BYTE_ORDER_MARK = "\ufeff"
BROKEN = template(channel(retentionInDays=31))
TOO_LONG = "x" * 300
# Nine times nine times …: some hundred bytes that represent 400 million values.
BOMB = "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))


@pytest.mark.parametrize("name", ["a.json", "a.yaml", "a.template"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=repr)
def test_byte_order_marks_and_line_endings_of_other_systems_are_read(command: Command, name: str, end: str) -> None:
    path = command.folder / name
    path.write_bytes((BYTE_ORDER_MARK + json.dumps(BROKEN, indent=1).replace("\n", end)).encode())
    assert command(path) == 1
    assert "retentionInDays is 31" in command.out


def test_settings_may_begin_with_a_byte_order_mark(command: Command) -> None:
    command.write("cleanrooms-ml.toml", f"{BYTE_ORDER_MARK}[policy]\nmax_retention_days = 14\n")
    assert command(command.write("a.json", template(channel(retentionInDays=15)))) == 1


def test_a_symbolic_link_is_followed(command: Command) -> None:
    link = command.folder / "link.json"
    link.symlink_to(command.write("a.json", BROKEN))
    assert command(link) == 1


@pytest.mark.parametrize(
    ("files", "path", "message"),
    [
        ({}, TOO_LONG, "cannot be read: File name too long"),
        ({}, "loop.json", "there is no such file or folder"),
        ({"a.yaml": ""}, "a.yaml", "is not a template: it is not an object"),
        ({"a.json": ""}, "a.json", "is not JSON"),
        ({"a.yaml": f"{BOMB}Resources: {{}}"}, "a.yaml", "has more than 200000 values, each alias counted"),
        ({"a.yaml": "Resources: &a {Self: *a}"}, "a.yaml", "the alias *a contains itself"),
        (
            {"d/manifest.json": json.dumps({"artifacts": {"A": {"type": "cdk:cloud-assembly"}}})},
            "d",
            "None: is not a cloud assembly",
        ),
        (
            {
                "d/manifest.json": json.dumps(
                    {"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": TOO_LONG}}}}
                )
            },
            "d",
            "cannot be read: File name too long",
        ),
    ],
    ids=["name", "loop", "empty YAML", "empty JSON", "bomb", "circle", "no stage", "name in a manifest"],
)
def test_an_unreadable_path_is_2_with_a_message(
    command: Command, files: dict[str, str], path: str, message: str
) -> None:
    (command.folder / "loop.json").symlink_to("loop.json")
    for name, content in files.items():
        command.write(name, content)
    assert command(path) == 2
    assert message in command.err
    assert "has a fault" not in command.err


def test_a_folder_without_access_is_2_with_a_message(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    # Root has access to every folder.
    monkeypatch.setattr(Path, "is_dir", refuse)
    assert command("closed/a.json") == 2
    assert command.err == "cleanrooms-ml: closed/a.json: cannot be read: Permission denied\n"


@pytest.mark.parametrize("address", [f"https://bucket.s3.amazonaws.com/a?X-Amz-Token={TOO_LONG}", "a\0b"], ids=ascii)
def test_an_address_that_cannot_be_a_file_name_is_advice(command: Command, address: str) -> None:
    stack = one("Child", "AWS::CloudFormation::Stack", {"TemplateURL": address})
    assert command(command.write("a.json", template(channel(), stack))) == 0
    assert command.out.endswith("no violations and 1 warning in 1 resource of 1 template\n")


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_name_that_is_not_utf_8_is_reported(command: Command, form: str) -> None:
    name = os.fsdecode(b"a\xff.json")
    command.write(name, MISTAKES)
    assert command(name, "--format", form) == 1
    assert form != "sarif" or '"uri": "a%FF.json"' in command.out


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("form", ["table", "text", "json"])
def test_output_with_a_narrow_encoding_is_written(
    command: Command, monkeypatch: pytest.MonkeyPatch, encoding: str, form: str
) -> None:
    path = command.write("a.json", template(channel(name="\N{ROCKET}" * 64)))
    written = io.BytesIO()
    narrow = io.TextIOWrapper(written, encoding=encoding, write_through=True)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", narrow)
        code = command(path, "--format", form)
    assert code == 1
    assert b"name has 64 characters; allowed 1 to 63" in written.getvalue()
