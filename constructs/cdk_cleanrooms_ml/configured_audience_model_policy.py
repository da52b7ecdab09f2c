"""ConfiguredAudienceModelPolicy: who else may use a configured audience model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from constructs import Construct

from cleanrooms_ml_handlers.resources.configured_audience_model_policy import CONFIGURED_AUDIENCE_MODEL_POLICY

from ._custom_resource import CleanRoomsMLResource
from ._stack import kept
from ._values import expect

_WRITERS = "_cleanrooms_ml_policy_writers"
_FIELD = "configuredAudienceModelPolicy"


class PolicyWriters:
    """Who of an app writes into the resource policy of one configured audience model.

    A model has one policy document. Clean Rooms writes into it for an association that manages policies, and this
    library for ``add_to_resource_policy``: together they would undo each other's work.
    """

    def __init__(self) -> None:
        self.documents: list[Construct] = []
        self.managed_associations: list[Construct] = []

    @classmethod
    def of(cls, scope: Construct, configured_audience_model_arn: str) -> PolicyWriters:
        """The writers of a model of an app."""
        known: dict[str, PolicyWriters] = kept(scope.node.root, _WRITERS, dict)
        return known.setdefault(configured_audience_model_arn, cls())

    def problems(self) -> Iterator[str]:
        """Problems, as reported for each document of the model."""
        for association in self.managed_associations:
            yield (
                f"{_FIELD} is written by {association.node.path} too, whose association manages the model's policy; "
                "one of them is allowed. Pass manage_resource_policies=False there, or add no statements here"
            )


class ConfiguredAudienceModelPolicy(CleanRoomsMLResource):
    """Statements in the resource policy of a configured audience model, of this account.

    A model has one policy. This adds its own statements to it, and takes away no others; two that change it at the
    same time do not overwrite each other. ``ConfiguredAudienceModel.add_to_resource_policy`` creates one.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        configured_audience_model_arn: The model's ARN.
        statements: What to allow. Default: none yet; see ``add``.
        removal_policy: What to do with the statements when the resource is removed from the stack. Default: DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: Clean Rooms ML API, PutConfiguredAudienceModelPolicy.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        configured_audience_model_arn: str,
        statements: Sequence[iam.PolicyStatement] = (),
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        super().__init__(scope, id, spec=CONFIGURED_AUDIENCE_MODEL_POLICY, tags=None)
        self._model_arn = configured_audience_model_arn
        writers = PolicyWriters.of(self, configured_audience_model_arn)
        writers.documents.append(self)
        document = {"Version": "2012-10-17", "Statement": []}
        self._deploy(
            {"configuredAudienceModelArn": configured_audience_model_arn, _FIELD: document},
            also=writers.problems,
            removal_policy=removal_policy,
        )
        # The one that the checks see.
        self._statements: list[dict[str, Any]] = self._request[_FIELD]["Statement"]
        for statement in statements:
            self.add(statement)

    def add(self, statement: iam.PolicyStatement) -> None:
        """Adds a statement.

        Args:
            statement: What to allow. Without resources it is about the model, and the jobs that are started with
                it. Its Sid is replaced by one that identifies this stack as its owner.

        Raises:
            ValueError: It is no statement.
        """
        expect("statement", statement, iam.PolicyStatement, "iam.PolicyStatement")
        rendered: dict[str, Any] = {**statement.to_statement_json()}
        rendered.pop("Sid", None)
        if "Resource" not in rendered and "NotResource" not in rendered:
            jobs = f"arn:{Aws.PARTITION}:cleanrooms-ml:{Aws.REGION}:{Aws.ACCOUNT_ID}:audience-generation-job/*"
            rendered["Resource"] = [self._model_arn, jobs]
        self._statements.append(rendered)
        self._resource.add_property_override(f"{_FIELD}.Statement", self._statements)
