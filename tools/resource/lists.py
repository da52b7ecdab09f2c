"""The lists that name every resource: specs, constructs, facts for the lifecycle tests, pages of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

from .resource import Resource
from .tests_text import facts

SPECS = Path("custom_resources/cleanrooms_ml_handlers/resources/__init__.py")
CONSTRUCTS = Path("constructs/cdk_cleanrooms_ml/__init__.py")
FACTS = Path("simulator/cleanrooms_ml_simulator/lifecycle/kinds.py")
PAGES = Path("tools/site/constructs.py")


def enter(one: Resource, root: Path) -> list[Path]:
    """Enters a resource in each list and returns the files that changed."""
    edits = {
        SPECS: (
            ("\nSPECS: ", f"from .{one.stem} import {one.constant}\n\nSPECS: "),
            ("\n)\n\n\ndef spec_of", f"\n    {one.constant},\n)\n\n\ndef spec_of"),
        ),
        CONSTRUCTS: (
            (
                "\nelse:\n    _MODULES = {\n",
                "".join(f"\n    from .{one.stem} import {name} as {name}" for name in _exported(one))
                + "\nelse:\n    _MODULES = {\n",
            ),
            (
                "\n    }\n    __all__ = ",
                "".join(f'\n        "{name}": "{one.stem}",' for name in _exported(one)) + "\n    }\n    __all__ = ",
            ),
        ),
        PAGES: ((_SECTION_ENDS[_section(one)], f"{_SECTION_ENDS[_section(one)]}{_page(one)}"),),
        FACTS: ((re.search(r"\n\}\n\Z", _text(root, FACTS)), f"\n{facts(one)}}}\n"),),
    }
    for path, changes in edits.items():
        text = _text(root, path)
        for position, new in changes:
            old = position if isinstance(position, str) else position[0] if position else ""
            if not old or text.count(old) < 1:
                raise SystemExit(f"{path} does not look as expected; enter {one.kind} there by hand")
            head, _, tail = text.rpartition(old)
            text = f"{head}{new}{tail}"
        (root / path).write_text(text, encoding="utf-8")
    return list(edits)


# The last page of each section of the documentation that has resources.
_SECTION_ENDS = {
    "Custom models": '            "trained_model_inference_job",\n',
    "Lookalike audiences": '            "audience_export_job",\n',
    "The collaboration": '        "analysis_template": f"{_AROUND}/analysis_template.py",\n',
}


def _section(one: Resource) -> str:
    """Custom models belong to memberships, lookalike audiences to an account."""
    if one.service != "cleanroomsml":
        return "The collaboration"
    return "Custom models" if one.in_membership else "Lookalike audiences"


def _page(one: Resource) -> str:
    if _section(one) == "The collaboration":
        return f'        "{one.stem}": f"{{_RESOURCES}}/{one.stem}.py",\n'
    return f'            "{one.stem}",\n'


def _exported(one: Resource) -> list[str]:
    return [one.kind, f"{one.kind}Grants", f"I{one.kind}"]


def _text(root: Path, path: Path) -> str:
    return (root / path).read_text(encoding="utf-8")
