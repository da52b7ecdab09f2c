"""TrainedModel: a custom model, trained on the data of channels."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
from aws_cdk import Duration, IResource, RemovalPolicy, Size
from aws_cdk.interfaces.aws_cleanrooms import IMembershipRef
from aws_cdk.interfaces.aws_cleanroomsml import IConfiguredModelAlgorithmAssociationRef
from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from cleanrooms_ml_handlers.resources.trained_model import TRAINED_MODEL
from cleanrooms_ml_handlers.rules.durations import training_wait_seconds

from ._bases import EncryptedResource, ImportedResource
from ._grants import ResourceGrants
from ._run_metrics import MeteredRun
from ._values import each_of, expect
from .configured_model_algorithm_association import association_arn_of
from .instance_type import TrainingInstanceType
from .membership import membership_of
from .trained_model_inputs import (
    IncrementalTrainingDataChannel,
    ModelTrainingDataChannel,
    TrainingInputMode,
    whole_gigabytes,
    whole_seconds,
)
from .wait import Wait

if TYPE_CHECKING:
    from .trained_model_export_job import TrainedModelExportJob, TrainedModelExportJobOptions


@runtime_checkable
class ITrainedModel(IResource, Protocol):
    """A trained model, of one version."""

    @property
    def trained_model_arn(self) -> str:
        """The model's ARN, which all its versions share."""
        ...

    @property
    def version_identifier(self) -> str | None:
        """The version's id, a UUID; None for the first version, which has none."""
        ...

    @property
    def encryption_key(self) -> cdk.aws_kms.IKey | None:
        """The key for the model at rest; None if AWS owns it or it is unknown."""
        ...

    @property
    def grants(self) -> TrainedModelGrants:
        """Grants on this resource."""
        ...

    def add_export(self, id: str, **options: Unpack[TrainedModelExportJobOptions]) -> TrainedModelExportJob:
        """Writes its artifacts to a member's output location."""
        ...


class TrainedModelGrants(ResourceGrants):
    """Grants on a trained model.

    Args:
        model: The model.
    """

    def __init__(self, model: ITrainedModel) -> None:
        super().__init__(TRAINED_MODEL, model, model.trained_model_arn)


class _TrainedModelBase(EncryptedResource):
    @property
    @abstractmethod
    def trained_model_arn(self) -> str:
        """The model's ARN, which all its versions share."""

    @property
    @abstractmethod
    def version_identifier(self) -> str | None:
        """The version's id, a UUID; None for the first version, which has none."""

    @property
    def grants(self) -> TrainedModelGrants:
        """Grants on this resource."""
        return TrainedModelGrants(self)

    def add_export(self, id: str, **options: Unpack[TrainedModelExportJobOptions]) -> TrainedModelExportJob:
        """Writes its artifacts to a member's output location, in the scope of this construct.

        Args:
            id: Construct ID.
            options: The arguments of ``TrainedModelExportJob`` except the model.
        """
        from .trained_model_export_job import TrainedModelExportJob

        return TrainedModelExportJob(self, id, trained_model=self, **options)


class _Imported(ImportedResource, _TrainedModelBase):
    _version: str | None = None

    @property
    def trained_model_arn(self) -> str:
        return self._arn

    @property
    def version_identifier(self) -> str | None:
        return self._version


class TrainedModel(_TrainedModelBase, MeteredRun):
    """A custom model, trained on the data of channels by an algorithm of the collaboration.

    The training runs when the stack creates this resource, until the algorithm ends or ``max_runtime`` is over. It
    cannot be changed: any change except tags trains a new model and deletes the output of the old one; a changed
    description is such a change. A training that is still running when it is deleted is canceled.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        membership: The membership that trains, as an L1 or L2.
        algorithm_association: The algorithm, as an L1 or L2.
        data_channels: The data, 1 to 20 channels, each by another name.
        instance_type: The machines that train.
        instance_count: How many, 1 to 5. Default: the service's, 1.
        volume: Storage of each machine, 1 to 8,192 GB.
        max_runtime: When to stop the training, 1 second to 28 days. Default: the service's, 24 hours.
        hyperparameters: Up to 100 settings of the algorithm; every value is text. Default: none.
        environment: Up to 100 variables of the container's environment. Default: none.
        training_input_mode: How the data reaches the container. Default: the service's.
        incremental_training_data_channels: An earlier version to go on from, at most one. Default: none.
        encryption_key: Key for the model at rest. The key policy is extended for the service and for the function that
            calls it; that of an imported key cannot be changed from here. Default: a key that AWS owns.
        model_training_payer_account: The account that pays, if the collaboration has several. Default: none.
        run_id: Any text; another value trains a new model. Default: none.
        trained_model_name: Its name, 1 to 63 characters, unique in the collaboration. With a fixed name, a change
            that trains a new model fails until the name changes too, unless that is a later version of a model of
            this name. Default: generated.
        wait: How long the deployment waits for the model, or that it does not. Default: an hour more than
            ``max_runtime``, at most 36 hours.
        description: Up to 255 characters. Default: none.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        adopt_existing: ARN of one that exists already, to be taken over instead of creating one; its name has to be
            given. Nothing deletes it as long as this is there. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: DESTROY, which deletes
            the output; the service keeps an INACTIVE record.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: Clean Rooms ML API, CreateTrainedModel.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        membership: IMembershipRef,
        algorithm_association: IConfiguredModelAlgorithmAssociationRef,
        data_channels: Sequence[ModelTrainingDataChannel],
        instance_type: TrainingInstanceType,
        volume: Size,
        instance_count: int | None = None,
        max_runtime: Duration | None = None,
        hyperparameters: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        training_input_mode: TrainingInputMode | None = None,
        incremental_training_data_channels: Sequence[IncrementalTrainingDataChannel] | None = None,
        encryption_key: cdk.aws_kms.IKey | None = None,
        model_training_payer_account: str | None = None,
        run_id: str | None = None,
        trained_model_name: str | None = None,
        wait: Wait | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        adopt_existing: str | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        channels = each_of("data_channels", data_channels, ModelTrainingDataChannel)
        continued = incremental_training_data_channels or ()
        earlier = each_of("incremental_training_data_channels", continued, IncrementalTrainingDataChannel)
        expect("instance_type", instance_type, TrainingInstanceType, "TrainingInstanceType")
        expect("training_input_mode", training_input_mode, TrainingInputMode, "TrainingInputMode")
        expect("wait", wait, Wait, "Wait. Pass Wait.until_active(...)")
        seconds = whole_seconds("max_runtime", max_runtime)
        gigabytes = whole_gigabytes("volume", volume)
        super().__init__(scope, id, spec=TRAINED_MODEL, tags=tags, adopt_existing=adopt_existing)
        self._is_later_version = bool(earlier)
        self._deploy(
            {
                "name": trained_model_name,
                "description": description,
                "membershipIdentifier": membership_of(membership)[0],
                "configuredModelAlgorithmAssociationArn": association_arn_of(algorithm_association),
                "hyperparameters": dict(hyperparameters) if hyperparameters else None,
                "environment": dict(environment) if environment else None,
                "resourceConfig": {
                    "instanceCount": instance_count,
                    "instanceType": instance_type.value,
                    "volumeSizeInGB": gigabytes,
                },
                "stoppingCondition": None if seconds is None else {"maxRuntimeInSeconds": seconds},
                "incrementalTrainingDataChannels": [each._render() for each in earlier] or None,
                "dataChannels": [each._render() for each in channels],
                "trainingInputMode": training_input_mode.value if training_input_mode else None,
                "kmsKeyArn": self._usable(encryption_key, with_grants=True),
                "mlModelTrainingPayerAccountId": model_training_payer_account,
            },
            needs=[
                membership,
                algorithm_association,
                *(each.channel for each in channels),
                *(each.trained_model for each in earlier),
            ],
            run_id=run_id,
            wait=wait or Wait(training_wait_seconds(seconds)),
            removal_policy=removal_policy,
        )

    @staticmethod
    def from_trained_model_arn(
        scope: Construct, id: str, trained_model_arn: str, *, version_identifier: str | None = None
    ) -> ITrainedModel:
        """A trained model that is defined outside this stack. The deployment does not wait for it.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            trained_model_arn: Its ARN.
            version_identifier: The version's id. Default: the first version.
        """
        return TrainedModel.from_trained_model_attributes(
            scope, id, trained_model_arn=trained_model_arn, version_identifier=version_identifier
        )

    @staticmethod
    def from_trained_model_attributes(
        scope: Construct,
        id: str,
        *,
        trained_model_arn: str,
        version_identifier: str | None = None,
        encryption_key: cdk.aws_kms.IKey | None = None,
    ) -> ITrainedModel:
        """A trained model that is defined outside this stack, with its key.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            trained_model_arn: The model's ARN.
            version_identifier: The version's id. Default: the first version.
            encryption_key: The key for the model at rest. Default: unknown.
        """
        imported = _Imported(scope, id, trained_model_arn, encryption_key=encryption_key)
        imported._version = version_identifier
        return imported

    @property
    def trained_model_arn(self) -> str:
        """The model's ARN, which all its versions share, known before it is trained."""
        return self._attribute("Arn")

    @property
    def trained_model_name(self) -> str:
        """The model's name."""
        return self._attribute("Name")

    @property
    def version_identifier(self) -> str | None:
        """The version's id; None for a model that goes on from no other."""
        return self._result("VersionIdentifier") if self._is_later_version else None

    @property
    def metrics_status(self) -> str:
        """Whether the training's metrics could be published."""
        return self._result("MetricsStatus")

    @property
    def logs_status(self) -> str:
        """Whether the training's logs could be published."""
        return self._result("LogsStatus")

    @property
    def training_container_image_digest(self) -> str:
        """The digest of the image that trained."""
        return self._result("TrainingContainerImageDigest")
