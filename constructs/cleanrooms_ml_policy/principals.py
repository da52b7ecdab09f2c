"""The principals to which a resource policy grants access."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from .template import ABSENT, as_text, is_unknown, possibilities

# The partition may be a pseudo parameter: "arn:${AWS::Partition}:iam::…".
_OF_ACCOUNT = re.compile(r"arn:(?:aws[-a-z]*|\$\{AWS::Partition\}):(?:iam|sts)::(\d{12}):(.+)")
_ACCOUNT = re.compile(r"\d{12}")


class UnreadablePolicy(ValueError):
    """A policy whose statements cannot be read; the message says why."""


def document(value: Any) -> Mapping[str, Any]:
    """The document of a policy that is text or an object; parts of it may be known only at deployment.

    Raises:
        UnreadablePolicy: It is known only at deployment, or it is not JSON.
    """
    if isinstance(value, Mapping) and set(value) == {"Fn::ToJsonString"}:
        value = value["Fn::ToJsonString"]
    if isinstance(value, Mapping) and not is_unknown(value):
        return value
    text = as_text(value)
    if text is None or text.startswith("${"):
        raise UnreadablePolicy("is known only at deployment")
    try:
        parsed = json.loads(text)
    except ValueError:
        raise UnreadablePolicy("is not JSON") from None
    if not isinstance(parsed, Mapping):
        raise UnreadablePolicy("is not a JSON object")
    return parsed


def admitted(policy: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """The path and name of each principal that a policy allows; None for one that is known only at deployment."""
    statements = policy.get("Statement", [])
    for index, statement in enumerate(statements if isinstance(statements, list) else [statements]):
        path = f"Statement[{index}]"
        for one in possibilities(statement):
            if is_unknown(one):
                yield path, None
            elif isinstance(one, Mapping) and one.get("Effect") != "Deny":
                yield from _admitted_by(one, path)


def _admitted_by(statement: Mapping[str, Any], path: str) -> Iterator[tuple[str, str | None]]:
    if "NotPrincipal" in statement:
        yield f"{path}.NotPrincipal", "*"
    for principal in possibilities(statement.get("Principal")):
        if isinstance(principal, str) or is_unknown(principal):
            yield f"{path}.Principal", _name(principal)
        elif isinstance(principal, Mapping):
            for kind, who in principal.items():
                for one in _each(who):
                    yield f"{path}.Principal.{kind}", _name(one)


def _each(who: Any) -> Iterator[Any]:
    for some in possibilities(who):
        for item in some if isinstance(some, list) else [some]:
            yield from (one for one in possibilities(item) if one is not ABSENT)


def _name(value: Any) -> str | None:
    text = as_text(value)
    if text is None:
        return None
    of_account = _OF_ACCOUNT.fullmatch(text)
    # If the rest is not known, the account is enough: no other account gets access.
    return text if "${" not in text or of_account else None


def is_among(who: str, allowed: tuple[str, ...]) -> bool:
    """Whether a principal is on a list of accounts, ARNs and services."""
    of_account = _OF_ACCOUNT.fullmatch(who)
    account = of_account[1] if of_account else who if _ACCOUNT.fullmatch(who) else None
    if who in allowed or (account is not None and account in allowed):
        return True
    # The id of an account and the ARN of its root user mean the same.
    is_whole = who == account or (of_account is not None and of_account[2] == "root")
    return is_whole and account in {of_root[1] for of_root in map(_OF_ACCOUNT.fullmatch, allowed) if _is_root(of_root)}


def _is_root(of_account: re.Match[str] | None) -> TypeGuard[re.Match[str]]:
    return of_account is not None and of_account[2] == "root"
