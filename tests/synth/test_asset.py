"""What is shipped to Lambda."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
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


def _in_a_process(outdir: Path, context: str) -> None:
    """Synthesizes in a process of its own, whose end takes temporary files with it."""
    app = f"""
import aws_cdk as cdk
from tests.synth.stacks import configured
app = cdk.App(outdir={str(outdir)!r}, context={context})
configured(cdk.Stack(app, "Stack"))
configured(cdk.Stack(app, "Other"))
app.synth()
"""
    subprocess.run([sys.executable, "-c", app], check=True, capture_output=True, cwd=Path(__file__).parents[2])


def _sources(outdir: Path) -> set[str]:
    """Where the assemblies' manifests say that the archives of code lie."""
    manifests = [json.loads(path.read_text())["files"] for path in outdir.glob("*.assets.json")]
    paths = {str(file["source"]["path"]) for files in manifests for file in files.values()}
    return {path for path in paths if path.endswith(".zip")}


def test_without_staging_the_archive_outlives_the_process(tmp_path: Path) -> None:
    _in_a_process(tmp_path / "out", "{'aws:cdk:disable-asset-staging': True}")
    (source,) = _sources(tmp_path / "out")
    assert (tmp_path / "out" / source).is_file()


def test_an_assembly_can_be_copied_to_another_machine(tmp_path: Path) -> None:
    _in_a_process(tmp_path / "out", "{}")
    shutil.move(tmp_path / "out", tmp_path / "elsewhere")
    (source,) = _sources(tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / source).is_file()
    assert not Path(source).is_absolute()


@pytest.mark.parametrize("outdir", ["out", "{here}/out"])
def test_the_archive_is_in_the_assembly_wherever_the_process_goes(tmp_path: Path, outdir: str) -> None:
    # The CDK resolves a relative path in the folder where its kernel was started.
    app = f"""
import os
import aws_cdk as cdk
from tests.synth.stacks import configured
os.makedirs("elsewhere/out")
os.chdir("elsewhere")
app = cdk.App(outdir={outdir.format(here=tmp_path)!r})
configured(cdk.Stack(app, "Stack"))
app.synth()
"""
    environment = {**os.environ, "PWD": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", app], check=True, capture_output=True, cwd=tmp_path, env=environment)
    (source,) = _sources(tmp_path / "out")
    assert (tmp_path / "out" / source).is_file()
    assert not list((tmp_path / "elsewhere").rglob("*.zip"))


@pytest.mark.parametrize("pwd", ["{here}", "/"])
def test_a_stage_in_a_relative_folder_finds_the_archive(tmp_path: Path, pwd: str) -> None:
    app = """
import aws_cdk as cdk
from tests.synth.stacks import configured
app = cdk.App(outdir="out")
configured(cdk.Stack(app, "Stack"))
configured(cdk.Stack(cdk.Stage(app, "Stage"), "Stack"))
app.synth()
"""
    environment = {**os.environ, "PWD": pwd.format(here=tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", app], check=True, capture_output=True, cwd=tmp_path, env=environment)
    (source,), (nested,) = _sources(tmp_path / "out"), _sources(tmp_path / "out" / "assembly-Stage")
    assert (tmp_path / "out" / source).is_file()
    assert nested == f"../{source}"


def test_a_synthesizer_of_the_users_own_says_where_the_code_goes_and_nothing_is_warned_of(tmp_path: Path) -> None:
    app = f"""
import aws_cdk as cdk
from tests.synth.stacks import configured
own = cdk.DefaultStackSynthesizer(file_assets_bucket_name="own-bucket", bucket_prefix="code/")
app = cdk.App(outdir={str(tmp_path)!r}, default_stack_synthesizer=cdk.DefaultStackSynthesizer(qualifier="company"))
configured(cdk.Stack(app, "Own", synthesizer=own))
configured(cdk.Stack(app, "OfTheApp"))
app.synth()
"""
    command = [sys.executable, "-c", app]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert "[jsii/kernel] WARNING" not in ended.stderr
    own, of_the_app = (
        json.loads((tmp_path / f"{name}.template.json").read_text())["Resources"]["CleanRoomsMLFront"]["Properties"]
        for name in ("Own", "OfTheApp")
    )
    assert own["Code"]["S3Bucket"] == "own-bucket"
    assert own["Code"]["S3Key"].startswith("code/")
    assert "cdk-company-assets-" in str(of_the_app["Code"]["S3Bucket"])


def test_functions_say_where_their_code_is_for_tools_that_run_them_locally(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path), context={"aws:cdk:enable-asset-metadata": True})
    configured(cdk.Stack(app, "Stack"))
    app.synth()
    template = json.loads((tmp_path / "Stack.template.json").read_text())
    for name in ("CleanRoomsMLFront", "CleanRoomsMLWorker"):
        metadata = template["Resources"][name]["Metadata"]
        assert (tmp_path / metadata["aws:asset:path"]).is_file()
        assert metadata["aws:asset:property"] == "Code"
