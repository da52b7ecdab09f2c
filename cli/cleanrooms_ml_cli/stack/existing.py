"""What exists in an account, and the code that brings it into an app."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cleanrooms_ml_policy.visible import visible

from ..account.handlers import OWNERSHIP_TAG_KEY, SPECS, Phase, ResourceSpec, service_model
from ..account.service import Reader

_MEMBERSHIP = "membershipIdentifier"
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[0-9]+")
# What the library ends a name with that it generates.
_GENERATED = re.compile(r"-[0-9a-f]{10,16}-[0-9a-f]{10,16}(-\d+)?$")


@dataclass(frozen=True)
class Listing:
    """How resources of a kind are listed.

    Attributes:
        kind: The API's name, which is the name of the construct too.
        service, operation: Of the list.
        list_field, arn_field, name_field: Members of the answer, and of each summary in it.
        parameters: Members that the list needs.
        statuses: What statuses mean.
    """

    kind: str
    service: str
    operation: str
    list_field: str
    arn_field: str
    name_field: str = "name"
    parameters: tuple[str, ...] = ()
    statuses: Mapping[str, Phase] | None = None

    # Whether a stack can take one over: a spec whose resources have tags.
    can_be_adopted: bool = False

    @property
    def stem(self) -> str:
        """The kind's name as arguments of constructs have it."""
        return "_".join(_WORDS.findall(self.kind)).lower()

    @property
    def method(self) -> str:
        """The method of the construct that takes an ARN."""
        return f"from_{self.stem}_arn"


def _listing(spec: ResourceSpec) -> Listing | None:
    # What has no ARN cannot be named in another app.
    if spec.list is None or not spec.arn_field or not set(spec.list_parameters) <= {_MEMBERSHIP}:
        return None
    return Listing(
        spec.kind,
        spec.service,
        spec.list,
        spec.list_field,
        spec.arn_field,
        spec.shown_name_field,
        spec.list_parameters,
        spec.statuses,
        spec.is_taggable,
    )


# Those that CloudFormation has types for have no spec.
LISTINGS: tuple[Listing, ...] = (
    Listing("TrainingDataset", "cleanroomsml", "ListTrainingDatasets", "trainingDatasets", "trainingDatasetArn"),
    Listing(
        "ConfiguredModelAlgorithm",
        "cleanroomsml",
        "ListConfiguredModelAlgorithms",
        "configuredModelAlgorithms",
        "configuredModelAlgorithmArn",
    ),
    Listing(
        "ConfiguredModelAlgorithmAssociation",
        "cleanroomsml",
        "ListConfiguredModelAlgorithmAssociations",
        "configuredModelAlgorithmAssociations",
        "configuredModelAlgorithmAssociationArn",
        parameters=(_MEMBERSHIP,),
    ),
    *(listing for spec in SPECS if (listing := _listing(spec)) is not None),
)


@dataclass(frozen=True)
class Existing:
    """A resource of the account.

    Attributes:
        kind, arn, name, status: As the service says; the status is empty where it has none.
        owner: The stack and logical id of this library that it belongs to; empty if none.
        method: The method of the construct that takes its ARN.
    """

    kind: str
    arn: str
    name: str
    status: str
    owner: str
    method: str

    def as_json(self) -> dict[str, str]:
        """The same for programs."""
        return asdict(self)


def existing(
    reader: Reader, memberships: Iterable[str], *, kinds: Iterable[str] = (), ended: bool = False
) -> Iterator[Existing]:
    """Every resource that exists.

    Args:
        reader: Reads Clean Rooms ML.
        memberships: Whose resources to list.
        kinds: Only these. Default: all.
        ended: Whether to list what failed or holds no data any more, too.

    Raises:
        CannotDo: The service cannot be asked.
    """
    wanted, memberships = set(kinds), tuple(memberships)
    for listing in LISTINGS:
        if wanted and listing.kind not in wanted:
            continue
        parameters = [{_MEMBERSHIP: one} for one in memberships] if listing.parameters else [{}]
        for each in parameters:
            for summary in _pages(listing, reader, each):
                status = str(summary.get("status", ""))
                phase = (listing.statuses or {}).get(status)
                if ended or phase in (None, Phase.READY, Phase.PENDING):
                    arn = str(summary[listing.arn_field])
                    owner = _owner(listing, reader, arn)
                    name = str(summary.get(listing.name_field, ""))
                    yield Existing(listing.kind, arn, name, status, owner, listing.method)


def _pages(listing: Listing, reader: Reader, parameters: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    request: dict[str, Any] = dict(parameters)
    while True:
        page = reader.call(listing.service, listing.operation, request)
        yield from page.get(listing.list_field, ())
        if not page.get("nextToken"):
            return
        request = {**parameters, "nextToken": page["nextToken"]}


def _owner(listing: Listing, reader: Reader, arn: str) -> str:
    if "ListTagsForResource" not in service_model(listing.service).operations:
        return ""
    tags = reader.call(listing.service, "ListTagsForResource", {"resourceArn": arn}).get("tags") or {}
    return str(tags.get(OWNERSHIP_TAG_KEY, "")).rpartition("/")[0]


def code(found: Iterable[Existing], memberships: Iterable[str] = (), *, adopt: bool = False) -> str:
    """The lines that bring resources into an app.

    Args:
        found: The resources.
        memberships: Memberships to read.
        adopt: Whether the app takes over what no stack owns, instead of reading it.
    """
    listings = {listing.kind: listing for listing in LISTINGS}
    items, memberships = list(found), list(memberships)
    if not items and not memberships:
        return "# There is nothing of Clean Rooms ML here."
    classes = sorted({one.kind for one in items} | ({"Membership"} if memberships else set()))
    lines = [f"from cdk_cleanrooms_ml import {', '.join(classes)}", ""]
    name_of = _Names()
    for membership in memberships:
        variable, construct_id = name_of("membership")
        lines.append(f'{variable} = Membership.from_membership_id(self, "{construct_id}", "{membership}")')
    for one in items:
        variable, construct_id = name_of(one.name or one.kind)
        said = [one.status, f"owned by {one.owner}: a stack deploys and deletes it" if one.owner else ""]
        remark = "; ".join(part for part in said if part)
        # Names and tags are texts of others: what follows a newline in one would be code.
        lines += [f"# {visible(one.name)}{': ' if remark else ''}{visible(remark)}"] if one.name or remark else []
        if adopt and not one.owner and listings[one.kind].can_be_adopted:
            lines.append(_adopting(variable, construct_id, one, listings[one.kind].stem))
        else:
            lines.append(f'{variable} = {one.kind}.{one.method}(\n    self, "{construct_id}", "{one.arn}"\n)')
    return "\n".join(lines)


def _adopting(variable: str, construct_id: str, one: Existing, stem: str) -> str:
    # A name is a text of others.
    return "\n".join(
        (
            f"{variable} = {one.kind}(",
            f'    self, "{construct_id}", {stem}_name={json.dumps(one.name)},',
            f'    adopt_existing="{one.arn}",',
            "    # and its other arguments, as it is now",
            ")",
        )
    )


class _Names:
    """Variables and construct ids, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def __call__(self, text: str) -> tuple[str, str]:
        text = _GENERATED.sub("", text).encode("ascii", "ignore").decode()
        base = "_".join(word.lower() for word in _WORDS.findall(text)) or "resource"
        base = f"_{base}" if base[0].isdigit() or keyword.iskeyword(base) else base
        variable = next(name for name in _numbered(base) if name not in self._taken)
        self._taken.add(variable)
        return variable, "".join(word.capitalize() for word in variable.split("_"))


def _numbered(base: str) -> Iterator[str]:
    yield base
    yield from (f"{base}_{number}" for number in range(2, 100_000))
