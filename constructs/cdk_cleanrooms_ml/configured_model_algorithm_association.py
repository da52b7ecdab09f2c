"""ConfiguredModelAlgorithmAssociation: a custom model's algorithm in a collaboration."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Required, TypedDict

import aws_cdk as cdk
import jsii
from aws_cdk import IResource, RemovalPolicy, Resource
from aws_cdk.interfaces.aws_cleanrooms import IMembershipRef
from aws_cdk.interfaces.aws_cleanroomsml import (
    ConfiguredModelAlgorithmAssociationReference,
    IConfiguredModelAlgorithmAssociationRef,
    IConfiguredModelAlgorithmRef,
)
from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from ._bases import ImportedResource
from ._native import NativeResource, cfn_tags
from ._validation import without_none
from ._values import expect, expect_reference
from .membership import membership_of

if TYPE_CHECKING:
    from .privacy_configuration import PrivacyConfiguration


@runtime_checkable
class IConfiguredModelAlgorithmAssociation(IResource, IConfiguredModelAlgorithmAssociationRef, Protocol):
    """An algorithm's association with a collaboration."""

    @property
    def configured_model_algorithm_association_arn(self) -> str:
        """The association's ARN."""
        ...


@jsii.implements(IConfiguredModelAlgorithmAssociationRef)
class _AssociationBase(Resource):
    @property
    @abstractmethod
    def configured_model_algorithm_association_arn(self) -> str:
        """The association's ARN."""

    @property
    @jsii.member(jsii_name="configuredModelAlgorithmAssociationRef")
    def configured_model_algorithm_association_ref(self) -> ConfiguredModelAlgorithmAssociationReference:
        """A reference to the association, as L1 constructs take it."""
        return ConfiguredModelAlgorithmAssociationReference(
            configured_model_algorithm_association_arn=self.configured_model_algorithm_association_arn
        )


class _Imported(ImportedResource, _AssociationBase):
    @property
    def configured_model_algorithm_association_arn(self) -> str:
        return self._arn


class ConfiguredModelAlgorithmAssociationOptions(TypedDict, total=False):
    """The arguments of ``ConfiguredModelAlgorithmAssociation`` except the algorithm; see there."""

    membership: Required[IMembershipRef]
    privacy_configuration: PrivacyConfiguration | None
    configured_model_algorithm_association_name: str | None
    description: str | None
    tags: Mapping[str, str] | None
    removal_policy: RemovalPolicy | None


class ConfiguredModelAlgorithmAssociation(_AssociationBase, NativeResource):
    """A custom model's algorithm in a collaboration.

    Created at once. Any change except tags replaces it, under another name; the owners of the data then have
    to allow the new one in the analysis rules of their tables, unless these allow any.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        membership: The membership of the algorithm's owner, as an L1 or L2.
        configured_model_algorithm: The algorithm, as an L1 or L2.
        privacy_configuration: What of its work may leave the collaboration. Default: the service's.
        configured_model_algorithm_association_name: Its name, 1 to 63 characters. With a fixed name, a change that
            creates a new association fails until the name changes too. Default: generated.
        description: Up to 255 characters. Default: none.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: CloudFormation's, DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: Clean Rooms ML API, CreateConfiguredModelAlgorithmAssociation.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        membership: IMembershipRef,
        configured_model_algorithm: IConfiguredModelAlgorithmRef,
        privacy_configuration: PrivacyConfiguration | None = None,
        configured_model_algorithm_association_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        # Here: an app that imports an association loads neither.
        from .configured_model_algorithm import algorithm_arn_of
        from .privacy_configuration import PrivacyConfiguration

        privacy = privacy_configuration
        expect("privacy_configuration", privacy, PrivacyConfiguration, "PrivacyConfiguration")
        super().__init__(scope, id)
        fixed = {
            "membershipIdentifier": membership_of(membership)[0],
            "configuredModelAlgorithmArn": algorithm_arn_of(configured_model_algorithm),
            "privacyConfiguration": privacy._render() if privacy else None,
            "description": description,
        }
        name = configured_model_algorithm_association_name or self._name(fixed, longest=63)
        request = without_none({**fixed, "name": name})
        self._association = cdk.aws_cleanroomsml.CfnConfiguredModelAlgorithmAssociation(
            self,
            "Resource",
            name=request["name"],
            membership_identifier=request["membershipIdentifier"],
            configured_model_algorithm_arn=request["configuredModelAlgorithmArn"],
            privacy_configuration=request.get("privacyConfiguration"),
            description=description,
            tags=cfn_tags(tags),
        )
        self._check(
            self._association,
            self._association.cdk_tag_manager,
            "cleanroomsml",
            "CreateConfiguredModelAlgorithmAssociation",
            request,
            removal_policy=removal_policy,
        )

    @property
    def configured_model_algorithm_association_arn(self) -> str:
        """The association's ARN."""
        return self._association.attr_configured_model_algorithm_association_arn

    @property
    def configured_model_algorithm_association_name(self) -> str:
        """The association's name."""
        return self._association.name

    @staticmethod
    def from_configured_model_algorithm_association_arn(
        scope: Construct, id: str, configured_model_algorithm_association_arn: str
    ) -> IConfiguredModelAlgorithmAssociation:
        """An association that is defined outside this stack, in this account or another member's.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            configured_model_algorithm_association_arn: The association's ARN.
        """
        return _Imported(scope, id, configured_model_algorithm_association_arn)


def association_arn_of(association: IConfiguredModelAlgorithmAssociationRef) -> str:
    """The ARN of an association, L1 or L2.

    Raises:
        ValueError: It is neither.
    """
    what = (
        "an association. Pass ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(...)"
    )
    expect_reference("algorithm_association", association, "configured_model_algorithm_association_ref", what)
    return association.configured_model_algorithm_association_ref.configured_model_algorithm_association_arn
