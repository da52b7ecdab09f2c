"""Small faults of the checker and of the rules, each with the test that notices it."""

from __future__ import annotations

from .mutation import Mutation

_CONSTRAINTS, _DIALECT, _MODEL = "constraints.py", "dialect.py", "model.py"
_RULE, _SPARK, _CROSS_REQUEST, _IN_FLIGHT = (
    f"rules/{name}.py" for name in ("rule", "spark", "cross_request", "in_flight")
)
_TAGS, _SIZE, _QUERY, _POLICY = (f"rules/{name}.py" for name in ("tags", "audience_size", "query", "policy_document"))

_LIMITS = "tools/limits_oracle/tests/test_limits.py::test_each_broken_constraint_is_refused_and_each_boundary_accepted"
_CHANNEL = f"{_LIMITS}[cleanroomsml-CreateMLInputChannel]"
_AUDIENCE = f"{_LIMITS}[cleanroomsml-CreateConfiguredAudienceModel]"
_RULES = "tests/unit/rules"
_BY_HAND = f"{_RULES}/test_constraints.py::"
_BROKEN = f"{_BY_HAND}test_each_constraint_is_named"

CHECKS = (
    Mutation(
        "a length may be one more",
        _CONSTRAINTS,
        "if not low <= len(value) <= high:",
        "if not low <= len(value) <= high + 1:",
        _CHANNEL,
    ),
    Mutation(
        "a length must be one more",
        _CONSTRAINTS,
        "if not low <= len(value) <= high:",
        "if not low < len(value) <= high:",
        _CHANNEL,
    ),
    Mutation(
        "a number may be one more",
        _CONSTRAINTS,
        "if not low <= value <= high:",
        "if not low <= value <= high + 1:",
        _CHANNEL,
    ),
    Mutation("a number has no least", _CONSTRAINTS, "if not low <= value <= high:", "if not value <= high:", _CHANNEL),
    Mutation(
        "a list may have one item more",
        _CONSTRAINTS,
        'certain <= bounds.high):\n                walk.add("count", path, f"has {len(value)} items',
        'certain <= bounds.high + 1):\n                walk.add("count", path, f"has {len(value)} items',
        _AUDIENCE,
    ),
    Mutation(
        "a map may have one entry more",
        _CONSTRAINTS,
        'certain <= bounds.high):\n                walk.add("count", path, f"has {len(value)} entries',
        'certain <= bounds.high + 1):\n                walk.add("count", path, f"has {len(value)} entries',
        _CHANNEL,
    ),
    Mutation(
        "the items of a list are not checked",
        _CONSTRAINTS,
        "check_item(item, (path, index), hidden, walk)",
        "pass",
        _AUDIENCE,
    ),
    Mutation("the keys of a map are not checked", _CONSTRAINTS, "if key_is_known:", "if False:", _CHANNEL),
    Mutation("the values of a map are not checked", _CONSTRAINTS, "if item_is_known:", "if False:", _CHANNEL),
    Mutation(
        "a pattern has no end", _CONSTRAINTS, "pattern(text).fullmatch if text", "pattern(text).match if text", _CHANNEL
    ),
    Mutation(
        "a pattern has no beginning",
        _CONSTRAINTS,
        "pattern(text).fullmatch if text",
        "re.compile(pattern(text).pattern + r'\\Z', re.ASCII).search if text",
        _CHANNEL,
    ),
    Mutation("patterns are not checked", _CONSTRAINTS, "if matches and not matches(value):", "if False:", _CHANNEL),
    Mutation("required is ignored", _CONSTRAINTS, "for name in required:", "for name in ():", _CHANNEL),
    Mutation(
        "nothing satisfies required",
        _CONSTRAINTS,
        "if value.get(name) is None:",
        "if name not in value:",
        f"{_BY_HAND}test_a_required_member_may_be_unknown_but_not_absent",
    ),
    Mutation(
        "unknown members pass",
        _CONSTRAINTS,
        'walk.add("unknown", (path, str(name)), f"is not known; allowed are {allowed}")',
        "pass",
        _CHANNEL,
    ),
    Mutation("enumerations are ignored", _CONSTRAINTS, "if enum and value not in enum:", "if False:", _CHANNEL),
    Mutation("unions are ignored", _CONSTRAINTS, "            if is_union:", "            if False:", _CHANNEL),
    Mutation(
        "a union may have two members",
        _CONSTRAINTS,
        "len(certain) > 1:",
        "len(certain) > 2:",
        _BROKEN,
    ),
    Mutation(
        "true is a number",
        _CONSTRAINTS,
        "if isinstance(value, bool) or not isinstance(value, int if",
        "if not isinstance(value, int if",
        _CHANNEL,
    ),
    Mutation(
        "1.5 is a whole number",
        _CONSTRAINTS,
        "not isinstance(value, int if is_whole else int | float)",
        "not isinstance(value, int | float)",
        _CHANNEL,
    ),
    Mutation(
        "infinity is a number",
        _CONSTRAINTS,
        "if isinstance(value, float) and not math.isfinite(value):",
        "if isinstance(value, float) and math.isnan(value):",
        _BROKEN,
    ),
    Mutation("a time is any text of its form", _CONSTRAINTS, "datetime.fromisoformat(value)", "str(value)", _BROKEN),
    Mutation(
        "what is sensitive is shown",
        _CONSTRAINTS,
        "check(value, path, not walk.show_sensitive, walk)",
        "check(value, path, False, walk)",
        f"{_BY_HAND}test_what_is_sensitive_is_shown_only_to_its_author",
    ),
    Mutation(
        "unknown values are checked",
        _CONSTRAINTS,
        "elif item is not None and not walk.skip(item):",
        "elif item is not None:",
        f"{_BY_HAND}test_a_required_member_may_be_unknown_but_not_absent",
    ),
    Mutation(
        "what may be dropped counts as a member",
        _CONSTRAINTS,
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
    Mutation(
        "49 tags are allowed",
        _TAGS,
        "if count > TAGS_PER_RESOURCE:",
        "if count >= TAGS_PER_RESOURCE:",
        f"{_RULES}/test_rules.py::test_requests_within_all_rules_have_no_problem",
    ),
    Mutation(
        "AWS: is not a reserved prefix",
        "tags.py",
        "return key.lower().startswith(RESERVED_TAG_PREFIX)",
        "return key.startswith(RESERVED_TAG_PREFIX)",
        f"{_RULES}/test_rules.py::test_tags_of_aws_are_refused_in_any_case_and_not_counted",
    ),
    Mutation(
        "100 percent is too much",
        _SIZE,
        "if size > MAX_PERCENTAGE:",
        "if size >= MAX_PERCENTAGE:",
        f"{_RULES}/test_rules.py::test_a_percentage_is_at_most_100",
    ),
    Mutation(
        "a size may be named twice",
        _SIZE,
        "for item, count in counts.items() if count > 1]",
        "for item, count in counts.items() if count > 2]",
        f"{_RULES}/test_rules.py::test_a_size_is_named_once",
    ),
    Mutation(
        "a seed may have two sources",
        _RULE,
        "if at.has(first) and at.has(second):",
        "if False:",
        f"{_RULES}/test_rules.py::test_a_seed_has_one_source_and_computes_only_for_a_query",
    ),
    Mutation(
        "what is not known yet is absent",
        _RULE,
        "return not _is_nothing(self.value.get(name))",
        "return self.has(name)",
        f"{_RULES}/test_rules.py::test_a_query_is_a_text_or_a_template",
    ),
    Mutation(
        "rules apply at the top only",
        _RULE,
        "child in self._reaching and item is not None:",
        "child in self._wanted and item is not None:",
        f"{_RULES}/test_rules.py::test_a_query_is_a_text_or_a_template",
    ),
    Mutation(
        "16 workers of CR.8X are too many",
        _QUERY,
        "isinstance(number, int) and number > most:",
        "isinstance(number, int) and number >= most:",
        f"{_RULES}/test_advice.py::test_more_workers_than_the_default_quota_allows_get_advice",
    ),
    Mutation(
        "a condition key is case-sensitive",
        _POLICY,
        "key.lower() == _COLLABORATION_KEY",
        "key == _COLLABORATION_KEY",
        f"{_RULES}/test_advice.py::test_other_statements_get_none",
    ),
    Mutation(
        "Spark values have no bounds",
        _SPARK,
        "if size is not None and (low is None or size >= low)",
        "if size is not None and (low is None or True)",
        f"{_RULES}/test_spark.py::test_what_spark_does_not_read_is_reported",
    ),
    Mutation(
        "every size can be exported",
        _CROSS_REQUEST,
        "if kind == offered and wanted in bins:",
        "if kind == offered:",
        f"{_RULES}/test_cross_request.py::test_no_other_size_can_be_exported",
    ),
    Mutation(
        "a threshold has no upper bound",
        _CROSS_REQUEST,
        "is_number and low <= value <= high):",
        "is_number and low <= value):",
        f"{_RULES}/test_cross_request.py::test_no_other_threshold_of_a_score_is_allowed",
    ),
    Mutation(
        "properties are counted in characters",
        _CROSS_REQUEST,
        'size = len(text.encode("utf-8", "surrogatepass"))',
        "size = len(text)",
        f"{_RULES}/test_cross_request.py::test_properties_are_small_enough_for_a_template",
    ),
    Mutation(
        "a wait of 36 hours is too long",
        _CROSS_REQUEST,
        "<= seconds <= LONGEST_WAIT_SECONDS:",
        "<= seconds < LONGEST_WAIT_SECONDS:",
        f"{_RULES}/test_cross_request.py::test_a_wait_lasts_a_minute_to_36_hours",
    ),
    Mutation(
        "as many runs as a quota allows are too many",
        _IN_FLIGHT,
        "if len(crowd) > quota.value:",
        "if len(crowd) >= quota.value:",
        f"{_RULES}/test_in_flight.py::test_a_run_after_the_end_of_another_is_not_in_progress_with_it",
    ),
    Mutation(
        "the start of a run is its end",
        _IN_FLIGHT,
        "ends = {run.end: number",
        "ends = {run.name: number",
        f"{_RULES}/test_in_flight.py::test_a_run_after_the_start_of_another_may_be_in_progress_with_it",
    ),
    Mutation(
        "an indirect dependency is none",
        _IN_FLIGHT,
        "pending.append(each)",
        "pass",
        f"{_RULES}/test_in_flight.py::test_a_run_after_the_end_of_another_is_not_in_progress_with_it",
    ),
    Mutation(
        "a matching is not improved",
        _IN_FLIGHT,
        "if earlier not in follower or matched(follower[earlier], seen):",
        "if earlier not in follower:",
        f"{_RULES}/test_in_flight.py::test_the_largest_crowd_is_the_one_that_brute_force_finds",
    ),
)
