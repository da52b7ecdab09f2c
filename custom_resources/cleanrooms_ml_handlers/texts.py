"""Texts that never leave a step: those of file assets, and all that AWS marks as sensitive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import Failure
from .identity import ASSET_KEY, is_asset
from .model import service_model
from .steps import Step

# The shape of a query: the only one for whose value constructs write a file asset.
_QUERY = "ProtectedQuerySQLParametersQueryStringString"
# The largest file asset: the characters that the service takes for a query, of four bytes at most.
_TEXT_BYTES = 4 * int(service_model("cleanroomsml").shapes[_QUERY]["max"])

# Shorter texts are not redacted: that would hide ordinary words.
_SECRET_CHARS = 4


def with_texts(step: Step, request: Mapping[str, Any]) -> dict[str, Any]:
    """A request, or a part of it, with the stack's file assets replaced by their texts where the API takes a query.

    Raises:
        ServiceError: One cannot be read.
        Failure: One has a key that is none of a file asset.
    """
    shape = service_model(step.spec.service).operations[step.spec.create].input
    found: dict[str, Any] = _resolved(step, shape or "", request, ())
    return found


def _resolved(step: Step, shape: str, value: Any, path: tuple[str, ...]) -> Any:
    """A value of a shape with its texts; a value of another form stays as it is, and `check` refuses it."""
    if shape == _QUERY and is_asset(value):
        return _text(step, value, path)
    definition = service_model(step.spec.service).shapes[shape]
    if definition["type"] == "structure" and isinstance(value, Mapping):
        members = definition.get("members", {})
        return {
            key: _resolved(step, members[key]["shape"], item, (*path, key)) if key in members else item
            for key, item in value.items()
        }
    if definition["type"] == "list" and isinstance(value, list):
        return [_resolved(step, definition["member"]["shape"], item, path) for item in value]
    return value


def _text(step: Step, asset: Mapping[str, Any], path: tuple[str, ...]) -> str:
    key = str(asset["S3Key"])
    if not ASSET_KEY.fullmatch(key):
        raise Failure(f"{'.'.join(path)} is not a file asset of this stack")
    text = step.service.read_text(str(asset["S3Bucket"]), key, _TEXT_BYTES)
    step.secrets.add(text)
    return text


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
