"""The construct of a new resource."""

from __future__ import annotations

from .resource import KEY, MEMBERSHIP, Resource
from .writing import NOT_SAID, article, indented, snake, when


def construct(one: Resource) -> str:
    """The construct's file."""
    stem, base = one.stem, "EncryptedResource" if one.has_key else "Resource"
    run, module = ("CleanRoomsMLRun", "_run") if one.waits else ("CleanRoomsMLResource", "_custom_resource")
    required = [name for name in one.needed if name != MEMBERSHIP]
    types = [one.type_of(name) for name in (*required, *one.optional)]
    collections = ["Mapping", *(["Sequence"] if any(each.startswith("Sequence") for each in types) else [])]
    cdk = ["IResource", "RemovalPolicy", *(["Resource"] if not one.has_key else [])]
    member, key = one.in_membership, one.has_key
    attributes = _attributes(one) if key else ""
    return f'''"""{one.kind}: {NOT_SAID}"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import {", ".join(collections)}
{when(any("Any" in each for each in types), "from typing import Any")}
from aws_cdk import {", ".join(cdk)}
{when(key, "from aws_cdk import aws_kms as kms")}{when(member, _REFERENCE)}from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from cleanrooms_ml_handlers.resources.{stem} import {one.constant}

from ._bases import {", ".join([*(["EncryptedResource"] if key else []), "ImportedResource"])}
from .{module} import {run}
from ._grants import ResourceGrants
{when(member, "from .membership import membership_of")}

@runtime_checkable
class I{one.kind}(IResource, Protocol):
    """{article(one.words)}."""

    @property
    def {stem}_arn(self) -> str:
        """The {one.words}'s ARN."""
        ...
{_KEY_OF_INTERFACE if key else ""}
    @property
    def grants(self) -> {one.kind}Grants:
        """Grants on this resource."""
        ...


class {one.kind}Grants(ResourceGrants):
    """Grants on {article(one.words).lower()}.

    Args:
        {stem}: The {one.words}.
    """

    def __init__(self, {stem}: I{one.kind}) -> None:
        super().__init__({one.constant}, {stem}, {stem}.{stem}_arn)


class _{one.kind}Base({base}):
    @property
    @abstractmethod
    def {stem}_arn(self) -> str:
        """The {one.words}'s ARN."""

    @property
    def grants(self) -> {one.kind}Grants:
        """Grants on this resource."""
        return {one.kind}Grants(self)


class _Imported(ImportedResource, _{one.kind}Base):
    @property
    def {stem}_arn(self) -> str:
        return self._arn


class {one.kind}(_{one.kind}Base, {run}):
    """Look: say what it is, what happens and how long it takes, and what an update changes in place.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
{_documented(one, required)}        {stem}_name: Its name. Default: generated.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        adopt_existing: ARN of one that exists already, to be taken over instead of creating one; its name has to be
            given. Nothing deletes it as long as this is there. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: {_source(one)}, {one.operations["create"]}.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
{_arguments(one, required)}        {stem}_name: str | None = None,
        tags: Mapping[str, str] | None = None,
        adopt_existing: str | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        super().__init__(scope, id, spec={one.constant}, tags=tags, adopt_existing=adopt_existing)
        self._deploy(
            {{
                "{one.name_field}": {stem}_name,
{_request(one, required)}            }},
{when(member, "            needs=[membership],")}            removal_policy=removal_policy,
        )

    @staticmethod
    def from_{stem}_arn(scope: Construct, id: str, {stem}_arn: str) -> I{one.kind}:
        """{article(one.words)} that is defined outside this stack.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            {stem}_arn: Its ARN.
        """
        return _Imported(scope, id, {stem}_arn)
{attributes}
    @property
    def {stem}_arn(self) -> str:
        """The {one.words}'s ARN."""
        return self._attribute("Arn")

    @property
    def {stem}_name(self) -> str:
        """The {one.words}'s name."""
        return self._attribute("Name")
{_ID.format(stem=stem, words=one.words) if "id" in one.shown and not one.waits else ""}'''


_REFERENCE = "from aws_cdk.interfaces.aws_cleanrooms import IMembershipRef"
_KEY_OF_INTERFACE = '''
    @property
    def encryption_key(self) -> kms.IKey | None:
        """The key for the data at rest; None if AWS owns it or it is unknown."""
        ...
'''
_ID = '''
    @property
    def {stem}_id(self) -> str:
        """The {words}'s id."""
        return self._attribute("Id")
'''


def _attributes(one: Resource) -> str:
    """The import of what has a key as well."""
    stem = one.stem
    return f'''
    @staticmethod
    def from_{stem}_attributes(
        scope: Construct, id: str, *, {stem}_arn: str, encryption_key: kms.IKey | None = None
    ) -> I{one.kind}:
        """{article(one.words)} that is defined outside this stack, with its key.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            {stem}_arn: Its ARN.
            encryption_key: The key for its data at rest. Default: unknown.
        """
        return _Imported(scope, id, {stem}_arn, encryption_key=encryption_key)
'''


def _documented(one: Resource, required: list[str]) -> str:
    said = "        membership: The membership that it belongs to, as an L1 or L2.\n" if one.in_membership else ""
    said += "".join(f"        {snake(name)}: {NOT_SAID}\n" for name in required)
    said += "".join(f"        {snake(name)}: {NOT_SAID} Default: none.\n" for name in one.optional)
    key = "Key for the data at rest; its policy is extended. Default: a key that AWS owns."
    return said + (f"        encryption_key: {key}\n" if one.has_key else "")


def _arguments(one: Resource, required: list[str]) -> str:
    lines = ["membership: IMembershipRef"] if one.in_membership else []
    lines += [f"{snake(name)}: {one.type_of(name)}" for name in required]
    lines += [f"{snake(name)}: {one.type_of(name)} | None = None" for name in one.optional]
    lines += ["encryption_key: kms.IKey | None = None"] if one.has_key else []
    return indented((f"{line}," for line in lines), 8)


def _request(one: Resource, required: list[str]) -> str:
    lines = [f'"{MEMBERSHIP}": membership_of(membership)[0]'] if one.in_membership else []
    lines += [f'"{name}": {snake(name)}' for name in (*required, *one.optional)]
    lines += [f'"{KEY}": self._usable(encryption_key, with_grants=False)'] if one.has_key else []
    return indented((f"{line}," for line in lines), 16)


def _source(one: Resource) -> str:
    return "Clean Rooms ML API" if one.service == "cleanroomsml" else "AWS Clean Rooms API"
