"""Texts that never leave a step: those of file assets, and all that AWS marks as sensitive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import Failure
from .identity import ASSET_KEY, TEXT_PATH, is_asset
from .model import service_model
from .steps import Step

# The largest file asset: the characters that the service takes for a query, of four bytes at most.
_TEXT_BYTES = 4 * int(service_model("cleanroomsml").shapes["ProtectedQuerySQLParametersQueryStringString"]["max"])

# Shorter texts are not redacted: that would hide ordinary words.
_SECRET_CHARS = 4


def with_texts(step: Step, value: Any, path: tuple[str, ...] = ()) -> Any:
    """A part of the request with the stack's file assets replaced by their texts, where constructs write them.

    Raises:
        ServiceError: One cannot be read.
        Failure: One has a key that is none of a file asset.
    """
    if is_asset(value) and path[-len(TEXT_PATH) :] == TEXT_PATH:
        key = str(value["S3Key"])
        if not ASSET_KEY.fullmatch(key):
            raise Failure(f"{'.'.join(path)} is not a file asset of this stack")
        text = step.service.read_text(str(value["S3Bucket"]), key, _TEXT_BYTES)
        step.secrets.add(text)
        return text
    if isinstance(value, Mapping):
        return {key: with_texts(step, item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [with_texts(step, item, path) for item in value]
    return value


def redacted(step: Step, text: str) -> str:
    """A text without what AWS marks as sensitive, should a service repeat it."""
    model = service_model(step.spec.service)
    shape = model.operations[step.spec.create].input
    secrets = set(step.secrets)
    for properties in (step.request.properties, step.request.old_properties):
        secrets.update(model.sensitive_texts(shape, properties) if shape else ())
    # The longest first: it may contain a shorter one.
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SECRET_CHARS:
            text = text.replace(secret, "***")
    return text
