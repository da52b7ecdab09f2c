"""What is shipped to Lambda."""

from __future__ import annotations

import importlib
import shutil
import sys
import zipfile
from pathlib import Path

import aws_cdk as cdk
import pytest

import cleanrooms_ml_handlers
from cdk_cleanrooms_ml import _asset
from tests.synth.stacks import configured


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    app = cdk.App(outdir=str(tmp_path_factory.mktemp("cdk.out")))
    configured(cdk.Stack(app, "Stack"))
    (archive,) = Path(app.synth().directory).glob("asset.*.zip")
    return zipfile.ZipFile(archive)


def test_the_asset_holds_the_handlers_and_nothing_else(shipped: zipfile.ZipFile) -> None:
    files = [Path(name) for name in shipped.namelist()]
    assert {each.parts[0] for each in files} == {"cleanrooms_ml_handlers"}
    below = {each.relative_to("cleanrooms_ml_handlers") for each in files}
    assert {Path("front.py"), Path("worker.py"), Path("model/cleanroomsml/2023-09-06/service-2.json")} <= below
    assert {each.suffix for each in files} == {".py", ".json"}
    assert not any("__pycache__" in each.parts for each in files)


def test_lambda_may_read_it_whatever_rights_the_files_have_here(shipped: zipfile.ZipFile) -> None:
    assert all((entry.external_attr >> 16) & 0o444 == 0o444 for entry in shipped.infolist())


def test_its_name_depends_on_names_and_contents_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hash_of(package: Path) -> str:
        monkeypatch.setattr(_asset, "_PACKAGE", package)
        _asset.content_hash.cache_clear()
        return _asset.content_hash()

    here = Path(cleanrooms_ml_handlers.__file__).parent
    copy = tmp_path / "site-packages" / "cleanrooms_ml_handlers"
    shutil.copytree(here, copy, copy_function=shutil.copyfile)
    (copy / "__pycache__").mkdir(exist_ok=True)
    (copy / "__pycache__" / "front.pyc").write_bytes(b"x")
    (copy / "py.typed").touch()
    assert hash_of(copy) == hash_of(here)
    (copy / "front.py").write_text((copy / "front.py").read_text() + "#\n")
    changed = hash_of(copy)
    (copy / "front.py").rename(copy / "other.py")
    assert len({hash_of(here), changed, hash_of(copy)}) == 3
    _asset.content_hash.cache_clear()


def test_constructs_never_import_boto3() -> None:
    importlib.import_module("cdk_cleanrooms_ml")
    loaded = [name for name, module in sys.modules.items() if name.startswith("cdk_cleanrooms_ml") and module]
    sources = [Path(str(sys.modules[name].__file__)).read_text() for name in loaded]
    assert sources
    assert not any("import boto" in text or "from boto" in text for text in sources)
