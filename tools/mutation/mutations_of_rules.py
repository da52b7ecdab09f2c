"""Small faults of the rules, which the service model leaves out, each with the test that notices it."""

from __future__ import annotations

from .mutation import Mutation

_RULE, _SPARK, _CROSS_REQUEST, _IN_FLIGHT = (
    f"rules/{name}.py" for name in ("rule", "spark", "cross_request", "in_flight")
)
_TAGS, _SIZE, _QUERY, _POLICY = (f"rules/{name}.py" for name in ("tags", "audience_size", "query", "policy_document"))

_RULES = "tests/unit/rules"

RULES = (
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
