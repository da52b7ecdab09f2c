"""What happens in a run: how it ends, what it finds, and why it fails by itself.

The status codes are ours: the service does not document the values of statusDetails.statusCode.
A user can make a run fail without any control call:

- a query that is no SELECT or WITH statement, or whose brackets or quotes do not match,
- a query of a table that is missing: `no_such_table`, or one that was seeded as missing,
- a query that can find nothing: `LIMIT 0`, `WHERE 1 = 0`, `WHERE FALSE`,
- a seed object whose key ends with `too-small.jsonl`,
- a synthetic channel whose membership inference attack score is above the template's bar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import figures
from .checks import validation_error
from .kinds import Kind
from .lifecycle import SYNTHETIC_CHANNEL, Record
from .queries import is_synthetic, sql_failure, sql_parameters, template_of
from .resource_policy import allows_start
from .wire import ApiError
from .world import RunOrder, World

SEED_TOO_SMALL = "SEED_TOO_SMALL"
SCORE_TOO_HIGH = "MEMBERSHIP_INFERENCE_ATTACK_SCORE_TOO_HIGH"

TOO_SMALL_SEED = "too-small.jsonl"


def prepare(world: World, kind: Kind, record: Record) -> None:
    """Fills in what a new record of this kind has beyond its request."""
    if kind.name in _PREPARE:
        _PREPARE[kind.name](world, record)


def start(world: World, kind: Kind, record: Record) -> None:
    """Starts the run of a new record."""
    order = world.take_order(kind.name, "create")
    failure = _ordered_failure(order) or _FAILURE.get(kind.name, _no_failure)(world, record)
    record.failure = failure
    key = SYNTHETIC_CHANNEL if is_synthetic(record) else kind.name
    durations = world.durations
    if order is not None and order.seconds is not None:
        durations = durations.changed(create={key: order.seconds})
    end = "CREATE_FAILED" if failure else "ACTIVE"
    record.timeline = durations.creating(kind.name, world.now(), end, key)
    if failure:
        return
    record.results |= figures.results(world, record)
    record.results |= order.figures if order else {}
    if "retentionInDays" in record.data:
        ready_at = record.timeline[-1][0]
        kept_seconds = record.data["retentionInDays"] * durations.retention_day_seconds
        record.timeline.append((ready_at + kept_seconds, "INACTIVE"))


def _ordered_failure(order: RunOrder | None) -> dict[str, str] | None:
    if order is None or not order.status_code:
        return None
    return {"statusCode": order.status_code, "message": order.message}


# -- what a kind has beyond its request ------------------------------------------------------------------------


def _prepare_channel(world: World, record: Record) -> None:
    membership = world.memberships[record.data["membershipIdentifier"]]
    record.data |= {
        "collaborationIdentifier": membership.collaboration,
        "creatorAccountId": world.account,
    }
    record.started["protectedQueryIdentifier"] = world.ids.new()
    template = template_of(world, record)
    if template is not None and template.synthetic is not None:
        record.data["syntheticDataConfiguration"] = {"syntheticDataParameters": dict(template.synthetic)}


def _prepare_job(world: World, record: Record) -> None:
    record.data["startedBy"] = world.account
    model = world.records[record.data["configuredAudienceModelArn"]]
    _require_policy(world, model, record.data.get("collaborationId"))
    if model.data.get("childResourceTagOnCreatePolicy") == "FROM_PARENT_RESOURCE":
        record.tags = {**model.tags, **record.tags}
    if "sqlParameters" in record.data["seedAudience"]:
        record.started["protectedQueryIdentifier"] = world.ids.new()
    template = template_of(world, record)
    if template is not None and template.synthetic is not None:
        raise validation_error(
            f"{template.arn} produces synthetic data; such a template can be used only for ML input channels"
        )


def _require_policy(world: World, model: Record, collaboration: str | None) -> None:
    """Another account's model can be used as far as its policy says."""
    owner = model.data.get("creatorAccountId", world.account)
    if owner == world.account or (model.policy and allows_start(model.policy, world.account, collaboration)):
        return
    raise ApiError(
        "AccessDeniedException",
        f"No resource-based policy of {model.arn} allows account {world.account} to perform "
        "cleanrooms-ml:StartAudienceGenerationJob",
    )


_PREPARE: Mapping[str, Callable[[World, Record], None]] = {
    "MLInputChannel": _prepare_channel,
    "AudienceGenerationJob": _prepare_job,
}


# -- failures --------------------------------------------------------------------------------------------------


def _no_failure(world: World, record: Record) -> dict[str, str] | None:
    return None


def _query_failure(world: World, record: Record) -> dict[str, str] | None:
    query = sql_parameters(record).get("queryString")
    return sql_failure(query, world.missing_tables) if query else None


def _job_failure(world: World, record: Record) -> dict[str, str] | None:
    uri = record.data["seedAudience"].get("dataSource", {}).get("s3Uri", "")
    if not uri.endswith(TOO_SMALL_SEED):
        return _query_failure(world, record)
    model = world.view(world.records[record.data["configuredAudienceModelArn"]])
    found, needed = figures.share(record.name, "seed", 1, 24), model["minMatchingSeedSize"]
    return {
        "statusCode": SEED_TOO_SMALL,
        "message": f"The seed audience has {found} users who match the training data; at least {needed} needed",
    }


def _channel_failure(world: World, record: Record) -> dict[str, str] | None:
    template = template_of(world, record)
    if template is not None and template.synthetic is not None:
        score, bar = figures.attack_score(record, template), template.synthetic["maxMembershipInferenceAttackScore"]
        if score > bar:
            message = f"The membership inference attack score {score} is above the maximum {bar}"
            return {"statusCode": SCORE_TOO_HIGH, "message": message}
    return _query_failure(world, record)


_FAILURE: Mapping[str, Callable[[World, Record], dict[str, str] | None]] = {
    "MLInputChannel": _channel_failure,
    "AudienceGenerationJob": _job_failure,
}
