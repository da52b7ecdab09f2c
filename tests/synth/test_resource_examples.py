"""The example of each resource, as a person copies it."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_policy import check_template

EXAMPLES = Path(__file__).parents[2] / "examples" / "resources"
NATIVE = ("TrainingDataset", "ConfiguredModelAlgorithm", "ConfiguredModelAlgorithmAssociation")
TYPES = {
    **{spec.kind: spec.resource_type for spec in SPECS},
    **{kind: f"AWS::CleanRoomsML::{kind}" for kind in NATIVE},
}


def _kind_of(path: Path) -> str:
    words = [word.replace("ml", "ML") if word == "ml" else word.title() for word in path.stem.split("_")]
    return "".join(words)


def test_every_resource_has_an_example() -> None:
    assert len(TYPES) == len(SPECS) + len(NATIVE)
    assert {_kind_of(path) for path in EXAMPLES.glob("*.py")} == set(TYPES)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_is_one_page_that_can_be_deployed(path: Path) -> None:
    assembly = Path(runpy.run_path(str(path), run_name="__main__")["app"].synth().directory)
    template = json.loads((assembly / "Example.template.json").read_text())
    assert TYPES[_kind_of(path)] in {resource["Type"] for resource in template["Resources"].values()}
    assert check_template(template, advice=True) == []
    assert len(path.read_text().splitlines()) <= 55


# What the resources need around them: a construct of each type is in one of these.
AROUND = {
    "collaboration": {"AWS::CleanRooms::Collaboration", "AWS::CleanRooms::Membership"},
    "tables": {
        "AWS::CleanRooms::ConfiguredTable",
        "AWS::CleanRooms::ConfiguredTableAssociation",
        "AWS::CleanRooms::PrivacyBudgetTemplate",
    },
    "analysis_template": {"AWS::CleanRooms::AnalysisTemplate"},
    "provider": {"AWS::Lambda::Function", "AWS::StepFunctions::StateMachine", "AWS::CloudWatch::Alarm"},
}


@pytest.mark.parametrize("path", sorted((EXAMPLES.parent / "around").glob("*.py")), ids=lambda path: path.stem)
def test_an_example_of_what_is_around_can_be_deployed(path: Path) -> None:
    assembly = Path(runpy.run_path(str(path), run_name="__main__")["app"].synth().directory)
    template = json.loads((assembly / "Example.template.json").read_text())
    assert AROUND[path.stem] <= {resource["Type"] for resource in template["Resources"].values()}
    assert check_template(template, advice=True) == []
