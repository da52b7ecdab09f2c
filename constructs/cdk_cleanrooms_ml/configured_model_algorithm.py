"""ConfiguredModelAlgorithm: the container images that train a custom model and apply it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Unpack, runtime_checkable

from aws_cdk import RemovalPolicy, Resource
from aws_cdk import aws_cleanroomsml as cleanroomsml
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.interfaces.aws_cleanroomsml import IConfiguredModelAlgorithmRef
from constructs import Construct

from ._native import NativeResource, cfn_tags
from ._statements import image_statements
from ._validation import without_none
from ._values import expect

if TYPE_CHECKING:
    from .configured_model_algorithm_association import (
        ConfiguredModelAlgorithmAssociation,
        ConfiguredModelAlgorithmAssociationOptions,
    )


@dataclass(frozen=True, kw_only=True)
class MetricDefinition:
    """A figure that the service reads from the container's output.

    Attributes:
        name: The figure's name.
        regex: What finds it; its first group is the figure.
    """

    name: str
    regex: str


@dataclass(frozen=True, kw_only=True)
class ContainerConfig:
    """An image that trains.

    Attributes:
        repository: Where it lies, in this account.
        tag: Its tag or its digest (``sha256:...``). Default: latest.
        entrypoint: What runs in it. Default: the image's own.
        arguments: With which arguments. Default: none.
        metric_definitions: Figures to publish. Default: none.
    """

    repository: ecr.IRepository
    tag: str = "latest"
    entrypoint: Sequence[str] | None = None
    arguments: Sequence[str] | None = None
    metric_definitions: Sequence[MetricDefinition] = ()

    def _render(self) -> dict[str, Any]:
        return {
            "imageUri": self.repository.repository_uri_for_tag_or_digest(self.tag),
            "entrypoint": list(self.entrypoint) if self.entrypoint else None,
            "arguments": list(self.arguments) if self.arguments else None,
            "metricDefinitions": [{"name": each.name, "regex": each.regex} for each in self.metric_definitions] or None,
        }


@dataclass(frozen=True, kw_only=True)
class InferenceContainerConfig:
    """An image that applies a trained model.

    Attributes:
        repository: Where it lies, in this account.
        tag: Its tag or its digest (``sha256:...``). Default: latest.
    """

    repository: ecr.IRepository
    tag: str = "latest"

    def _render(self) -> dict[str, Any]:
        return {"imageUri": self.repository.repository_uri_for_tag_or_digest(self.tag)}


@runtime_checkable
class IConfiguredModelAlgorithm(Protocol):
    """A configured model algorithm."""

    @property
    def configured_model_algorithm_arn(self) -> str:
        """The algorithm's ARN."""
        ...


class _Imported(Resource):
    def __init__(self, scope: Construct, id: str, arn: str) -> None:
        super().__init__(scope, id, environment_from_arn=arn)
        self._arn = arn

    @property
    def configured_model_algorithm_arn(self) -> str:
        return self._arn


class ConfiguredModelAlgorithm(NativeResource):
    """The container images that train a custom model and apply it.

    It is made at once. Any change except tags makes a new one, under another name. It cannot be deleted while it is
    associated with a collaboration.

    Args:
        scope: Where it stands.
        id: Its id there.
        training_container_config: The image that trains. Default: none; it then only applies models.
        inference_container_config: The image that applies models. Default: none; it then only trains.
        encryption_key: Key for the algorithm at rest. Its policy has to allow whoever deploys, and Clean Rooms ML, to
            use it. Default: a key that AWS owns.
        configured_model_algorithm_name: Its name, 1 to 63 characters. With a fixed one, a change that makes a new
            algorithm fails until the name changes too. Default: generated.
        description: Up to 255 characters. Default: none.
        tags: Tags, besides those of ``Tags.of``. Default: none.
        role: What the service pulls the images as. Default: a role that may pull them and nothing else.
        removal_policy: What becomes of it when it leaves the stack or is replaced. Default: CloudFormation's, DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: Clean Rooms ML API, CreateConfiguredModelAlgorithm.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        training_container_config: ContainerConfig | None = None,
        inference_container_config: InferenceContainerConfig | None = None,
        encryption_key: kms.IKey | None = None,
        configured_model_algorithm_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        role: iam.IRole | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        training, inference = training_container_config, inference_container_config
        expect("training_container_config", training, ContainerConfig, "ContainerConfig")
        expect("inference_container_config", inference, InferenceContainerConfig, "InferenceContainerConfig")
        super().__init__(scope, id)
        self._role: iam.IRole = role or self._make_role(
            description="Clean Rooms ML pulls images",
            statements=image_statements([each.repository for each in (training, inference) if each]),
        )
        fixed = {
            "roleArn": self._role.role_arn,
            "trainingContainerConfig": training._render() if training else None,
            "inferenceContainerConfig": inference._render() if inference else None,
            "kmsKeyArn": encryption_key.key_arn if encryption_key else None,
            "description": description,
        }
        name = configured_model_algorithm_name or self._name(fixed, longest=63)
        request = without_none({**fixed, "name": name})
        self._algorithm = cleanroomsml.CfnConfiguredModelAlgorithm(
            self,
            "Resource",
            name=request["name"],
            role_arn=request["roleArn"],
            training_container_config=request.get("trainingContainerConfig"),
            inference_container_config=request.get("inferenceContainerConfig"),
            kms_key_arn=request.get("kmsKeyArn"),
            description=description,
            tags=cfn_tags(tags),
        )
        self._algorithm.node.add_dependency(self._role)
        self._check(
            self._algorithm,
            self._algorithm.cdk_tag_manager,
            "cleanroomsml",
            "CreateConfiguredModelAlgorithm",
            request,
            removal_policy=removal_policy,
        )

    @staticmethod
    def from_configured_model_algorithm_arn(
        scope: Construct, id: str, configured_model_algorithm_arn: str
    ) -> IConfiguredModelAlgorithm:
        """An algorithm that lives outside the stack.

        Args:
            scope: Where it is imported.
            id: Its id there.
            configured_model_algorithm_arn: Its ARN.
        """
        return _Imported(scope, id, configured_model_algorithm_arn)

    @property
    def configured_model_algorithm_arn(self) -> str:
        """The algorithm's ARN."""
        return self._algorithm.attr_configured_model_algorithm_arn

    @property
    def configured_model_algorithm_name(self) -> str:
        """The algorithm's name."""
        return self._algorithm.name

    @property
    def role(self) -> iam.IRole:
        """What the service pulls the images as."""
        return self._role

    def add_association(
        self, id: str, **options: Unpack[ConfiguredModelAlgorithmAssociationOptions]
    ) -> ConfiguredModelAlgorithmAssociation:
        """Takes the algorithm into a collaboration, in the scope of this construct.

        Args:
            id: Its id there.
            options: The arguments of ``ConfiguredModelAlgorithmAssociation`` but for the algorithm.
        """
        from .configured_model_algorithm_association import ConfiguredModelAlgorithmAssociation

        return ConfiguredModelAlgorithmAssociation(self, id, configured_model_algorithm=self, **options)


def algorithm_arn_of(algorithm: IConfiguredModelAlgorithm | IConfiguredModelAlgorithmRef) -> str:
    """The ARN of an algorithm, whether one of ours or an L1.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(algorithm, IConfiguredModelAlgorithm):
        return algorithm.configured_model_algorithm_arn
    if not hasattr(type(algorithm), "configured_model_algorithm_ref"):
        raise ValueError(
            f"configured_model_algorithm is a {type(algorithm).__name__}; allowed is an algorithm. "
            "Pass ConfiguredModelAlgorithm.from_configured_model_algorithm_arn(...)"
        )
    return algorithm.configured_model_algorithm_ref.configured_model_algorithm_arn
