"""Grants on resources, from the same permissions that the worker's policy is derived from."""

from __future__ import annotations

import re

from aws_cdk import IResource, Token
from aws_cdk import aws_iam as iam

from cleanrooms_ml_handlers.permissions import Permission
from cleanrooms_ml_handlers.spec import ResourceSpec

from ._permissions import resource_arn
from ._validation import may_match


class ResourceGrants:
    """Grants on one resource.

    Args:
        spec: The kind of the resource.
        resource: The resource.
        arn: Its ARN.
    """

    def __init__(self, spec: ResourceSpec, resource: IResource, arn: str) -> None:
        self._spec = spec
        self._resource = resource
        self._arn = arn

    def read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grants read access.

        Args:
            grantee: The principal.

        Raises:
            ValueError: The imported ARN is not of this kind.
        """
        assert self._spec.get
        return self._grant(self._spec, self._spec.get, grantee)

    def _grant(self, spec: ResourceSpec, operation: str, grantee: iam.IGrantable) -> iam.Grant:
        """Allows an operation on this resource, and on what else the operation needs.

        The statements about the resource's kind name its ARN. One that fits none of them is refused: the statement
        would silently be about every resource of the kind.

        Args:
            spec: The kind whose permissions list the operation.
            operation: The API operation.
            grantee: The principal.
        """
        needed, own = spec.permissions.get(operation, ()), self._pattern
        if own not in map(_pattern_of, needed):
            known = ", ".join(dict.fromkeys(each.resource for each in needed)) or "nothing"
            raise ValueError(
                f"{operation} is authorized on {known}; a grant on {self._spec.kind} needs {':*:'.join(own)} among "
                f"them. Correct the permissions in the spec of {spec.kind}"
            )
        self._reject_other_arns(operation)
        result: iam.Grant | None = None
        for each in needed:
            arn = self._arn if _pattern_of(each) == own else resource_arn(each.resource)
            one = iam.Grant.add_to_principal(
                grantee=grantee,
                actions=list(each.actions),
                resource_arns=[arn if isinstance(arn, str) else Token.as_string(arn)],
            )
            result = result.combine(one) if result else one
        assert result is not None
        return result

    @property
    def _pattern(self) -> tuple[str, str]:
        """Service and resource pattern of this kind: what its get operation is authorized on."""
        return _pattern_of(self._spec.permissions[self._spec.get or ""][0])

    def _reject_other_arns(self, operation: str) -> None:
        service, resource = self._pattern
        named = re.escape(resource).replace(r"\*", "[^:]*")
        if not may_match(self._arn, f"arn:[^:]*:{service}:[^:]*:[^:]*:{named}"):
            raise ValueError(
                f"{self._resource.node.path}: the ARN is {self._arn!r}; {operation} is allowed on "
                f"arn:<partition>:{service}:<region>:<account>:{resource}. Pass the ARN of a resource of the kind "
                f"{self._spec.kind}"
            )


def _pattern_of(permission: Permission) -> tuple[str, str]:
    """Service and resource pattern of a permission, whichever account it is about."""
    service, _, resource = permission.resource.split(":", 2) if ":" in permission.resource else ("*", "", "*")
    return service, resource
