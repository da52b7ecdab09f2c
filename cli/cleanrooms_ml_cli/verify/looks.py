"""Tries that cost nothing: they read what is there, or call what changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from ..account.handlers import documented
from .account import Account
from .seen import Seen

VERIFY_TAG = "cdk-cleanrooms-ml:verify"
NO_CHANNEL = "the account has no INACTIVE channel"


def inactive_frees_name(account: Account) -> Seen:
    """Two channels of one name, one of which is INACTIVE."""
    living = {(one["membershipIdentifier"], one["name"]) for one in account.channels if one["status"] != "INACTIVE"}
    names = [(one["membershipIdentifier"], one["name"]) for one in account.inactive()]
    if not names:
        return Seen("", NO_CHANNEL)
    if living & set(names) or len(names) != len(set(names)):
        return Seen("yes", "a membership has an INACTIVE channel and another one of the same name")
    return Seen("", f"the names of {len(names)} INACTIVE channels are in use once each, which proves nothing")


def unlisted_spark_keys(account: Account) -> Seen:
    """A channel that has a Spark property which the user guide does not list."""
    for summary in account.channels:
        if summary["status"] == "CREATE_FAILED":
            continue
        found = sorted(set(_spark(account.channel(summary).get("inputChannel", {}))) - documented().keys())
        if found:
            return Seen("accepted", f"a channel was created with {', '.join(found)}")
    return Seen("", "no channel of the account has a Spark property that is not listed")


def _spark(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from item if name == "spark" and isinstance(item, Mapping) else _spark(item)


def tag_inactive(account: Account) -> Seen:
    """Taking away a tag that is not there, which changes nothing if the service accepts it."""
    channel = next(account.inactive(), None)
    if channel is None:
        return Seen("", NO_CHANNEL)
    refusal = account.refusal("untag_resource", {"resourceArn": channel["mlInputChannelArn"], "tagKeys": [VERIFY_TAG]})
    if refusal is None:
        return Seen("ok", "UntagResource of a tag that an INACTIVE channel does not have succeeded")
    if refusal.is_of_iam:
        return Seen("", "the caller may not call UntagResource")
    side = "conflict" if refusal.code == "ConflictException" else ""
    return Seen(side, f"UntagResource of an INACTIVE channel: {refusal.code}")


def inactive_figures(account: Account) -> Seen:
    """What Get shows of a channel that had figures."""
    looked_at = 0
    for summary in account.inactive():
        looked_at += 1
        if account.channel(summary).get("numberOfRecords") is not None:
            return Seen("yes", "an INACTIVE channel shows numberOfRecords")
    if not looked_at:
        return Seen("", NO_CHANNEL)
    return Seen("no", f"{looked_at} INACTIVE channels show no numberOfRecords, unless none of them was ever ACTIVE")


def new_version(account: Account) -> Seen:
    """What became of trainings that continued a model under another name."""
    names = {(one["trainedModelArn"], one.get("versionIdentifier")): one["name"] for one in account.models}
    for model in account.models:
        for channel in model.get("incrementalTrainingDataChannels", ()):
            base = names.get((channel.get("trainedModelArn", ""), None), channel.get("modelName"))
            if base is None or base == model["name"]:
                continue
            if model.get("versionIdentifier"):
                return Seen("always", "a training that continued a model under another name became a version")
            return Seen("same-name", "a training that continued a model under another name became a model of its own")
    return Seen("", "no training of the account continued a model under another name")


def undeclared_not_found(account: Account) -> Seen:
    """A collaboration that does not exist."""
    refusal = account.refusal("get_collaboration", {"collaborationIdentifier": str(uuid.uuid4())}, "cleanrooms")
    if refusal is None:
        return Seen("", "GetCollaboration of a random identifier succeeded")
    if refusal.is_of_iam:
        return Seen("", "the caller may not call GetCollaboration")
    sides = {"ResourceNotFoundException": "not-found", "AccessDeniedException": "access-denied"}
    return Seen(sides.get(refusal.code, ""), f"GetCollaboration of what does not exist: {refusal.code}")


def relevance(account: Account) -> Seen:
    """The relevances of all jobs."""
    metrics = (one.get("metrics", {}).get("relevanceMetrics", ()) for one in account.jobs)
    scores = [float(metric["score"]) for each in metrics for metric in each if metric.get("score") is not None]
    if not scores:
        return Seen("", "no job of the account shows a relevance")
    least, most = min(scores), max(scores)
    side = "yes" if least >= 0 and most <= 1 else "no"
    return Seen(side, f"{len(scores)} relevances are between {least:g} and {most:g}")


def seed_in_output_bucket(account: Account) -> Seen:
    """A job whose seed is in the bucket of its model's output."""
    for job in account.jobs:
        seed = _bucket(job.get("seedAudience", {}).get("dataSource", {}).get("s3Uri", ""))
        if job["status"] != "ACTIVE" or not seed:
            continue
        arn = job["configuredAudienceModelArn"]
        model = account.call("get_configured_audience_model", configuredAudienceModelArn=arn)
        if seed == _bucket(model["outputConfig"]["destination"]["s3Destination"]["s3Uri"]):
            return Seen("yes", "an ACTIVE job had its seed in the bucket of the output")
    return Seen("", "no ACTIVE job of the account had its seed in the bucket of the output")


def _bucket(uri: str) -> str:
    return uri.removeprefix("s3://").partition("/")[0]


def budgets(account: Account) -> Seen:
    """A channel that draws on the budgets of several tables."""
    for summary in account.channels:
        if summary["status"] != "ACTIVE":
            continue
        shown = account.channel(summary).get("privacyBudgets", {}).get("accessBudgets", ())
        if len(shown) > 1:
            left = [one.get("aggregateRemainingBudget") for one in shown]
            return Seen("one each", f"a channel shows {len(shown)} budgets, with {', '.join(map(str, left))} left")
    return Seen("", "no ACTIVE channel of the account draws on several budgets")
