"""What the service model knows of a resource that nobody has described yet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from cleanrooms_ml_cli.sandbox.emulator.kinds import KINDS
from cleanrooms_ml_handlers.model import ServiceModel
from cleanrooms_ml_handlers.spec import STATUSES_OF_A_CANCELABLE_RUN, STATUSES_OF_A_JOB

from . import request
from .writing import snake

PHASES: Mapping[str, str] = {
    status: phase.name for status, phase in {**STATUSES_OF_A_JOB, **STATUSES_OF_A_CANCELABLE_RUN}.items()
}
MEMBERSHIP = "membershipIdentifier"
KEY = "kmsKeyArn"
_PYTHON = {"boolean": "bool", "integer": "int", "long": "int", "double": "float", "float": "float", "string": "str"}
_OWN_NAMES = frozenset({"tags", MEMBERSHIP, KEY})


class Resource:
    """What botocore's model of a service says about a resource.

    Args:
        kind: The API's name of the resource.
        operations: API operations by what they do: create, get, list, delete and the like.
        service: The service's name in boto3.

    Raises:
        SystemExit: There is no such service, operation or kind; the message says what to write or where to add it.
    """

    def __init__(self, kind: str, operations: dict[str, str], service: str = "cleanroomsml") -> None:
        self.kind, self.operations, self.service = kind, operations, service
        request.check_service(service)
        self.model = request.whole_model(service)
        request.check_operations(self.model, service, operations)
        request.check_kind(kind, operations)
        self.stem = snake(kind)
        self.constant = self.stem.upper()
        self.words = self.stem.replace("_", " ")

    # -- requests --------------------------------------------------------------------------------------------------

    @cached_property
    def members(self) -> Mapping[str, str]:
        """The members of the create request, each with the name of its shape."""
        return self.model.input_members(self.operations["create"])

    def required(self, role: str) -> list[str]:
        """The members that an operation requires."""
        if role not in self.operations:
            return []
        shape = self.model.operations[self.operations[role]].input
        return list(self.model.shapes[shape or ""].get("required", ()))

    @property
    def needed(self) -> list[str]:
        """The required members of the create request, without the name."""
        return [name for name in self.required("create") if name != self.name_field]

    @property
    def optional(self) -> list[str]:
        """Its other members, without name, tags and key."""
        return [name for name in self.members if name not in {*self.needed, self.name_field, *_OWN_NAMES}]

    @property
    def in_membership(self) -> bool:
        """Whether it belongs to a membership."""
        return MEMBERSHIP in self.members

    @property
    def has_key(self) -> bool:
        """Whether it can be encrypted with a key of the user."""
        return KEY in self.members

    @property
    def name_field(self) -> str:
        """The member of the create request with the name."""
        return _same(f"{self.kind}Name", self.members) or "name"

    @property
    def is_named(self) -> bool:
        """Whether many of the kind are told apart by a name."""
        return self.name_field in self.members

    @property
    def role_fields(self) -> tuple[str, ...]:
        """The paths of the roles in the create request."""
        shape = self.model.operations[self.operations["create"]].input
        return tuple(_roles(self.model, shape or "", ""))

    @property
    def changeable(self) -> list[str]:
        """The optional members that the update operation takes."""
        if "update" not in self.operations:
            return []
        members = self.model.input_members(self.operations["update"])
        taken = {*self.required("update"), *self.needed, self.name_field, "name"}
        return [name for name in members if name not in taken]

    def may_be_empty(self, member: str) -> bool:
        """Whether the update operation takes an empty text for a member."""
        shape = self.model.shapes[self.model.input_members(self.operations["update"])[member]]
        return not shape.get("min") and re.fullmatch(str(shape.get("pattern", ".*")), "") is not None

    # -- answers ---------------------------------------------------------------------------------------------------

    def _output(self, role: str) -> Mapping[str, str]:
        output = self.model.operations[self.operations[role]].output if role in self.operations else None
        return self.model.members(output) if output else {}

    @cached_property
    def answer_field(self) -> str:
        """The member of the get operation's answer that contains the resource; empty if the answer is the resource."""
        members = self._output("get")
        (only,) = members if len(members) == 1 else ("",)
        return only if only and self.model.shapes[members[only]]["type"] == "structure" else ""

    @cached_property
    def shown(self) -> Mapping[str, str]:
        """The members that the get operation shows; without one, those of the create operation's answer."""
        members = self._output("get") or self._output("create")
        return self.model.members(members[self.answer_field]) if self.answer_field else members

    @property
    def shows_tags(self) -> bool:
        """Whether the get operation returns the tags."""
        return "tags" in self.shown

    @property
    def statuses(self) -> tuple[str, ...]:
        """Every status that the get operation may show."""
        shape = self.shown.get("status")
        return self.model.enum(shape) if shape else ()

    @property
    def waits(self) -> bool:
        """Whether becoming ready takes time."""
        return any(PHASES.get(status) == "PENDING" for status in self.statuses)

    @property
    def list_field(self) -> str:
        """The member of the list operation's answer with the summaries."""
        members = self._output("list")
        return next((name for name, shape in members.items() if self.model.shapes[shape]["type"] == "list"), "")

    # -- its ARN ---------------------------------------------------------------------------------------------------

    @cached_property
    def arn_field(self) -> str:
        """The member of the answers with the ARN."""
        created = next((name for name in self._output("create") if name.endswith("Arn")), "")
        return _same("arn", self.shown) or _same(f"{self.kind}Arn", self.shown) or created

    @property
    def signing_name(self) -> str:
        """The service's name in IAM actions and ARNs."""
        return str(self.model.metadata["signingName"])

    @cached_property
    def segment(self) -> str:
        """The word of the ARN before the identifier."""
        pattern = str(self.model.shapes[self.shown[self.arn_field]].get("pattern", "")) if self.arn_field else ""
        words = re.findall(r"(?<![\w-])([a-z][a-z-]+)/", pattern.partition("{12}:")[2])
        return words[-1] if words else self.stem.replace("_", "-")

    @property
    def path(self) -> str:
        """The resource part of the ARN before the identifier, with wildcards."""
        return f"membership/*/{self.segment}" if self.in_membership else self.segment

    @property
    def id_field(self) -> str:
        """The member by which requests name it, where that is not its ARN."""
        named = [name for name in self.required("get") if name != MEMBERSHIP]
        return named[0] if named and not named[0].endswith("Arn") else ""

    @property
    def is_emulated(self) -> bool:
        """Whether the sandbox has the kind."""
        return self.kind in KINDS

    @property
    def names_are_unique(self) -> bool:
        """Whether the service refuses a name in use, as far as the sandbox knows."""
        return self.is_emulated and KINDS[self.kind].unique is not None

    # -- values ----------------------------------------------------------------------------------------------------

    def type_of(self, member: str) -> str:
        """The type of a member, as Python writes it."""
        kind = self.model.shapes[self.members[member]]["type"]
        if kind in _PYTHON:
            return _PYTHON[kind]
        return "Sequence[Any]" if kind == "list" else "Mapping[str, Any]"


def _same(name: str, members: Mapping[str, Any]) -> str:
    """The member that has a name in whatever case; empty if none has."""
    return next((member for member in members if member.lower() == name.lower()), "")


def _roles(model: ServiceModel, shape: str, path: str) -> Iterator[str]:
    if model.shapes[shape]["type"] != "structure":
        return
    for name, below in model.members(shape).items():
        if name == "roleArn":
            yield f"{path}{name}"
        else:
            yield from _roles(model, below, f"{path}{name}.")
