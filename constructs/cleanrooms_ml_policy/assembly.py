"""Templates on disk: one, and those of the stacks nested in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

_STACK = "AWS::CloudFormation::Stack"
_ASSET_PATH = "aws:asset:path"
_HASH = re.compile(r"[0-9a-f]{64}")

Template: TypeAlias = Mapping[str, Any]


class UnreadableTemplate(Exception):
    """A file that is no template; the message says why, and what to do."""


@dataclass(frozen=True)
class Missing:
    """A nested template that cannot be read.

    Attributes:
        path: The template that names it.
        logical_id: The nested stack.
        name: The file or address that it names.
        is_asset: Whether the CDK should have written it.
    """

    path: Path
    logical_id: str
    name: str
    is_asset: bool


@dataclass(frozen=True)
class Loaded:
    """A template and where it lies."""

    path: Path
    template: Template


def load_json(path: Path) -> Template:
    """A template in JSON.

    Raises:
        UnreadableTemplate: There is no such file, or it is no template.
    """
    try:
        # Editors of Windows begin a file with a mark of its encoding.
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnreadableTemplate(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnreadableTemplate(f"{path}: is not UTF-8") from None
    except ValueError as error:
        # A name that a template gives to a nested one may be none that a file can have.
        raise UnreadableTemplate(f"{path}: cannot be read: {error}") from None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableTemplate(f"{path}: is no JSON: {error}") from None
    return as_template(path, value)


def as_template(path: Path, value: object) -> Template:
    """What a file holds, if it is a template.

    Raises:
        UnreadableTemplate: It is none.
    """
    if not isinstance(value, Mapping):
        raise UnreadableTemplate(f"{path}: is no template: it holds no object with Resources")
    if not isinstance(value.get("Resources"), Mapping):
        raise UnreadableTemplate(f"{path}: is no template: it has no Resources")
    return value


def with_nested(path: Path, load: Callable[[Path], Template] = load_json) -> Iterator[Loaded | Missing]:
    """A template and those of the stacks nested in it.

    Args:
        path: The template.
        load: Reads one.

    Raises:
        UnreadableTemplate: The template itself cannot be read.
    """
    seen: set[Path] = set()
    pending = [Loaded(path, load(path))]
    while pending:
        loaded = pending.pop(0)
        if loaded.path.resolve() in seen:
            continue
        seen.add(loaded.path.resolve())
        yield loaded
        for logical_id, name, is_asset in _nested(loaded.path.parent, loaded.template):
            child = loaded.path.parent / name
            try:
                pending.append(Loaded(child, load(child)))
            except UnreadableTemplate:
                yield Missing(loaded.path, logical_id, name, is_asset)


def _nested(folder: Path, template: Template) -> Iterator[tuple[str, str, bool]]:
    """The nested stacks of a template: logical id, file, and whether the CDK wrote it."""
    files: Mapping[str, str] | None = None
    for logical_id, entry in template["Resources"].items():
        if not isinstance(entry, Mapping) or entry.get("Type") != _STACK:
            continue
        metadata, properties = entry.get("Metadata"), entry.get("Properties")
        asset = metadata.get(_ASSET_PATH) if isinstance(metadata, Mapping) else None
        address = properties.get("TemplateURL") if isinstance(properties, Mapping) else None
        if isinstance(asset, str):
            yield str(logical_id), asset, True
        elif isinstance(address, str):
            yield str(logical_id), address.removeprefix("file://"), False
        else:
            # Only the CDK CLI asks for the metadata; the address always ends in the asset's hash.
            files = _asset_files(folder) if files is None else files
            hashes = _HASH.findall(json.dumps(address, default=str))
            yield str(logical_id), next((files[one] for one in hashes if one in files), str(hashes)), bool(hashes)


def _asset_files(folder: Path) -> dict[str, str]:
    """The files of the assets of an assembly by their hashes."""
    files = {}
    for manifest in sorted(folder.glob("*.assets.json")):
        try:
            entries = json.loads(manifest.read_text(encoding="utf-8"))["files"]
            files.update({key: str(entry["source"]["path"]) for key, entry in entries.items()})
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            # Another tool's file; what is missing because of it is reported as missing.
            continue
    return files
