"""TrainedModelInferenceJob: a run that applies a trained model to the data of a channel."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import Aws, IResource, RemovalPolicy, Size
from aws_cdk.interfaces.aws_cleanrooms import IMembershipRef
from aws_cdk.interfaces.aws_cleanroomsml import IConfiguredModelAlgorithmAssociationRef
from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from cleanrooms_ml_handlers.resources.trained_model_inference_job import TRAINED_MODEL_INFERENCE_JOB
from cleanrooms_ml_handlers.rules.durations import DEFAULT_WAIT_SECONDS

from ._bases import EncryptedResource, ImportedResource
from ._grants import ResourceGrants
from ._run_metrics import MeteredRun
from ._values import expect
from .configured_model_algorithm_association import association_arn_of
from .instance_type import InferenceInstanceType
from .membership import membership_of
from .ml_input_channel import IMLInputChannel
from .trained_model import ITrainedModel
from .trained_model_inputs import whole_megabytes
from .wait import Wait

# Quota "inference job".
_LONGEST = Wait(DEFAULT_WAIT_SECONDS["TrainedModelInferenceJob"])


@runtime_checkable
class ITrainedModelInferenceJob(IResource, Protocol):
    """An inference job."""

    @property
    def trained_model_inference_job_arn(self) -> str:
        """The job's ARN."""
        ...

    @property
    def encryption_key(self) -> cdk.aws_kms.IKey | None:
        """The key for the results within the service; None if AWS owns it or it is unknown."""
        ...

    @property
    def grants(self) -> TrainedModelInferenceJobGrants:
        """Grants on this resource."""
        ...


class TrainedModelInferenceJobGrants(ResourceGrants):
    """Grants on an inference job.

    Args:
        job: The job.
    """

    def __init__(self, job: ITrainedModelInferenceJob) -> None:
        super().__init__(TRAINED_MODEL_INFERENCE_JOB, job, job.trained_model_inference_job_arn)


class _TrainedModelInferenceJobBase(EncryptedResource):
    @property
    @abstractmethod
    def trained_model_inference_job_arn(self) -> str:
        """The job's ARN."""

    @property
    def grants(self) -> TrainedModelInferenceJobGrants:
        """Grants on this resource."""
        return TrainedModelInferenceJobGrants(self)


class _Imported(ImportedResource, _TrainedModelInferenceJobBase):
    @property
    def trained_model_inference_job_arn(self) -> str:
        return self._arn


class TrainedModelInferenceJob(_TrainedModelInferenceJobBase, MeteredRun):
    """A run that applies a trained model to the data of a channel.

    The job runs when the stack creates this resource, for at most 25 hours. What it finds lands in the output
    location of the receiving member's ``MLConfiguration``, which has to be there before. It cannot be changed: any
    change except tags starts a new job; a changed description is such a change. A job that is still running when it
    is deleted is canceled; the record of one that has ended, and its results, stay.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        membership: The membership that runs the job, as an L1 or L2.
        trained_model: The model.
        channel: The data.
        instance_type: The machines.
        instance_count: How many, 1 to 10. Default: the service's, 1.
        algorithm_association: The algorithm to apply the model with, as an L1 or L2. Default: the model's.
        output_account: The member that receives the results. Default: the stack's account.
        accept: The MIME type of the results. Default: the service's.
        max_payload: The most that one request to the container may hold, 1 to 100 MB. The header of a CSV file is in
            the first of its requests only. Default: the service's, 6 MB.
        environment: Up to 16 variables of the container's environment. Default: none.
        encryption_key: Key for the results within the service. Its policy is extended for the service and for the
            function that calls it; that of an imported key cannot be changed from here. Default: a key that AWS owns.
        model_inference_payer_account: The account that pays, if the collaboration has several. Default: none.
        run_id: Any text; another value starts a new job. Default: none.
        trained_model_inference_job_name: Its name, 1 to 63 characters. With a fixed one, a change that starts a new
            job fails until the name changes too. Default: generated.
        wait: How long the deployment waits for the job, or that it does not. Default: 25 hours, as long as AWS
            documents that a job may take.
        description: Up to 255 characters. Default: none.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        adopt_existing: ARN of one that exists already, to be taken over instead of creating one; its name has to be
            given. Nothing deletes it as long as this is there. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: Clean Rooms ML API, StartTrainedModelInferenceJob.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        membership: IMembershipRef,
        trained_model: ITrainedModel,
        channel: IMLInputChannel,
        instance_type: InferenceInstanceType,
        instance_count: int | None = None,
        algorithm_association: IConfiguredModelAlgorithmAssociationRef | None = None,
        output_account: str | None = None,
        accept: str | None = None,
        max_payload: Size | None = None,
        environment: Mapping[str, str] | None = None,
        encryption_key: cdk.aws_kms.IKey | None = None,
        model_inference_payer_account: str | None = None,
        run_id: str | None = None,
        trained_model_inference_job_name: str | None = None,
        wait: Wait | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        adopt_existing: str | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        expect("trained_model", trained_model, ITrainedModel, "a model. Pass TrainedModel.from_trained_model_arn(...)")
        expect("channel", channel, IMLInputChannel, "a channel. Pass MLInputChannel.from_ml_input_channel_arn(...)")
        expect("instance_type", instance_type, InferenceInstanceType, "InferenceInstanceType")
        expect("wait", wait, Wait, "Wait. Pass Wait.until_active(...)")
        payload = whole_megabytes("max_payload", max_payload) if max_payload is not None else None
        super().__init__(scope, id, spec=TRAINED_MODEL_INFERENCE_JOB, tags=tags, adopt_existing=adopt_existing)
        self._deploy(
            {
                "name": trained_model_inference_job_name,
                "description": description,
                "membershipIdentifier": membership_of(membership)[0],
                "trainedModelArn": trained_model.trained_model_arn,
                "trainedModelVersionIdentifier": trained_model.version_identifier,
                "configuredModelAlgorithmAssociationArn": association_arn_of(algorithm_association)
                if algorithm_association is not None
                else None,
                "resourceConfig": {"instanceType": instance_type.value, "instanceCount": instance_count},
                "outputConfiguration": {
                    "accept": accept,
                    "members": [{"accountId": output_account or Aws.ACCOUNT_ID}],
                },
                "dataSource": {"mlInputChannelArn": channel.ml_input_channel_arn},
                "containerExecutionParameters": {"maxPayloadInMB": payload} if payload is not None else None,
                "environment": dict(environment) if environment else None,
                "kmsKeyArn": self._usable(encryption_key, with_grants=True),
                "mlModelInferencePayerAccountId": model_inference_payer_account,
            },
            needs=[membership, algorithm_association, trained_model, channel],
            run_id=run_id,
            wait=wait or _LONGEST,
            removal_policy=removal_policy,
        )

    @staticmethod
    def from_trained_model_inference_job_arn(
        scope: Construct, id: str, trained_model_inference_job_arn: str
    ) -> ITrainedModelInferenceJob:
        """A job that is defined outside this stack. The deployment does not wait for it.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            trained_model_inference_job_arn: Its ARN.
        """
        return _Imported(scope, id, trained_model_inference_job_arn)

    @staticmethod
    def from_trained_model_inference_job_attributes(
        scope: Construct,
        id: str,
        *,
        trained_model_inference_job_arn: str,
        encryption_key: cdk.aws_kms.IKey | None = None,
    ) -> ITrainedModelInferenceJob:
        """A job that is defined outside this stack, with its key.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            trained_model_inference_job_arn: The job's ARN.
            encryption_key: The key for the results within the service. Default: unknown.
        """
        return _Imported(scope, id, trained_model_inference_job_arn, encryption_key=encryption_key)

    @property
    def trained_model_inference_job_arn(self) -> str:
        """The job's ARN, known before the job has ended."""
        return self._attribute("Arn")

    @property
    def trained_model_inference_job_name(self) -> str:
        """The job's name."""
        return self._attribute("Name")

    @property
    def metrics_status(self) -> str:
        """Whether the job's metrics could be published."""
        return self._result("MetricsStatus")

    @property
    def logs_status(self) -> str:
        """Whether the job's logs could be published."""
        return self._result("LogsStatus")

    @property
    def inference_container_image_digest(self) -> str:
        """The digest of the image that ran."""
        return self._result("InferenceContainerImageDigest")
