"""The pages of the constructs: an example that is tested, and the options from the docstrings."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import ROOT

PACKAGE = "cdk_cleanrooms_ml"
SOURCES = ROOT / "constructs" / PACKAGE
FOLDER = "constructs"

# The constructs by section, each with the module of its page and its example.
_RESOURCES = "examples/resources"
_AROUND = "examples/around"
SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Custom models": {
        name: f"{_RESOURCES}/{name}.py"
        for name in (
            "ml_configuration",
            "configured_model_algorithm",
            "configured_model_algorithm_association",
            "ml_input_channel",
            "trained_model",
            "trained_model_export_job",
            "trained_model_inference_job",
        )
    },
    "Lookalike audiences": {
        name: f"{_RESOURCES}/{name}.py"
        for name in (
            "training_dataset",
            "audience_model",
            "configured_audience_model",
            "configured_audience_model_policy",
            "configured_audience_model_association",
            "audience_generation_job",
            "audience_export_job",
        )
    },
    "The collaboration": {
        "collaboration": f"{_AROUND}/collaboration.py",
        "membership": f"{_AROUND}/collaboration.py",
        "configured_table": f"{_AROUND}/tables.py",
        "configured_table_association": f"{_AROUND}/tables.py",
        "privacy_budget_template": f"{_AROUND}/tables.py",
        "analysis_template": f"{_AROUND}/analysis_template.py",
    },
    "Whole use cases": {
        "patterns.custom_model_training": "examples/custom-model/app.py",
        "patterns.lookalike": "examples/lookalike/app.py",
    },
    "Provider and checks": {
        "_provider": f"{_AROUND}/provider.py",
        "checks": "examples/policy-checks/app.py",
    },
}
_TITLES = {
    "_provider": "CleanRoomsMLProvider",
    "checks": "CleanRoomsMLChecks",
    "patterns.custom_model_training": "Custom model training",
    "patterns.lookalike": "Lookalike",
}
VALUES = "values"


@dataclass(frozen=True)
class Page:
    """A page of the site that has no file.

    Attributes:
        uri: Its path in the site's sources.
        title: Its title.
        text: Its Markdown.
    """

    uri: str
    title: str
    text: str


def public_names() -> dict[str, list[str]]:
    """The public names of the package by their modules, as ``__init__`` exports them."""
    modules: dict[str, list[str]] = {}
    for package in ("", "patterns."):
        path = SOURCES / package.replace(".", "/") / "__init__.py"
        text = re.sub(r"\(\s*([^)]*?),?\s*\)", r"\1", path.read_text("utf-8"))
        for module, names in re.findall(r"^\s*from \.(\w+) import (.+)$", text, re.MULTILINE):
            for name in names.split(","):
                modules.setdefault(package + module, []).append(name.split(" as ")[0].strip())
    return modules


def _title(module: str, names: list[str]) -> str:
    if module in _TITLES:
        return _TITLES[module]
    stem = module.replace("_", "")
    return next(name for name in names if name.lower() == stem)


def _order(title: str, name: str) -> tuple[bool, bool, str]:
    """The construct first, interfaces and grants last."""
    return (name != title, (name.startswith("I") and name[1:2].isupper()) or name.endswith("Grants"), name)


def _reference(module: str, names: list[str]) -> str:
    return "\n\n".join(f"::: {PACKAGE}.{module}.{name}" for name in names)


def _lead(path: str) -> str:
    """The first sentences of an example's docstring: what the construct is for."""
    docstring = ast.get_docstring(ast.parse((ROOT / path).read_text("utf-8"))) or ""
    lead = docstring.partition("\n\n")[0].removeprefix("An example: ").replace("\n", " ")
    return lead[:1].upper() + lead[1:]


def _import(module: str, names: list[str]) -> str:
    package = f"{PACKAGE}.patterns" if module.startswith("patterns.") else PACKAGE
    return f"```python\nfrom {package} import {names[0]}\n```"


def example(path: str) -> str:
    """A code block with a file of the checkout."""
    language = {".py": "python", ".yml": "yaml", ".yaml": "yaml", ".json": "json", ".toml": "toml"}
    source = (ROOT / path).read_text("utf-8").rstrip()
    return f'```{language[Path(path).suffix]} title="{path}"\n{source}\n```'


def pages() -> dict[str, list[Page]]:
    """The pages by section."""
    names = public_names()
    found: dict[str, list[Page]] = {}
    for section, modules in SECTIONS.items():
        for module, path in modules.items():
            title = _title(module, names[module])
            own = sorted(names.pop(module), key=lambda name: _order(title, name))
            parts = [f"# {title}", _lead(path), _import(module, own), "## Example", example(path)]
            parts += ["## Options", _reference(module, own[:1])]
            if own[1:]:
                parts += ["## With it", _reference(module, own[1:])]
            text = "\n\n".join(parts) + "\n"
            uri = f"{FOLDER}/{module.removeprefix('_').replace('.', '_')}.md"
            found.setdefault(section, []).append(Page(uri, title, text))
    rest = "\n\n".join(_reference(module, sorted(names[module])) for module in sorted(names))
    values = f"# Values\n\nWhat the constructs take and return, in the order of their modules.\n\n{rest}\n"
    found["Provider and checks"].append(Page(f"{FOLDER}/{VALUES}.md", "Values", values))
    return found
