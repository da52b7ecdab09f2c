"""Membership of a collaboration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from aws_cdk import Aws, Fn, RemovalPolicy, Resource
from aws_cdk import aws_cleanrooms as cleanrooms
from aws_cdk.interfaces.aws_cleanrooms import ICollaborationRef, IMembershipRef
from constructs import Construct

from ._native import NativeResource, cfn_tags
from ._validation import is_token, without_none
from ._values import expect
from .collaboration import ICollaboration, collaboration_id_of
from .payment_configuration import PaymentConfiguration


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


class Membership(NativeResource):
    """The stack's account as a member of a collaboration.

    It is made at once, and can be changed in place, but for its collaboration. It cannot be deleted before whatever
    is in it.

    Args:
        scope: Where it stands.
        id: Its id there.
        collaboration: The collaboration, or an L1 collaboration.
        payment_configuration: What the member agrees to pay for. Default: the service's, nothing.
        query_log: Whether logs of queries go to the member's CloudWatch. Default: False.
        tags: Tags, besides those of ``Tags.of``. Default: none.
        removal_policy: What becomes of it when it leaves the stack or is replaced. Default: CloudFormation's, DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: AWS Clean Rooms API, CreateMembership.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        collaboration: ICollaboration | ICollaborationRef,
        payment_configuration: PaymentConfiguration | None = None,
        query_log: bool = False,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        payment = payment_configuration
        expect("payment_configuration", payment, PaymentConfiguration, "PaymentConfiguration")
        super().__init__(scope, id)
        request = without_none(
            {
                "collaborationIdentifier": collaboration_id_of(collaboration),
                "queryLogStatus": "ENABLED" if query_log else "DISABLED",
                "paymentConfiguration": payment._render() if payment else None,
            }
        )
        self._membership = cleanrooms.CfnMembership(
            self,
            "Resource",
            collaboration_identifier=request["collaborationIdentifier"],
            query_log_status=request["queryLogStatus"],
            payment_configuration=request.get("paymentConfiguration"),
            tags=cfn_tags(tags),
        )
        self._check(
            self._membership,
            self._membership.cdk_tag_manager,
            "cleanrooms",
            "CreateMembership",
            request,
            removal_policy=removal_policy,
        )

    @property
    def membership_id(self) -> str:
        """The membership's id, a UUID."""
        return self._membership.attr_membership_identifier

    @property
    def membership_arn(self) -> str:
        """The membership's ARN."""
        return self._membership.attr_arn

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
