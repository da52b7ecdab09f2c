"""The templates below a path."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleanrooms_ml_policy.assembly import Template, as_template, load_json

from .errors import BadInput
from .metadata import NO_METADATA, Metadata, metadata_of

_MANIFEST = "manifest.json"
_STACK, _NESTED = "aws:cloudformation:stack", "cdk:cloud-assembly"


@dataclass(frozen=True)
class Source:
    """A template to check.

    Attributes:
        path: Where it lies.
        metadata: What the CDK wrote about its constructs.
    """

    path: Path
    metadata: Metadata = NO_METADATA


def templates(path: Path) -> list[Source]:
    """The templates that a path stands for: itself, or those of a cloud assembly.

    Raises:
        BadInput: There is nothing to check.
    """
    if _asked(path, Path.is_dir):
        found = {source.path: source for source in _of_assembly(path)}
        if not found:
            raise BadInput(f"{path}: the cloud assembly has no stacks")
        return list(found.values())
    if not _asked(path, Path.exists):
        hint = "run cdk synth first" if path.name == "cdk.out" else "pass a cloud assembly (cdk.out) or a template"
        raise BadInput(f"{path}: there is no such file or folder; {hint}")
    return [Source(path)]


def load(path: Path) -> Template:
    """A template in JSON or YAML.

    Raises:
        UnreadableTemplate: It cannot be read.
    """
    if path.suffix == ".json" or _is_none_or_json(path):
        return load_json(path)
    from .yaml_template import load_yaml  # PyYAML takes a while to import, and the CDK writes JSON

    return as_template(path, load_yaml(path))


def _is_none_or_json(path: Path) -> bool:
    try:
        if not path.is_file():
            return True
        with path.open(encoding="utf-8-sig") as file:
            return file.read(512).lstrip().startswith("{")
    except (OSError, ValueError):
        return True  # whoever reads it as JSON says what is wrong with it


def _of_assembly(folder: Path) -> Iterator[Source]:
    manifest = _manifest(folder)
    artifacts = manifest.get("artifacts") or {}
    if not isinstance(artifacts, dict):
        raise BadInput(f"{folder / _MANIFEST}: artifacts is no object; synthesize the app again")
    for name, artifact in artifacts.items():
        kind = artifact.get("type") if isinstance(artifact, dict) else None
        properties = artifact.get("properties") if kind else None
        properties = properties if isinstance(properties, dict) else {}
        if kind == _STACK:
            file = folder / str(properties.get("templateFile"))
            if not _asked(file, Path.is_file):
                raise BadInput(f"{folder / _MANIFEST}: the template of {name}, {file}, is not there; run cdk synth")
            yield Source(file, metadata_of(folder, artifact))
        elif kind == _NESTED:
            yield from _of_assembly(folder / str(properties.get("directoryName")))


def _asked(path: Path, question: Callable[[Path], bool]) -> bool:
    """What the file system says of a path.

    Raises:
        BadInput: It says nothing: a folder above may not be entered, or no file can have the name.
    """
    try:
        return question(path)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from None


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / _MANIFEST
    if not _asked(path, Path.is_file):
        inside = folder / "cdk.out"
        is_inside = _asked(inside / _MANIFEST, Path.is_file)
        hint = f"did you mean {inside}?" if is_inside else "run cdk synth and pass its cdk.out"
        raise BadInput(f"{folder}: is no cloud assembly, since it has no {_MANIFEST}; {hint}")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: cannot be read: {error}; run cdk synth again") from None
    if not isinstance(manifest, dict):
        raise BadInput(f"{path}: is no manifest of a cloud assembly; run cdk synth again")
    return manifest
