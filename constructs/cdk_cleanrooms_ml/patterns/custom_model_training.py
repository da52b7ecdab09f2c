"""Custom models: data from a collaboration, a training, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import Duration, Size
from aws_cdk.interfaces.aws_cleanrooms import IMembershipRef
from constructs import Construct, IDependable

from ..configured_model_algorithm import ConfiguredModelAlgorithm
from ..configured_model_algorithm_association import ConfiguredModelAlgorithmAssociation
from ..instance_type import InferenceInstanceType, TrainingInstanceType
from ..ml_configuration import MLConfiguration
from ..ml_input_channel import MLInputChannel
from ..privacy_configuration import PrivacyConfiguration
from ..protected_query import ProtectedQuery
from ..trained_model import TrainedModel
from ..trained_model_export_job import TrainedModelExportJob
from ..trained_model_inference_job import TrainedModelInferenceJob
from ..trained_model_inputs import ModelTrainingDataChannel
from ..wait import Wait


@dataclass(frozen=True, kw_only=True)
class CustomModelInference:
    """What the model shall be applied to.

    Attributes:
        query: The data.
        instance_type: The machines.
        run_id: Any text; another value asks again and applies the model to the new data. Default: none.
        wait: How long the deployment waits for the job. Default: as long as it may take.
    """

    query: ProtectedQuery
    instance_type: InferenceInstanceType
    run_id: str | None = None
    wait: Wait | None = None


class CustomModelTraining(Construct):
    """A custom model of a member who runs the queries and receives the results, from the query to the result.

    It associates an algorithm with the collaboration, configures the output location, creates the training data,
    trains, and then exports the model, applies it, or both. All data is created before the training. A teardown
    deletes jobs, the model, the data, the association, the algorithm and the configuration, in this order, and the
    tables after them.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        membership: The membership, as an L1 or L2.
        configured_model_algorithm: The algorithm, defined in the same stack.
        output_bucket: Where results are written. In the collaboration's Region.
        output_prefix: The beginning of the written objects' keys. Default: none.
        training_query: The data to train on, as an analysis template with synthetic data.
        retention: How long the service keeps the data, 1 to 30 whole days.
        instance_type: The machines that train.
        volume: Storage of each machine.
        max_runtime: When to stop the training. Default: the service's.
        hyperparameters: Settings of the algorithm. Default: none.
        privacy_configuration: What of the algorithm's work may leave the collaboration. Default: the service's.
        channel_name: The name by which the algorithm knows the data. Default: train.
        export_model: Whether to export the model's artifacts. Default: False.
        inference: What the model shall be applied to. Default: nothing.
        data: What the queries read, as table associations; created before and deleted after. Default: nothing.
        encryption_key: Key for data, model and results at rest. Default: a key that AWS owns.
        run_id: Any text; another value creates new data and trains a new model. Default: none.
        maximum_membership_inference_attack_score: The deployment fails, before it trains, if synthetic data is more
            recognizable than this. Default: the template's own limit only.
        channel_wait: How long the deployment waits for data. Default: the channel's.
        wait: How long the deployment waits for the model. Default: the model's.

    Attributes:
        ml_configuration: Where results go.
        association: The algorithm in the collaboration.
        training_channel: The data to train on.
        trained_model: The model.
        export_job: The export; None without one.
        inference_channel: The data that the model is applied to; None without.
        inference_job: Its application; None without.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        membership: IMembershipRef,
        configured_model_algorithm: ConfiguredModelAlgorithm,
        output_bucket: cdk.aws_s3.IBucket,
        training_query: ProtectedQuery,
        retention: Duration,
        instance_type: TrainingInstanceType,
        volume: Size,
        output_prefix: str | None = None,
        max_runtime: Duration | None = None,
        hyperparameters: Mapping[str, str] | None = None,
        privacy_configuration: PrivacyConfiguration | None = None,
        channel_name: str = "train",
        export_model: bool = False,
        inference: CustomModelInference | None = None,
        data: Sequence[IDependable] = (),
        encryption_key: cdk.aws_kms.IKey | None = None,
        run_id: str | None = None,
        maximum_membership_inference_attack_score: float | None = None,
        channel_wait: Wait | None = None,
        wait: Wait | None = None,
    ) -> None:
        super().__init__(scope, id)
        self.ml_configuration = MLConfiguration(
            self, "Configuration", membership=membership, output_bucket=output_bucket, output_prefix=output_prefix
        )
        # Nothing refers to these, but queries read the tables, and results need the configuration.
        self.ml_configuration.node.add_dependency(*data)
        configured_model_algorithm.node.add_dependency(self.ml_configuration)
        self.association = ConfiguredModelAlgorithmAssociation(
            self,
            "Association",
            membership=membership,
            configured_model_algorithm=configured_model_algorithm,
            privacy_configuration=privacy_configuration,
        )
        self.training_channel = MLInputChannel(
            self,
            "TrainingData",
            membership=membership,
            algorithm_association=self.association,
            query=training_query,
            retention=retention,
            encryption_key=encryption_key,
            run_id=run_id,
            maximum_membership_inference_attack_score=maximum_membership_inference_attack_score,
            wait=channel_wait,
        )
        self.trained_model = TrainedModel(
            self,
            "Model",
            membership=membership,
            algorithm_association=self.association,
            data_channels=[ModelTrainingDataChannel(channel_name=channel_name, channel=self.training_channel)],
            instance_type=instance_type,
            volume=volume,
            max_runtime=max_runtime,
            hyperparameters=hyperparameters,
            encryption_key=encryption_key,
            run_id=run_id,
            wait=wait,
        )
        self.export_job: TrainedModelExportJob | None = None
        if export_model:
            self.export_job = TrainedModelExportJob(
                self, "Export", membership=membership, trained_model=self.trained_model
            )
        self.inference_channel: MLInputChannel | None = None
        self.inference_job: TrainedModelInferenceJob | None = None
        if inference is not None:
            self.inference_channel = MLInputChannel(
                self,
                "InferenceData",
                membership=membership,
                algorithm_association=self.association,
                query=inference.query,
                retention=retention,
                encryption_key=encryption_key,
                run_id=inference.run_id,
                wait=channel_wait,
            )
            self.inference_job = TrainedModelInferenceJob(
                self,
                "Inference",
                membership=membership,
                trained_model=self.trained_model,
                channel=self.inference_channel,
                instance_type=inference.instance_type,
                encryption_key=encryption_key,
                run_id=inference.run_id,
                wait=inference.wait,
            )
            # A teardown takes the model away before any data.
            self.trained_model.node.add_dependency(self.inference_channel)
