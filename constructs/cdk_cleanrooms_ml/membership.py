"""Membership of a collaboration."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import IResource, RemovalPolicy, Resource
from aws_cdk.interfaces.aws_cleanrooms import ICollaborationRef, IMembershipRef, MembershipReference
from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from ._bases import ImportedResource, ids_of
from ._native import NativeResource, cfn_tags
from ._pseudo import account_id, partition, region
from ._validation import without_none
from ._values import expect, expect_reference, required_text, switched

if TYPE_CHECKING:
    from .payment_configuration import PaymentConfiguration
    from .result_configuration import JobResultConfiguration, QueryResultConfiguration


@runtime_checkable
class IMembership(IResource, IMembershipRef, Protocol):
    """A membership of a Clean Rooms collaboration."""

    @property
    def membership_id(self) -> str:
        """The membership's id, a UUID."""
        ...

    @property
    def membership_arn(self) -> str:
        """The membership's ARN."""
        ...


@jsii.implements(IMembershipRef)
class _MembershipBase(Resource):
    @property
    @abstractmethod
    def membership_id(self) -> str:
        """The membership's id, a UUID."""

    @property
    @abstractmethod
    def membership_arn(self) -> str:
        """The membership's ARN."""

    @property
    @jsii.member(jsii_name="membershipRef")
    def membership_ref(self) -> MembershipReference:
        """A reference to the membership, as L1 constructs take it."""
        return MembershipReference(membership_arn=self.membership_arn, membership_identifier=self.membership_id)


class _Imported(ImportedResource, _MembershipBase):
    def __init__(self, scope: Construct, id: str, membership_id: str, arn: str, *, is_of_stack: bool) -> None:
        super().__init__(scope, id, arn, is_of_stack=is_of_stack)
        self._id = membership_id

    @property
    def membership_id(self) -> str:
        return self._id

    @property
    def membership_arn(self) -> str:
        return self._arn


class Membership(_MembershipBase, NativeResource):
    """The stack's account as a member of a collaboration.

    Created at once, and updated in place, except its collaboration. It cannot be deleted before the
    resources in it.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        collaboration: The collaboration, as an L1 or L2.
        payment_configuration: What the member agrees to pay for. Default: the service's, nothing.
        default_result_configuration: Where the results of queries go. A member who may only receive results needs it.
            Default: none; a query says it.
        default_job_result_configuration: Where the results of jobs go. Default: none; a job says it.
        query_log: Whether logs of queries go to the member's CloudWatch. Default: False.
        job_log: Whether logs of jobs go to the member's CloudWatch. Default: the service's, False.
        metrics_enabled: Whether metrics of queries go to the member's CloudWatch, for which the collaboration has to
            allow them. Default: the service's, False.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: CloudFormation's, DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: AWS Clean Rooms API, CreateMembership.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        collaboration: ICollaborationRef,
        payment_configuration: PaymentConfiguration | None = None,
        default_result_configuration: QueryResultConfiguration | None = None,
        default_job_result_configuration: JobResultConfiguration | None = None,
        query_log: bool = False,
        job_log: bool | None = None,
        metrics_enabled: bool | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        # Here: most apps import a membership, and most names load none of these.
        from .collaboration import collaboration_id_of
        from .payment_configuration import PaymentConfiguration
        from .result_configuration import JobResultConfiguration, QueryResultConfiguration

        payment = payment_configuration
        expect("payment_configuration", payment, PaymentConfiguration, "PaymentConfiguration")
        queries, jobs = default_result_configuration, default_job_result_configuration
        expect("default_result_configuration", queries, QueryResultConfiguration, "QueryResultConfiguration")
        expect("default_job_result_configuration", jobs, JobResultConfiguration, "JobResultConfiguration")
        super().__init__(scope, id)
        request = without_none(
            {
                "collaborationIdentifier": collaboration_id_of(collaboration),
                "queryLogStatus": switched(query_log),
                "jobLogStatus": switched(job_log),
                "defaultResultConfiguration": queries._render() if queries else None,
                "defaultJobResultConfiguration": jobs._render() if jobs else None,
                "isMetricsEnabled": metrics_enabled,
                "paymentConfiguration": payment._render() if payment else None,
            }
        )
        self._membership = cdk.aws_cleanrooms.CfnMembership(
            self,
            "Resource",
            collaboration_identifier=request["collaborationIdentifier"],
            query_log_status=request["queryLogStatus"],
            job_log_status=request.get("jobLogStatus"),
            default_result_configuration=request.get("defaultResultConfiguration"),
            default_job_result_configuration=request.get("defaultJobResultConfiguration"),
            is_metrics_enabled=metrics_enabled,
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
            scope: Scope in which to define this construct.
            id: Construct ID.
            membership_id: The membership's id, a UUID.
        """
        required_text("membership_id", membership_id)
        arn = f"arn:{partition()}:cleanrooms:{region()}:{account_id()}:membership/{membership_id}"
        return _Imported(scope, id, membership_id, arn, is_of_stack=True)

    @staticmethod
    def from_membership_arn(scope: Construct, id: str, membership_arn: str) -> IMembership:
        """A membership by its ARN.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            membership_arn: The membership's ARN.

        Raises:
            ValueError: The ARN is not that of a membership.
        """
        (membership_id,) = ids_of("membership_arn", membership_arn, "membership")
        return _Imported(scope, id, membership_id, membership_arn, is_of_stack=False)


def membership_of(membership: IMembershipRef) -> tuple[str, str]:
    """Id and ARN of a membership, L1 or L2.

    Raises:
        ValueError: It is neither.
    """
    what = "a membership. Pass Membership.from_membership_id(...)"
    expect_reference("membership", membership, "membership_ref", what)
    reference = membership.membership_ref
    return reference.membership_identifier, reference.membership_arn
