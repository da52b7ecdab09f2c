"""The parents of kinds without tags that a stack's template names: how constructs list them for the functions.

What such a kind belongs to is the only sign of whose it is. A parent that this stack creates itself has its ownership
tag, and is not listed: the functions exist before it does.
"""

from __future__ import annotations

from collections.abc import Mapping

from .request import Request, digest
from .resources import SPECS
from .shared_names import PARENTS
from .spec import ResourceSpec

# What the list says where nothing is named, and where there is too much to list.
NONE = "none"
ANY = "any"
SEPARATOR = ","
_HASH_CHARS = 16


def short(name: str) -> str:
    """A name as the list has it, unless CloudFormation inserts the name. Lambda limits the size of an environment."""
    return digest(name, _HASH_CHARS)


def template_names(environment: Mapping[str, str], name: str) -> bool:
    """Whether the template names a parent. That of an earlier version has no list: nothing is refused."""
    listed = environment.get(PARENTS, ANY).split(SEPARATOR)
    return ANY in listed or name in listed or short(name) in listed


def foreign_parent(request: Request, environment: Mapping[str, str]) -> str:
    """Why a request is refused before anything records it; empty if it is not.

    What Step Functions has recorded proves later which request wrote what a kind without tags shows.
    """
    spec = next((it for it in SPECS if it.kind == request.spec_kind), None)
    if spec is None or spec.parent is None or spec.parent.kind or request.kind == "Delete":
        return ""
    name = str(request.properties.get(spec.parent.member, ""))
    return "" if template_names(environment, name) else not_named(spec, name)


def not_named(spec: ResourceSpec, name: str) -> str:
    """The reason to refuse a parent."""
    assert spec.parent
    return f"{spec.parent.member} {name} is not this stack's, and its template does not name it: nothing was changed"
