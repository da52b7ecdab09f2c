"""AudienceModel: the lookalike model that a provider trains."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from aws_cdk import Resource
from constructs import Construct


@runtime_checkable
class IAudienceModel(Protocol):
    """An audience model."""

    @property
    def audience_model_arn(self) -> str:
        """The audience model's ARN."""
        ...


class _Imported(Resource):
    def __init__(self, scope: Construct, id: str, arn: str) -> None:
        super().__init__(scope, id, environment_from_arn=arn)
        self._arn = arn

    @property
    def audience_model_arn(self) -> str:
        return self._arn


class AudienceModel:
    """An audience model that lives outside the stack.

    Source: Clean Rooms ML API, CreateAudienceModel.
    """

    @staticmethod
    def from_audience_model_arn(scope: Construct, id: str, audience_model_arn: str) -> IAudienceModel:
        """An audience model by its ARN.

        Args:
            scope: Where it is imported.
            id: Its id there.
            audience_model_arn: The audience model's ARN.
        """
        return _Imported(scope, id, audience_model_arn)
