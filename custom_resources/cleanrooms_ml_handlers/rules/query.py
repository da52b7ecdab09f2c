"""Rules for protected queries: their text, their parameters and the workers that run them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..problem import ID_PREFIX, Entry, shown
from .rule import Finding, Occurrence, Rule, Source, exactly_one_of
from .spark import documented, nearest, needed

# Each is 512 vCPUs, the default quota of an account.
WORKERS_PER_TYPE: Mapping[str, int] = {"CR.1X": 128, "CR.4X": 32, "CR.8X": 16}


def _one_query(at: Occurrence) -> Iterator[Finding]:
    return exactly_one_of(at, "queryString", "analysisTemplateArn", what_to_do="Give the query's text or a template")


def _parameters_without_template(at: Occurrence) -> Iterator[Finding]:
    if at.known("parameters") and not at.may_have("analysisTemplateArn"):
        yield (
            (at.path, "parameters"),
            "is set without analysisTemplateArn; it is allowed only with a template. Use a template or drop it",
        )


def _many_workers(at: Occurrence) -> Iterator[Finding]:
    kind, number = at.known("type"), at.known("number")
    most = WORKERS_PER_TYPE.get(kind) if isinstance(kind, str) else None
    if most is not None and isinstance(number, int) and number > most:
        yield (
            (at.path, "number"),
            f"is {number}; documented are at most {most} workers of type {kind}. Use fewer, or ask AWS for a higher "
            "quota of SQL query vCPUs",
        )


def _unknown_spark_keys(at: Occurrence) -> Iterator[Finding]:
    for key, item in at.value.items():
        if isinstance(key, str) and not at.skip(key) and not at.skip(item) and key not in documented():
            yield at.path, f"has {shown(key)}, which is not documented; the nearest documented one is {nearest(key)}"


def _unfit_spark_values(at: Occurrence) -> Iterator[Finding]:
    known = documented()
    for key, item in at.value.items():
        if key in known and isinstance(item, str) and not at.skip(item):
            fitting = needed(key, item)
            if fitting:
                yield (at.path, Entry(key, hidden=False)), f"is {shown(item)}; {fitting} fits"


_SPARK = Source.guide("create-ml-input-channel", "Creating an ML input channel, Spark properties")

HARD_RULES = (
    Rule(
        id=f"{ID_PREFIX}one-query",
        shapes=("ProtectedQuerySQLParameters",),
        field="",
        limit="exactly one of queryString and analysisTemplateArn",
        reason="A protected query is a text or an analysis template.",
        fix="Keep one of them.",
        source=Source.api("ProtectedQuerySQLParameters", inferred=True),
        check=_one_query,
    ),
    Rule(
        id=f"{ID_PREFIX}query-parameters",
        shapes=("ProtectedQuerySQLParameters",),
        field="parameters",
        limit="only with analysisTemplateArn",
        reason="The parameters are those that an analysis template declares.",
        fix="Use a template, or write the values into the query.",
        source=Source.api("ProtectedQuerySQLParameters", inferred=True),
        check=_parameters_without_template,
    ),
)

SOFT_RULES = (
    Rule(
        id=f"{ID_PREFIX}worker-quota",
        shapes=("WorkerComputeConfiguration",),
        field="number",
        limit="usually at most " + ", ".join(f"{most} of {kind}" for kind, most in WORKERS_PER_TYPE.items()),
        reason="Each is 512 vCPUs, the default quota of an account for SQL queries; the API allows more.",
        fix="Use fewer workers, or ask AWS for a higher quota.",
        source=Source.guide("use-sql-editor", "Analyzing data with SQL"),
        check=_many_workers,
    ),
    Rule(
        id=f"{ID_PREFIX}spark-key",
        shapes=("SparkProperties",),
        field="",
        limit="usually the documented properties",
        reason="The effect of other properties in the service is not documented.",
        fix="Use a documented property.",
        source=_SPARK,
        check=_unknown_spark_keys,
    ),
    Rule(
        id=f"{ID_PREFIX}spark-value",
        shapes=("SparkProperties",),
        field="",
        limit="values usually of the documented type",
        reason="Spark cannot read a value of another type; the query then fails after the workers have started.",
        fix="Use a value of the documented type.",
        source=_SPARK,
        check=_unfit_spark_values,
    ),
)
