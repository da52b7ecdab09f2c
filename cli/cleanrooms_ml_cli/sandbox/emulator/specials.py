"""Operations that are not create, get, list, update or delete of a kind: tags and resource policies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from .checks import tag_problems, validation_error
from .kinds import KINDS, kind_of_arn
from .lifecycle import Record
from .operations import Outcome, addressed
from .resource_policy import statements
from .routes import Call
from .wire import ApiError
from .world import World

_MODEL = KINDS["ConfiguredAudienceModel"]


def tagged(world: World, call: Call) -> Record:
    """The record whose tags a request concerns."""
    arn = call.params["resourceArn"]
    kind = kind_of_arn(arn)
    if kind is None:
        raise ApiError("ResourceNotFoundException", f"No resource has the ARN {arn}")
    return world.record(kind, arn)


def _tag(world: World, call: Call) -> Outcome:
    record = _open_to_tags(world, tagged(world, call))
    tags = {**record.tags, **call.params["tags"]}
    if problems := list(tag_problems(tags)):
        raise validation_error(*(str(problem) for problem in problems))
    record.tags = tags
    return Outcome({}, record.arn)


def _untag(world: World, call: Call) -> Outcome:
    record = _open_to_tags(world, tagged(world, call))
    removed = set(call.params["tagKeys"])
    record.tags = {key: value for key, value in record.tags.items() if key not in removed}
    return Outcome({}, record.arn)


def _tags_of(world: World, call: Call) -> Outcome:
    record = tagged(world, call)
    return Outcome({"tags": record.tags}, record.arn)


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
    record.policy = policy
    return Outcome(
        {"configuredAudienceModelPolicy": policy, "policyHash": policy_hash(policy)},
        record.arn,
    )


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
        record.arn,
    )


def _delete_policy(world: World, call: Call) -> Outcome:
    record = addressed(world, _MODEL, call)
    if record.policy is None:
        raise _no_policy(record)
    record.policy = None
    return Outcome({}, record.arn)


def policy_hash(policy: str) -> str:
    """The hash by which Put recognises the policy that it is to replace."""
    return hashlib.sha256(policy.encode()).hexdigest()


def _no_policy(record: Record) -> ApiError:
    return ApiError("ResourceNotFoundException", f"{record.arn} has no policy")


SPECIALS: Mapping[str, Callable[[World, Call], Outcome]] = {
    "TagResource": _tag,
    "UntagResource": _untag,
    "ListTagsForResource": _tags_of,
    "PutConfiguredAudienceModelPolicy": _put_policy,
    "GetConfiguredAudienceModelPolicy": _get_policy,
    "DeleteConfiguredAudienceModelPolicy": _delete_policy,
}
