"""The lanes are those that the package promises."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from ... import ROOT
from ..lanes import NEWEST_PYTHON, OLDEST_PYTHON, interpreters, lanes_of, oldest_cdk, pins

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_pythons_are_those_that_the_package_names() -> None:
    named = re.findall(r"Python :: 3\.(\d+)", "\n".join(PROJECT["classifiers"]))
    assert [int(minor) for minor in named] == [*range(OLDEST_PYTHON[1], NEWEST_PYTHON[1] + 1)]
    assert PROJECT["requires-python"] == f">={OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]}"


def test_the_oldest_cdk_runs_on_the_oldest_and_the_newest_python() -> None:
    lanes = lanes_of({version: Path(version) for version in ("3.11", "3.12", "3.13", "3.14")})
    assert [lane.cdk for lane in lanes] == [oldest_cdk(), (), (), oldest_cdk()]
    assert len({lane.name for lane in lanes}) == 4
    assert dict(oldest_cdk()).keys() == {"aws-cdk-lib", "constructs"}


def test_a_lane_of_the_oldest_cdk_takes_nothing_of_the_pinned_one() -> None:
    left_out = {line.split("==")[0] for line in {*pins(False)} - {*pins(True)}}
    assert {"aws-cdk-lib", "constructs", "jsii", "aws-cdk.cloud-assembly-schema"} <= left_out
    assert "cdk-nag" not in left_out


def test_what_is_no_python_of_the_range_is_passed_over(tmp_path: Path) -> None:
    broken, old = tmp_path / "python3.12", tmp_path / "python3.11"
    broken.write_text("#!/bin/sh\nexit 1\n")
    old.write_text("#!/bin/sh\necho 3 9\n")
    for program in (broken, old):
        program.chmod(0o755)
    here = Path(sys.executable)
    assert interpreters([broken, old, here, here]) == {f"{sys.version_info[0]}.{sys.version_info[1]}": here}
