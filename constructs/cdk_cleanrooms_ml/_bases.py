"""What resources of this library and imported ones have in common.

The interfaces of aws-cdk-lib are protocols of ``typing_extensions``, and so are those that extend them: their
``isinstance`` looks at classes. That of ``typing`` would, before Python 3.12, evaluate each property.
"""

from __future__ import annotations

import aws_cdk as cdk
import jsii
from aws_cdk import Fn, Resource
from aws_cdk import aws_iam as iam
from constructs import Construct

from cleanrooms_ml_policy.unknown import is_dummy, is_placeholder

from ._validation import is_token, may_match
from ._values import expect_key, expect_role, form_of


@jsii.implements(iam.IGrantable)
class ServiceRoleResource(Resource):
    """A resource that the service assumes a role for, to which permissions can be granted."""

    _role: iam.IRole | None = None

    @property
    def role(self) -> iam.IRole | None:
        """The role that the service assumes; None if unknown."""
        return self._role

    @property
    @jsii.member(jsii_name="grantPrincipal")
    def grant_principal(self) -> iam.IPrincipal:
        """The principal that grants to this resource apply to: its role."""
        if self.role is not None:
            return self.role
        # It has all that the interface asks for; aws-cdk-lib's own type hints differ in an argument's name.
        return iam.UnknownPrincipal(resource=self)  # type: ignore[return-value]


class EncryptedResource(Resource):
    """A resource whose data at rest may be encrypted with a key of the user."""

    _encryption_key: cdk.aws_kms.IKey | None = None

    @property
    def encryption_key(self) -> cdk.aws_kms.IKey | None:
        """The key for the data at rest; None if AWS owns it or it is unknown."""
        return self._encryption_key


class ImportedResource(Resource):
    """A resource that is defined outside this stack.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        arn: The resource's ARN.
        role: The role that the service assumes, if known.
        encryption_key: The key for the data at rest, if known.
        is_of_stack: Whether it is in the stack's own account and Region; otherwise the ARN says where it is.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        arn: str,
        *,
        role: iam.IRole | None = None,
        encryption_key: cdk.aws_kms.IKey | None = None,
        is_of_stack: bool = False,
    ) -> None:
        expect_role("role", role)
        expect_key("encryption_key", encryption_key)
        if not isinstance(arn, str):
            raise ValueError(f"{scope.node.path}/{id}: the ARN is {form_of(arn)}; allowed is text")
        if not is_token(arn) and not arn.startswith("arn:"):
            raise ValueError(f"{scope.node.path}/{id}: {arn!r} is no ARN; allowed is arn:<partition>:<service>:...")
        # The CDK can take apart neither a dynamic reference nor the dummy of a lookup.
        is_opaque = is_of_stack or is_placeholder(arn)
        super().__init__(scope, id, environment_from_arn=None if is_opaque else arn)
        self._arn = arn
        self._role = role
        self._encryption_key = encryption_key


def ids_of(keyword: str, arn: str, *kinds: str) -> list[str]:
    """The ids in an ARN of AWS Clean Rooms, one for each kind in its path.

    Args:
        keyword: The argument, for the message.
        arn: The ARN, as far as it is known.
        kinds: The kinds in its path, such as "membership".

    Raises:
        ValueError: The ARN is of another kind, or a dynamic reference, which cannot be taken apart.
    """
    if is_dummy(arn):
        return [arn] * len(kinds)
    path = "/".join(f"{kind}/[^/]+" for kind in kinds)
    if is_placeholder(arn) or not may_match(arn, f"arn:[^:]*:[^:]*:[^:]*:[^:]*:{path}"):
        allowed = "/".join(f"{kind}/<id>" for kind in kinds)
        raise ValueError(f"{keyword} is {arn!r}; allowed is arn:aws:cleanrooms:<region>:<account>:{allowed}")
    known = arn.partition(f":{kinds[0]}/")[2].split("/")[::2]
    if len(known) == len(kinds) and all(known) and not any(map(is_token, known)):
        return known
    parts = Fn.split("/", arn)
    return [Fn.select(2 * number + 1, parts) for number in range(len(kinds))]
