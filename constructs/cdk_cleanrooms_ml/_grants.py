"""Grants on resources, from the same permissions that the worker's policy is derived from."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from aws_cdk import Fn, IResource, Token
from aws_cdk import aws_iam as iam

from cleanrooms_ml_handlers.permissions import Permission
from cleanrooms_ml_handlers.spec import ResourceSpec

from ._permissions import resource_arn
from ._validation import may_match
from ._values import expect_reference


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

        The statements about the resource's kind name its ARN, and its membership where AWS authorizes the operation
        on that as well. An operation without such a statement is refused: the grant would silently be about every
        resource of the kind.

        Args:
            spec: The kind whose permissions list the operation.
            operation: The API operation.
            grantee: The principal.
        """
        needed = spec.permissions.get(operation, ())
        if not any(map(self._is_about_it, needed)):
            known = ", ".join(dict.fromkeys(each.resource for each in needed)) or "nothing"
            own = f"{self._spec.signing_name}:*:{self._spec.arn_resource}"
            raise ValueError(
                f"{operation} is authorized on {known}; a grant on {self._spec.kind} needs {own} among them. Correct "
                f"the permissions in the spec of {spec.kind}"
            )
        self._reject_other_arns(operation)
        expect_reference("grantee", grantee, "grant_principal", "a principal. Pass iam.Role.from_role_arn(...)")
        result: iam.Grant | None = None
        for each in needed:
            arns = self._arns(each) if self._is_about_it(each) else [resource_arn(each.resource)]
            one = iam.Grant.add_to_principal(
                grantee=grantee,
                actions=list(each.actions),
                resource_arns=[arn if isinstance(arn, str) else Token.as_string(arn) for arn in arns],
            )
            result = result.combine(one) if result else one
        assert result is not None
        return result

    def _is_about_it(self, permission: Permission) -> bool:
        """Whether a permission is about resources of this kind, and perhaps what they are in."""
        service, _, pattern = permission.resource.split(":", 2) if ":" in permission.resource else ("", "", "")
        return service == self._spec.signing_name and fnmatchcase(self._spec.arn_resource, pattern)

    def _arns(self, permission: Permission) -> list[object]:
        if permission.resource.endswith(f":{self._spec.arn_resource}"):
            return [self._arn]
        parts = Fn.split("/", self._arn)
        return [self._arn, Fn.join("/", [Fn.select(0, parts), Fn.select(1, parts)])]

    def _reject_other_arns(self, operation: str) -> None:
        service, resource = self._spec.signing_name, self._spec.arn_resource
        named = re.escape(resource).replace(r"\*", "[^:]*")
        if not may_match(self._arn, f"arn:[^:]*:{service}:[^:]*:[^:]*:{named}"):
            raise ValueError(
                f"{self._resource.node.path}: the ARN is {self._arn!r}; {operation} is allowed on "
                f"arn:<partition>:{service}:<region>:<account>:{resource}. Pass the ARN of a resource of the kind "
                f"{self._spec.kind}"
            )
