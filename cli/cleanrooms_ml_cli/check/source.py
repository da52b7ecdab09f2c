"""The templates of a path: a file, or a cloud assembly with its nested assemblies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cleanrooms_ml_policy.reading import Template, UnreadableTemplate, as_template, load_json, read_bytes, read_text

from .errors import BadInput
from .metadata import NO_METADATA, Metadata, metadata_of

_MANIFEST = "manifest.json"
_Answer = TypeVar("_Answer")
_STACK, _NESTED = "aws:cloudformation:stack", "cdk:cloud-assembly"
# Stages in stages. The CDK does not nest assemblies deeper than an app nests its stages.
MAX_NESTED_ASSEMBLIES = 16
_MAX_MANIFEST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Source:
    """A template to check.

    Attributes:
        path: The file.
        metadata: The CDK's metadata of its constructs.
    """

    path: Path
    metadata: Metadata = NO_METADATA


def templates(path: Path) -> list[Source]:
    """The templates of a path: itself, or those of a cloud assembly.

    Raises:
        BadInput: There is nothing to check, or the assembly is broken.
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
        return read_bytes(path, 512).decode("utf-8-sig", errors="replace").lstrip().startswith("{")
    except (UnreadableTemplate, OSError, ValueError):
        return True  # reading it as JSON says what is wrong with it


def _of_assembly(folder: Path) -> Iterator[Source]:
    """The templates of an assembly and of those nested in it, each assembly once.

    Raises:
        BadInput: A manifest is broken, or an assembly contains itself.
    """
    seen = set()
    pending: list[tuple[Path, ...]] = [(folder,)]
    while pending:
        path = pending.pop(0)
        resolved = _asked(path[-1], Path.resolve)
        if resolved in seen:
            continue
        seen.add(resolved)
        for name, kind, artifact, properties in _artifacts(path[-1]):
            if kind == _STACK:
                yield _stack(path[-1], name, artifact, properties)
            elif kind == _NESTED:
                pending.append(_nested(path, name, path[-1] / str(properties.get("directoryName"))))


def _artifacts(folder: Path) -> Iterator[tuple[str, object, dict[str, Any], dict[str, Any]]]:
    """The artifacts of an assembly: name, type, all of it and its properties."""
    artifacts = _manifest(folder).get("artifacts") or {}
    if not isinstance(artifacts, dict):
        raise BadInput(f"{folder / _MANIFEST}: artifacts is not an object; synthesize the app again")
    for name, artifact in artifacts.items():
        if isinstance(artifact, dict):
            properties = artifact.get("properties")
            yield name, artifact.get("type"), artifact, properties if isinstance(properties, dict) else {}


def _stack(folder: Path, name: str, artifact: dict[str, Any], properties: dict[str, Any]) -> Source:
    file = folder / str(properties.get("templateFile"))
    if not _asked(file, Path.is_file):
        raise BadInput(f"{folder / _MANIFEST}: the template of {name}, {file}, does not exist; run cdk synth")
    return Source(file, metadata_of(folder, artifact))


def _nested(around: tuple[Path, ...], name: str, folder: Path) -> tuple[Path, ...]:
    """The folders from the outermost assembly to a nested one.

    Raises:
        BadInput: It is one of those around it, or there are too many.
    """
    resolved = _asked(folder, Path.resolve)
    manifest = around[-1] / _MANIFEST
    if any(_asked(one, Path.resolve) == resolved for one in around):
        raise BadInput(f"{manifest}: the nested assembly {name}, {folder}, contains itself; synthesize the app again")
    if len(around) > MAX_NESTED_ASSEMBLIES:
        problem = f"is more than {MAX_NESTED_ASSEMBLIES} levels deep; pass its folder as a path"
        raise BadInput(f"{manifest}: the nested assembly {name} {problem}")
    return (*around, folder)


def _asked(path: Path, question: Callable[[Path], _Answer]) -> _Answer:
    """The answer of the file system to a question about a path.

    Raises:
        BadInput: There is none: access to a folder above is denied, or no file can have the name.
    """
    try:
        return question(path)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RuntimeError) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from None


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / _MANIFEST
    if not _asked(path, Path.is_file):
        inside = folder / "cdk.out"
        is_inside = _asked(inside / _MANIFEST, Path.is_file)
        hint = f"did you mean {inside}?" if is_inside else "run cdk synth and pass its cdk.out"
        raise BadInput(f"{folder}: is not a cloud assembly, because it has no {_MANIFEST}; {hint}")
    try:
        manifest = json.loads(read_text(path, _MAX_MANIFEST_BYTES))
    except UnreadableTemplate as error:
        raise BadInput(f"{error}; run cdk synth again") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: cannot be read: {error}; run cdk synth again") from None
    if not isinstance(manifest, dict):
        raise BadInput(f"{path}: is not the manifest of a cloud assembly; run cdk synth again")
    return manifest
