"""Policies of the stack's keys: whether those who need a key may use it.

IAM policies allow nothing on a key whose own policy does not name the account. Only what is known before deployment is
checked: literal principals, and references to the template's own resources.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping

from cleanrooms_ml_handlers.problem import ID_PREFIX, Problem
from cleanrooms_ml_handlers.rules.rule import CrossRequestRule, Source

from ..kinds import KINDS
from ..template import Resource, as_text, has_unknown, is_unknown, target
from .roles import policies_of, used
from .stack import Stack, dig, listed

_KEY, _BUCKET = "AWS::KMS::Key", "AWS::S3::Bucket"
_SERVICE = "cleanrooms-ml.amazonaws.com"
_ON_KEYS = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")
_ON_OBJECTS = ("s3:GetObject", "s3:PutObject")
_IN_SUB = re.compile(r"\$\{([A-Za-z0-9]+)[.}]")
_NAMED_ROLE = re.compile(r"arn:[^/]*:role/(?:.*/)?(?P<name>[^/]+)")
_NAMED_USER = re.compile(r"arn:[^/]*:user/.+")
KEY_POLICY = CrossRequestRule(
    f"{ID_PREFIX}key-policy",
    "a key of the stack",
    "usually has a policy that allows its use to the account, whose IAM policies then decide, or to each role that "
    "reads or writes what it encrypts, and to the service where a resource names the key",
    "The service or the role cannot use the key, whatever IAM policies allow; the run fails when it needs it.",
    "Allow the account, as the default policy of a key does, or the role and the service.",
    Source.guide("data-protection", "Data protection in AWS Clean Rooms"),
    is_advice=True,
)
RULES = (KEY_POLICY,)


def check(stack: Stack) -> Iterator[tuple[str, Problem]]:
    """Yields each key that those who need it may not use."""
    for name, request in stack.of_kind(*(kind for kind, spec in KINDS.items() if spec.key_field)):
        field = KINDS[stack.kind(name)].key_field or ""
        key = stack.referred(request.get(field), _KEY)
        if key is not None and not _lets_use(stack, key, None):
            message = f"is {key.shown}, whose policy allows its use neither to {_SERVICE} nor to the account"
            yield name, Problem(field, message, KEY_POLICY.id)
    for use in used(stack):
        for key in _keys_of(stack, use.role):
            if not _lets_use(stack, key, use.role):
                message = (
                    f"is {use.role.shown}, which needs the key {key.shown}, whose policy allows its use neither to the "
                    "role nor to the account"
                )
                yield use.name, Problem(use.path, message, KEY_POLICY.id)


def _keys_of(stack: Stack, role: Resource) -> Iterator[Resource]:
    """The keys of the template that a role uses: those in its policies, and those of the buckets in them."""
    found: dict[str, Resource] = {}
    for statement in (each for one in policies_of(stack, role) or () for each in listed(dig(one, "Statement"))):
        if dig(statement, "Effect") != "Allow":
            continue
        for name in _named(dig(statement, "Resource")):
            one = stack.resources.get(name)
            if one is not None and one.type == _KEY and _has(statement, _ON_KEYS):
                found[name] = one
            elif one is not None and one.type == _BUCKET and _has(statement, _ON_OBJECTS):
                found |= {key.logical_id: key for key in _of_bucket(stack, one)}
    yield from (key for key in found.values() if isinstance(key.properties, Mapping))


def _of_bucket(stack: Stack, bucket: Resource) -> Iterator[Resource]:
    for rule in listed(dig(bucket.properties, "BucketEncryption", "ServerSideEncryptionConfiguration")):
        default = dig(rule, "ServerSideEncryptionByDefault")
        # The CDK's own class spells it in another way.
        key = stack.referred(dig(default, "KMSMasterKeyID") or dig(default, "kmsMasterKeyId"), _KEY)
        if key is not None:
            yield key


def _named(value: object) -> Iterator[str]:
    """The logical ids in the resources of a statement."""
    if isinstance(value, list):
        for item in value:
            yield from _named(item)
    elif isinstance(value, Mapping) and (text := as_text(value)) is not None:
        yield from _IN_SUB.findall(text)


def _has(statement: object, actions: tuple[str, ...]) -> bool:
    """Whether a statement is about one of some actions, as far as that is known."""
    patterns = [str(each).lower() for each in listed(dig(statement, "Action")) if not has_unknown(each)]
    return any(fnmatch.fnmatchcase(action.lower(), pattern) for action in actions for pattern in patterns)


def _lets_use(stack: Stack, key: Resource, role: Resource | None) -> bool:
    """Whether a key's policy allows its use to the account, a role, or else the service, as far as that is known."""
    policy = dig(key.properties, "KeyPolicy")
    if not isinstance(policy, Mapping) or is_unknown(policy):
        return True  # the default policy allows the account
    return any(_allows(stack, each, role) for each in listed(dig(policy, "Statement")))


def _allows(stack: Stack, statement: object, role: Resource | None) -> bool:
    if not isinstance(statement, Mapping) or is_unknown(statement):
        return True
    effect, actions = dig(statement, "Effect"), dig(statement, "Action")
    if has_unknown(effect) or has_unknown(actions):
        return True
    if effect != "Allow" or not (dig(statement, "NotAction") is not None or _has(statement, _ON_KEYS)):
        return False
    principal = dig(statement, "Principal")
    if not isinstance(principal, Mapping) or is_unknown(principal):
        return principal is not None or dig(statement, "NotPrincipal") is not None
    if any(_may_be_anyone(stack, each) for each in listed(dig(principal, "AWS"))):
        return True
    if role is not None:
        return any(_is_role(role, each) for each in listed(dig(principal, "AWS")))
    return any(has_unknown(each) or each == _SERVICE for each in listed(dig(principal, "Service")))


def _may_be_anyone(stack: Stack, principal: object) -> bool:
    """Whether a principal is the account, or may be: all but a role or user that the template names."""
    found = stack.resources.get(target(principal) or "")
    if found is not None:
        return not found.type.startswith("AWS::IAM::")
    text = as_text(principal)
    return text is None or not (_NAMED_ROLE.fullmatch(text) or _NAMED_USER.fullmatch(text))


def _is_role(role: Resource, principal: object) -> bool:
    """Whether a principal is a role of the template, or may be."""
    if target(principal) == role.logical_id:
        return True
    named, own = _NAMED_ROLE.fullmatch(as_text(principal) or ""), dig(role.properties, "RoleName")
    # Without a name of its own, CloudFormation makes one up, which no text in the template has.
    return named is not None and own is not None and (own == named["name"] or has_unknown(own) or "${" in named["name"])
