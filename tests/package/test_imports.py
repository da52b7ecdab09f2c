"""Importing the library loads no service of the CDK until it is used; its names are all there."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import cdk_cleanrooms_ml

from .conftest import ROOT, SOURCE_ROOTS

SERVICES = re.compile(
    r"\baws_cdk\.(interfaces\.)?"
    r"aws_(ec2|lambda|stepfunctions|sqs|ecr|cleanrooms|cleanroomsml|logs|events|cloudwatch|cloudwatch_actions|sns)\b"
)
CONSTRUCTS = ROOT / "constructs"
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / each) for each in SOURCE_ROOTS)}


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs Python in a process of its own."""
    return subprocess.run(
        [sys.executable, *arguments], check=True, capture_output=True, text=True, env=ENVIRONMENT, cwd=ROOT
    )


def test_importing_the_library_loads_no_service() -> None:
    times = python("-X", "importtime", "-c", "import cdk_cleanrooms_ml").stderr
    assert "cdk_cleanrooms_ml" in times
    assert not SERVICES.findall(times)
    # The pattern would find them.
    assert SERVICES.search(python("-X", "importtime", "-c", "import aws_cdk.aws_sqs").stderr)


def test_names_load_no_service_beyond_what_their_classes_extend() -> None:
    code = """
import json, sys
from aws_cdk import aws_iam, aws_kms, aws_s3
before = set(sys.modules)
import cdk_cleanrooms_ml
for name in cdk_cleanrooms_ml.__all__:
    getattr(cdk_cleanrooms_ml, name)
print(json.dumps(sorted(set(sys.modules) - before)))
"""
    loaded = {name for name in json.loads(python("-c", code).stdout) if SERVICES.search(name)}
    references = ("aws_cdk.interfaces.aws_cleanrooms", "aws_cdk.interfaces.aws_cleanroomsml")
    assert {name for name in loaded if not name.endswith("._private")} == set(references)


def test_a_synth_loads_in_addition_only_the_service_of_logs() -> None:
    code = """
import json, os, sys, tempfile, runpy
from aws_cdk import aws_iam, aws_kms, aws_s3
before = set(sys.modules)
os.environ["CDK_OUTDIR"] = tempfile.mkdtemp()
runpy.run_module("benchmarks.apps.channel")
print(json.dumps(sorted(set(sys.modules) - before)))
"""
    loaded = {name for name in json.loads(python("-c", code).stdout) if SERVICES.search(name)}
    allowed = {"aws_cleanrooms", "aws_cleanroomsml", "aws_logs"}
    assert {name.split(".")[-1] for name in loaded if not name.endswith("._private")} == allowed


def test_checkers_see_the_names_that_python_has() -> None:
    source = (CONSTRUCTS / "cdk_cleanrooms_ml" / "__init__.py").read_text(encoding="utf-8")
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom) and node.level == 1]
    seen = {alias.name: f"cdk_cleanrooms_ml.{node.module}" for node in imports for alias in node.names}
    assert sorted(seen) == cdk_cleanrooms_ml.__all__
    for name, module in seen.items():
        assert getattr(cdk_cleanrooms_ml, name) is getattr(import_module(module), name)


def test_every_name_is_listed_and_no_other_is_there() -> None:
    fresh = "import cdk_cleanrooms_ml as c; assert {*c.__all__, '__all__', '__name__'} <= set(dir(c))"
    python("-c", fresh)
    python("-c", "from cdk_cleanrooms_ml import *; MLInputChannel, CleanRoomsMLProvider")
    with pytest.raises(AttributeError, match=r"^module 'cdk_cleanrooms_ml' has no attribute 'MLInputChanel'$"):
        getattr(cdk_cleanrooms_ml, "MLInputChanel")  # noqa: B009
    with pytest.raises(ImportError, match="cannot import name 'MLInputChanel' from 'cdk_cleanrooms_ml'"):
        exec("from cdk_cleanrooms_ml import MLInputChanel")


def test_a_submodule_is_found_as_ever() -> None:
    assert Path(str(import_module("cdk_cleanrooms_ml.patterns").__file__)).parent.name == "patterns"
