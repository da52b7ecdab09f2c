"""The meaning of the service model's own constraints, where it is easy to get wrong."""

from __future__ import annotations

import math
from typing import Any

import pytest

from cleanrooms_ml_handlers.constraints import Checker, Walk
from cleanrooms_ml_handlers.dialect import pattern
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.problem import Problem, nothing_is_unknown, shown

from .requests import CREATE_CHANNEL, CREATE_MODEL, MAYBE, START_JOB, Unknown, channel, job, model, unknown, worker_of

ML = service_model("cleanroomsml")

SHAPES: dict[str, dict[str, Any]] = {
    "Text": {"type": "string"},
    "Word": {"type": "string", "min": 2, "max": 4, "pattern": "a|ab+"},
    "Part": {"type": "double", "min": 0.5, "max": 1},
    "AnyPart": {"type": "float"},
    "Count": {"type": "long", "min": 1},
    "Few": {"type": "integer", "max": 9},
    "Flag": {"type": "boolean"},
    "Time": {"type": "timestamp"},
    "Words": {"type": "list", "member": {"shape": "Word"}, "min": 1, "max": 2},
    "Dictionary": {
        "type": "map",
        "key": {"shape": "Word"},
        "value": {"shape": "Text"},
        "min": 1,
        "max": 2,
    },
    "Choice": {"type": "structure", "union": True, "members": {"a": {"shape": "Flag"}, "b": {"shape": "Text"}}},
    "Tree": {"type": "structure", "members": {"below": {"shape": "Tree"}, "leaf": {"shape": "Few"}}},
    "Secret": {"type": "structure", "sensitive": True, "members": {"words": {"shape": "Dictionary"}}},
}


def problems(shape: str, value: object, skip: Any = nothing_is_unknown, *, show: bool = False) -> list[Problem]:
    walk = Walk(skip, show)
    Checker(SHAPES).of(shape)(value, None, False, walk)
    return walk.problems


def broken(shape: str, value: object, skip: Any = nothing_is_unknown) -> list[str]:
    return [
        f"{problem.path}: {problem.rule.removeprefix('cleanrooms-ml:')}" for problem in problems(shape, value, skip)
    ]


@pytest.mark.parametrize(
    ("shape", "value", "constraint"),
    [
        ("Part", True, "type"),
        ("Part", "1", "type"),
        ("Part", math.nan, "type"),
        ("AnyPart", math.inf, "type"),
        ("Part", math.nextafter(0.5, 0), "range"),
        ("Part", math.nextafter(1, 2), "range"),
        ("Count", 1.0, "type"),
        ("Count", True, "type"),
        ("Count", 0, "range"),
        ("Few", 10, "range"),
        ("Flag", 1, "type"),
        ("Flag", "true", "type"),
        ("Time", "2026-01-31", "type"),
        ("Time", "2026-13-01T00:00:00Z", "type"),
        ("Time", 1769817600, "type"),
        ("Text", b"bytes", "type"),
        ("Word", "a", "length"),
        ("Word", "abbbb", "length"),
        ("Word", "xab", "pattern"),
        ("Word", "abx", "pattern"),
        ("Words", "ab", "type"),
        ("Words", [], "count"),
        ("Words", ["ab", "ab", "ab"], "count"),
        ("Dictionary", ["ab"], "type"),
        ("Dictionary", {}, "count"),
        ("Choice", {}, "union"),
        ("Choice", {"a": None}, "union"),
        ("Choice", {"a": True, "b": "text"}, "union"),
        ("Tree", "leaf", "type"),
    ],
)
def test_each_constraint_is_named(shape: str, value: object, constraint: str) -> None:
    assert broken(shape, value) == [f": {constraint}"]


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        ("Part", 0.5),
        ("Part", 1),
        ("AnyPart", -1e300),
        ("Count", 1),
        ("Count", 10**400),
        ("Few", 9),
        ("Few", -(10**400)),
        ("Flag", False),
        ("Time", "2026-01-31T12:00:00Z"),
        ("Time", "2026-01-31T12:00:00.123456789+01:00"),
        ("Word", "ab"),
        ("Word", "abbb"),
        ("Words", ("ab", "abb")),
        ("Dictionary", {"ab": "", "abb": "x"}),
        ("Choice", {"a": True, "b": None}),
        ("Tree", {"below": {"below": {"leaf": 1}}}),
    ],
)
def test_the_last_allowed_values_are_fine(shape: str, value: object) -> None:
    assert broken(shape, value) == []


def test_the_keys_and_the_values_of_a_map_are_checked() -> None:
    assert broken("Dictionary", {"x": 1}) == [' key "x": length', '["x"]: type']
    assert broken("Dictionary", {1: "x"}) == [" key 1: type"]


def test_a_shape_that_contains_itself_is_checked_at_every_depth() -> None:
    assert broken("Tree", {"below": {"below": {"leaf": 10, "twig": 1}}}) == [
        "below.below.leaf: range",
        "below.below.twig: unknown",
    ]


def test_one_bound_or_both_are_shown() -> None:
    assert [str(problem) for problem in problems("Count", 0)] == ["is 0; allowed at least 1"]
    assert [str(problem) for problem in problems("Few", 10)] == ["is 10; allowed at most 9"]
    assert [str(problem) for problem in problems("Part", 2)] == ["is 2; allowed 0.5 to 1"]


def test_what_may_be_dropped_is_not_counted() -> None:
    assert broken("Words", ["ab", "ab", MAYBE], unknown) == []
    assert broken("Words", [MAYBE], unknown) == []
    assert broken("Words", ["ab", "ab", "ab", MAYBE], unknown) == [": count"]
    assert broken("Dictionary", {"ab": "", "abb": "", "x": MAYBE}, unknown) == [' key "x": length']
    assert broken("Dictionary", {"ab": "", "abb": "", Unknown("key"): "x"}, unknown) == []
    assert broken("Choice", {"a": MAYBE, "b": MAYBE}, unknown) == []
    assert broken("Choice", {"a": MAYBE, "b": "text"}, unknown) == []
    assert broken("Choice", {"a": MAYBE}, unknown) == []


def test_an_unknown_request_has_no_problem() -> None:
    assert ML.check(CREATE_CHANNEL, MAYBE, unknown) == []


def test_a_required_member_may_be_unknown_but_not_absent() -> None:
    assert ML.check(CREATE_CHANNEL, channel(name=MAYBE), unknown) == []
    assert [str(problem) for problem in ML.check(CREATE_CHANNEL, channel(name=None), unknown)] == [
        "name is missing; it is required"
    ]


def test_what_is_sensitive_is_shown_only_to_its_author() -> None:
    secret = {"words": {"s3cret": 1}}
    hidden = "\n".join(map(str, problems("Secret", secret)))
    assert "s3cret" not in hidden
    assert hidden == "words key *** has 6 characters; allowed 2 to 4\nwords[***] is ***; a string is needed"
    assert 'words["s3cret"] is 1; a string is needed' in "\n".join(map(str, problems("Secret", secret, show=True)))
    query = channel({"queryString": 1})
    assert "is ***;" in str(ML.check(CREATE_CHANNEL, query)[0])
    assert "is 1;" in str(ML.check(CREATE_CHANNEL, query, show_sensitive=True)[0])


def test_every_type_of_the_service_models_can_be_checked() -> None:
    for service in ("cleanroomsml", "cleanrooms"):
        stored = service_model(service)
        checker = Checker(stored.shapes)
        for name in stored.shapes:
            assert callable(checker.of(name))


@pytest.mark.parametrize(
    ("text", "fits", "fits_not"),
    [
        # Differences between ECMAScript and Python's re.
        (r"[\d]{2}", "42", "٤٢"),
        (r"\w+", "name", "naïve"),
        (r"s3://.+", "s3://bucket/key", "s3://bucket\rkey"),
        (r".*", "text", "line\u2028line"),
        (r"a$", "a", "a\n"),
        (r"(?!\s*$)[\u0020-\uD7FF]*", "\u00a0x", "\u00a0\u2003"),
        (r"[\S\s]*", "any\nthing", None),
        (r"[a\]b.$]+", "]ab.$", "c"),
        # Unanchored alternatives must match the whole value too.
        (r"a|ab", "ab", "abc"),
    ],
)
def test_patterns_mean_what_they_mean_to_the_service(text: str, fits: str, fits_not: str | None) -> None:
    assert pattern(text).fullmatch(fits)
    if fits_not is not None:
        assert not pattern(text).fullmatch(fits_not)


@pytest.mark.parametrize("character", ["😀", "𝒳", "\U00010000", "\U0010ffff", "é", "\ud7ff", "\ue000", "\ufffd", "\t"])
def test_every_character_is_allowed_in_names_and_descriptions(character: str) -> None:
    assert ML.check(CREATE_CHANNEL, channel(name=f"a{character}", description=character)) == []


@pytest.mark.parametrize("character", ["\ufffe", "\uffff", "\ud800", "\x00", "\x1f"])
def test_what_is_not_a_character_is_refused(character: str) -> None:
    found = ML.check(CREATE_CHANNEL, channel(name=f"a{character}", description=character))
    assert [problem.rule for problem in found] == ["cleanrooms-ml:pattern"] * 2


def test_a_length_counts_characters_and_not_surrogates() -> None:
    assert ML.check(CREATE_CHANNEL, channel(name="😀" * 63)) == []
    assert len(ML.check(CREATE_CHANNEL, channel(name="😀" * 64))) == 1


def test_a_whole_float_is_cast_because_json_has_no_integers() -> None:
    request = channel(retentionInDays=30.0)
    worker_of(request)["number"] = 16.5
    cast = ML.cast(CREATE_CHANNEL, request)
    assert repr(cast["retentionInDays"]) == "30"
    assert worker_of(cast)["number"] == 16.5
    # Larger ones are how the CDK encodes numbers that it does not know.
    assert ML.cast(CREATE_CHANNEL, {"retentionInDays": -1.888e289}) == {"retentionInDays": -1.888e289}


def test_the_requests_that_the_other_tests_break_are_valid() -> None:
    assert ML.check(CREATE_CHANNEL, channel()) == []
    assert ML.check(START_JOB, job()) == []
    assert ML.check(CREATE_MODEL, model([1, 2])) == []


def test_a_shortened_value_is_shown_with_its_length() -> None:
    assert shown("x" * 58) == f'"{"x" * 58}"'
    assert shown("\n" * 70) == '"' + "\\n" * 29 + "\\… (70 characters)"
    assert shown(10**70) == f"1{'0' * 59}… (71 characters)"
