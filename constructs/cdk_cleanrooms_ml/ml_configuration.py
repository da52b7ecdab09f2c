"""MLConfiguration: where a membership's models, metrics and results go."""

from __future__ import annotations

import aws_cdk as cdk
import jsii
from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk.interfaces.aws_cleanrooms import IMembershipRef
from constructs import Construct

from cleanrooms_ml_handlers.resources.ml_configuration import ML_CONFIGURATION

from ._bases import ServiceRoleResource
from ._custom_resource import CleanRoomsMLResource
from ._roles import s3_uri
from ._statements import configuration_statements, configuration_trust
from ._values import expect_location
from .membership import membership_of


@jsii.implements(iam.IGrantable)
class MLConfiguration(ServiceRoleResource, CleanRoomsMLResource):
    """Where a membership's exported models, inference results, metrics and logs of custom models go.

    A membership has one. Each member that receives a model or a result needs it before the job that writes there. It
    is created and updated at once; another membership replaces it. There is no name, no ARN and no tags.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        membership: The membership, as an L1 or L2.
        output_bucket: Where results are written. In the collaboration's Region.
        output_prefix: The beginning of the written objects' keys. Default: none.
        replace_existing: Whether a configuration that the membership has already may be overwritten; otherwise the
            deployment fails. It is lost: deleting this resource leaves the membership without one, unless one with
            another role has replaced it. Default: False.
        role: The role with which the service writes results, metrics and logs. Default: a role that may write below
            the prefix, and metrics and logs of Clean Rooms ML, for this membership only.
        removal_policy: What to do when it is removed from the stack or replaced. Default: DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: Clean Rooms ML API, PutMLConfiguration.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        membership: IMembershipRef,
        output_bucket: cdk.aws_s3.IBucket,
        output_prefix: str | None = None,
        replace_existing: bool = False,
        role: iam.IRole | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        expect_location("output", output_bucket, output_prefix)
        super().__init__(scope, id, spec=ML_CONFIGURATION, tags=None)
        membership_id, membership_arn = membership_of(membership)
        self._role: iam.IRole = role or self._create_role(
            description="Clean Rooms ML writes models, results, metrics and logs",
            statements=configuration_statements(output_bucket, output_prefix or ""),
            conditions=configuration_trust(membership_arn),
        )
        self._deploy(
            {
                "membershipIdentifier": membership_id,
                "defaultOutputLocation": {
                    "destination": {"s3Destination": {"s3Uri": s3_uri(output_bucket, output_prefix)}},
                    "roleArn": self._passable(self._role),
                },
            },
            role=self._role,
            needs=[membership],
            settings={"ReplaceExisting": True} if replace_existing else None,
            removal_policy=removal_policy,
        )

    @property
    def role(self) -> iam.IRole:
        """The role with which the service writes results, metrics and logs."""
        return self._role
