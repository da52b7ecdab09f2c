"""Keys of the stack with which nothing can be encrypted."""

from __future__ import annotations

from collections.abc import Iterator

from cleanrooms_ml_handlers.problem import ID_PREFIX, Problem
from cleanrooms_ml_handlers.rules.rule import CrossRequestRule, Source

from ..kinds import KINDS
from ..template import Resource
from .stack import Stack, dig

_KEY = "AWS::KMS::Key"
KEY_STATE = CrossRequestRule(
    f"{ID_PREFIX}key-state",
    "a key of the stack",
    "an enabled, symmetric key for encryption",
    "The service cannot encrypt with another one.",
    "Pass a key that is enabled, with the default key_spec and key_usage.",
    Source.guide("data-protection", "Data protection in AWS Clean Rooms"),
)
RULES = (KEY_STATE,)
# Of the properties of a key, the values with which it can encrypt; the first one is the default.
_USABLE = {"Enabled": (True, "true"), "KeySpec": ("SYMMETRIC_DEFAULT",), "KeyUsage": ("ENCRYPT_DECRYPT",)}


def check(stack: Stack) -> Iterator[tuple[str, Problem]]:
    """Yields each key that cannot be used."""
    for name, request in stack.of_kind(*(kind for kind, spec in KINDS.items() if spec.key_field)):
        field = KINDS[stack.kind(name)].key_field or ""
        key = stack.referred(request.get(field), _KEY)
        wrong = list(_wrong(key)) if key else []
        if key is not None and wrong:
            message = f"is {key.shown}, with which nothing can be encrypted: {', '.join(wrong)}"
            yield name, Problem(field, message, KEY_STATE.id)


def _wrong(key: Resource) -> Iterator[str]:
    for name, usable in _USABLE.items():
        value = dig(key.properties, name)
        if isinstance(value, str | bool) and value not in usable:
            yield f"{name} is {value}"
