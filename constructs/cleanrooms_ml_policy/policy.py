"""What an organisation asks of its Clean Rooms ML resources, besides what AWS does."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from cleanrooms_ml_handlers.constraints import Bounds
from cleanrooms_ml_handlers.model import service_model, shown
from cleanrooms_ml_handlers.rules import RESERVED_TAG_PREFIX, is_reserved_tag

_MODEL = service_model("cleanroomsml")
_ACCOUNT_OR_NAME = re.compile(r"\d{12}|arn:[^:]+:(iam|sts)::\d{12}:.+|[a-z0-9.-]+\.amazonaws\.com(\.cn)?")
# A worker type that AWS may add next.
_WORKER_TYPE = re.compile(r"CR\.\d+X")


class PolicyError(ValueError):
    """A setting is wrong; the message says which, and what is allowed."""


def _setting(text: str, *, check: Callable[[str, Any], Any], default: Any = None) -> Any:
    return field(default=default, metadata={"text": text, "check": check})


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise PolicyError(f"{name} is {shown(value)}; allowed are true and false")
    return value


def _number(shape: str, *, whole: bool) -> Callable[[str, object], float]:
    bounds = Bounds.of(_MODEL.shapes[shape])

    def check(name: str, value: object) -> float:
        kinds = int if whole else (int, float)
        is_number = isinstance(value, kinds) and not isinstance(value, bool)
        if not (is_number and isinstance(value, int | float) and math.isfinite(value)):
            raise PolicyError(f"{name} is {shown(value)}; a {'whole ' if whole else ''}number is needed")
        if not bounds.low <= value <= bounds.high:
            raise PolicyError(f"{name} is {shown(value)}; allowed {bounds}, as the API allows no other values")
        return value

    return check


def _texts(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable) or isinstance(value, Mapping):
        raise PolicyError(f"{name} is {shown(value)}; a list of texts is needed")
    items = tuple(value)
    for item in items:
        if not isinstance(item, str) or not item:
            raise PolicyError(f"{name} has {shown(item)}; only texts are allowed")
    if len(set(items)) < len(items):
        raise PolicyError(f"{name} has {shown(next(i for i in items if items.count(i) > 1))} more than once")
    return items


def _tag_keys(name: str, value: object) -> tuple[str, ...]:
    keys = _texts(name, value)
    bounds = Bounds.of(_MODEL.shapes["TagKey"])
    for key in keys:
        if is_reserved_tag(key):
            raise PolicyError(f"{name} has {shown(key)}; no one can set a tag that begins with {RESERVED_TAG_PREFIX}")
        if len(key) > bounds.high:
            raise PolicyError(f"{name} has a key of {len(key)} characters; allowed {bounds}")
    return keys


def _out_of(shape: str, newer: re.Pattern[str] | None = None) -> Callable[[str, object], tuple[str, ...]]:
    known = _MODEL.enum(shape)

    def check(name: str, value: object) -> tuple[str, ...]:
        items = _texts(name, value)
        if not items:
            raise PolicyError(f"{name} is empty, so that nothing would be allowed; leave it out or name a value")
        for item in items:
            if item not in known and not (newer and newer.fullmatch(item)):
                raise PolicyError(f"{name} has {shown(item)}; allowed are {', '.join(known)}")
        return items

    return check


def _principals(name: str, value: object) -> tuple[str, ...]:
    items = _texts(name, value)
    for item in items:
        if not _ACCOUNT_OR_NAME.fullmatch(item) or "*" in item:
            raise PolicyError(
                f"{name} has {shown(item)}; allowed are account ids of 12 digits, ARNs of IAM without wildcards, and "
                "service names such as cleanrooms-ml.amazonaws.com"
            )
    return items


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What an organisation asks of its Clean Rooms ML resources. What is not set is not asked.

    Attributes:
        max_retention_days: The longest that an ML input channel may keep its data, in days.
        required_tags: Keys of tags that every resource with tags needs.
        require_encryption_key: Whether data at rest needs a KMS key of yours.
        require_analysis_template: Whether queries have to be analysis templates, and no SQL of their own.
        forbid_seed_in_output: Whether the users of a seed must not be in the audience.
        shared_audience_metrics: Which metrics a configured audience model may share: ALL, NONE.
        allowed_worker_types: Types of workers that queries may use.
        max_workers: The most workers that a query may use.
        max_epsilon: The largest epsilon of synthetic data.
        max_membership_inference_attack_score: The largest score that synthetic data may allow.
        allowed_principals: Accounts, ARNs of IAM and service names that the resource policy of a configured
            audience model may let in. An account lets in its own roles and users too.

    Raises:
        PolicyError: A setting is wrong.
    """

    max_retention_days: int | None = _setting(
        "longest retention of an ML input channel, in days",
        check=_number("CreateMLInputChannelRequestRetentionInDaysInteger", whole=True),
    )
    required_tags: tuple[str, ...] = _setting("key of a tag that every resource needs", check=_tag_keys, default=())
    require_encryption_key: bool = _setting("data at rest needs a KMS key", check=_flag, default=False)
    require_analysis_template: bool = _setting("queries have to be analysis templates", check=_flag, default=False)
    forbid_seed_in_output: bool = _setting("no seed users in the audience", check=_flag, default=False)
    shared_audience_metrics: tuple[str, ...] | None = _setting(
        "metrics that may be shared", check=_out_of("SharedAudienceMetrics")
    )
    allowed_worker_types: tuple[str, ...] | None = _setting(
        "type of workers that queries may use", check=_out_of("WorkerComputeType", _WORKER_TYPE)
    )
    max_workers: int | None = _setting(
        "most workers of a query", check=_number("WorkerComputeConfigurationNumberInteger", whole=True)
    )
    max_epsilon: float | None = _setting(
        "largest epsilon of synthetic data", check=_number("MLSyntheticDataParametersEpsilonDouble", whole=False)
    )
    max_membership_inference_attack_score: float | None = _setting(
        "largest membership inference attack score that synthetic data may allow",
        check=_number("MLSyntheticDataParametersMaxMembershipInferenceAttackScoreDouble", whole=False),
    )
    allowed_principals: tuple[str, ...] | None = _setting(
        "account, ARN or service that a resource policy may let in", check=_principals
    )

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            if value is not None:
                object.__setattr__(self, setting.name, setting.metadata["check"](setting.name, value))
            elif setting.default is not None:
                object.__setattr__(self, setting.name, setting.default)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """The policy of settings by name, as a file has them.

        Raises:
            PolicyError: A setting is wrong, or there is no such setting.
        """
        known = [setting.name for setting in fields(cls)]
        for name in settings:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"allowed are {', '.join(known)}"
                raise PolicyError(f"{name} is no setting; {hint}")
        return cls(**settings)


NO_POLICY = Policy()
