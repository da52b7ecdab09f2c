from __future__ import annotations

import pytest

from cleanrooms_ml_handlers.rules.spark import documented, nearest, needed

# One property of each type, with what Spark reads and what it does not.
CASES = {
    "spark.rdd.compress": (["true", "FALSE", " true "], ["yes", "1", "", "truee"]),
    "spark.sql.shuffle.partitions": (["400", "-1", "0"], ["4e2", "4.0", "", "many", "٤"]),
    "spark.task.maxFailures": (["1", "8"], ["0", "-1", "one"]),
    "spark.memory.fraction": (["0.6", "1", ".5", "6e-1"], ["a lot", "nan", "inf", "0,6"]),
    "spark.scheduler.minRegisteredResourcesRatio": (["0", "0.8", "1.0"], ["1.1", "-0.1", "80%"]),
    "spark.sql.files.maxPartitionBytes": (
        ["134217728", "128MB", "128m", "1 MB", "0 bytes", "10g", "1PB"],
        ["128 megabytes", "1.5g", "-1", "m"],
    ),
    "spark.driver.maxResultSize": (["0", "1m", "1g", "1048576"], ["1023k", "1", "-1"]),
    "spark.sql.autoBroadcastJoinThreshold": (["-1", "10MB"], ["-2", "off"]),
    "spark.network.timeout": (["120s", "2min", "120", "5 m", "100ms", "1h"], ["2 minutes", "1w", "soon"]),
    "spark.sql.metadataCacheTTLSeconds": (["-1000ms", "300 seconds", "60"], ["an hour"]),
    "spark.scheduler.mode": (["FAIR", "fifo"], ["LIFO", ""]),
    "spark.io.compression.codec": (["lz4", "ZSTD"], ["brotli"]),
    "spark.sql.session.timeZone": (
        ["UTC", "Z", "+01:00", "-8", "GMT+1", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"],
        ["Berlin!", "summer time", "+1:0"],
    ),
    "spark.sql.optimizer.excludedRules": (["", "anything at all"], []),
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, (fits, _) in CASES.items() for value in fits])
def test_what_spark_reads_fits(key: str, value: str) -> None:
    assert needed(key, value) == ""


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, (_, other) in CASES.items() for value in other])
def test_what_spark_does_not_read_is_reported(key: str, value: str) -> None:
    assert needed(key, value) != ""


def test_the_bounds_are_shown() -> None:
    assert needed("spark.task.maxFailures", "0") == "a whole number of at least 1"
    assert needed("spark.scheduler.minRegisteredResourcesRatio", "2") == "a number from 0 to 1"
    assert needed("spark.driver.maxResultSize", "1") == "a size like 128m of at least 1048576 bytes, or 0"
    assert needed("spark.sql.autoBroadcastJoinThreshold", "x") == "a size like 128m, or -1"
    assert needed("spark.scheduler.mode", "x") == "one of FAIR, FIFO"


def test_every_documented_property_has_a_type_that_can_be_checked() -> None:
    assert len(documented()) == 94
    for key in documented():
        assert isinstance(needed(key, "?"), str)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("spark.sql.shuffle.partition", "spark.sql.shuffle.partitions"),
        ("spark.driver.maxresultsize", "spark.driver.maxResultSize"),
        ("sql.adaptive.enabled", "spark.sql.adaptive.enabled"),
    ],
)
def test_the_nearest_property_is_the_intended_one(key: str, expected: str) -> None:
    assert nearest(key) == expected


def test_a_key_similar_to_none_has_a_nearest_one_too() -> None:
    assert nearest("") in documented()
    assert nearest("x" * 200) in documented()
