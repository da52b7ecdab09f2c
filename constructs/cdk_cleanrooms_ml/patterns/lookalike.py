"""Lookalike audiences: a provider trains a model on its data, a consumer generates audiences from its own seed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk.interfaces.aws_cleanrooms import IMembershipRef
from aws_cdk.interfaces.aws_cleanroomsml import ITrainingDatasetRef
from constructs import Construct

from ..audience_export_job import AudienceExportJob
from ..audience_generation_job import AudienceGenerationJob
from ..audience_model import AudienceModel
from ..audience_settings import SharedAudienceMetrics
from ..audience_sizes import AudienceSize, AudienceSizes
from ..configured_audience_model import ConfiguredAudienceModel, IConfiguredAudienceModel
from ..configured_audience_model_association import ConfiguredAudienceModelAssociation
from ..seed_audience import SeedAudience
from ..wait import Wait


class LookalikeProvider(Construct):
    """The resources of a training data provider: a model, its configuration, and its association with a collaboration.

    With a membership the model is associated with the collaboration, whose members may then start jobs. Without one,
    ``allow_consumer`` lets single accounts start jobs.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        training_dataset: What the model is trained on, as an L1 or L2.
        output_bucket: Where audiences are written. In the collaboration's Region.
        output_prefix: The beginning of the written objects' keys. Default: none.
        membership: The provider's membership of the collaboration, as an L1 or L2. Default: none.
        training_data_start: Train on interactions since this time. Default: from the first.
        training_data_end: Train on interactions until this time. Default: to the last.
        audience_sizes: The sizes of audiences on offer. Default: the service's.
        shared_audience_metrics: Whether consumers see a job's metrics. Default: NONE.
        min_matching_seed_size: How many users of a seed have to be known to the model. Default: 500.
        encryption_key: Key for the model at rest. Default: a key that AWS owns.
        run_id: Any text; another value trains a new model. Default: none.
        wait: How long the deployment waits for the model. Default: as long as a training may take.

    Attributes:
        audience_model: The trained model.
        configured_audience_model: The configured model.
        association: The association with the collaboration; None without a membership.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        training_dataset: ITrainingDatasetRef,
        output_bucket: cdk.aws_s3.IBucket,
        output_prefix: str | None = None,
        membership: IMembershipRef | None = None,
        training_data_start: datetime | None = None,
        training_data_end: datetime | None = None,
        audience_sizes: AudienceSizes | None = None,
        shared_audience_metrics: SharedAudienceMetrics | None = None,
        min_matching_seed_size: int | None = None,
        encryption_key: cdk.aws_kms.IKey | None = None,
        run_id: str | None = None,
        wait: Wait | None = None,
    ) -> None:
        super().__init__(scope, id)
        self.audience_model = AudienceModel(
            self,
            "Model",
            training_dataset=training_dataset,
            training_data_start=training_data_start,
            training_data_end=training_data_end,
            encryption_key=encryption_key,
            run_id=run_id,
            wait=wait,
        )
        self.configured_audience_model = ConfiguredAudienceModel(
            self,
            "Configured",
            audience_model=self.audience_model,
            output_bucket=output_bucket,
            output_prefix=output_prefix,
            audience_sizes=audience_sizes,
            shared_audience_metrics=shared_audience_metrics,
            min_matching_seed_size=min_matching_seed_size,
        )
        self.association: ConfiguredAudienceModelAssociation | None = None
        if membership is not None:
            self.association = ConfiguredAudienceModelAssociation(
                self,
                "Association",
                membership=membership,
                configured_audience_model=self.configured_audience_model,
            )

    def allow_consumer(self, account: str, *, collaboration_id: str) -> None:
        """Lets an account start jobs with the model, within one collaboration.

        Only for a provider without a membership: with one, Clean Rooms lets the collaboration's members.

        Args:
            account: The consumer's account.
            collaboration_id: The collaboration, a UUID.
        """
        self.configured_audience_model.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.AccountPrincipal(account)],
                actions=["cleanrooms-ml:StartAudienceGenerationJob"],
                conditions={"StringEquals": {"cleanrooms-ml:CollaborationId": collaboration_id}},
            )
        )


class LookalikeConsumer(Construct):
    """The resources of a seed provider: a job that finds similar users, and exports of its audiences.

    The audiences land in the output location of the model's owner.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        configured_audience_model: The provider's model.
        seed_audience: The users that audiences shall look like.
        collaboration_id: The collaboration in which the model is shared. Default: none.
        export_sizes: The sizes of audiences to export. Default: none.
        run_id: Any text; another value generates and exports new audiences. Default: none.
        minimum_recall: The deployment fails, before anything is exported, if the recall is lower. Default: no
            gate.
        minimum_relevance: The same for the relevance of any size. Default: no gate.
        wait: How long the deployment waits for the job. Default: as long as it may take.

    Attributes:
        audience_generation_job: The job.
        audience_export_jobs: Its exports.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        configured_audience_model: IConfiguredAudienceModel,
        seed_audience: SeedAudience,
        collaboration_id: str | None = None,
        export_sizes: Sequence[AudienceSize] = (),
        run_id: str | None = None,
        minimum_recall: float | None = None,
        minimum_relevance: float | None = None,
        wait: Wait | None = None,
    ) -> None:
        super().__init__(scope, id)
        self.audience_generation_job = AudienceGenerationJob(
            self,
            "Job",
            configured_audience_model=configured_audience_model,
            seed_audience=seed_audience,
            collaboration_id=collaboration_id,
            run_id=run_id,
            minimum_recall=minimum_recall,
            minimum_relevance=minimum_relevance,
            wait=wait,
        )
        self.audience_export_jobs = [
            AudienceExportJob(
                self,
                # By its size, so that another one in the list exports nothing again.
                f"Export{size._value}{'Percent' if size._type == 'PERCENTAGE' else 'Users'}",
                audience_generation_job=self.audience_generation_job,
                audience_size=size,
            )
            for size in export_sizes
        ]
