"""IAM itself refuses to change or delete what has the ownership tag of another stack."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch

import pytest

from cleanrooms_ml_handlers.rules import OWNERSHIP_TAG_KEY
from cleanrooms_ml_handlers.spec import ResourceSpec
from cleanrooms_ml_simulator import templates
from cleanrooms_ml_simulator.lifecycle.cases import CASES, TAGGED, Case

from .policies import STACK_ID, Grants

_TAG = f"aws:ResourceTag/{OWNERSHIP_TAG_KEY}"
_GUID = STACK_ID.rsplit("/", 1)[-1]
OWN = {_TAG: f"{_GUID}/Thing/0123456789abcdef"}
OTHERS = {_TAG: "6f5b1a2c-0000-11ef-8000-0e0000000001/Thing/0123456789abcdef"}
UNTAGGED: Mapping[str, str] = {}


def arn_of(spec: ResourceSpec) -> str:
    """The ARN of a resource of a kind."""
    return f"arn:aws:{spec.signing_name}:us-east-1:{templates.ACCOUNT}:{spec.arn_resource.replace('*', 'one')}"


def ending(case: Case) -> list[str]:
    """The actions that change or end a resource of a kind."""
    spec = case.spec
    names = [spec.update, spec.delete, spec.cancel, "TagResource", "UntagResource"]
    return [f"{spec.signing_name}:{name}" for name in names if name]


@pytest.mark.parametrize("case", TAGGED, ids=str)
def test_what_another_stack_owns_is_neither_changed_nor_deleted(grants: Mapping[str, Grants], case: Case) -> None:
    worker, arn = grants["worker"], arn_of(case.spec)
    for action in ending(case):
        assert worker.allow((action, arn, OWN)), action
        assert not worker.allow((action, arn, OTHERS)), action
        # One that a version without room for the tag created, or one that is being created.
        assert worker.allow((action, arn, UNTAGGED)), action


@pytest.mark.parametrize("case", TAGGED, ids=str)
def test_the_last_resources_of_a_stack_are_protected_likewise(last_grants: Mapping[str, Grants], case: Case) -> None:
    worker, arn = last_grants["worker"], arn_of(case.spec)
    for action in ending(case):
        is_update = action.endswith(f":{case.spec.update}")
        assert worker.allow((action, arn, OWN)) is not is_update, action
        assert not worker.allow((action, arn, OTHERS)), action


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_kind_only_uses_may_be_of_another_stack(grants: Mapping[str, Grants], case: Case) -> None:
    worker = grants["worker"]
    own = f"{case.spec.signing_name}:own:{case.spec.arn_resource}"
    for operation, permissions in case.spec.permissions.items():
        for permission in permissions:
            if permission.resource in (own, "*") and operation != case.spec.create:
                continue
            arn = permission.resource.replace("any", "own").replace("own", f"us-east-1:{templates.ACCOUNT}")
            arn = f"arn:aws:{arn.replace('*', 'one')}" if permission.resource != "*" else "*"
            actions = [action for action in permission.actions if not action.endswith(":TagResource")]
            # AWS authorizes some deletes on the membership as well, which never has the ownership tag.
            is_around = operation in (case.spec.delete, case.spec.cancel) and fnmatch(own, permission.resource)
            tags = UNTAGGED if is_around else OTHERS
            assert [action for action in actions if not worker.allow((action, arn, tags))] == []
