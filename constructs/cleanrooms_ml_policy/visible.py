"""Text from templates, which nobody may trust, for terminals and logs of continuous integration."""

from __future__ import annotations

import json
import re

# Azure Pipelines, GitHub Actions and TeamCity obey these wherever they are in a line of a log.
_COMMAND = re.compile(r"##(?=\w*\[)")


def visible(text: str) -> str:
    r"""The text in one line, with an escape for each character that a terminal does not print.

    These are escape sequences, newlines, C1 controls, bidirectional and zero-width characters, and lone surrogates:
    a report that shows them as they are can be forged. ESC becomes ``\u001b``, a newline ``\n``. Commands of build
    servers, such as ``##vso[``, become text.
    """
    if not text.isprintable():
        text = "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
    return _COMMAND.sub(r"#\\u0023", text)
