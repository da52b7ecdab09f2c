"""The Lambda code: what is shipped, and under which name.

The package is in a folder of its own in a checkout and among everything else in site-packages. An archive that
holds it alone, named by its content, is the same asset from both.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import zipfile
from functools import cache
from hashlib import sha256
from pathlib import Path

import cleanrooms_ml_handlers

_PACKAGE = Path(cleanrooms_ml_handlers.__file__).parent
_SHIPPED_SUFFIXES = frozenset({".py", ".json"})


def shipped_files() -> list[Path]:
    """The files of the Lambda functions, in an order that does not depend on the machine."""
    files = [path for path in _PACKAGE.rglob("*") if path.suffix in _SHIPPED_SUFFIXES and path.is_file()]
    return sorted(files, key=lambda path: path.relative_to(_PACKAGE).as_posix())


@cache
def content_hash() -> str:
    """The hash of all names and contents, and of nothing else."""
    result = sha256()
    for path in shipped_files():
        content = path.read_bytes()
        result.update(f"{path.relative_to(_PACKAGE).as_posix()}\n{len(content)}\n".encode())
        result.update(content)
    return result.hexdigest()


@cache
def packed_code() -> str:
    """An archive with the package and nothing else, created once per process and removed at its end.

    The CDK copies it into the cloud assembly as soon as it is used.
    """
    folder = Path(tempfile.mkdtemp(prefix="cdk-cleanrooms-ml-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    archive = folder / f"{_PACKAGE.name}.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for path in shipped_files():
            entry = zipfile.ZipInfo(f"{_PACKAGE.name}/{path.relative_to(_PACKAGE).as_posix()}")
            # Lambda reads the files as another user, whatever their permissions are here.
            entry.external_attr = 0o100644 << 16
            target.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return str(archive)
