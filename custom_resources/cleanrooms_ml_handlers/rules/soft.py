"""What a request may be, but should not: advice that users acknowledge by its id."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..problem import ID_PREFIX, Entry, nothing_is_unknown, rendered, shown
from .hard import MAX_PERCENTAGE, percentages
from .rule import Finding, Place, Rule, RuleSet, Source
from .spark import documented, nearest, needed
from .stories import SOFT_OF_STORIES

# Quota "audience size": a bin is at most a fifth of the distinct users.
USUAL_PERCENTAGE = 20
# Each is 512 vCPUs, the default quota of an account.
WORKERS_PER_TYPE: Mapping[str, int] = {"CR.1X": 128, "CR.4X": 32, "CR.8X": 16}

_START_JOB = "cleanrooms-ml:startaudiencegenerationjob"
_COLLABORATION_KEY = "cleanrooms-ml:collaborationid"


@dataclass(frozen=True)
class Advice:
    """One thing that is better otherwise.

    Attributes:
        id: Stable: users acknowledge by it.
        path: The field in the API's own names.
        message: What is unusual and what is usual.
    """

    id: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path} {self.message}" if self.path else self.message


def _unusual_percentages(place: Place) -> Iterator[Finding]:
    for path, size in percentages(place):
        if USUAL_PERCENTAGE < size <= MAX_PERCENTAGE:
            yield path, f"is {size}; the quotas end at {USUAL_PERCENTAGE} percent of the users"


def _many_workers(place: Place) -> Iterator[Finding]:
    kind, number = place.known("type"), place.known("number")
    most = WORKERS_PER_TYPE.get(kind) if isinstance(kind, str) else None
    if most is not None and isinstance(number, int) and number > most:
        yield (
            (place.path, "number"),
            f"is {number}; documented are at most {most} workers of type {kind}. Use fewer, or ask AWS for a higher "
            "quota of SQL query vCPUs",
        )


def _unknown_spark_keys(place: Place) -> Iterator[Finding]:
    for key, item in place.value.items():
        if isinstance(key, str) and not place.skip(key) and not place.skip(item) and key not in documented():
            yield place.path, f"has {shown(key)}, which is not documented; the nearest documented one is {nearest(key)}"


def _unfit_spark_values(place: Place) -> Iterator[Finding]:
    known = documented()
    for key, item in place.value.items():
        if key in known and isinstance(item, str) and not place.skip(item):
            wanted = needed(key, item)
            if wanted:
                yield (place.path, Entry(key, hidden=False)), f"is {shown(item)}; {wanted} fits"


def _seed_in_output(place: Place) -> Iterator[Finding]:
    if place.known("includeSeedInOutput") is True:
        yield (
            (place.path, "includeSeedInOutput"),
            "is true; the audience then names users of the seed to whoever may read the output",
        )


def _open_policy(place: Place) -> Iterator[Finding]:
    for path, message in _open_statements(place.value, place.skip):
        yield (place.path, path) if path else place.path, message


def policy_advice(
    document: object,
    path: str = "configuredAudienceModelPolicy",
    skip: Callable[[object], bool] = nothing_is_unknown,
) -> list[Advice]:
    """Advice about the resource policy of a configured audience model, a text or a mapping."""
    return [
        Advice(POLICY_COLLABORATION, f"{path}.{at}" if at else path, message)
        for at, message in _open_statements(document, skip)
    ]


def _open_statements(document: object, skip: Callable[[object], bool]) -> Iterator[tuple[str, str]]:
    """The statements by which jobs may be started from anywhere."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list | tuple) or skip(statements):
        return
    for index, statement in enumerate(statements):
        if isinstance(statement, Mapping) and not skip(statement) and _is_open(statement, skip):
            yield (
                f"Statement[{index}]",
                "allows StartAudienceGenerationJob without the condition cleanrooms-ml:CollaborationId; jobs can "
                "then be started outside the collaboration. Add the condition",
            )


def _is_open(statement: Mapping[str, Any], skip: Callable[[object], bool]) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    condition = statement.get("Condition") or {}
    if not isinstance(condition, Mapping) or skip(condition):
        return False
    for keys in condition.values():
        if skip(keys) or (isinstance(keys, Mapping) and any(_names_collaboration(key, skip) for key in keys)):
            return False
    if "NotAction" in statement:
        excluded = _texts(statement["NotAction"])
        return not any(skip(action) or _matches(action, _START_JOB) for action in excluded)
    return any(not skip(action) and _matches(action, _START_JOB) for action in _texts(statement.get("Action")))


def _names_collaboration(key: object, skip: Callable[[object], bool]) -> bool:
    return skip(key) or (isinstance(key, str) and key.lower() == _COLLABORATION_KEY)


def _texts(value: object) -> list[str]:
    items = value if isinstance(value, list | tuple) else [value]
    return [item for item in items if isinstance(item, str)]


def _matches(pattern: str, action: str) -> bool:
    """Whether a pattern of IAM covers an action."""
    expression = re.escape(pattern.lower()).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, action) is not None


POLICY_COLLABORATION = f"{ID_PREFIX}policy-collaboration"
_QUOTAS = Source.guide("clean-rooms-ml-quotas", "Quotas for Clean Rooms ML")
_SPARK = Source.guide("create-ml-input-channel", "Creating an ML input channel, Spark properties")

SOFT = RuleSet(
    (
        Rule(
            id=f"{ID_PREFIX}percentage-quota",
            shapes=("AudienceSizeConfig",),
            field="audienceSizeBins",
            limit=f"with PERCENTAGE usually at most {USUAL_PERCENTAGE}",
            reason="The API documents 1 to 100 percent, the quotas 1 to 20.",
            fix="Use smaller bins.",
            source=_QUOTAS,
            judge=_unusual_percentages,
        ),
        Rule(
            id=f"{ID_PREFIX}percentage-quota",
            shapes=("AudienceSize",),
            field="value",
            limit=f"with PERCENTAGE usually at most {USUAL_PERCENTAGE}",
            reason="The API documents 1 to 100 percent, the quotas 1 to 20.",
            fix="Export a smaller audience.",
            source=_QUOTAS,
            judge=_unusual_percentages,
        ),
        Rule(
            id=f"{ID_PREFIX}worker-quota",
            shapes=("WorkerComputeConfiguration",),
            field="number",
            limit="usually at most " + ", ".join(f"{most} of {kind}" for kind, most in WORKERS_PER_TYPE.items()),
            reason="Each is 512 vCPUs, the default quota of an account for SQL queries; the API allows more.",
            fix="Use fewer workers, or ask AWS for a higher quota.",
            source=Source.guide("use-sql-editor", "Analyzing data with SQL"),
            judge=_many_workers,
        ),
        Rule(
            id=f"{ID_PREFIX}spark-key",
            shapes=("SparkProperties",),
            field="",
            limit="usually the documented properties",
            reason="What the service does with other properties is not documented.",
            fix="Use the documented property that you mean.",
            source=_SPARK,
            judge=_unknown_spark_keys,
        ),
        Rule(
            id=f"{ID_PREFIX}spark-value",
            shapes=("SparkProperties",),
            field="",
            limit="values usually of the documented type",
            reason="Spark cannot read a value of another type; the query then fails after the workers have started.",
            fix="Write the value as Spark reads it.",
            source=_SPARK,
            judge=_unfit_spark_values,
        ),
        Rule(
            id=f"{ID_PREFIX}seed-in-output",
            shapes=("StartAudienceGenerationJobRequest",),
            field="includeSeedInOutput",
            limit="usually false",
            reason="The audience lands with the owner of the model, who otherwise never sees the seed.",
            fix="Leave it out, unless both parties agreed on it.",
            source=Source.guide("ml-privacy", "Privacy protections of Clean Rooms ML"),
            judge=_seed_in_output,
        ),
        Rule(
            id=POLICY_COLLABORATION,
            shapes=("ResourcePolicy",),
            field="",
            limit="usually with the condition `cleanrooms-ml:CollaborationId`",
            reason="Without it the other account may start jobs outside the collaboration.",
            fix="Add the condition with the collaboration's id.",
            source=Source.guide("ml-behaviors", "IAM behaviors for Clean Rooms ML"),
            judge=_open_policy,
            kind=str,
        ),
        *SOFT_OF_STORIES,
    )
)


def found(service: str, operation: str, request: Mapping[str, Any], skip: Callable[[object], bool]) -> list[Advice]:
    """Everything that a request should rather not be."""
    return [
        Advice(rule.id, rendered(path), message)
        for rule, (path, message) in SOFT.judge(service, operation, request, skip)
    ]
