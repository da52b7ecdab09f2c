"""Collaboration: who works together on whose data, who may do what, and who pays."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import Aws, IResource, Names, RemovalPolicy, Resource
from aws_cdk.interfaces.aws_cleanrooms import CollaborationReference, ICollaborationRef
from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from ._bases import ImportedResource, ids_of
from ._native import NativeResource, cfn_tags
from ._validation import without_none
from ._values import expect, expect_reference, required_text, switched, values_of
from .collaboration_members import CustomMLMemberAbility, MemberAbility, MemberSpecification, ml_abilities
from .collaboration_settings import AnalyticsEngine, AutoApprovedChangeType, DataEncryptionMetadata
from .payment_configuration import PaymentConfiguration


@runtime_checkable
class ICollaboration(IResource, ICollaborationRef, Protocol):
    """A collaboration."""

    @property
    def collaboration_id(self) -> str:
        """The collaboration's id, a UUID."""
        ...

    @property
    def collaboration_arn(self) -> str:
        """The collaboration's ARN, in the account of its creator."""
        ...


@jsii.implements(ICollaborationRef)
class _CollaborationBase(Resource):
    @property
    @abstractmethod
    def collaboration_id(self) -> str:
        """The collaboration's id, a UUID."""

    @property
    @abstractmethod
    def collaboration_arn(self) -> str:
        """The collaboration's ARN, in the account of its creator."""

    @property
    @jsii.member(jsii_name="collaborationRef")
    def collaboration_ref(self) -> CollaborationReference:
        """A reference to the collaboration, as L1 constructs take it."""
        return CollaborationReference(
            collaboration_arn=self.collaboration_arn, collaboration_identifier=self.collaboration_id
        )


class _Imported(ImportedResource, _CollaborationBase):
    def __init__(self, scope: Construct, id: str, collaboration_id: str, arn: str, *, is_of_stack: bool) -> None:
        super().__init__(scope, id, arn, is_of_stack=is_of_stack)
        self._id = collaboration_id

    @property
    def collaboration_id(self) -> str:
        return self._id

    @property
    def collaboration_arn(self) -> str:
        return self._arn


class Collaboration(_CollaborationBase, NativeResource):
    """Who works together on whose data, who may do what, and who pays.

    Created at once. Its name and description can be updated in place. A change of its members, or of what they may do
    or pay for, replaces it, and every member has to join again: only the API can request such a change. The creator
    needs a ``Membership``, too.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        creator_display_name: The creator's name, 1 to 100 characters.
        members: The other members. Default: none.
        creator_member_abilities: What the creator may do. Default: nothing.
        creator_ml_member_abilities: What the creator may receive of custom models. Default: nothing.
        creator_payment_configuration: What the creator pays for. Default: the service's: who can query pays.
        query_log: Whether members may keep logs of queries. Default: False.
        job_log: Whether members may keep logs of jobs. Default: the service's, False.
        metrics_enabled: Whether members may have metrics of queries. Default: the service's, False.
        allowed_result_regions: Regions in which results may be stored, ``["eu-west-1"]``. Default: the service's,
            the collaboration's Region.
        auto_approved_change_types: Changes that need no approval of the members. CloudFormation itself cannot request
            changes of payers or abilities; the API can. Default: none.
        analytics_engine: What runs the queries. Default: the service's, Spark.
        data_encryption_metadata: What members who encrypt their data may do. Default: no encrypted data.
        collaboration_name: Its name, 1 to 100 characters. Default: generated.
        description: Up to 255 characters. Default: its name.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        removal_policy: What to do when it is removed from the stack. Default: CloudFormation's, DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: AWS Clean Rooms API, CreateCollaboration.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        creator_display_name: str,
        members: Sequence[MemberSpecification] = (),
        creator_member_abilities: Sequence[MemberAbility] = (),
        creator_ml_member_abilities: Sequence[CustomMLMemberAbility] = (),
        creator_payment_configuration: PaymentConfiguration | None = None,
        query_log: bool = False,
        job_log: bool | None = None,
        metrics_enabled: bool | None = None,
        allowed_result_regions: Sequence[str] | None = None,
        auto_approved_change_types: Sequence[AutoApprovedChangeType] | None = None,
        analytics_engine: AnalyticsEngine | None = None,
        data_encryption_metadata: DataEncryptionMetadata | None = None,
        collaboration_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        for member in members:
            expect("members", member, MemberSpecification, "MemberSpecification")
        approved = auto_approved_change_types
        for change in approved or ():
            expect("auto_approved_change_types", change, AutoApprovedChangeType, "AutoApprovedChangeType")
        expect("analytics_engine", analytics_engine, AnalyticsEngine, "AnalyticsEngine")
        encryption = data_encryption_metadata
        expect("data_encryption_metadata", encryption, DataEncryptionMetadata, "DataEncryptionMetadata")
        payment = creator_payment_configuration
        expect("creator_payment_configuration", payment, PaymentConfiguration, "PaymentConfiguration")
        super().__init__(scope, id)
        name = collaboration_name or Names.unique_resource_name(self, max_length=100)
        request = without_none(
            {
                "name": name,
                "description": name if description is None else description,
                "members": [member._render() for member in members],
                "creatorDisplayName": creator_display_name,
                "creatorMemberAbilities": values_of(
                    "creator_member_abilities", creator_member_abilities, MemberAbility
                ),
                "creatorMLMemberAbilities": ml_abilities("creator_ml_member_abilities", creator_ml_member_abilities),
                "creatorPaymentConfiguration": payment._render() if payment else None,
                "queryLogStatus": switched(query_log),
                "jobLogStatus": switched(job_log),
                "isMetricsEnabled": metrics_enabled,
                "allowedResultRegions": list(allowed_result_regions) if allowed_result_regions else None,
                "autoApprovedChangeRequestTypes": [each.value for each in approved] if approved else None,
                "analyticsEngine": analytics_engine.value if analytics_engine else None,
                "dataEncryptionMetadata": encryption._render() if encryption else None,
            }
        )
        self._collaboration = cdk.aws_cleanrooms.CfnCollaboration(
            self,
            "Resource",
            name=request["name"],
            description=request["description"],
            members=[_in_cloudformation(member) for member in request["members"]],
            creator_display_name=request["creatorDisplayName"],
            creator_member_abilities=request["creatorMemberAbilities"],
            creator_ml_member_abilities=_renamed(request.get("creatorMLMemberAbilities")),
            creator_payment_configuration=request.get("creatorPaymentConfiguration"),
            query_log_status=request["queryLogStatus"],
            job_log_status=request.get("jobLogStatus"),
            is_metrics_enabled=metrics_enabled,
            allowed_result_regions=request.get("allowedResultRegions"),
            auto_approved_change_types=request.get("autoApprovedChangeRequestTypes"),
            analytics_engine=request.get("analyticsEngine"),
            data_encryption_metadata=request.get("dataEncryptionMetadata"),
            tags=cfn_tags(tags),
        )
        self._check(
            self._collaboration,
            self._collaboration.cdk_tag_manager,
            "cleanrooms",
            "CreateCollaboration",
            request,
            removal_policy=removal_policy,
        )

    @staticmethod
    def from_collaboration_id(scope: Construct, id: str, collaboration_id: str) -> ICollaboration:
        """A collaboration that is defined outside this stack, by its id.

        Its ARN is taken to be in the stack's account; ``from_collaboration_arn`` imports one of another account.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            collaboration_id: The collaboration's id, a UUID.
        """
        required_text("collaboration_id", collaboration_id)
        arn = f"arn:{Aws.PARTITION}:cleanrooms:{Aws.REGION}:{Aws.ACCOUNT_ID}:collaboration/{collaboration_id}"
        return _Imported(scope, id, collaboration_id, arn, is_of_stack=True)

    @staticmethod
    def from_collaboration_arn(scope: Construct, id: str, collaboration_arn: str) -> ICollaboration:
        """A collaboration that is defined outside this stack, by its ARN.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            collaboration_arn: The collaboration's ARN.

        Raises:
            ValueError: The ARN is not that of a collaboration.
        """
        (collaboration_id,) = ids_of("collaboration_arn", collaboration_arn, "collaboration")
        return _Imported(scope, id, collaboration_id, collaboration_arn, is_of_stack=False)

    @property
    def collaboration_id(self) -> str:
        """The collaboration's id, a UUID."""
        return self._collaboration.attr_collaboration_identifier

    @property
    def collaboration_arn(self) -> str:
        """The collaboration's ARN."""
        return self._collaboration.attr_arn

    @property
    def collaboration_name(self) -> str:
        """The collaboration's name."""
        return self._collaboration.name


def _renamed(abilities: Mapping[str, Any] | None) -> dict[str, Any] | None:
    # As the CDK spells it.
    return {"customMlMemberAbilities": abilities["customMLMemberAbilities"]} if abilities else None


def _in_cloudformation(member: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = without_none({**member, "mlMemberAbilities": _renamed(member.get("mlMemberAbilities"))})
    return found


def collaboration_id_of(collaboration: ICollaborationRef) -> str:
    """The id of a collaboration, L1 or L2.

    Raises:
        ValueError: It is neither.
    """
    what = "a collaboration. Pass Collaboration.from_collaboration_id(...)"
    expect_reference("collaboration", collaboration, "collaboration_ref", what)
    return collaboration.collaboration_ref.collaboration_identifier
