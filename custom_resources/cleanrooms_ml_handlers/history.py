"""The requests of one logical id, as the executions of the state machine record them.

Names and tags say whose a resource is. Which request created it, and whether it was adopted, replaced or deleted
since, only the order of the requests says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from .executions import Execution, Executions, Purpose, executions_since, first_of
from .identity import orphaned_at
from .past_request import PastRequest, Subject
from .reply_address import moment
from .request import Request, request_key

# A listing of executions may lack what was started this long ago.
LISTING_SECONDS = 10
# No deployment takes longer: how far back its requests are looked for.
DEPLOYMENT_SECONDS = 48 * 3600
# Step Functions keeps an ended execution for 90 days.
HISTORY_SECONDS = 89 * 24 * 3600
# An execution starts before its request's signing time by the difference of two clocks at most.
CLOCKS_SECONDS = 60


def requests(service: Executions, request: Request, own_arn: str, since: float) -> list[PastRequest]:
    """All other requests of the logical id, background deletes included, in the order in which they were signed.

    Args:
        service: The calls.
        request: This request, which is not among them.
        own_arn: ARN of this execution.
        since: Since when, in seconds since 1970.
    """
    found = []
    cleaners: dict[str, Execution] = {}
    # An execution that answers in the place of another one is newer, and comes first.
    for execution in executions_since(service, since - CLOCKS_SECONDS):
        if not execution.is_for(request_key(request)) or execution.arn == own_arn:
            continue
        if execution.purpose is Purpose.LOST:
            cleaners.setdefault(first_of(execution.arn), execution)
        if execution.purpose in (Purpose.REQUEST, Purpose.BACKGROUND_DELETE):
            cleaner = cleaners.get(execution.arn)
            found.append(PastRequest(execution, moment(execution.signed), service, request.spec_kind, cleaner))
    return _in_sequence(sorted(found, key=lambda past: past.execution.request_order))


def _in_sequence(past: list[PastRequest]) -> list[PastRequest]:
    """The requests with the Updates of one second in the order in which CloudFormation sent them.

    They can arrive in another one: each changes what was asked for before it.
    """
    seconds = Counter(it.signed_at for it in past if it.is_request)
    for second in sorted(second for second, count in seconds.items() if count > 1):
        same = [place for place, it in enumerate(past) if it.is_request and it.signed_at == second]
        updates = [place for place in same if past[place].kind == "Update"]
        earlier = [it for it in past[: same[-1] + 1] if it.is_request and it.kind != "Delete"]
        asked = next((it.properties for it in reversed(earlier) if it.kind == "Create" or it.signed_at < second), None)
        left = [past[place] for place in updates]
        for place in updates:
            past[place] = next((it for it in left if it.old_properties == asked), left[0])
            left.remove(past[place])
            asked = past[place].properties
    return past


def before(past: list[PastRequest], signed_at: float) -> Iterator[PastRequest]:
    """The requests up to a time, the latest first."""
    return (it for it in reversed(past) if it.is_request and it.signed_at <= signed_at)


def is_rollback(past: list[PastRequest], request: Request | PastRequest) -> bool:
    """Whether an Update rolls back the last one before it, as far as the requests show.

    A rollback has the properties of that one the other way round, and follows no rollback: with a resource that is
    retained, a user can try the same replacement again and again. A rollback that failed is continued with the same
    request. After a cleanup Delete comes another deployment.

    Args:
        past: The other requests of the logical id.
        request: The Update; it may be among them.
    """
    wanted, old, turns, next_at = request.properties, request.old_properties, 0, request.signed_at
    for it in before(past, request.signed_at):
        if it.kind == "Delete" and it.properties != wanted:
            continue
        if it.kind == "Update" and (it.properties, it.old_properties) == (wanted, old):
            next_at = it.signed_at
            continue
        # A rollback may be continued days later, but two deployments so far apart undo nothing.
        is_another = turns and it.signed_at < next_at - DEPLOYMENT_SECONDS
        if is_another or not it.is_undone_by(wanted, old):
            break
        turns += 1
        if it.execution.ended_at >= next_at:
            # CloudFormation waits for a rollback: what was still in progress when the next one came is none.
            break
        wanted, old, next_at = it.properties, it.old_properties, it.signed_at
    return turns % 2 == 1


def first_claim(past: list[PastRequest], subject: Subject, own: str, after: float) -> PastRequest | None:
    """The first request after a time that asks for a resource, whether it created or adopted it."""
    return next((it for it in past if it.signed_at > after and is_claim(it, subject, own)), None)


def is_claim(past: PastRequest, subject: Subject, own: str) -> bool:
    """Whether a request asks for the resource."""
    if not past.is_request or past.kind == "Delete":
        return False
    return past.is_of_own_kind and subject(past.properties) == own


@dataclass(frozen=True)
class Cleanup:
    """What a Delete whose id names no resource cleans up.

    Attributes:
        since: When the first request was signed that may have created something for which no stack has the id, in
            seconds since 1970; 0 if none shows.
        claim: The request that asked for the same resource after the one that is cleaned up, and before the Delete.
    """

    since: float
    claim: PastRequest | None = None


def cleanup(
    past: list[PastRequest], request: Request | PastRequest, subject: Subject, own: str, names: Callable[[str], object]
) -> Cleanup:
    """What a Delete whose id names no resource cleans up.

    An orphan id says which request that is. An id that CloudFormation invented is that of a Create for which it has no
    answer: the last one, unless the one before it has none either, and no Delete came between. Then the deployment of
    the earlier one was not rolled back: the Delete is for that one, and the last one has an id of its own. A Create
    without an execution has created nothing. What an earlier Delete was to clean up and could not is cleaned up, too:
    CloudFormation gives up after three tries.

    Args:
        past: The other requests of the logical id, of 89 days.
        request: The Delete; its id names no resource.
        subject: What properties describe.
        own: What this Delete is for.
        names: Returns what a physical id names; None if it names no resource.
    """
    origin = orphaned_at(request.physical_id)
    creates: list[PastRequest] = []
    failed: PastRequest | None = None
    for it in before(past, request.signed_at if origin is None else origin):
        if it.kind == "Create" and is_claim(it, subject, own):
            creates.append(it)
        elif origin is None and not creates:
            # Deletes after the last Create are repeated, or of the same cleanup.
            if it.kind == "Update" and it.is_of_own_kind:
                # CloudFormation had the answer of the Create before it.
                return Cleanup(request.signed_at)
        elif it.kind == "Delete":
            failed = it if names(it.physical_id) is None and not it.answered_success else None
            break
        elif is_claim(it, subject, own):
            break
    if origin is not None:
        later = [it for it in past if it.signed_at <= request.signed_at]
        since, claim = origin, first_claim(later, subject, own, origin)
        older = [it for it in creates if it.signed_at < origin]
    elif not creates:
        # An earlier version may have created it: the ownership tag alone says what this logical id created.
        return Cleanup(0.0)
    else:
        last, *older = creates
        if last.answered_success and last.signed_at < request.signed_at - DEPLOYMENT_SECONDS:
            return Cleanup(request.signed_at)
        # The Delete stops the execution of a canceled one.
        is_canceled = last.execution.is_running or last.execution.is_lost
        is_for_older = any(it.answered_success is None for it in older[:1])
        since, claim = last.signed_at, last if is_for_older and not is_canceled else None
    unheld = list(takewhile(lambda it: not it.answered_success, older))
    if unheld:
        since = unheld[-1].signed_at
    if failed is not None and unheld == older:
        # In one second, a Create may follow the Delete that was sent after it.
        earlier = cleanup(past[: past.index(failed)], failed, subject, own, names)
        if earlier.claim is None and 0 < earlier.since < failed.signed_at:
            since = earlier.since
    return Cleanup(since, claim)
