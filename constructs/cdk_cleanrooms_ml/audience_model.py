"""AudienceModel: a lookalike model, trained on a provider's data."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
from aws_cdk import IResource, RemovalPolicy
from aws_cdk.interfaces.aws_cleanroomsml import ITrainingDatasetRef
from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from cleanrooms_ml_handlers.resources.audience_model import AUDIENCE_MODEL
from cleanrooms_ml_handlers.rules.durations import DEFAULT_WAIT_SECONDS

from ._bases import EncryptedResource, ImportedResource
from ._grants import ResourceGrants
from ._run import CleanRoomsMLRun
from ._values import expect
from .training_dataset import training_dataset_arn_of
from .wait import Wait

if TYPE_CHECKING:
    from .configured_audience_model import ConfiguredAudienceModel, ConfiguredAudienceModelOptions

# Quota "audience model training".
_LONGEST = Wait(DEFAULT_WAIT_SECONDS["AudienceModel"])


@runtime_checkable
class IAudienceModel(IResource, Protocol):
    """An audience model."""

    @property
    def audience_model_arn(self) -> str:
        """The audience model's ARN."""
        ...

    @property
    def encryption_key(self) -> cdk.aws_kms.IKey | None:
        """The key for the model at rest; None if AWS owns it or it is unknown."""
        ...

    @property
    def grants(self) -> AudienceModelGrants:
        """Grants on this resource."""
        ...

    def add_configured_audience_model(
        self, id: str, **options: Unpack[ConfiguredAudienceModelOptions]
    ) -> ConfiguredAudienceModel:
        """Creates a configured audience model of it."""
        ...


class AudienceModelGrants(ResourceGrants):
    """Grants on an audience model.

    Args:
        model: The audience model.
    """

    def __init__(self, model: IAudienceModel) -> None:
        super().__init__(AUDIENCE_MODEL, model, model.audience_model_arn)


class _AudienceModelBase(EncryptedResource):
    @property
    @abstractmethod
    def audience_model_arn(self) -> str:
        """The audience model's ARN."""

    @property
    def grants(self) -> AudienceModelGrants:
        """Grants on this resource."""
        return AudienceModelGrants(self)

    def add_configured_audience_model(
        self, id: str, **options: Unpack[ConfiguredAudienceModelOptions]
    ) -> ConfiguredAudienceModel:
        """Creates a configured audience model of it, in the scope of this construct.

        Args:
            id: Construct ID.
            options: The arguments of ``ConfiguredAudienceModel`` except the model.
        """
        from .configured_audience_model import ConfiguredAudienceModel

        return ConfiguredAudienceModel(self, id, audience_model=self, **options)


class _Imported(ImportedResource, _AudienceModelBase):
    @property
    def audience_model_arn(self) -> str:
        return self._arn


class AudienceModel(_AudienceModelBase, CleanRoomsMLRun):
    """A lookalike model, trained on a provider's data.

    The training runs when the stack creates this resource: several hours, at most 25. It cannot be changed: any
    change except tags trains a new model and deletes the old one; a changed description is such a change.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        training_dataset: What it is trained on, as an L1 or L2.
        training_data_start: Train on interactions since this time, with its time zone. Default: from the first.
        training_data_end: Train on interactions until this time, with its time zone. Default: to the last.
        encryption_key: Key for the model at rest. The key policy is extended for the service and for the function that
            calls it; that of an imported key cannot be changed from here. Default: a key that AWS owns.
        run_id: Any text; another value trains a new model. Default: none.
        audience_model_name: Its name, 1 to 63 characters. With a fixed one, a change that trains a new model fails
            until the name changes too. Default: generated.
        wait: How long the deployment waits for the model, or that it does not. Default: 25 hours, as long as AWS
            documents that a training may take.
        description: Up to 255 characters. Default: none.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        adopt_existing: ARN of one that exists already, to be taken over instead of creating one; its name has to be
            given. Nothing deletes it as long as this is there. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: Clean Rooms ML API, CreateAudienceModel.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        training_dataset: ITrainingDatasetRef,
        training_data_start: datetime | None = None,
        training_data_end: datetime | None = None,
        encryption_key: cdk.aws_kms.IKey | None = None,
        run_id: str | None = None,
        audience_model_name: str | None = None,
        wait: Wait | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        adopt_existing: str | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        expect("wait", wait, Wait, "Wait. Pass Wait.until_active(...)")
        start = time_text("training_data_start", training_data_start)
        end = time_text("training_data_end", training_data_end)
        super().__init__(scope, id, spec=AUDIENCE_MODEL, tags=tags, adopt_existing=adopt_existing)
        self._deploy(
            {
                "name": audience_model_name,
                "description": description,
                "trainingDatasetArn": training_dataset_arn_of(training_dataset),
                "trainingDataStartTime": start,
                "trainingDataEndTime": end,
                "kmsKeyArn": self._usable(encryption_key, with_grants=True),
            },
            needs=[training_dataset],
            run_id=run_id,
            wait=wait or _LONGEST,
            removal_policy=removal_policy,
        )

    @staticmethod
    def from_audience_model_arn(scope: Construct, id: str, audience_model_arn: str) -> IAudienceModel:
        """An audience model that is defined outside this stack. The deployment does not wait for it.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            audience_model_arn: The audience model's ARN.
        """
        return _Imported(scope, id, audience_model_arn)

    @staticmethod
    def from_audience_model_attributes(
        scope: Construct, id: str, *, audience_model_arn: str, encryption_key: cdk.aws_kms.IKey | None = None
    ) -> IAudienceModel:
        """An audience model that is defined outside this stack, with its key.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            audience_model_arn: The audience model's ARN.
            encryption_key: The key for the model at rest. Default: unknown.
        """
        return _Imported(scope, id, audience_model_arn, encryption_key=encryption_key)

    @property
    def audience_model_arn(self) -> str:
        """The audience model's ARN, known before it is trained."""
        return self._attribute("Arn")

    @property
    def audience_model_name(self) -> str:
        """The audience model's name."""
        return self._attribute("Name")


def time_text(keyword: str, value: datetime | None) -> str | None:
    """A time as the API writes it.

    Raises:
        ValueError: It is none, or has no time zone: the time would depend on where it is synthesized.
    """
    expect(keyword, value, datetime, "a datetime")
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{keyword} is {value.isoformat()}, without a time zone. Pass datetime(..., tzinfo=UTC)")
    return value.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
