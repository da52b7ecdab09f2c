"""The Lambda code: what is shipped, and under which name.

The package is in a folder of its own in a checkout and among everything else in site-packages. An archive that
holds it alone, named by its content, is the same asset from both.
"""

from __future__ import annotations

import atexit
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import aws_cdk as cdk
import jsii
from aws_cdk import AssetStaging, FileAssetPackaging, StackSynthesizer, Stage
from constructs import Construct, Node

import cleanrooms_ml_handlers

from ._stack import stack_of

_PACKAGE = Path(cleanrooms_ml_handlers.__file__).parent
_STAGING_DISABLED = "aws:cdk:disable-asset-staging"
_METADATA_ENABLED = "aws:cdk:enable-asset-metadata"
_SHIPPED_SUFFIXES = (".py", ".json")
# Rules are checked at synth; the functions do not import them.
_UNSHIPPED = "rules"


def shipped_files() -> list[Path]:
    """The files of the Lambda functions, in an order that does not depend on the machine."""
    return [_PACKAGE / name for name in _shipped_names()]


@cache
def content_hash() -> str:
    """The hash of all names and contents, and of nothing else."""
    result = sha256()
    for name, content in _contents():
        result.update(f"{name}\n{len(content)}\n".encode())
        result.update(content)
    return result.hexdigest()


@dataclass(frozen=True)
class CodeAsset:
    """The code as an asset of a stack.

    Attributes:
        bucket: The name of its bucket.
        key: Its key there.
        metadata: What a function with this code says of it to tools that run functions locally; empty if the app does
            not ask for that.
    """

    bucket: str
    key: str
    metadata: Mapping[str, object]


def code_asset(scope: Construct) -> CodeAsset:
    """The code as an asset of a stack."""
    stack, node = stack_of(scope), scope.node
    synthesizer = None if _has_own_synthesizer() else stack.synthesizer
    # The same object twice: Python has created it. The CDK then uses a copy, which Python cannot reach.
    if synthesizer is None or synthesizer is stack.synthesizer:
        archive = _packed_code(_lasting_folder(node, Stage.of(scope)))
        asset = cdk.aws_s3_assets.Asset(scope, "Code", path=archive, asset_hash=content_hash())
        bucket, key, path = asset.s3_bucket_name, asset.s3_object_key, asset.asset_path
    else:
        # The same without the bucket as a construct, for which the CDK loads S3 and the facts of all Regions.
        path, source_hash = _staged(scope, node)
        location = synthesizer.add_file_asset(
            packaging=FileAssetPackaging.FILE,
            source_hash=source_hash,
            file_name=path,
            display_name="CleanRoomsMLProvider/Code",
        )
        bucket, key = location.bucket_name, location.object_key
    is_described = node.try_get_context(_METADATA_ENABLED)
    metadata = {"aws:asset:path": path, "aws:asset:is-bundled": False, "aws:asset:property": "Code"}
    return CodeAsset(bucket, key, metadata if is_described else {})


def _has_own_synthesizer() -> bool:
    """Whether Python has created a synthesizer. It may be the stack's: asking for that one prints a warning of jsii."""
    references = getattr(getattr(jsii, "_reference_map", None), "_refs", None)
    created: Mapping[str, object] = getattr(references, "_refs", {})
    return any(isinstance(each, StackSynthesizer) for each in created.values())


def _staged(scope: Construct, node: Node) -> tuple[str, str]:
    """Where the archive is, as seen from the manifest of the stack, and the hash that names it.

    Written as the CDK stages it, for which the kernel would load modules that nothing else needs.
    """
    stage, parent = Stage.of(scope), Construct(scope, "Code")
    lasting = _lasting_folder(node, stage)
    folder = None if stage is None or lasting else stage.asset_outdir
    if stage is None or folder is None or not _is_reached(folder):
        archive = _packed_code(lasting)
        staging = AssetStaging(parent, "Stage", source_path=archive, asset_hash=content_hash())
        return staging.relative_staged_path(stack_of(scope)), staging.asset_hash
    # The tree has the same paths either way.
    Construct(parent, "Stage")
    source_hash = sha256(content_hash().encode()).hexdigest()
    path = os.path.join(folder, f"asset.{source_hash}.zip")
    if not os.path.exists(path):
        # Complete as soon as it is there: other processes may write the same one.
        unfinished = Path(f"{path}.{os.getpid()}")
        unfinished.write_bytes(_archive())
        unfinished.replace(path)
    return os.path.relpath(path, stage.outdir), source_hash


def _is_reached(folder: str) -> bool:
    """Whether a folder is the same to Python as to the kernel, which stays in the folder where it was started."""
    return os.path.isabs(folder) or os.environ.get("PWD") == os.getcwd()


def _lasting_folder(node: Node, stage: Stage | None) -> str | None:
    """Where the archive has to stay: in the cloud assembly, if the CDK does not copy it there (``--no-staging``)."""
    is_copied = not node.try_get_context(_STAGING_DISABLED)
    return None if is_copied or stage is None else stage.asset_outdir


@cache
def _packed_code(folder: str | None) -> str:
    """An archive with the package and nothing else.

    Args:
        folder: Where it stays. Default: a temporary folder that goes with the process, since the CDK copies the archive
            as soon as it is used.
    """
    if folder is None:
        temporary = tempfile.mkdtemp(prefix="cdk-cleanrooms-ml-")
        atexit.register(shutil.rmtree, temporary, ignore_errors=True)
        archive = Path(temporary) / f"{_PACKAGE.name}.zip"
    else:
        Path(folder).mkdir(parents=True, exist_ok=True)
        archive = Path(folder) / f"{_PACKAGE.name}.{content_hash()}.zip"
    archive.write_bytes(_archive())
    return str(archive)


@cache
def _archive() -> bytes:
    """The package and nothing else. Packing takes longer than all the rest: once per process."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for name, content in _contents():
            entry = zipfile.ZipInfo(f"{_PACKAGE.name}/{name}")
            # Lambda reads the files as another user, whatever their permissions are here.
            entry.external_attr = 0o100644 << 16
            target.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _contents() -> Iterator[tuple[str, bytes]]:
    for name in _shipped_names():
        with open(f"{_PACKAGE}/{name}", "rb") as file:
            yield name, file.read()


def _shipped_names() -> list[str]:
    """Paths below the package, with slashes. Path would take longer over them than the rest of the packing."""
    names: list[str] = []
    for folder, below, files in os.walk(_PACKAGE):
        inner = folder[len(str(_PACKAGE)) + 1 :].replace(os.sep, "/")
        if not inner and _UNSHIPPED in below:
            below.remove(_UNSHIPPED)
        names += [f"{inner}/{name}" if inner else name for name in files if name.endswith(_SHIPPED_SUFFIXES)]
    return sorted(names)
