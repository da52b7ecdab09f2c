"""Which resource of the service belongs to which logical id: names, marks and hashes.

A resource is found again by its name and known by its mark, a tag. Both are made from the stack, the logical id
and the part of the request that cannot be changed; nothing of one delivery or one attempt enters them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .model import service_model
from .request import Request, canonical, digest
from .rules import TAGS_PER_RESOURCE, counted_tags
from .spec import ResourceSpec

MARK_KEY = "cdk-cleanrooms-ml:owner"
_LEFT = "/left"
_HASH_CHARS = 10
# 63 characters is what every kind allows for a name; two hashes, three hyphens and a counter take the rest.
_PREFIX_CHARS = 63 - 2 * _HASH_CHARS - 2 - 4
_LOGICAL_ID_CHARS = 160
# CDK ends a logical id with a hash, and ours with the construct's child.
_LOGICAL_ID_TAIL = re.compile(r"(Resource)?[0-9A-F]{8}$")

# Properties of ours, which the API does not know.
_OUR_PROPERTIES = ("ServiceToken", "ServiceTimeout", "Settings", "RunId")
ASSET_KEYS = frozenset({"S3Bucket", "S3Key"})


def is_asset(value: object) -> bool:
    """Whether a value stands for the text of an S3 object."""
    return isinstance(value, Mapping) and set(value) == ASSET_KEYS


def without_location(value: Any) -> Any:
    """A value in which each S3 object is named by its key alone: the key is the hash of the content."""
    if is_asset(value):
        return {"S3Key": value["S3Key"]}
    if isinstance(value, Mapping):
        return {key: without_location(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_location(item) for item in value]
    return value


@dataclass(frozen=True)
class Owner:
    """The logical id of one stack that a resource belongs to."""

    stack_guid: str
    logical_id: str

    @classmethod
    def of(cls, request: Request) -> Owner:
        """The owner that a request speaks for."""
        return cls(request.stack_guid, request.logical_id)

    @cached_property
    def hash(self) -> str:
        """The owner's part of a generated name."""
        return digest(f"{self.stack_guid}\n{self.logical_id}", _HASH_CHARS)

    @property
    def nothing_id(self) -> str:
        """A physical id that says: nothing was made."""
        return f"none-{self.hash}"

    @property
    def unknown_id(self) -> str:
        """A physical id that says: something may have been made, to be found by its mark."""
        return f"lost-{self.hash}"

    @property
    def waiting_id(self) -> str:
        """The physical id of a `Ready`: it never changes."""
        return f"wait-{self.hash}"

    @property
    def _mark(self) -> str:
        logical_id = self.logical_id
        if len(logical_id) > _LOGICAL_ID_CHARS:
            logical_id = f"{logical_id[: _LOGICAL_ID_CHARS - _HASH_CHARS]}{self.hash}"
        return f"{self.stack_guid}/{logical_id}/"

    def mark(self, identity: str) -> str:
        """The value of the ownership tag."""
        return self._mark + identity

    def owns(self, record: Record, identity: str | None = None) -> bool:
        """Whether a record is this owner's, of one identity or of any."""
        mark = record.tags.get(MARK_KEY, "").removesuffix(_LEFT)
        if mark.startswith(self._mark):
            return identity is None or mark == self.mark(identity)
        return self.named(record.name, identity)

    def named(self, name: str, identity: str | None = None) -> bool:
        """Whether a name is one that was generated for this owner."""
        end = identity or f"[0-9a-f]{{{_HASH_CHARS}}}"
        return re.search(rf"(^|-){self.hash}-{end}(-\d+)?$", name) is not None

    def name(self, identity: str) -> str:
        """The generated name; a counter may follow it."""
        prefix = _LOGICAL_ID_TAIL.sub("", self.logical_id)[:_PREFIX_CHARS] or "resource"
        return f"{prefix}-{self.hash}-{identity}"


@dataclass(frozen=True)
class Record:
    """A resource as the service shows it.

    Attributes:
        id: The physical id.
        arn: The ARN; empty if the kind has none.
        answer: The members that the service shows.
    """

    id: str
    arn: str
    name: str
    answer: Mapping[str, Any]

    @property
    def tags(self) -> Mapping[str, str]:
        """All tags, ours too."""
        return self.answer.get("tags") or {}

    @property
    def status(self) -> str:
        """The service's status; empty where the kind has none."""
        return str(self.answer.get("status", ""))

    @property
    def is_left(self) -> bool:
        """Whether its deletion was begun: nothing may adopt it any more."""
        return self.tags.get(MARK_KEY, "").endswith(_LEFT)

    @property
    def created_at(self) -> float:
        """When it was made, in seconds since 1970."""
        return float(self.answer["createTime"].timestamp())

    @property
    def updated_at(self) -> float:
        """When it last changed, in seconds since 1970."""
        return float(self.answer["updateTime"].timestamp())


def left(mark: str) -> str:
    """The mark of a resource whose deletion has begun."""
    return mark if mark.endswith(_LEFT) else mark + _LEFT


class Wanted:
    """What the properties of a `Resource` ask for.

    Args:
        spec: The kind.
        properties: The custom resource's properties, as CloudFormation sends them.
    """

    def __init__(self, spec: ResourceSpec, properties: Mapping[str, Any]) -> None:
        self.spec = spec
        self._model = service_model(spec.service)
        given = {key: value for key, value in properties.items() if key not in _OUR_PROPERTIES}
        # Without the tags, which are no part of what a resource is, and with the types that the API asks for.
        self.request: dict[str, Any] = self._model.cast(spec.create, given)
        tags = self.request.pop("tags", None)
        self.tags: dict[str, str] = dict(tags) if isinstance(tags, Mapping) else {}
        self.run_id: str | None = properties.get("RunId")

    @property
    def fixed_name(self) -> str | None:
        """The name that the user chose; None has one generated."""
        name = self.request.get(self.spec.name_field)
        return None if name is None else str(name)

    @cached_property
    def mutable(self) -> dict[str, Any]:
        """The part of the request that the update operation can change."""
        if self.spec.update is None:
            return {}
        changeable = self._model.input_members(self.spec.update)
        names = self.spec.update_names
        # What names the resource is in both requests, and is no part of what an update changes.
        place = self.spec.identifying
        return {
            key: value for key, value in self.request.items() if key not in place and names.get(key, key) in changeable
        }

    @cached_property
    def identity(self) -> str:
        """Hash of what makes this another resource when it changes."""
        fixed = {key: value for key, value in self.request.items() if key not in self.mutable}
        present = [key for key in self.spec.presence_is_identity if key in self.mutable]
        return digest(canonical([without_location(fixed), present, self.run_id]), _HASH_CHARS)

    @property
    def request_hash(self) -> str:
        """Hash of all that is asked for but the tags: when it changes, results have to be read again."""
        return digest(canonical([without_location(self.request), self.run_id]), 2 * _HASH_CHARS)

    def is_shown_by(self, record: Record) -> bool:
        """Whether everything that a list shows of the request is as it is asked for."""
        listed = self._model.operations[self.spec.list or ""].output or ""
        summary = self._model.shapes[self._model.members(listed)[self.spec.list_field]]["member"]["shape"]
        members = self._model.input_members(self.spec.create).keys() & self._model.members(summary).keys()
        return all(self.request.get(key) == record.answer.get(key) for key in members)

    def marked_tags(self, owner: Owner) -> dict[str, str]:
        """The user's tags, with the mark if it finds room."""
        if counted_tags(self.tags) >= TAGS_PER_RESOURCE:
            return self.tags
        return {**self.tags, MARK_KEY: owner.mark(self.identity)}
