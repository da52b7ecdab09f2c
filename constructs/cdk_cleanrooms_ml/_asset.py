"""The Lambda code: what is shipped, and under which name.

The package is in a folder of its own in a checkout and among everything else in site-packages. An archive that
holds it alone, named by its content, is the same asset from both.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import aws_cdk as cdk
import jsii
from aws_cdk import AssetStaging, FileAssetPackaging, StackSynthesizer, Stage
from constructs import Construct

import cleanrooms_ml_handlers

from ._stack import stack_of

_PACKAGE = Path(cleanrooms_ml_handlers.__file__).parent
_STAGING_DISABLED = "aws:cdk:disable-asset-staging"
_METADATA_ENABLED = "aws:cdk:enable-asset-metadata"
_SHIPPED_SUFFIXES = frozenset({".py", ".json"})
# Rules are checked at synth; the functions do not import them.
_UNSHIPPED = "rules"


def shipped_files() -> list[Path]:
    """The files of the Lambda functions, in an order that does not depend on the machine."""
    files = [path for path in _PACKAGE.rglob("*") if path.suffix in _SHIPPED_SUFFIXES and path.is_file()]
    shipped = [path for path in files if path.relative_to(_PACKAGE).parts[0] != _UNSHIPPED]
    return sorted(shipped, key=lambda path: path.relative_to(_PACKAGE).as_posix())


@cache
def content_hash() -> str:
    """The hash of all names and contents, and of nothing else."""
    result = sha256()
    for path in shipped_files():
        content = path.read_bytes()
        result.update(f"{path.relative_to(_PACKAGE).as_posix()}\n{len(content)}\n".encode())
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
    archive = _packed_code(_lasting_folder(scope))
    stack = stack_of(scope)
    synthesizer = None if _has_own_synthesizer() else stack.synthesizer
    # The same object twice: Python has created it. The CDK then uses a copy, which Python cannot reach.
    if synthesizer is None or synthesizer is stack.synthesizer:
        asset = cdk.aws_s3_assets.Asset(scope, "Code", path=archive, asset_hash=content_hash())
        bucket, key, path = asset.s3_bucket_name, asset.s3_object_key, asset.asset_path
    else:
        # The same without the bucket as a construct, for which the CDK loads S3 and the facts of all Regions.
        staging = AssetStaging(Construct(scope, "Code"), "Stage", source_path=archive, asset_hash=content_hash())
        path = staging.relative_staged_path(stack)
        location = synthesizer.add_file_asset(
            packaging=FileAssetPackaging.FILE,
            source_hash=staging.asset_hash,
            file_name=path,
            display_name="CleanRoomsMLProvider/Code",
        )
        bucket, key = location.bucket_name, location.object_key
    is_described = scope.node.try_get_context(_METADATA_ENABLED)
    metadata = {"aws:asset:path": path, "aws:asset:is-bundled": False, "aws:asset:property": "Code"}
    return CodeAsset(bucket, key, metadata if is_described else {})


def _has_own_synthesizer() -> bool:
    """Whether Python has created a synthesizer. It may be the stack's: asking for that one prints a warning of jsii."""
    references = getattr(getattr(jsii, "_reference_map", None), "_refs", None)
    created: Mapping[str, object] = getattr(references, "_refs", {})
    return any(isinstance(each, StackSynthesizer) for each in created.values())


def _lasting_folder(scope: Construct) -> str | None:
    """Where the archive has to stay: in the cloud assembly, if the CDK does not copy it there (``--no-staging``)."""
    stage = Stage.of(scope)
    is_copied = not scope.node.try_get_context(_STAGING_DISABLED)
    return None if is_copied or stage is None else stage.asset_outdir


@cache
def _packed_code(folder: str | None) -> str:
    """An archive with the package and nothing else, created once per process.

    Args:
        folder: Where it stays. Default: a temporary folder that goes with the process, since the CDK copies the archive
            as soon as it is used.
    """
    if folder is None:
        temporary = tempfile.mkdtemp(prefix="cdk-cleanrooms-ml-")
        atexit.register(shutil.rmtree, temporary, ignore_errors=True)
        return _packed(Path(temporary) / f"{_PACKAGE.name}.zip")
    Path(folder).mkdir(parents=True, exist_ok=True)
    return _packed(Path(folder) / f"{_PACKAGE.name}.{content_hash()}.zip")


def _packed(archive: Path) -> str:
    with zipfile.ZipFile(archive, "w") as target:
        for path in shipped_files():
            entry = zipfile.ZipInfo(f"{_PACKAGE.name}/{path.relative_to(_PACKAGE).as_posix()}")
            # Lambda reads the files as another user, whatever their permissions are here.
            entry.external_attr = 0o100644 << 16
            target.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return str(archive)
