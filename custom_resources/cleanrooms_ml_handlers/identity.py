"""Which resource of the service belongs to which logical id: names, ownership tags and hashes.

A resource is found by its name and confirmed by its ownership tag. Both are derived from the stack, the logical id
and the create-only part of the request; nothing of a delivery or an attempt enters them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .model import service_model
from .reply_address import moment, moment_of
from .request import Request, canonical, digest
from .shared_names import OUR_PROPERTIES
from .spec import ResourceSpec
from .tags import OWNERSHIP_TAG_KEY as OWNERSHIP_TAG_KEY

# The deletion marker: the suffix of the ownership tag of a resource whose deletion has begun.
_DELETION_MARKER = "/left"
# Of physical ids, and of the names and ownership tags of earlier versions.
_HASH_CHARS = 10
# Of names and ownership tags; the first `_HASH_CHARS` are those of earlier versions.
_LONG_HASH_CHARS = 16
# Every kind allows names of 63 characters; two hashes, three hyphens and a counter take the rest.
_PREFIX_CHARS = 63 - 2 * _LONG_HASH_CHARS - 2 - 4
_LOGICAL_ID_CHARS = 160
# CDK appends a hash to a logical id, and our constructs' resources are a child called `Resource`.
_LOGICAL_ID_TAIL = re.compile(r"(Resource)?[0-9A-F]{8}$")

_ORPHAN_ID = re.compile(r"lost-[0-9a-f]+-(\d{8}T\d{6}Z)")

ASSET_KEYS = frozenset({"S3Bucket", "S3Key"})
# The CDK names a file asset by the hash of its content, below the prefix of its bootstrap.
ASSET_KEY = re.compile(r"((?!\.{1,2}/)[-\w!.*'()]+/)*[0-9a-f]{64}(\.[A-Za-z0-9]{1,16})?", re.ASCII)


def is_asset(value: object) -> bool:
    """Whether a value refers to the text of an S3 object."""
    return isinstance(value, Mapping) and len(value) == len(ASSET_KEYS) and set(value) == ASSET_KEYS


def without_location(value: Any) -> Any:
    """A value without the buckets of its S3 objects: the key is the hash of the content."""
    if is_asset(value):
        return {"S3Key": value["S3Key"]}
    if isinstance(value, Mapping):
        return {key: without_location(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_location(item) for item in value]
    return value


@dataclass(frozen=True)
class Owner:
    """The owner of a resource: a logical id of a stack."""

    stack_guid: str
    logical_id: str

    @classmethod
    def of(cls, request: Request) -> Owner:
        """The owner for which a request is made."""
        return cls(request.stack_guid, request.logical_id)

    @cached_property
    def hash(self) -> str:
        """The owner's part of a physical id, and of the generated names of earlier versions."""
        return self.long_hash[:_HASH_CHARS]

    @cached_property
    def long_hash(self) -> str:
        """The owner's part of a generated name, and of the ids of statements."""
        return digest(f"{self.stack_guid}\n{self.logical_id}", _LONG_HASH_CHARS)

    @property
    def not_created_id(self) -> str:
        """The not-created id: a physical id that says that nothing was created."""
        return f"none-{self.hash}"

    def orphan_id(self, signed_at: float) -> str:
        """The orphan id: a physical id that says that a request may have created something.

        Args:
            signed_at: When the request was signed: a Delete leaves alone what a later request created.
        """
        return f"lost-{self.hash}-{moment_of(signed_at)}"

    @property
    def waiting_id(self) -> str:
        """The physical id of a `Ready`: it never changes."""
        return f"wait-{self.hash}"

    @property
    def _tag_prefix(self) -> str:
        logical_id = self.logical_id
        if len(logical_id) > _LOGICAL_ID_CHARS:
            logical_id = f"{logical_id[: _LOGICAL_ID_CHARS - _HASH_CHARS]}{self.hash}"
        return f"{self.stack_guid}/{logical_id}/"

    def tag_value(self, identity: str) -> str:
        """The value of the ownership tag."""
        return self._tag_prefix + identity

    def owns(self, record: Record, identity: str | None = None) -> bool:
        """Whether a record is this owner's, with this identity or with any."""
        tag = record.tags.get(OWNERSHIP_TAG_KEY)
        if tag is None:
            return self.named(record.name, identity)
        shown = tag.removesuffix(_DELETION_MARKER).removeprefix(self._tag_prefix)
        if not tag.startswith(self._tag_prefix):
            return False
        return identity is None or (len(shown) >= _HASH_CHARS and identity.startswith(shown))

    def sibling(self, record: Record) -> str:
        """The logical id of this stack to which a record belongs, by its ownership tag; empty if to none."""
        guid, _, rest = record.tags.get(OWNERSHIP_TAG_KEY, "").removesuffix(_DELETION_MARKER).partition("/")
        return rest.rpartition("/")[0] if guid == self.stack_guid else ""

    def is_in_stack(self, record: Record) -> bool:
        """Whether a record has the ownership tag of this stack, whatever its logical id."""
        return record.tags.get(OWNERSHIP_TAG_KEY, "").startswith(f"{self.stack_guid}/")

    def named(self, name: str, identity: str | None = None) -> bool:
        """Whether a name was generated for this owner, with this identity or with any."""
        ends = [
            f"{own}-{identity[:chars] if identity else f'[0-9a-f]{{{chars}}}'}"
            for own, chars in ((self.hash, _HASH_CHARS), (self.long_hash, _LONG_HASH_CHARS))
        ]
        return re.search(rf"(^|-)({'|'.join(ends)})(-\d+)?$", name) is not None

    def name(self, identity: str) -> str:
        """The generated name; a counter may be appended."""
        prefix = _LOGICAL_ID_TAIL.sub("", self.logical_id)[:_PREFIX_CHARS] or "resource"
        return f"{prefix}-{self.long_hash}-{identity}"


@dataclass(frozen=True)
class Record:
    """A resource as the service returns it.

    Attributes:
        id: The physical id.
        arn: The ARN; empty if the kind has none.
        name: The name; empty if the kind has none.
        answer: The members that the service returns.
    """

    id: str
    arn: str
    name: str
    answer: Mapping[str, Any]

    @property
    def tags(self) -> Mapping[str, str]:
        """All tags, the ownership tag included."""
        return self.answer.get("tags") or {}

    @property
    def status(self) -> str:
        """The service's status; empty for a kind without statuses."""
        return str(self.answer.get("status", ""))

    @property
    def is_marked_for_deletion(self) -> bool:
        """Whether it has the deletion marker: its deletion has begun, and nothing may adopt it any more."""
        return self.tags.get(OWNERSHIP_TAG_KEY, "").endswith(_DELETION_MARKER)

    @property
    def created_at(self) -> float:
        """When it was created, in seconds since 1970."""
        return float(self.answer["createTime"].timestamp())

    @property
    def updated_at(self) -> float:
        """When it last changed, in seconds since 1970."""
        return float(self.answer["updateTime"].timestamp())


def orphaned_at(physical_id: str) -> float | None:
    """When the request of an orphan id was signed; None for other ids and for the orphan ids of earlier versions."""
    match = _ORPHAN_ID.fullmatch(physical_id)
    return moment(match[1]) if match else None


def with_deletion_marker(tag_value: str) -> str:
    """The value of the ownership tag of a resource whose deletion has begun."""
    return tag_value if tag_value.endswith(_DELETION_MARKER) else tag_value + _DELETION_MARKER


class Desired:
    """The desired state of a resource, from the properties of its custom resource.

    Args:
        spec: The kind.
        properties: The custom resource's properties, as CloudFormation sends them.
    """

    def __init__(self, spec: ResourceSpec, properties: Mapping[str, Any]) -> None:
        self.spec = spec
        self._model = service_model(spec.service)
        given = {key: value for key, value in properties.items() if key not in OUR_PROPERTIES}
        # Without the tags, which are not part of the identity, and with the types of the API.
        self.request: dict[str, Any] = self._model.cast(spec.create, given)
        tags = self.request.pop("tags", None)
        self.tags: dict[str, str] = dict(tags) if isinstance(tags, Mapping) else {}
        self.run_id: str | None = properties.get("RunId")

    @property
    def fixed_name(self) -> str | None:
        """The name that the user chose; None if it is generated."""
        name = self.request.get(self.spec.name_field)
        return None if name is None else str(name)

    def needs_name_of(self, other: Desired) -> bool:
        """Whether it can only be created under the fixed name of another, which the versions of one model share."""
        return bool(self.fixed_name) and self.fixed_name == other.fixed_name and not self.continues

    @property
    def continues(self) -> bool:
        """Whether it is a run that continues an earlier one, and so may be a later version of it."""
        return bool(self.request.get(self.spec.continues_field))

    @cached_property
    def mutable(self) -> dict[str, Any]:
        """The part of the request that the update operation can change."""
        if self.spec.update is None:
            return {}
        changeable = self._model.input_members(self.spec.update)
        names = self.spec.update_names
        # The identifying members are in both requests, and an update cannot change them.
        identifying = self.spec.identifier_members
        return {
            key: value
            for key, value in self.request.items()
            if key not in identifying and names.get(key, key) in changeable
        }

    @cached_property
    def identity(self) -> str:
        """Hash of the create-only part: a change of it replaces the resource."""
        fixed = {key: value for key, value in self.request.items() if key not in self.mutable}
        present = [key for key in self.spec.presence_is_identity if key in self.mutable]
        return digest(canonical([without_location(fixed), present, self.run_id]), _LONG_HASH_CHARS)

    @property
    def request_hash(self) -> str:
        """Hash of everything except the tags: a change of it means that results must be read again."""
        return digest(canonical([without_location(self.request), self.run_id]), 2 * _HASH_CHARS)

    def is_shown_by(self, record: Record) -> bool:
        """Whether a record has the desired value of every member that the list operation returns."""
        listed = self._model.operations[self.spec.list or ""].output or ""
        summary = self._model.shapes[self._model.members(listed)[self.spec.list_field]]["member"]["shape"]
        members = self._model.input_members(self.spec.create).keys() & self._model.members(summary).keys()
        if not self.fixed_name:
            members -= {self.spec.name_field}
        return all(self.request.get(key) == record.answer.get(key) for key in members)

    def tags_with_ownership(self, owner: Owner) -> dict[str, str]:
        """The user's tags and the ownership tag."""
        return {**self.tags, OWNERSHIP_TAG_KEY: owner.tag_value(self.identity)}
