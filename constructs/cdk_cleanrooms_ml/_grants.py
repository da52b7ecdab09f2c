"""Permissions for others, from the same table that the worker's are derived from."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Token
from aws_cdk import aws_iam as iam

from cleanrooms_ml_handlers.spec import ResourceSpec

from ._permissions import resource_arn


def grant(spec: ResourceSpec, operation: str, grantee: iam.IGrantable, known: Mapping[str, str]) -> iam.Grant:
    """Lets someone call one operation.

    Args:
        spec: The kind.
        operation: The API operation.
        grantee: Who.
        known: ARNs to allow instead of the patterns of the table, by their resource part.
    """
    result: iam.Grant | None = None
    for permission in spec.permissions[operation]:
        arn = known.get(permission.resource.split(":")[-1]) or resource_arn(permission.resource)
        one = iam.Grant.add_to_principal(
            grantee=grantee,
            actions=list(permission.actions),
            resource_arns=[arn if isinstance(arn, str) else Token.as_string(arn)],
        )
        result = result.combine(one) if result else one
    assert result is not None
    return result
