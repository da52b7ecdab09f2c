"""An organization's policy for its Clean Rooms ML resources, in addition to AWS's limits."""

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
# A worker type that AWS may add.
_WORKER_TYPE = re.compile(r"CR\.\d+X")


class PolicyError(ValueError):
    """A setting is invalid; the message says which, and what is allowed."""


def _setting(check: Callable[[str, Any], Any], default: Any = None) -> Any:
    return field(default=default, metadata={"check": check})


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
            raise PolicyError(f"{name} is {shown(value)}; a {'whole ' if whole else ''}number is required")
        if not bounds.low <= value <= bounds.high:
            raise PolicyError(f"{name} is {shown(value)}; allowed {bounds}, as in the API")
        return value

    return check


def _texts(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable) or isinstance(value, Mapping):
        raise PolicyError(f"{name} is {shown(value)}; a list of strings is required")
    items = tuple(value)
    for item in items:
        if not isinstance(item, str) or not item:
            raise PolicyError(f"{name} has {shown(item)}; only strings are allowed")
    if len(set(items)) < len(items):
        raise PolicyError(f"{name} has {shown(next(i for i in items if items.count(i) > 1))} more than once")
    return items


def _tag_keys(name: str, value: object) -> tuple[str, ...]:
    keys = _texts(name, value)
    bounds = Bounds.of(_MODEL.shapes["TagKey"])
    for key in keys:
        if is_reserved_tag(key):
            raise PolicyError(f"{name} has {shown(key)}; tag keys that begin with {RESERVED_TAG_PREFIX} are reserved")
        if len(key) > bounds.high:
            raise PolicyError(f"{name} has a key of {len(key)} characters; allowed {bounds}")
    return keys


def _out_of(shape: str, newer: re.Pattern[str] | None = None) -> Callable[[str, object], tuple[str, ...]]:
    known = _MODEL.enum(shape)

    def check(name: str, value: object) -> tuple[str, ...]:
        items = _texts(name, value)
        if not items:
            raise PolicyError(f"{name} is empty, which allows nothing; omit it or name a value")
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
                f"{name} has {shown(item)}; allowed are 12-digit account ids, IAM ARNs without wildcards, and "
                "service names such as cleanrooms-ml.amazonaws.com"
            )
    return items


@dataclass(frozen=True, kw_only=True)
class Policy:
    """An organization's policy for its Clean Rooms ML resources. A rule without its setting is off.

    Attributes:
        max_retention_days: Longest retention of an ML input channel, in days.
        required_tags: Keys of tags that every taggable resource must have.
        require_encryption_key: Whether data at rest must be encrypted with a customer managed key.
        require_analysis_template: Whether queries must be analysis templates instead of SQL.
        forbid_seed_in_output: Whether the users of a seed must not be in the audience.
        shared_audience_metrics: Metrics that a configured audience model may share: ALL, NONE.
        allowed_worker_types: Worker types that queries may use.
        max_workers: Largest number of workers of a query.
        max_epsilon: Largest epsilon of synthetic data.
        max_membership_inference_attack_score: Largest score that synthetic data may have.
        allowed_principals: Accounts, IAM ARNs and service names to which the resource policy of a configured
            audience model may grant access. An account includes its roles and users.

    Raises:
        PolicyError: A setting is invalid.
    """

    max_retention_days: int | None = _setting(
        _number("CreateMLInputChannelRequestRetentionInDaysInteger", whole=True),
    )
    required_tags: tuple[str, ...] = _setting(_tag_keys, default=())
    require_encryption_key: bool = _setting(_flag, default=False)
    require_analysis_template: bool = _setting(_flag, default=False)
    forbid_seed_in_output: bool = _setting(_flag, default=False)
    shared_audience_metrics: tuple[str, ...] | None = _setting(_out_of("SharedAudienceMetrics"))
    allowed_worker_types: tuple[str, ...] | None = _setting(_out_of("WorkerComputeType", _WORKER_TYPE))
    max_workers: int | None = _setting(_number("WorkerComputeConfigurationNumberInteger", whole=True))
    max_epsilon: float | None = _setting(_number("MLSyntheticDataParametersEpsilonDouble", whole=False))
    max_membership_inference_attack_score: float | None = _setting(
        _number("MLSyntheticDataParametersMaxMembershipInferenceAttackScoreDouble", whole=False),
    )
    allowed_principals: tuple[str, ...] | None = _setting(_principals)

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            if value is not None:
                object.__setattr__(self, setting.name, setting.metadata["check"](setting.name, value))
            elif setting.default is not None:
                object.__setattr__(self, setting.name, setting.default)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """A policy from settings by name, as in a file.

        Raises:
            PolicyError: A setting is invalid or unknown.
        """
        known = [setting.name for setting in fields(cls)]
        for name in settings:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"allowed are {', '.join(known)}"
                raise PolicyError(f"{name} is not a setting; {hint}")
        return cls(**settings)


NO_POLICY = Policy()
