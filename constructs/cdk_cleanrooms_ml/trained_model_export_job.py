"""TrainedModelExportJob: writes the artifacts of a trained model to a member's output location."""

from __future__ import annotations

from typing import Required, TypedDict

from aws_cdk import Aws, RemovalPolicy
from aws_cdk.interfaces.aws_cleanrooms import IMembershipRef
from constructs import Construct

from cleanrooms_ml_handlers.resources.trained_model_export_job import TRAINED_MODEL_EXPORT_JOB

from ._run import CleanRoomsMLRun
from ._values import expect
from .membership import membership_of
from .trained_model import ITrainedModel
from .wait import DEFAULT_WAIT, Wait


class TrainedModelExportJobOptions(TypedDict, total=False):
    """The arguments of ``TrainedModelExportJob`` except the model; see there."""

    membership: Required[IMembershipRef]
    output_account: str | None
    run_id: str | None
    wait: Wait | None
    description: str | None
    removal_policy: RemovalPolicy | None


class TrainedModelExportJob(CleanRoomsMLRun):
    """Writes the artifacts of a trained model to a member's output location.

    The export runs when the stack creates this resource. It lands in the output location of the receiving member's
    ``MLConfiguration``, which has to be there before. It cannot be changed nor deleted: any change starts a new
    export, and when this resource leaves the stack its record and what was written stay. It has no tags, by which
    it could be known as this stack's; its name does that, and is generated. Removed from the app and added again with
    the same properties it is found again, and nothing is exported: change ``run_id`` to export again.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        membership: The membership that exports, as an L1 or L2.
        trained_model: The model.
        output_account: The member that receives the artifacts. Default: the stack's account.
        run_id: Any text; a value that it has not had before exports again. Default: none.
        wait: How long the deployment waits for the export, or that it does not. Default: 55 minutes.
        description: Up to 255 characters. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: DESTROY, which waits
            for its end.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: Clean Rooms ML API, StartTrainedModelExportJob.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        membership: IMembershipRef,
        trained_model: ITrainedModel,
        output_account: str | None = None,
        run_id: str | None = None,
        wait: Wait | None = None,
        description: str | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        expect("trained_model", trained_model, ITrainedModel, "a model. Pass TrainedModel.from_trained_model_arn(...)")
        expect("wait", wait, Wait, "Wait. Pass Wait.until_active(...)")
        super().__init__(scope, id, spec=TRAINED_MODEL_EXPORT_JOB, tags=None)
        self._deploy(
            {
                "description": description,
                "membershipIdentifier": membership_of(membership)[0],
                "trainedModelArn": trained_model.trained_model_arn,
                "trainedModelVersionIdentifier": trained_model.version_identifier,
                "outputConfiguration": {"members": [{"accountId": output_account or Aws.ACCOUNT_ID}]},
            },
            needs=[membership, trained_model],
            run_id=run_id,
            wait=wait or DEFAULT_WAIT,
            removal_policy=removal_policy,
        )

    @property
    def trained_model_export_job_name(self) -> str:
        """The export's name."""
        return self._attribute("Name")
