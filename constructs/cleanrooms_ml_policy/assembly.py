"""Templates on disk: a template and those of its nested stacks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .reading import Template, UnreadableTemplate, load_json, read_text

_STACK = "AWS::CloudFormation::Stack"
_ASSET_PATH = "aws:asset:path"
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Missing:
    """A nested template that cannot be read.

    Attributes:
        path: The template that names it.
        logical_id: The nested stack.
        name: The file or address that it names.
        is_asset: Whether the CDK should have written it.
        reason: Why it cannot be read.
    """

    path: Path
    logical_id: str
    name: str
    is_asset: bool
    reason: str


@dataclass(frozen=True)
class Loaded:
    """A template and its path."""

    path: Path
    template: Template


def with_nested(path: Path, load: Callable[[Path], Template] = load_json) -> Iterator[Loaded | Missing]:
    """A template and those of its nested stacks, each file once.

    Args:
        path: The template.
        load: Reads a template.

    Raises:
        UnreadableTemplate: The template itself cannot be read.
    """
    seen = {path.resolve()}
    pending = [Loaded(path, load(path))]
    while pending:
        loaded = pending.pop(0)
        yield loaded
        for logical_id, name, is_asset in _nested(loaded.path.parent, loaded.template):
            child = loaded.path.parent / name
            try:
                resolved = _regular_file(child)
                if resolved not in seen:
                    seen.add(resolved)
                    pending.append(Loaded(child, load(child)))
            except UnreadableTemplate as error:
                yield Missing(loaded.path, logical_id, name, is_asset, str(error).removeprefix(f"{child}: "))


def _regular_file(path: Path) -> Path:
    """The file that a path leads to.

    Raises:
        UnreadableTemplate: There is none; a device or a pipe never ends.
    """
    try:
        if path.exists() and not path.is_file():
            raise UnreadableTemplate(f"{path}: is not a file")
        return path.resolve()
    except OSError as error:
        raise UnreadableTemplate(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RuntimeError) as error:
        raise UnreadableTemplate(f"{path}: cannot be read: {error}") from None


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
            _regular_file(manifest)
            entries = json.loads(read_text(manifest))["files"]
            files.update({key: str(entry["source"]["path"]) for key, entry in entries.items()})
        except (UnreadableTemplate, ValueError, RecursionError, LookupError, TypeError, AttributeError):
            # Another tool's file; a template that is missing because of it is reported as missing.
            continue
    return files
