"""The stacks of a cloud assembly with their templates, nested ones too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cleanrooms_ml_policy.reading import UnreadableTemplate

from ..account.errors import CannotDo
from ..account.stacks import STACK_TYPE, is_ours
from ..check import source

_MANIFEST = "manifest.json"
_STACK, _ASSEMBLY = "aws:cloudformation:stack", "cdk:cloud-assembly"
_ASSET_PATH = "aws:asset:path"


@dataclass(frozen=True)
class Synthesized:
    """A stack as an app was synthesized to.

    Attributes:
        name: The name under which it is deployed.
        template: Its template.
        environment: The account and Region, as the manifest says; empty for a plain template.
        nested: The stacks nested in it, by logical id.
    """

    name: str
    template: Mapping[str, Any] = field(repr=False)
    environment: str = ""
    nested: Mapping[str, Synthesized] = field(default_factory=dict)

    def walk(self) -> Iterator[Synthesized]:
        """This stack and all that are nested in it."""
        yield self
        for stack in self.nested.values():
            yield from stack.walk()

    @property
    def has_ours(self) -> bool:
        """Whether it has anything of Clean Rooms ML."""
        entries = (entry for one in self.walk() for entry in one.template["Resources"].values())
        return any(is_ours(str(entry.get("Type"))) for entry in entries)


def stacks_of(path: Path, only: str | None = None) -> list[Synthesized]:
    """The stacks of an assembly that have Clean Rooms ML in them, or the template at a path.

    Args:
        path: A cloud assembly, or a template: its stack is named as the file is, or as `only` says.
        only: The name of one stack.

    Raises:
        CannotDo: There is nothing to look at.
    """
    sources = source.templates(path)  # says what is wrong with the path
    if path.is_file():
        name = only or path.name.split(".")[0]
        found = [_loaded(name, sources[0].path)]
    else:
        found = list(_of_assembly(path))
        names = [one.name for one in found]
        if only is not None and only not in names:
            raise CannotDo(f"{path} has no stack {only}; it has {', '.join(names)}")
        found = [one for one in found if only in (None, one.name)]
    ours = [one for one in found if one.has_ours]
    if not ours:
        raise CannotDo(
            f"no stack of {path} has Clean Rooms ML resources; pass the cdk.out of an app with cdk-cleanrooms-ml "
            "constructs"
        )
    return ours


def _of_assembly(folder: Path) -> Iterator[Synthesized]:
    manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    for name, artifact in manifest.get("artifacts", {}).items():
        properties = artifact.get("properties") or {}
        if artifact.get("type") == _STACK:
            file = folder / str(properties.get("templateFile"))
            yield _loaded(str(properties.get("stackName", name)), file, str(artifact.get("environment", "")))
        elif artifact.get("type") == _ASSEMBLY:
            yield from _of_assembly(folder / str(properties.get("directoryName")))


def _loaded(name: str, path: Path, environment: str = "") -> Synthesized:
    template = source.load(path)
    nested = {}
    for logical_id, entry in template["Resources"].items():
        if logical_id.startswith("Fn::"):
            hint = "pass the processed one: aws cloudformation get-template --template-stage Processed"
            raise UnreadableTemplate(f"{path}: {logical_id} is expanded by CloudFormation alone; {hint}")
        if not isinstance(entry, Mapping) or not isinstance(entry.get("Properties", {}), Mapping):
            raise UnreadableTemplate(f"{path}: is no template: {logical_id} is no resource with properties")
        if entry.get("Type") == STACK_TYPE:
            file = (entry.get("Metadata") or {}).get(_ASSET_PATH)
            if isinstance(file, str) and (path.parent / file).is_file():
                nested[logical_id] = _loaded(f"{name}/{logical_id}", path.parent / file, environment)
    return Synthesized(name, template, environment, nested)
