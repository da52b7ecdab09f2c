"""What an app takes for granted: what its templates name and no stack of it creates. A sandbox seeds it.

Found in the properties of Clean Rooms and Clean Rooms ML resources: ARNs, memberships and collaborations, buckets,
images and tables.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .assembly import Stack, resolved, stacks
from .emulator.kinds import KINDS
from .emulator.state.state import partition_of
from .environment import ACCOUNT, REGION

if TYPE_CHECKING:
    from .sandbox import Sandbox

_TYPES = ("Custom::CleanRoomsML-", "AWS::CleanRoomsML::", "AWS::CleanRooms::")
_ARN = re.compile(
    r"arn:[a-z-]+:(?P<service>cleanrooms(?:-ml)?):(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(?P<path>.+)"
)
_S3 = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/.*)?")
_IMAGE = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/([a-z0-9._/-]+?)(?:[:@].+)?")
_IDENTIFIED = {"membershipIdentifier": "Membership", "collaborationIdentifier": "Collaboration"}
_TABLE = ("databaseName", "tableName")
# Kinds that a resource policy shares with other accounts: their ARNs do not say whose the app is.
_SHARED = frozenset(parent.kind for kind in KINDS.values() for parent in kind.parents if parent.foreign)


@dataclass(frozen=True)
class Assumed:
    """One thing.

    Args:
        kind: A kind of the emulator, or Bucket, Repository or Table.
        name: Its ARN, identifier or name.
        account: Whose it is; empty for that of the deployment.
        region: Where it is; empty likewise.
        members: What the emulator is to seed it with.
    """

    kind: str
    name: str
    account: str = ""
    region: str = ""
    members: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)


@dataclass(frozen=True)
class Owner:
    """An account and a Region."""

    account: str
    region: str


def owner_of(assembly: Path, account: str | None, region: str | None) -> Owner:
    """The account and the Region that an app is for.

    They are the arguments, else those of its stacks, else those that the ARNs in it name, if all agree.

    Args:
        assembly: Folder of a cloud assembly.
        account: The account, if the caller names it.
        region: The Region, if the caller names it.
    """
    found = list(stacks(assembly))
    named = [thing for thing in assumed(found, Owner("", "")) if thing.kind not in _SHARED]
    chosen_account = account or _only(stack.account for stack in found) or _only(thing.account for thing in named)
    chosen_region = region or _only(stack.region for stack in found) or _only(thing.region for thing in named)
    return Owner(chosen_account or ACCOUNT, chosen_region or REGION)


def regions_of(assembly: Path, owner: Owner) -> list[str]:
    """The Regions in which an app has stacks of an account."""
    own = [stack for stack in stacks(assembly) if stack.account in ("", owner.account)]
    return sorted({stack.region or owner.region for stack in own})


def elsewhere(assembly: Path, owner: Owner) -> Assumed | None:
    """What an app names by its ARN in a Region where none of its stacks is, which the service does not use."""
    found = list(stacks(assembly))
    regions = {stack.region or owner.region for stack in found}
    named = (thing for thing in assumed(found, owner) if thing.kind in KINDS)
    return next((thing for thing in named if thing.region not in regions), None)


def _only(values: Iterable[str]) -> str:
    """The value that all of these have that are not empty; empty if they differ."""
    distinct = {value for value in values if value}
    return distinct.pop() if len(distinct) == 1 else ""


def assumed(found: Iterable[Stack], owner: Owner) -> list[Assumed]:
    """What stacks take for granted, each thing once.

    Args:
        found: The stacks.
        owner: Whose the stacks are that leave it open.
    """
    things: dict[Assumed, None] = {}
    for stack in found:
        account, region = stack.account or owner.account, stack.region or owner.region
        pseudo = {"AWS::AccountId": account, "AWS::Region": region, "AWS::Partition": partition_of(region)}
        for resource in stack.resources.values():
            if str(resource.get("Type", "")).startswith(_TYPES):
                properties = resolved(resource.get("Properties", {}), {k: v for k, v in pseudo.items() if v})
                things |= dict.fromkeys(_named(properties, account, region))
    return list(things)


def _named(value: Any, account: str, region: str, key: str = "") -> Iterator[Assumed]:
    if isinstance(value, Mapping):
        members = {name[:1].lower() + name[1:]: item for name, item in value.items()}
        if all(isinstance(members.get(name), str) for name in _TABLE):
            yield Assumed("Table", ".".join(members[name] for name in _TABLE), account, region)
        for name, item in members.items():
            yield from _named(item, account, region, name)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, account, region, key)
    elif isinstance(value, str):
        if key in _IDENTIFIED:
            yield Assumed(_IDENTIFIED[key], value, account, region, {"id": value, key: value})
        elif found := _ARN.fullmatch(value):
            yield from _of_arn(value, **found.groupdict())
        elif bucket := _S3.fullmatch(value):
            yield Assumed("Bucket", bucket[1], account, region)
        elif image := _IMAGE.fullmatch(value):
            yield Assumed("Repository", image[1], account, region)


def _of_arn(arn: str, service: str, region: str, account: str, path: str) -> Iterator[Assumed]:
    for kind in KINDS.values():
        if not kind.arn_path or kind.arn_service != service:
            continue
        pattern = re.escape(kind.arn_path).replace(r"\{membershipIdentifier\}", "(?P<membershipIdentifier>[^/]+)")
        if found := re.fullmatch(f"{pattern}/(?P<id>[-a-zA-Z0-9_.]+)", path):
            yield Assumed(kind.name, arn, account, region, found.groupdict())


def seed(sandbox: Sandbox, assembly: Path, owner: Owner) -> Iterator[str]:
    """Seed what an app takes for granted and the sandbox does not hold; a line for each."""
    held = {(record["region"], name) for record in sandbox.emulator.records() for name in _names(record)}
    for thing in assumed(stacks(assembly), owner):
        there = sandbox.as_account(thing.account).in_region(thing.region)
        if thing.kind in _CREATED:
            is_new = _CREATED[thing.kind](there, thing.name)
        elif is_new := (thing.region, thing.name) not in held:
            # An ARN of a membership brings that membership with it.
            brought = thing.members.get("membershipIdentifier", thing.name)
            held |= {(thing.region, thing.name), (thing.region, brought)}
            members = {"account": thing.account, **_members(thing)}
            there.emulator.seed(thing.kind, **members)
        if is_new:
            yield f"seeded {thing.kind} {thing.name}"


def _members(thing: Assumed) -> dict[str, str]:
    members = dict(thing.members)
    if thing.kind == "Membership":
        return {"membershipIdentifier": members["membershipIdentifier"]}
    if thing.kind == "Collaboration":
        return {"id": members["id"]}
    return members if thing.kind == "AnalysisTemplate" else {**members, "name": members["id"][:63]}


def _names(record: Mapping[str, Any]) -> Iterator[str]:
    yield record["arn"]
    for member, kind in _IDENTIFIED.items():
        if record["kind"] == kind:
            yield record["data"].get(member, "")


def _create_bucket(sandbox: Sandbox, name: str) -> bool:
    s3 = sandbox.client("s3")
    if name in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        return False
    where = {"LocationConstraint": sandbox.region}
    s3.create_bucket(Bucket=name, **({} if sandbox.region == REGION else {"CreateBucketConfiguration": where}))
    return True


def _create_repository(sandbox: Sandbox, name: str) -> bool:
    ecr = sandbox.client("ecr")
    try:
        ecr.create_repository(repositoryName=name)
    except ecr.exceptions.RepositoryAlreadyExistsException:
        return False
    return True


def _create_table(sandbox: Sandbox, name: str) -> bool:
    glue = sandbox.client("glue")
    database, _, table = name.partition(".")
    with contextlib.suppress(glue.exceptions.AlreadyExistsException):
        glue.create_database(DatabaseInput={"Name": database})
    try:
        glue.create_table(DatabaseName=database, TableInput={"Name": table})
    except glue.exceptions.AlreadyExistsException:
        return False
    return True


# What is no resource of Clean Rooms; whether it was not there.
_CREATED = {"Bucket": _create_bucket, "Repository": _create_repository, "Table": _create_table}
