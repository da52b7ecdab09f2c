"""ConfiguredAudienceModelAssociation: associates a configured audience model with a collaboration."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import IResource, RemovalPolicy
from aws_cdk.interfaces.aws_cleanrooms import IMembershipRef
from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from cleanrooms_ml_handlers.resources.configured_audience_model_association import (
    CONFIGURED_AUDIENCE_MODEL_ASSOCIATION as ASSOCIATION,
)

from ._bases import ImportedResource
from ._custom_resource import CleanRoomsMLResource
from ._values import expect
from .configured_audience_model import IConfiguredAudienceModel
from .configured_audience_model_policy import PolicyWriters
from .membership import membership_of


@runtime_checkable
class IConfiguredAudienceModelAssociation(IResource, Protocol):
    """A configured audience model's association with a collaboration."""

    @property
    def configured_audience_model_association_arn(self) -> str:
        """The association's ARN."""
        ...


class _Imported(ImportedResource):
    @property
    def configured_audience_model_association_arn(self) -> str:
        return self._arn


class ConfiguredAudienceModelAssociation(CleanRoomsMLResource):
    """Associates a configured audience model with a collaboration, whose members can then find it.

    Created and updated at once. Its name and description can be updated in place; anything else but tags requires a
    replacement. A membership can have five.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        membership: The membership of the model's owner, as an L1 or L2.
        configured_audience_model: The model, of this account.
        manage_resource_policies: Whether Clean Rooms lets the collaboration's members start jobs with the model, in
            the model's resource policy. It then must have no statements of ``add_to_resource_policy``. Default: True.
        configured_audience_model_association_name: Its name, 1 to 100 characters. Default: generated.
        description: Up to 255 characters. Default: none.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        adopt_existing: ARN of one that exists already, to be taken over instead of creating one; its name has to be
            given. Nothing deletes it as long as this is there. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: AWS Clean Rooms API, CreateConfiguredAudienceModelAssociation.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        membership: IMembershipRef,
        configured_audience_model: IConfiguredAudienceModel,
        manage_resource_policies: bool = True,
        configured_audience_model_association_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        adopt_existing: str | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        expect(
            "configured_audience_model",
            configured_audience_model,
            IConfiguredAudienceModel,
            "a configured model. Pass ConfiguredAudienceModel.from_configured_audience_model_arn(...)",
        )
        super().__init__(scope, id, spec=ASSOCIATION, tags=tags, adopt_existing=adopt_existing)
        arn = configured_audience_model.configured_audience_model_arn
        if manage_resource_policies:
            PolicyWriters.of(self, arn).managed_associations.append(self)
        self._deploy(
            {
                "configuredAudienceModelAssociationName": configured_audience_model_association_name,
                "description": description,
                "membershipIdentifier": membership_of(membership)[0],
                "configuredAudienceModelArn": arn,
                "manageResourcePolicies": manage_resource_policies,
            },
            needs=[membership, configured_audience_model],
            removal_policy=removal_policy,
        )

    @staticmethod
    def from_configured_audience_model_association_arn(
        scope: Construct, id: str, configured_audience_model_association_arn: str
    ) -> IConfiguredAudienceModelAssociation:
        """An association that is defined outside this stack.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            configured_audience_model_association_arn: Its ARN.
        """
        return _Imported(scope, id, configured_audience_model_association_arn)

    @property
    def configured_audience_model_association_arn(self) -> str:
        """The association's ARN."""
        return self._attribute("Arn")

    @property
    def configured_audience_model_association_name(self) -> str:
        """The association's name."""
        return self._attribute("Name")

    @property
    def configured_audience_model_association_id(self) -> str:
        """The association's id, a UUID."""
        return self._attribute("Id")

    @property
    def collaboration_id(self) -> str:
        """The collaboration's id, a UUID."""
        return self._attribute("CollaborationId")
