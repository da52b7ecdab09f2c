"""Stacks of the real constructs, synthesized in this process and deployed through CloudFormation's API.

Without the CDK CLI, whose start costs more than most deployments here.
"""

from __future__ import annotations

import copy
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from cdk_cleanrooms_ml import ConfiguredModelAlgorithmAssociation, Membership, MLInputChannel, ProtectedQuery

BUCKET = "assets"
# What the sandbox seeds.
MEMBERSHIP = "78402c74-292f-5def-8ff9-64821c3e523a"
ASSOCIATION = (
    f"arn:aws:cleanrooms-ml:us-east-1:000000000000:membership/{MEMBERSHIP}"
    "/configured-model-algorithm-association/28472b04-de3a-5c7b-a9c2-cda796f06be5"
)

Template = dict[str, Any]


@dataclass(frozen=True)
class Assembly:
    """A synthesized stack.

    Attributes:
        template: Its template.
        objects: What lies in the bucket for assets, by key.
    """

    template: Template
    objects: Mapping[str, bytes]

    def copy(self) -> Template:
        """The template, to be changed."""
        return copy.deepcopy(self.template)


def synthesized(folder: Path, build: Callable[[cdk.Stack], object], extra: Mapping[str, str] | None = None) -> Assembly:
    """A stack's template and assets.

    Args:
        folder: For the cloud assembly.
        build: Fills the stack.
        extra: Files to put beside the functions' code, by name.
    """
    app = cdk.App(outdir=str(folder))
    synthesizer = cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False, file_assets_bucket_name=BUCKET)
    build(cdk.Stack(app, "Stack", synthesizer=synthesizer))
    app.synth()
    template: Template = json.loads((folder / "Stack.template.json").read_text("utf-8"))
    manifest = json.loads((folder / "Stack.assets.json").read_text("utf-8"))
    objects = {}
    for asset in manifest["files"].values():
        (destination,) = asset["destinations"].values()
        path = folder / asset["source"]["path"]
        if path.name != "Stack.template.json":
            # The CDK's own framework comes as a folder.
            content = zipped(path) if path.is_dir() else path.read_bytes()
            objects[destination["objectKey"]] = with_more(content, extra or {}) if path.suffix == ".zip" else content
    return Assembly(template, objects)


def zipped(folder: Path) -> bytes:
    """A folder as Lambda takes it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(path, path.relative_to(folder))
    return buffer.getvalue()


def with_more(archive: bytes, extra: Mapping[str, str]) -> bytes:
    """The functions' code with some more files beside it."""
    buffer = io.BytesIO(archive)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as target:
        for name, text in extra.items():
            target.writestr(name, text)
    return buffer.getvalue()


def channel(stack: cdk.Stack, id: str = "Channel", *, association: str = ASSOCIATION, **given: Any) -> MLInputChannel:
    """A channel with the least that it needs.

    Args:
        stack: Its stack.
        id: Its construct ID.
        association: The ARN of its association, in whose membership it is created.
        given: Further arguments, and what replaces the query and the retention.
    """
    membership = association.partition(":membership/")[2].partition("/")[0]
    options: dict[str, Any] = {
        "query": ProtectedQuery.sql("SELECT a FROM b"),
        "retention": cdk.Duration.days(7),
        **given,
    }
    return MLInputChannel(
        stack,
        id,
        membership=Membership.from_membership_id(stack, f"{id}Membership", membership),
        algorithm_association=ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
            stack, f"{id}Algorithm", association
        ),
        **options,
    )
