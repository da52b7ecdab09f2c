"""Tables, code and options in the pages about policy checks are up to date."""

from __future__ import annotations

import inspect
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from aws_cdk import Acknowledgment, Duration, Validations

from cdk_cleanrooms_ml import CleanRoomsMLChecks
from cleanrooms_ml_cli.check.source import MAX_NESTED_ASSEMBLIES
from cleanrooms_ml_cli.check.yaml_bounds import MAX_VALUES
from cleanrooms_ml_cli.main import main
from cleanrooms_ml_policy import Policy
from cleanrooms_ml_policy.catalog import entries
from cleanrooms_ml_policy.reading import MAX_DEPTH, MAX_TEMPLATE_BYTES
from tests.synth.stacks import channel, new_stack

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of the page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_every_rule_has_a_line_with_reason_and_fix() -> None:
    for entry in entries().values():
        assert TEXT.count(f"| `{entry.id}` |") == 1
        assert entry.reason
        assert entry.fix.endswith((".", ")"))


def test_the_code_runs() -> None:
    app_code, acknowledge_code = blocks("python")
    stack = new_stack()
    scope = {"app": stack.node.root, "channel": channel(stack)}
    exec(app_code, scope)
    exec(acknowledge_code, scope)
    assert {"Acknowledgment": Acknowledgment, "Duration": Duration, "Validations": Validations}.items() <= scope.items()


def test_the_settings_are_all_settings() -> None:
    (toml,) = blocks("toml")
    settings = tomllib.loads(toml)["policy"]
    assert set(settings) == {setting.name for setting in fields(Policy)}
    Policy.of(settings)


def test_the_plugin_has_every_setting_by_its_name() -> None:
    keywords = set(inspect.signature(CleanRoomsMLChecks).parameters)
    assert keywords == {setting.name for setting in fields(Policy)} - {"max_retention_days"} | {"max_retention"}


def test_the_options_are_real(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["check", "--help"]):
        with pytest.raises(SystemExit):
            main(arguments)
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT)) <= known


def test_the_bounds_are_those_of_the_code() -> None:
    assert f"more than {MAX_TEMPLATE_BYTES // 1024**2} MB or, in YAML, more than {MAX_VALUES:,} values" in TEXT
    assert f"nested more than {MAX_DEPTH} levels deep" in TEXT
    assert f"nested assemblies more than {MAX_NESTED_ASSEMBLIES} levels deep" in TEXT


def test_the_example_has_the_settings_of_its_app() -> None:
    folder = ROOT / "examples" / "policy-checks"
    settings = tomllib.loads((folder / "cleanrooms-ml.toml").read_text())["policy"]
    code = (folder / "app.py").read_text()
    for name, value in settings.items():
        written = f"max_retention=cdk.Duration.days({value})" if name == "max_retention_days" else f"{name}={value}"
        assert written.replace("'", '"') in code
