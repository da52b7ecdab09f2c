from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanrooms_ml_handlers.model import service_model

MODEL = service_model("cleanroomsml")
MEMBERSHIP = "a1b2c3d4-0000-4000-8000-000000000001"
ROLE = "arn:aws:iam::123456789012:role/query"
ASSOCIATION = (
    f"arn:aws:cleanrooms-ml:us-east-1:123456789012:membership/{MEMBERSHIP}/configured-model-algorithm-association/a"
)


def channel(**changes: Any) -> dict[str, Any]:
    request: dict[str, Any] = {
        "membershipIdentifier": MEMBERSHIP,
        "configuredModelAlgorithmAssociations": [ASSOCIATION],
        "inputChannel": {
            "dataSource": {
                "protectedQueryInputParameters": {
                    "sqlParameters": {"queryString": "SELECT 1"},
                    "computeConfiguration": {"worker": {"type": "CR.4X", "number": 16}},
                }
            },
            "roleArn": ROLE,
        },
        "name": "sales",
        "retentionInDays": 30,
    }
    return {**request, **changes}


def worker(request: dict[str, Any]) -> dict[str, Any]:
    query = request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    found: dict[str, Any] = query["computeConfiguration"]["worker"]
    return found


def problems(request: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in MODEL.check("CreateMLInputChannel", request)]


def test_a_request_within_all_limits_has_no_problem() -> None:
    assert problems(channel()) == []


@pytest.mark.parametrize(("number", "allowed"), [(2, True), (1024, True), (1, False), (1025, False)])
def test_a_number_deep_inside_is_held_to_its_bounds(number: int, allowed: bool) -> None:
    request = channel()
    worker(request)["number"] = number
    assert (problems(request) == []) is allowed
    if not allowed:
        path = "inputChannel.dataSource.protectedQueryInputParameters.computeConfiguration.worker.number"
        assert problems(request) == [f"{path} is {number}; allowed 2 to 1024"]


def test_characters_outside_the_bmp_are_fine_in_names() -> None:
    assert problems(channel(name="sales 😀", description="𝒳")) == []


@pytest.mark.parametrize("name", ["", " ", "x" * 64, "line\nbreak", "\x00"])
def test_a_name_that_the_pattern_or_the_length_forbids_is_refused(name: str) -> None:
    assert len(problems(channel(name=name))) == 1


def test_every_problem_is_found_at_once() -> None:
    request = channel(retentionInDays=31, colour="red", configuredModelAlgorithmAssociations=[])
    worker(request)["type"] = "CR.2X"
    del request["name"]
    found = problems(request)
    assert len(found) == 5
    assert "name is missing; it is required" in found
    assert any(text.startswith("colour is not known; allowed are membershipIdentifier") for text in found)


def test_a_union_takes_exactly_one_member() -> None:
    request = channel()
    request["inputChannel"]["dataSource"] = {}
    assert problems(request) == ["inputChannel.dataSource has no member; exactly one of protectedQueryInputParameters"]


def test_map_keys_and_values_are_checked() -> None:
    request = channel()
    worker(request)["properties"] = {"spark": {"k" * 201: "v", "k": "v" * 501, "n": 4}}
    found = problems(request)
    assert len(found) == 3
    worker(request)["properties"] = {"spark": {f"spark.k{number}": "v" for number in range(51)}}
    assert problems(request)[0].endswith("worker.properties.spark has 51 entries; allowed 0 to 50")


def test_nothing_sensitive_is_shown() -> None:
    request = channel()
    query = request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    query["sqlParameters"] = {"parameters": {"not a name": "x", "region": "s3cret" * 200}, "queryString": ["s3cret"]}
    text = "\n".join(problems(request))
    assert "parameters key *** is ***" in text
    assert "s3cret" not in text
    assert "not a name" not in text


def test_an_operation_that_is_not_stored_is_named_with_the_command_that_stores_it() -> None:
    with pytest.raises(LookupError, match=r"^MakeTea: the stored model of cleanrooms-ml .* Run `make model`, "):
        MODEL.input_members("MakeTea")


def test_unknown_values_are_passed_over_at_any_depth() -> None:
    request = channel(name="TOKEN")
    worker(request)["number"] = "TOKEN"
    assert MODEL.check("CreateMLInputChannel", request, skip=lambda value: value == "TOKEN") == []


def test_the_strings_of_cloudformation_become_what_the_shapes_say() -> None:
    request = channel(retentionInDays="30")
    worker(request)["number"] = "16"
    worker(request)["properties"] = {"spark": {"spark.sql.shuffle.partitions": "400"}}
    cast = MODEL.cast("CreateMLInputChannel", request)
    assert cast["retentionInDays"] == 30
    assert worker(cast) == {
        "type": "CR.4X",
        "number": 16,
        "properties": {"spark": {"spark.sql.shuffle.partitions": "400"}},
    }
    job = MODEL.cast("StartAudienceGenerationJob", {"includeSeedInOutput": "false"})
    assert job["includeSeedInOutput"] is False
    bins = {"audienceSizeConfig": {"audienceSizeBins": ["2.0E7", "1"]}}
    assert MODEL.cast("CreateConfiguredAudienceModel", bins) == {
        "audienceSizeConfig": {"audienceSizeBins": [20000000, 1]}
    }


def test_what_cannot_be_cast_stays_for_the_check_to_name() -> None:
    assert MODEL.cast("CreateMLInputChannel", {"retentionInDays": "a month"}) == {"retentionInDays": "a month"}


@given(st.integers(min_value=-(2**53), max_value=2**53))
def test_whole_numbers_survive_being_strings(number: int) -> None:
    assert MODEL.cast("CreateMLInputChannel", {"retentionInDays": str(number)}) == {"retentionInDays": number}


def test_sensitive_texts_are_found_below_what_is_marked() -> None:
    request = channel()
    query = request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    query["sqlParameters"]["parameters"] = {"region": "north"}
    shape = MODEL.operations["CreateMLInputChannel"].input
    assert shape is not None
    assert sorted(MODEL.sensitive_texts(shape, request)) == ["SELECT 1", "north"]
