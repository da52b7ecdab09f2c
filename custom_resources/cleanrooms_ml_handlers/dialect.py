"""The patterns of a service model, read by Python's re."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

# Smithy uses ECMAScript's dialect: `\d` and `\w` mean ASCII, "." does not match the end of a line, "$" matches the
# end of the text only and `\s` matches every white space of Unicode.
_DIALECT = {
    ".": r"[^\n\r\u2028\u2029]",
    "$": r"\Z",
    r"\s": r"[\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]",
}
_CATEGORY = re.compile(r"\\p\{(\w+)\}")
_ATOM = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|[.$]")
# The models write "every character outside the BMP" as surrogates, which no Python string contains.
_SURROGATES = r"\uD800\uDBFF-\uDC00\uDFFF"
_OUTSIDE_BMP = "\U00010000-\U0010ffff"


def bmp(text: str) -> str:
    """A model's pattern without surrogates: the characters outside the BMP that they represent."""
    return text.replace(_SURROGATES, _OUTSIDE_BMP)


@cache
def _characters(category: str) -> str:
    """The characters of a category of Unicode, as ranges inside brackets; re has no names for them."""
    members = [code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)).startswith(category)]
    ranges: list[tuple[int, int]] = []
    for code in members:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1] = (ranges[-1][0], code)
        else:
            ranges.append((code, code))
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A model's pattern, for `fullmatch`: the service matches the whole value."""
    text = _CATEGORY.sub(lambda found: _characters(found[1]), text)
    translated = _ATOM.sub(lambda atom: _DIALECT.get(atom[0], atom[0]), bmp(text))
    return re.compile(translated, re.ASCII)
