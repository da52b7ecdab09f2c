"""Operations that are not of a kind alone: tags and resource policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cleanrooms_ml_handlers.resources.configured_audience_model_policy import (
    CONFIGURED_AUDIENCE_MODEL_POLICY as _POLICY,
)
from cleanrooms_ml_handlers.rules import RESERVED_TAG_PREFIX, is_reserved_tag

from ..calls import SIGNING_NAMES, Call
from ..errors import ApiError, validation_error
from ..kinds import KINDS, kind_of_arn
from ..rules.resource_policy import policy_hash, policy_key, statements
from ..state.lifecycle import Record
from ..state.world import World, not_found
from .checks import require_room_for_tags
from .clean_rooms import SPECIALS as CLEAN_ROOMS_SPECIALS
from .operations import addressed
from .outcome import Outcome

_MODEL = KINDS["ConfiguredAudienceModel"]


def tagged(world: World, call: Call) -> Record:
    """The record whose tags a request concerns: of the versions of an ARN, the base."""
    arn = call.params["resourceArn"]
    kind = kind_of_arn(arn)
    if kind is None or kind.arn_service != SIGNING_NAMES[call.service]:
        raise ApiError(
            "ResourceNotFoundException",
            f"No resource has the ARN {arn}",
            members={"resourceId": arn, "resourceType": "UNKNOWN"} if call.service != "cleanroomsml" else None,
        )
    record = world.locate(kind, arn)
    if record.account != world.account:
        raise not_found(kind, arn)
    return record


def _tag(world: World, call: Call) -> Outcome:
    record = _open_to_tags(world, tagged(world, call))
    tags = {**record.tags, **call.params["tags"]}
    require_room_for_tags(tags)
    _set_tags(record, tags)
    return Outcome({}, record.key)


def _untag(world: World, call: Call) -> Outcome:
    record = _open_to_tags(world, tagged(world, call))
    removed = set(call.params["tagKeys"])
    if reserved := sorted(key for key in removed if is_reserved_tag(key)):
        raise validation_error(
            f"tagKeys has {', '.join(reserved)}; keys that begin with {RESERVED_TAG_PREFIX} are AWS's own"
        )
    _set_tags(record, {key: value for key, value in record.tags.items() if key not in removed})
    return Outcome({}, record.key)


def _set_tags(record: Record, tags: Mapping[str, str]) -> None:
    """Changes the dictionary itself, which the versions of an ARN share."""
    record.tags.clear()
    record.tags.update(tags)


def _tags_of(world: World, call: Call) -> Outcome:
    record = tagged(world, call)
    return Outcome({"tags": record.tags}, record.key)


def _open_to_tags(world: World, record: Record) -> Record:
    """Whether tags of an INACTIVE record can be changed is not documented, so that both can be had."""
    if world.options.tag_inactive == "conflict" and record.status(world.now()) == "INACTIVE":
        raise ApiError("ConflictException", f"{record.arn} is INACTIVE; its tags cannot be changed")
    return record


def _put_policy(world: World, call: Call) -> Outcome:
    record = addressed(world, _MODEL, call)
    condition = call.params.get("policyExistenceCondition")
    if condition == "POLICY_MUST_EXIST" and record.policy is None:
        raise _no_policy(record)
    if condition == "POLICY_MUST_NOT_EXIST" and record.policy is not None:
        raise validation_error(f"{record.arn} has a policy already; policyExistenceCondition is {condition}")
    previous = call.params.get("previousPolicyHash")
    if previous is not None and (record.policy is None or previous != policy_hash(record.policy)):
        raise validation_error(f"previousPolicyHash is not the hash of the policy of {record.arn}")
    policy: str = call.params["configuredAudienceModelPolicy"]
    statements(policy)
    record.policy, record.seeded_policy = policy, False
    result = {"configuredAudienceModelPolicy": policy, "policyHash": policy_hash(policy)}
    return Outcome(result, policy_key(record.arn))


def _get_policy(world: World, call: Call) -> Outcome:
    record = addressed(world, _MODEL, call)
    if record.policy is None:
        raise _no_policy(record)
    return Outcome(
        {
            "configuredAudienceModelArn": record.arn,
            "configuredAudienceModelPolicy": record.policy,
            "policyHash": policy_hash(record.policy),
        },
        policy_key(record.arn),
    )


def _delete_policy(world: World, call: Call) -> Outcome:
    record = addressed(world, _MODEL, call)
    if record.policy is None:
        raise _no_policy(record)
    record.policy = None
    return Outcome({}, policy_key(record.arn))


def _no_policy(record: Record) -> ApiError:
    return ApiError("ResourceNotFoundException", f"{record.arn} has no policy")


SPECIALS: Mapping[str, Callable[[World, Call], Outcome]] = {
    "TagResource": _tag,
    "UntagResource": _untag,
    "ListTagsForResource": _tags_of,
    str(_POLICY.create): _put_policy,
    str(_POLICY.get): _get_policy,
    str(_POLICY.delete): _delete_policy,
    **CLEAN_ROOMS_SPECIALS,
}
