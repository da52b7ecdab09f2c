"""ConfiguredModelAlgorithmAssociation: a custom model's algorithm in a collaboration."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from aws_cdk import Resource
from aws_cdk.interfaces.aws_cleanroomsml import IConfiguredModelAlgorithmAssociationRef
from constructs import Construct


@runtime_checkable
class IConfiguredModelAlgorithmAssociation(Protocol):
    """An algorithm's association with a collaboration."""

    @property
    def configured_model_algorithm_association_arn(self) -> str:
        """The association's ARN."""
        ...


class _Imported(Resource):
    def __init__(self, scope: Construct, id: str, arn: str) -> None:
        super().__init__(scope, id, environment_from_arn=arn)
        self._arn = arn

    @property
    def configured_model_algorithm_association_arn(self) -> str:
        return self._arn


class ConfiguredModelAlgorithmAssociation:
    """An association that lives outside the stack, in this account or another member's.

    To make one, use ``aws_cdk.aws_cleanroomsml.CfnConfiguredModelAlgorithmAssociation``, which is accepted wherever
    an association is.

    Source: Clean Rooms ML API, CreateConfiguredModelAlgorithmAssociation.
    """

    @staticmethod
    def from_configured_model_algorithm_association_arn(
        scope: Construct, id: str, configured_model_algorithm_association_arn: str
    ) -> IConfiguredModelAlgorithmAssociation:
        """An association by its ARN.

        Args:
            scope: Where it is imported.
            id: Its id there.
            configured_model_algorithm_association_arn: The association's ARN.
        """
        return _Imported(scope, id, configured_model_algorithm_association_arn)


def association_arn_of(
    association: IConfiguredModelAlgorithmAssociation | IConfiguredModelAlgorithmAssociationRef,
) -> str:
    """The ARN of an association, whether one of ours or an L1.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(association, IConfiguredModelAlgorithmAssociation):
        return association.configured_model_algorithm_association_arn
    if not hasattr(type(association), "configured_model_algorithm_association_ref"):
        raise ValueError(
            f"algorithm_association is a {type(association).__name__}; allowed is an association. Pass "
            "ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(...)"
        )
    return association.configured_model_algorithm_association_ref.configured_model_algorithm_association_arn
