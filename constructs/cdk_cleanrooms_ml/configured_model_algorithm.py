"""ConfiguredModelAlgorithm: the container images that train a custom model and apply it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import aws_cdk as cdk
import jsii
from aws_cdk import IResource, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk.interfaces.aws_cleanroomsml import ConfiguredModelAlgorithmReference, IConfiguredModelAlgorithmRef
from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from ._bases import EncryptedResource, ImportedResource, ServiceRoleResource
from ._keys import key_of
from ._native import NativeResource, cfn_tags
from ._statements import image_statements, image_uri
from ._validation import without_none
from ._values import expect, expect_reference, expect_role

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
        repository: The repository, in this account.
        tag: Its tag. The service takes no digests. Default: latest.
        entrypoint: What runs in it. Default: the image's own.
        arguments: With which arguments. Default: none.
        metric_definitions: Figures to publish. Default: none.
    """

    repository: cdk.aws_ecr.IRepository
    tag: str = "latest"
    entrypoint: Sequence[str] | None = None
    arguments: Sequence[str] | None = None
    metric_definitions: Sequence[MetricDefinition] = ()

    def _render(self) -> dict[str, Any]:
        return {
            "imageUri": image_uri(self.repository, self.tag),
            "entrypoint": list(self.entrypoint) if self.entrypoint else None,
            "arguments": list(self.arguments) if self.arguments else None,
            "metricDefinitions": [{"name": each.name, "regex": each.regex} for each in self.metric_definitions] or None,
        }


@dataclass(frozen=True, kw_only=True)
class InferenceContainerConfig:
    """An image that applies a trained model.

    Attributes:
        repository: The repository, in this account.
        tag: Its tag. The service takes no digests. Default: latest.
    """

    repository: cdk.aws_ecr.IRepository
    tag: str = "latest"

    def _render(self) -> dict[str, Any]:
        return {"imageUri": image_uri(self.repository, self.tag)}


@runtime_checkable
class IConfiguredModelAlgorithm(IResource, IConfiguredModelAlgorithmRef, iam.IGrantable, Protocol):
    """A configured model algorithm."""

    @property
    def configured_model_algorithm_arn(self) -> str:
        """The algorithm's ARN."""
        ...

    @property
    def role(self) -> iam.IRole | None:
        """The role with which the service pulls the images; None if unknown."""
        ...

    @property
    def encryption_key(self) -> cdk.aws_kms.IKey | None:
        """The key for the algorithm at rest; None if AWS owns it or it is unknown."""
        ...

    def add_association(
        self, id: str, **options: Unpack[ConfiguredModelAlgorithmAssociationOptions]
    ) -> ConfiguredModelAlgorithmAssociation:
        """Associates the algorithm with a collaboration."""
        ...


@jsii.implements(IConfiguredModelAlgorithmRef)
class _ConfiguredModelAlgorithmBase(ServiceRoleResource, EncryptedResource):
    @property
    @abstractmethod
    def configured_model_algorithm_arn(self) -> str:
        """The algorithm's ARN."""

    @property
    @jsii.member(jsii_name="configuredModelAlgorithmRef")
    def configured_model_algorithm_ref(self) -> ConfiguredModelAlgorithmReference:
        """A reference to the algorithm, as L1 constructs take it."""
        return ConfiguredModelAlgorithmReference(configured_model_algorithm_arn=self.configured_model_algorithm_arn)

    def add_association(
        self, id: str, **options: Unpack[ConfiguredModelAlgorithmAssociationOptions]
    ) -> ConfiguredModelAlgorithmAssociation:
        """Associates the algorithm with a collaboration, in the scope of this construct.

        Args:
            id: Construct ID.
            options: The arguments of ``ConfiguredModelAlgorithmAssociation`` except the algorithm.
        """
        from .configured_model_algorithm_association import ConfiguredModelAlgorithmAssociation

        return ConfiguredModelAlgorithmAssociation(self, id, configured_model_algorithm=self, **options)


class _Imported(ImportedResource, _ConfiguredModelAlgorithmBase):
    @property
    def configured_model_algorithm_arn(self) -> str:
        return self._arn


class ConfiguredModelAlgorithm(_ConfiguredModelAlgorithmBase, NativeResource):
    """The container images that train a custom model and apply it.

    Created at once. Any change except tags replaces it, under another name. It cannot be deleted while it is
    associated with a collaboration.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        training_container_config: The image that trains. Default: none; it then only applies models.
        inference_container_config: The image that applies models. Default: none; it then only trains.
        encryption_key: Key for the algorithm at rest. Its policy has to allow the deploying principal and Clean Rooms
            ML to use it. Default: a key that AWS owns.
        configured_model_algorithm_name: Its name, 1 to 63 characters. With a fixed name, a change that creates a new
            algorithm fails until the name changes too. Default: generated.
        description: Up to 255 characters. Default: none.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        role: The role with which the service pulls the images. Default: a role that may pull them and nothing else.
        removal_policy: What to do when it is removed from the stack or replaced. Default: CloudFormation's, DESTROY.

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
        encryption_key: cdk.aws_kms.IKey | None = None,
        configured_model_algorithm_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        role: iam.IRole | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        training, inference = training_container_config, inference_container_config
        expect("training_container_config", training, ContainerConfig, "ContainerConfig")
        expect("inference_container_config", inference, InferenceContainerConfig, "InferenceContainerConfig")
        expect_role("role", role)
        super().__init__(scope, id)
        encryption_key = key_of("encryption_key", encryption_key) if encryption_key else None
        self._encryption_key = encryption_key
        self._role: iam.IRole = role or self._create_role(
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
        self._algorithm = cdk.aws_cleanroomsml.CfnConfiguredModelAlgorithm(
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
        """An algorithm that is defined outside this stack.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            configured_model_algorithm_arn: Its ARN.
        """
        return _Imported(scope, id, configured_model_algorithm_arn)

    @staticmethod
    def from_configured_model_algorithm_attributes(
        scope: Construct,
        id: str,
        *,
        configured_model_algorithm_arn: str,
        role: iam.IRole | None = None,
        encryption_key: cdk.aws_kms.IKey | None = None,
    ) -> IConfiguredModelAlgorithm:
        """An algorithm that is defined outside this stack, with its role and key.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            configured_model_algorithm_arn: The algorithm's ARN.
            role: The role with which the service pulls the images. Default: unknown.
            encryption_key: The key for the algorithm at rest. Default: unknown.
        """
        return _Imported(scope, id, configured_model_algorithm_arn, role=role, encryption_key=encryption_key)

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
        """The role with which the service pulls the images."""
        return self._role


def algorithm_arn_of(algorithm: IConfiguredModelAlgorithmRef) -> str:
    """The ARN of an algorithm, L1 or L2.

    Raises:
        ValueError: It is neither.
    """
    what = "an algorithm. Pass ConfiguredModelAlgorithm.from_configured_model_algorithm_arn(...)"
    expect_reference("configured_model_algorithm", algorithm, "configured_model_algorithm_ref", what)
    return algorithm.configured_model_algorithm_ref.configured_model_algorithm_arn
