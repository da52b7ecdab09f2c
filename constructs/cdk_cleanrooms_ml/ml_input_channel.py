"""MLInputChannel: a dataset for training or inference, created by a protected query."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import aws_cdk as cdk
import jsii
from aws_cdk import Duration, IResource, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk.interfaces.aws_cleanrooms import IMembershipRef
from aws_cdk.interfaces.aws_cleanroomsml import IConfiguredModelAlgorithmAssociationRef
from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from cleanrooms_ml_handlers.resources.ml_input_channel import ML_INPUT_CHANNEL

from ._bases import EncryptedResource, ImportedResource, ServiceRoleResource
from ._grants import ResourceGrants
from ._retention import days_of
from ._roles import query_statements
from ._run import CleanRoomsMLRun
from ._values import expect
from .configured_model_algorithm_association import association_arn_of
from .membership import membership_of
from .protected_query import ProtectedQuery, WorkerCompute
from .result_format import ResultFormat
from .wait import DEFAULT_WAIT, Wait


@runtime_checkable
class IMLInputChannel(IResource, iam.IGrantable, Protocol):
    """An ML input channel."""

    @property
    def ml_input_channel_arn(self) -> str:
        """The channel's ARN."""
        ...

    @property
    def role(self) -> iam.IRole | None:
        """The role with which the service runs the query; None if unknown."""
        ...

    @property
    def encryption_key(self) -> cdk.aws_kms.IKey | None:
        """The key for the data at rest; None if AWS owns it or it is unknown."""
        ...

    @property
    def grants(self) -> MLInputChannelGrants:
        """Grants on this resource."""
        ...


class MLInputChannelGrants(ResourceGrants):
    """Grants on an ML input channel.

    Args:
        channel: The channel.
    """

    def __init__(self, channel: IMLInputChannel) -> None:
        super().__init__(ML_INPUT_CHANNEL, channel, channel.ml_input_channel_arn)


class _MLInputChannelBase(ServiceRoleResource, EncryptedResource):
    @property
    @abstractmethod
    def ml_input_channel_arn(self) -> str:
        """The channel's ARN."""

    @property
    def grants(self) -> MLInputChannelGrants:
        """Grants on this resource."""
        return MLInputChannelGrants(self)


class _Imported(ImportedResource, _MLInputChannelBase):
    @property
    def ml_input_channel_arn(self) -> str:
        return self._arn


@jsii.implements(iam.IGrantable)
class MLInputChannel(_MLInputChannelBase, CleanRoomsMLRun):
    """A dataset for training or inference, created by a protected query.

    The query runs when the stack creates this resource. A channel cannot be changed: any change except tags creates a
    new one and deletes the data of the old one; a changed description is such a change, and costs a query.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        membership: The membership that runs the query, as an L1 or L2.
        algorithm_association: The algorithm that the data is for, as an L1 or L2.
        query: The query.
        compute: The workers that run the query. Default: the service's.
        result_format: CSV or Parquet. Default: the service's.
        retention: How long the service keeps the data, 1 to 30 whole days.
        ml_input_channel_name: Its name, 1 to 63 characters. With a fixed name, a change that creates a new channel
            fails until the name changes too. Default: generated.
        encryption_key: Key for the data at rest. The key policy is extended for the service and for the function that
            calls it; that of an imported key cannot be changed from here. Default: a key that AWS owns.
        compute_payer_account: The account that pays for the query, if the collaboration has several. Default: none.
        synthetic_data_payer_account: The account that pays for synthetic data, if it has several. Default: none.
        run_id: Any text; another value runs the query again in a new channel. Default: none.
        minimum_records: The deployment fails if the channel has fewer records. Default: no gate.
        minimum_remaining_budget: The deployment fails if less is left of the privacy budget of any table with one.
            Default: no gate.
        maximum_membership_inference_attack_score: The deployment fails if synthetic data is more recognizable than
            this. Default: no gate.
        wait: How long the deployment waits for the channel, or that it does not. Default: 55 minutes; most queries
            take a few minutes, synthetic data a few hours.
        description: Up to 255 characters. Default: none.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        role: The role with which the service runs the query. Default: a role that may run queries of this membership.
        adopt_existing: ARN of one that exists already, to be taken over instead of creating one; its name has to be
            given. Nothing deletes it as long as this is there. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: DESTROY, which deletes
            the data; the service keeps an INACTIVE record.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: Clean Rooms ML API, CreateMLInputChannel.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        membership: IMembershipRef,
        algorithm_association: IConfiguredModelAlgorithmAssociationRef,
        query: ProtectedQuery,
        retention: Duration,
        compute: WorkerCompute | None = None,
        result_format: ResultFormat | None = None,
        ml_input_channel_name: str | None = None,
        encryption_key: cdk.aws_kms.IKey | None = None,
        compute_payer_account: str | None = None,
        synthetic_data_payer_account: str | None = None,
        run_id: str | None = None,
        minimum_records: int | None = None,
        minimum_remaining_budget: int | None = None,
        maximum_membership_inference_attack_score: float | None = None,
        wait: Wait | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        role: iam.IRole | None = None,
        adopt_existing: str | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        days = days_of(retention)
        expect("query", query, ProtectedQuery, "ProtectedQuery. Pass ProtectedQuery.sql(...)")
        expect("compute", compute, WorkerCompute, "WorkerCompute")
        expect("result_format", result_format, ResultFormat, "ResultFormat")
        expect("wait", wait, Wait, "Wait. Pass Wait.until_active(...)")
        super().__init__(scope, id, spec=ML_INPUT_CHANNEL, tags=tags, adopt_existing=adopt_existing)
        membership_id, membership_arn = membership_of(membership)
        self._role: iam.IRole = role or self._create_role(
            description="Clean Rooms ML runs a query", statements=query_statements(membership_arn)
        )
        payers = {
            "computePayerAccountId": compute_payer_account,
            "syntheticDataPayerAccountId": synthetic_data_payer_account,
        }
        self._deploy(
            {
                "name": ml_input_channel_name,
                "description": description,
                "membershipIdentifier": membership_id,
                "configuredModelAlgorithmAssociations": [association_arn_of(algorithm_association)],
                "inputChannel": {
                    "dataSource": {
                        "protectedQueryInputParameters": {
                            "sqlParameters": query._render(self),
                            "computeConfiguration": compute._render() if compute else None,
                            "resultFormat": result_format.value if result_format else None,
                        }
                    },
                    "roleArn": self._passable(self._role),
                },
                "retentionInDays": days,
                "kmsKeyArn": self._usable(encryption_key, with_grants=query._may_be_synthetic),
                "payerConfiguration": payers if any(payers.values()) else None,
            },
            role=self._role,
            needs=[membership, algorithm_association],
            run_id=run_id,
            wait=wait or DEFAULT_WAIT,
            gates={
                "minimumRecords": minimum_records,
                "minimumRemainingBudget": minimum_remaining_budget,
                "maximumMembershipInferenceAttackScore": maximum_membership_inference_attack_score,
            },
            removal_policy=removal_policy,
            # Nothing else has such a score.
            is_synthetic=query._is_synthetic or maximum_membership_inference_attack_score is not None,
        )

    @staticmethod
    def from_ml_input_channel_arn(scope: Construct, id: str, ml_input_channel_arn: str) -> IMLInputChannel:
        """A channel that is defined outside this stack. The deployment does not wait for it.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            ml_input_channel_arn: Its ARN.
        """
        return _Imported(scope, id, ml_input_channel_arn)

    @staticmethod
    def from_ml_input_channel_attributes(
        scope: Construct,
        id: str,
        *,
        ml_input_channel_arn: str,
        role: iam.IRole | None = None,
        encryption_key: cdk.aws_kms.IKey | None = None,
    ) -> IMLInputChannel:
        """A channel that is defined outside this stack, with its role and key.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            ml_input_channel_arn: The channel's ARN.
            role: The role with which the service runs the query. Default: unknown.
            encryption_key: The key for the data at rest. Default: unknown.
        """
        return _Imported(scope, id, ml_input_channel_arn, role=role, encryption_key=encryption_key)

    @property
    def ml_input_channel_arn(self) -> str:
        """The channel's ARN, known before the data is there."""
        return self._attribute("Arn")

    @property
    def ml_input_channel_name(self) -> str:
        """The channel's name."""
        return self._attribute("Name")

    @property
    def number_of_records(self) -> float:
        """The number of records that the query returned."""
        return self._number("NumberOfRecords")

    @property
    def number_of_files(self) -> float:
        """The number of files with the records."""
        return self._number("NumberOfFiles")

    @property
    def size_in_gb(self) -> float:
        """The size of the data in gigabytes."""
        return self._number("SizeInGb")

    @property
    def protected_query_identifier(self) -> str:
        """The id of the protected query."""
        return self._result("ProtectedQueryIdentifier")

    @property
    def remaining_privacy_budget(self) -> float:
        """What is left of the privacy budget, the least of the tables with one; absent if none has."""
        return self._number("RemainingPrivacyBudget")

    @property
    def privacy_budget(self) -> float:
        """The privacy budget, all its periods together, the least of the tables with one; absent if none has."""
        return self._number("PrivacyBudget")

    @property
    def membership_inference_attack_score(self) -> float:
        """How well members can be identified from synthetic data, 0.5 to 1; absent for data that is not synthetic."""
        return self._number("MembershipInferenceAttackScore")

    @property
    def role(self) -> iam.IRole:
        """The role with which the service runs the query."""
        return self._role
