"""Small faults of the checker, which knows the service model alone, each with the test that notices it."""

from __future__ import annotations

from .mutation import Mutation

_CONSTRAINTS, _DIALECT, _MODEL = "constraints.py", "dialect.py", "model.py"

_LIMITS = "tools/limits_oracle/tests/test_limits.py::test_each_broken_constraint_is_refused_and_each_boundary_accepted"
_CHANNEL = f"{_LIMITS}[cleanroomsml-CreateMLInputChannel]"
_AUDIENCE = f"{_LIMITS}[cleanroomsml-CreateConfiguredAudienceModel]"
_BY_HAND = "tests/unit/rules/test_constraints.py::"
_BROKEN = f"{_BY_HAND}test_each_constraint_is_named"


def _weaker(about: str, old: str, new: str, test: str = _CHANNEL) -> Mutation:
    """A fault of the constraints; most are noticed with the largest request of all."""
    return Mutation(about, _CONSTRAINTS, old, new, test)


CHECKER = (
    _weaker("a length may be one more", "if not low <= len(value) <= high:", "if not low <= len(value) <= high + 1:"),
    _weaker("a length must be one more", "if not low <= len(value) <= high:", "if not low < len(value) <= high:"),
    _weaker("a number may be one more", "if not low <= value <= high:", "if not low <= value <= high + 1:"),
    _weaker("a number has no least", "if not low <= value <= high:", "if not value <= high:"),
    _weaker(
        "a list may have one item more",
        'certain <= bounds.high):\n                walk.add("count", path, f"has {len(value)} items',
        'certain <= bounds.high + 1):\n                walk.add("count", path, f"has {len(value)} items',
        _AUDIENCE,
    ),
    _weaker(
        "a map may have one entry more",
        'certain <= bounds.high):\n                walk.add("count", path, f"has {len(value)} entries',
        'certain <= bounds.high + 1):\n                walk.add("count", path, f"has {len(value)} entries',
    ),
    _weaker("the items of a list are not checked", "check_item(item, (path, index), hidden, walk)", "pass", _AUDIENCE),
    _weaker("the keys of a map are not checked", "if key_is_known:", "if False:"),
    _weaker("the values of a map are not checked", "if item_is_known:", "if False:"),
    _weaker("a pattern has no end", "pattern(text).fullmatch if text", "pattern(text).match if text"),
    _weaker(
        "a pattern has no beginning",
        "pattern(text).fullmatch if text",
        "re.compile(pattern(text).pattern + r'\\Z', re.ASCII).search if text",
    ),
    _weaker("patterns are not checked", "if matches and not matches(value):", "if False:"),
    _weaker("required is ignored", "for name in required:", "for name in ():"),
    _weaker(
        "nothing satisfies required",
        "if value.get(name) is None:",
        "if name not in value:",
        f"{_BY_HAND}test_a_required_member_may_be_unknown_but_not_absent",
    ),
    _weaker(
        "unknown members pass", 'walk.add("unknown", (path, str(name)), f"is not known; allowed are {allowed}")', "pass"
    ),
    _weaker("enumerations are ignored", "if enum and value not in enum:", "if False:"),
    _weaker("unions are ignored", "            if is_union:", "            if False:"),
    _weaker("a union may have two members", "len(certain) > 1:", "len(certain) > 2:", _BROKEN),
    _weaker(
        "true is a number",
        "if isinstance(value, bool) or not isinstance(value, int if",
        "if not isinstance(value, int if",
    ),
    _weaker(
        "1.5 is a whole number",
        "not isinstance(value, int if is_whole else int | float)",
        "not isinstance(value, int | float)",
    ),
    _weaker(
        "infinity is a number",
        "if isinstance(value, float) and not math.isfinite(value):",
        "if isinstance(value, float) and math.isnan(value):",
        _BROKEN,
    ),
    _weaker("a time is any text of its form", "datetime.fromisoformat(value)", "str(value)", _BROKEN),
    _weaker(
        "what is sensitive is shown",
        "check(value, path, not walk.show_sensitive, walk)",
        "check(value, path, False, walk)",
        f"{_BY_HAND}test_what_is_sensitive_is_shown_only_to_its_author",
    ),
    _weaker(
        "unknown values are checked",
        "elif item is not None and not walk.skip(item):",
        "elif item is not None:",
        f"{_BY_HAND}test_a_required_member_may_be_unknown_but_not_absent",
    ),
    _weaker(
        "what may be dropped counts as a member",
        "if not given or len(certain) > 1:",
        "if len(given) != 1:",
        f"{_BY_HAND}test_what_may_be_dropped_is_not_counted",
    ),
    Mutation(
        "digits of other scripts are digits",
        _DIALECT,
        "re.compile(translated, re.ASCII)",
        "re.compile(translated)",
        f"{_BY_HAND}test_patterns_mean_what_they_mean_to_the_service",
    ),
    Mutation(
        '"." is a carriage return',
        _DIALECT,
        r'r"[^\n\r\u2028\u2029]"',
        r'r"[^\n]"',
        f"{_BY_HAND}test_patterns_mean_what_they_mean_to_the_service",
    ),
    Mutation(
        "no name has characters outside the BMP",
        _DIALECT,
        "text.replace(_SURROGATES, _OUTSIDE_BMP)",
        "text",
        f"{_BY_HAND}test_every_character_is_allowed_in_names_and_descriptions",
    ),
    Mutation(
        'the text "false" is true',
        _MODEL,
        "return _BOOLEANS.get(text.lower(), text)",
        "return bool(text)",
        "tests/unit/handlers/test_model.py::test_the_strings_of_cloudformation_become_what_the_shapes_say",
    ),
    Mutation(
        "texts are cast to numbers",
        _MODEL,
        '        if kind in ("double", "float"):',
        '        if kind in ("double", "float", "string"):',
        "tests/unit/handlers/test_model.py::test_the_strings_of_cloudformation_become_what_the_shapes_say",
    ),
)
