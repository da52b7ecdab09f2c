"""Fixtures of the policy tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.main import main

from .samples import channel, configured, one, template

# Violates two limits and has advice; with brackets, and with a character that XML does not have.
MISTAKES = template(
    configured({"audienceSizeConfig.audienceSizeBins": [21, 200]}),
    channel(name="bell \x07"),
)


class Command:
    """``cleanrooms-ml`` in a folder of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *arguments: object) -> int:
        """Runs it; its output is in `out` and `err`."""
        code = main(["check", *map(str, arguments)])
        self.out, self.err = self._capsys.readouterr()
        return code

    def write(self, name: str, content: Mapping[str, Any] | str) -> Path:
        """A file below the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    def assembly(self, name: str = "cdk.out") -> Path:
        """A cloud assembly with a stack, its nested stack and a stage; each has a channel with a mistake."""
        path = {"aws:asset:path": "Child.nested.template.json"}
        nested = one("Child", "AWS::CloudFormation::Stack", {}, Metadata=path)
        self.write(f"{name}/Top.template.json", template(channel(retentionInDays=31), nested))
        self.write(f"{name}/Child.nested.template.json", template(channel(retentionInDays=32)))
        self.write(f"{name}/assembly-Stage/In.template.json", template(channel(retentionInDays=33)))
        stack = {"type": "aws:cloudformation:stack"}
        stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Stage"}}
        self.write(
            f"{name}/manifest.json",
            {
                "artifacts": {
                    "Top": {
                        **stack,
                        "properties": {"templateFile": "Top.template.json"},
                        "additionalMetadataFile": "Top.metadata.json",
                    },
                    "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
                    "assembly-Stage": stage,
                }
            },
        )
        self.write(
            f"{name}/Top.metadata.json",
            {
                "/Top": [{"type": "aws:cdk:warning", "data": "unrelated"}],
                "/Top/Audience/Channel/Resource": [{"type": "aws:cdk:logicalId", "data": "Channel"}],
            },
        )
        self.write(
            f"{name}/assembly-Stage/manifest.json",
            {"artifacts": {"In": {**stack, "properties": {"templateFile": "In.template.json"}}}},
        )
        return self.folder / name


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Command(tmp_path, capsys)
