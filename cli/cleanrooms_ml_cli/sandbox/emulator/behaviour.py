"""The places at which a kind can do something of its own.

The values of statusDetails.statusCode are ours: the service does not document its own. A user can make a run fail
without any control call; each module that has such a trigger lists it in its docstring.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .kinds import Kind
from .lifecycle import Record
from .world import World

Failure = dict[str, str]

# A bucket that never exists, so that a demo can let a run fail without any preparation.
MISSING_BUCKET = "no-such-bucket"


def _new(world: World, kind: Kind, data: dict[str, Any], tags: dict[str, str]) -> Record:
    return world.new_record(kind, data, tags)


def _nothing(world: World, record: Record) -> None:
    return None


def _no_failure(world: World, record: Record, seconds: float) -> Failure | None:
    return None


def _no_results(world: World, record: Record) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Behaviour:
    """What is special about a kind.

    Args:
        new: Makes the record of a create request.
        complete: Fills in members that follow from those of the request.
        prepare: Checks what a create request builds on, and fills in what its run begins with.
        failure: Why the run of a new record fails, given how many seconds it takes; None if it does not.
        results: The members that a record shows once it is ready.
        added: What else happens once a record was made.
        deleted: What else happens once its delete was accepted.
    """

    new: Callable[[World, Kind, dict[str, Any], dict[str, str]], Record] = _new
    complete: Callable[[World, Record], None] = _nothing
    prepare: Callable[[World, Record], None] = _nothing
    failure: Callable[[World, Record, float], Failure | None] = _no_failure
    results: Callable[[World, Record], dict[str, Any]] = _no_results
    added: Callable[[World, Record], None] = _nothing
    deleted: Callable[[World, Record], None] = _nothing


def failed(code: str, message: str) -> Failure:
    """The statusDetails of a run that failed."""
    return {"statusCode": code, "message": message}


def missing_bucket(uri: str) -> Failure | None:
    """Why nothing can be read from, or written to, an S3 location; None if it can."""
    if uri.startswith(f"s3://{MISSING_BUCKET}/") or uri == f"s3://{MISSING_BUCKET}":
        return failed("BUCKET_NOT_FOUND", f"The bucket {MISSING_BUCKET} does not exist")
    return None
