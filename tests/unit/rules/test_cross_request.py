from __future__ import annotations

import math
from typing import Any

import pytest

from cleanrooms_ml_handlers import rules
from cleanrooms_ml_handlers.resources import SPECS, spec_of

from .requests import (
    CREATE_CHANNEL,
    CREATE_MODEL,
    MAYBE,
    START_JOB,
    Unknown,
    channel,
    channel_with,
    job,
    model,
    unknown,
)

CONFIG = {"audienceSizeType": "PERCENTAGE", "audienceSizeBins": [1, 5, 10]}


@pytest.mark.parametrize(
    ("size", "config"),
    [
        ({"type": "PERCENTAGE", "value": 5}, CONFIG),
        ({"type": "PERCENTAGE", "value": 6}, None),
        ({"type": "PERCENTAGE", "value": 6}, MAYBE),
        (MAYBE, CONFIG),
        ({"type": "PERCENTAGE", "value": MAYBE}, CONFIG),
        ({"type": MAYBE, "value": 6}, CONFIG),
        ({"type": "PERCENTAGE", "value": 6}, {**CONFIG, "audienceSizeBins": MAYBE}),
        ({"type": "PERCENTAGE", "value": 6}, {**CONFIG, "audienceSizeBins": [5, MAYBE]}),
    ],
)
def test_a_size_that_the_model_may_offer_can_be_exported(size: dict[str, Any], config: dict[str, Any] | None) -> None:
    assert rules.export_size_problems(size, config, unknown) == []


def test_no_other_size_can_be_exported() -> None:
    (problem,) = rules.export_size_problems({"type": "PERCENTAGE", "value": 6}, CONFIG)
    assert str(problem) == "audienceSize is PERCENTAGE 6; the model's sizes are PERCENTAGE 1, 5, 10"
    assert problem.rule == "cleanrooms-ml:export-size"
    assert len(rules.export_size_problems({"type": "ABSOLUTE", "value": 5}, CONFIG)) == 1


def test_the_seed_is_in_another_bucket_than_the_output() -> None:
    assert rules.bucket_problems("s3://out/audiences", "s3://seeds/out") == []
    assert rules.bucket_problems("s3://out", None) == []
    assert rules.bucket_problems(MAYBE, MAYBE) == []
    (problem,) = rules.bucket_problems("s3://out/audiences", "s3://out/seed.jsonl")
    assert str(problem).startswith('seedAudience.dataSource.s3Uri is in the bucket "out" of the')
    assert problem.rule == "cleanrooms-ml:output-bucket"


def test_a_bucket_that_is_not_known_yet_is_the_same_as_itself() -> None:
    first = "s3://${Token[Bucket.1]}"
    (problem,) = rules.bucket_problems(f"{first}/a", f"{first}/b", lambda value: "Token" in str(value))
    # The token of the bucket means nothing to a reader.
    assert str(problem).startswith("seedAudience.dataSource.s3Uri is in the same bucket as the configured audience")
    assert rules.bucket_problems("s3://${Token[Bucket.1]}/a", "s3://${Token[Bucket.2]}/b") == []


def test_properties_are_small_enough_for_a_template() -> None:
    room = rules.INLINE_BYTES - len('{"query":""}')
    assert rules.inline_problems({"query": "x" * room}) == []
    (problem,) = rules.inline_problems({"query": "x" * (room + 1)})
    assert str(problem) == (
        "request has 61441 bytes; allowed 61440. Keep the SQL in a file and pass ProtectedQuery.from_asset(path)"
    )
    assert problem.rule == "cleanrooms-ml:inline-size"
    # The encoded text counts.
    assert rules.inline_problems({"query": "é" * (room // 2)}) == []
    assert len(rules.inline_problems({"query": "é" * (room // 2 + 1)})) == 1
    assert len(rules.inline_problems({"query": "😀" * (room // 4 + 1)})) == 1


JOB, CHANNEL = spec_of("AudienceGenerationJob"), spec_of("MLInputChannel")


@pytest.mark.parametrize("value", [0, 1, 0.5, 0.0, 1.0, None, MAYBE, Unknown("token")])
@pytest.mark.parametrize("gate", ["minimumRecall", "minimumRelevance"])
def test_the_threshold_of_a_score_is_from_0_to_1(gate: str, value: object) -> None:
    assert rules.gate_problems(JOB, {gate: value}, unknown) == []


@pytest.mark.parametrize(("value", "allowed"), [(-1.01, False), (-1, True), (1.01, True), (10, True), (10.01, False)])
def test_a_relevance_may_be_what_the_guide_or_the_model_allows(value: float, allowed: bool) -> None:
    problems = rules.gate_problems(JOB, {"minimumRelevance": value})
    assert [problem.message for problem in problems] == ([] if allowed else [f"is {value}; allowed -1 to 10"])


@pytest.mark.parametrize("value", [-0.01, 1.01, 10, math.nan, math.inf, True, "0.5", [0.5]])
def test_no_other_threshold_of_a_score_is_allowed(value: object) -> None:
    for spec, gate, keyword in (
        (JOB, "minimumRecall", "minimum_recall"),
        (CHANNEL, "maximumMembershipInferenceAttackScore", "maximum_membership_inference_attack_score"),
    ):
        (problem,) = rules.gate_problems(spec, {gate: value})
        assert problem.path == keyword
        assert problem.message.endswith("allowed 0.0 to 1.0")
        assert problem.rule == "cleanrooms-ml:gate"


def test_the_threshold_of_a_count_is_whole_and_in_the_range_of_the_service() -> None:
    assert rules.gate_problems(CHANNEL, {"minimumRecords": 0}) == []
    assert rules.gate_problems(CHANNEL, {"minimumRecords": 100_000_000_000}) == []
    for value in (-1, 100_000_000_001, 1000.5, True):
        (problem,) = rules.gate_problems(CHANNEL, {"minimumRecords": value})
        assert problem.message.endswith("allowed 0 to 100000000000 and whole")


def test_a_threshold_without_an_upper_limit_has_none_in_the_message() -> None:
    (problem,) = rules.gate_problems(CHANNEL, {"minimumRemainingBudget": "1"})
    assert problem.message == 'is "1"; allowed at least 0 and whole'


def test_a_gate_that_the_kind_does_not_have_is_named() -> None:
    (problem,) = rules.gate_problems(CHANNEL, {"minimumRecall": 0.5})
    assert str(problem).startswith(
        "minimumRecall is not a quality gate of MLInputChannel; allowed are minimumRecords, "
    )
    (problem,) = rules.gate_problems(spec_of("ConfiguredAudienceModel"), {"minimumRecall": 0.5})
    assert str(problem).endswith("allowed are none")


def test_every_gate_of_every_kind_has_a_range() -> None:
    for spec in SPECS:
        for gate in spec.gates:
            assert rules.gate_problems(spec, {gate: 1}) == []
            assert rules.gate_problems(spec, {gate: -1.5}) != []


@pytest.mark.parametrize(("seconds", "allowed"), [(59, False), (60, True), (129_600, True), (129_601, False)])
def test_a_wait_lasts_a_minute_to_36_hours(seconds: int, allowed: bool) -> None:
    problems = rules.wait_problems(seconds)
    assert (problems == []) is allowed
    if not allowed:
        assert str(problems[0]) == f"wait is {seconds} seconds; allowed 1 minute to 36 hours"


def test_a_retention_is_whole_days() -> None:
    assert rules.retention_problems(30 * 86_400) == []
    assert rules.retention_problems(31 * 86_400) == []
    assert [str(problem) for problem in rules.retention_problems(36 * 3600)] == [
        "retention is 129600 seconds; whole days are needed"
    ]


def test_some_values_must_be_known_at_synth() -> None:
    def found(operation: str, request: dict[str, Any]) -> list[str]:
        return [problem.path for problem in rules.known_problems("cleanroomsml", operation, request, unknown)]

    worker = "inputChannel.dataSource.protectedQueryInputParameters.computeConfiguration.worker.number"
    assert found(CREATE_CHANNEL, channel_with(number=MAYBE)) == [worker]
    assert found(CREATE_CHANNEL, channel(retentionInDays=MAYBE, name=MAYBE, description=Unknown("x"))) == [
        "retentionInDays"
    ]
    assert found(CREATE_MODEL, model([1, MAYBE])) == ["audienceSizeConfig.audienceSizeBins[1]"]
    assert found(CREATE_MODEL, model(MAYBE)) == ["audienceSizeConfig.audienceSizeBins"]  # type: ignore[arg-type]
    assert found(START_JOB, job({"dataSource": MAYBE}, name=MAYBE)) == []
    (problem,) = rules.known_problems("cleanroomsml", CREATE_CHANNEL, channel(retentionInDays=MAYBE), unknown)
    assert str(problem) == "retentionInDays is a token; it has to be known at synth. Pass a plain value"
