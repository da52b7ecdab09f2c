"""Problems of ``adopt_existing=``, with which a construct takes over a resource that exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cleanrooms_ml_handlers.spec import ResourceSpec

from ._validation import is_token


def adoption_problems(spec: ResourceSpec, adopted: str | None, request: Mapping[str, Any]) -> list[object]:
    """Why a construct cannot take over an existing resource.

    Args:
        spec: Its kind.
        adopted: The user's argument ``adopt_existing``.
        request: Its create request.
    """
    if adopted is None:
        return []
    if not spec.is_taggable:
        return [f"adopt_existing is set, but a {spec.kind} has no tags that could say whose it is. Drop adopt_existing"]
    if not is_token(adopted) and spec.identifiers(adopted) is None:
        return [f"adopt_existing is {adopted}; allowed is the ARN of a {spec.kind}"]
    if spec.name_field not in request:
        # A rollback finds it by its name.
        return [f"adopt_existing needs the name of what it takes over ({spec.name_field}), since it stays as it is"]
    return []
