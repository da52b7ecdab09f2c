"""Membership of a collaboration."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from aws_cdk import Aws, Fn, Resource
from aws_cdk.interfaces.aws_cleanrooms import IMembershipRef
from constructs import Construct

from ._validation import is_token


@runtime_checkable
class IMembership(Protocol):
    """A membership of a Clean Rooms collaboration."""

    @property
    def membership_id(self) -> str:
        """The membership's id, a UUID."""
        ...

    @property
    def membership_arn(self) -> str:
        """The membership's ARN."""
        ...


class _Imported(Resource):
    def __init__(self, scope: Construct, id: str, membership_id: str, membership_arn: str) -> None:
        super().__init__(scope, id)
        self._id, self._arn = membership_id, membership_arn

    @property
    def membership_id(self) -> str:
        return self._id

    @property
    def membership_arn(self) -> str:
        return self._arn


class Membership:
    """A membership of a Clean Rooms collaboration that lives outside the stack.

    To make one, use ``aws_cdk.aws_cleanrooms.CfnMembership``, which is accepted wherever a membership is.

    Source: AWS Clean Rooms API, CreateMembership.
    """

    @staticmethod
    def from_membership_id(scope: Construct, id: str, membership_id: str) -> IMembership:
        """A membership of the stack's account by its id.

        Args:
            scope: Where it is imported.
            id: Its id there.
            membership_id: The membership's id, a UUID.
        """
        arn = f"arn:{Aws.PARTITION}:cleanrooms:{Aws.REGION}:{Aws.ACCOUNT_ID}:membership/{membership_id}"
        return _Imported(scope, id, membership_id, arn)

    @staticmethod
    def from_membership_arn(scope: Construct, id: str, membership_arn: str) -> IMembership:
        """A membership by its ARN.

        Args:
            scope: Where it is imported.
            id: Its id there.
            membership_arn: The membership's ARN.

        Raises:
            ValueError: The ARN is not that of a membership.
        """
        if is_token(membership_arn):
            return _Imported(scope, id, Fn.select(1, Fn.split("/", membership_arn)), membership_arn)
        resource, _, membership_id = membership_arn.partition(":membership/")
        if not resource.startswith("arn:") or not membership_id or "/" in membership_id:
            raise ValueError(
                f"membership_arn is {membership_arn!r}; allowed is "
                "arn:aws:cleanrooms:<region>:<account>:membership/<id>"
            )
        return _Imported(scope, id, membership_id, membership_arn)


def membership_of(membership: IMembership | IMembershipRef) -> tuple[str, str]:
    """Id and ARN of a membership, whether one of ours or an L1.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(membership, IMembership):
        return membership.membership_id, membership.membership_arn
    if not hasattr(type(membership), "membership_ref"):
        raise ValueError(
            f"membership is a {type(membership).__name__}; allowed is a membership. "
            "Pass Membership.from_membership_id(...)"
        )
    reference = membership.membership_ref
    return reference.membership_identifier, reference.membership_arn
