"""The CDK's metadata of the constructs of a stack: their paths, and what they acknowledge."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cleanrooms_ml_policy import Severity
from cleanrooms_ml_policy.files import Checked
from cleanrooms_ml_policy.reading import UnreadableTemplate, read_text

# The prefix of the ids that apps acknowledge: the name of the plugin.
PLUGIN = "CleanRoomsMLChecks"
# Next to a nested stack the CDK puts the resource that creates it: `A/Child` and `A/Child.NestedStack/Child.…`.
_BESIDE, _RESOURCE = ".NestedStack/", ".NestedStackResource"
_MAX_BYTES = 32 * 1024 * 1024
_LOGICAL_ID, _ACKNOWLEDGED = "aws:cdk:logicalId", "aws:cdk:acknowledged-rules"


@dataclass(frozen=True)
class Metadata:
    """The metadata of the constructs of a stack.

    Attributes:
        paths: Their paths by logical id.
        nested_paths: Those in nested stacks, without logical ids that two of them have.
        acknowledged: The reasons by construct path and rule id.
    """

    paths: Mapping[str, str] = field(default_factory=dict)
    nested_paths: Mapping[str, str] = field(default_factory=dict)
    acknowledged: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def applied_to(self, checked: Checked, *, is_nested: bool, accept: bool) -> Checked:
        """A result with construct paths and with the reasons why the app accepts findings.

        Args:
            checked: The result.
            is_nested: Whether it is the result of a nested stack.
            accept: Whether acknowledgements count.
        """
        paths = self.nested_paths if is_nested else self.paths
        findings = []
        for finding in checked.findings:
            path = finding.construct_path or paths.get(finding.logical_id, "")
            # As in the CDK: only errors can be acknowledged, and the closest construct decides.
            is_acceptable = accept and finding.severity is Severity.ERROR
            reason = self._reason(finding.rule, path) if is_acceptable else None
            findings.append(replace(finding, construct_path=path, acknowledged=reason))
        return replace(checked, findings=tuple(findings))

    def _reason(self, rule: str, path: str) -> str | None:
        while path:
            reason = self.acknowledged.get(path, {}).get(f"{PLUGIN}::{rule}")
            if reason is not None:
                return reason
            path = path.rpartition("/")[0]
        return None


NO_METADATA = Metadata()


def metadata_of(folder: Path, artifact: Mapping[str, Any]) -> Metadata:
    """The metadata of a stack in an assembly's manifest, or in the file that the manifest names."""
    logical_ids: list[tuple[str, str]] = []
    acknowledged: dict[str, dict[str, str]] = {}
    for path, entry in _entries(folder, artifact):
        kind, content = entry.get("type"), entry.get("data")
        if kind == _LOGICAL_ID and isinstance(content, str):
            logical_ids.append((content, path))
        elif kind == _ACKNOWLEDGED and isinstance(content, Mapping):
            acknowledged.setdefault(path, {}).update({str(rule): str(reason) for rule, reason in content.items()})
    stacks = tuple(f"{stack}/" for _, path in logical_ids if (stack := _nested_stack(path)))
    own = {logical_id: path for logical_id, path in logical_ids if not path.startswith(stacks)}
    nested = [one for one in logical_ids if one[1].startswith(stacks)]
    twice = Counter(logical_id for logical_id, _ in nested)
    return Metadata(own, {logical_id: path for logical_id, path in nested if twice[logical_id] == 1}, acknowledged)


def _nested_stack(path: str) -> str:
    """The path of the nested stack that the resource with a path creates; empty if it creates none."""
    stack, _, rest = path.rpartition(_BESIDE)
    name = stack.rpartition("/")[2]
    return stack if name and rest == f"{name}{_RESOURCE}" else ""


def _entries(folder: Path, artifact: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    metadata = artifact.get("metadata")
    if not isinstance(metadata, Mapping):
        try:
            file = folder / str(artifact.get("additionalMetadataFile"))
            metadata = json.loads(read_text(file, _MAX_BYTES)) if file.is_file() else None
        except (UnreadableTemplate, OSError, ValueError, RecursionError):
            return  # paths are optional, and findings that are not acknowledged are reported
    for path, entries in metadata.items() if isinstance(metadata, Mapping) else ():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping):
                yield str(path).removeprefix("/"), entry
