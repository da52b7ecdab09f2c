"""The page as one document: its HTML, styles, script and facts, and the policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path

from ..emulator.calls import operations
from ..emulator.control.endpoint import RUN_KINDS
from ..emulator.kinds import KINDS
from ..emulator.kinds.custom import CUSTOM_KINDS
from ..emulator.kinds.lookalike import LOOKALIKE_KINDS
from ..emulator.rules.resource_policy import POLICY_KIND
from ..emulator.state.faults import ANY_OPERATION, FAULT_KINDS

_FOLDER = Path(__file__).parent
_STYLES = (_FOLDER / "page.css").read_text("utf-8")
# One script, in which the parts without a document come first.
_SCRIPT = "\n".join((_FOLDER / name).read_text("utf-8") for name in ("view.js", "elements.js", "page.js"))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# Buckets and functions answer under the same origin, so 'self' would allow their scripts: the hash allows this one.
POLICY = "; ".join(
    (
        "default-src 'none'",
        f"script-src {_hash(_SCRIPT)}",
        f"style-src {_hash(_STYLES)}",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)


@cache
def document() -> str:
    """The HTML of the page."""
    page = (_FOLDER / "page.html").read_text("utf-8")
    for name, text in (("styles", _STYLES), ("facts", _json(facts())), ("script", _SCRIPT)):
        before, found, after = page.partition(f"{{{{{name}}}}}")
        assert found, name
        page = f"{before}{text}{after}"
    return page


def facts() -> dict[str, object]:
    """What the page knows without asking: kinds, operations and what the control endpoint accepts."""
    own = [*(kind.name for kind in (*LOOKALIKE_KINDS, *CUSTOM_KINDS)), POLICY_KIND]
    return {
        "groups": [
            {"title": "Clean Rooms ML", "kinds": own},
            {"title": "Clean Rooms", "kinds": [name for name in KINDS if name not in own]},
        ],
        "operations": [ANY_OPERATION, *sorted(operations())],
        "faultKinds": list(FAULT_KINDS),
        "runKinds": list(RUN_KINDS),
    }


def _json(value: object) -> str:
    """JSON that cannot end the element that it is in."""
    return json.dumps(value).replace("<", "\\u003c")
