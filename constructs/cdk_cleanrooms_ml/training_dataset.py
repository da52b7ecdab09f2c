"""TrainingDataset: the interactions on which a provider trains audience models."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import aws_cdk as cdk
import jsii
from aws_cdk import IResource, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk.interfaces.aws_cleanroomsml import ITrainingDatasetRef, TrainingDatasetReference
from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from ._bases import ImportedResource, ServiceRoleResource
from ._native import NativeResource, cfn_tags
from ._statements import training_data_statements
from ._validation import without_none
from ._values import OneOf, each_of, expect, expect_location, expect_reference, expect_role


class ColumnType(OneOf):
    """What a column of a training dataset says."""

    USER_ID: ClassVar[ColumnType]
    ITEM_ID: ClassVar[ColumnType]
    TIMESTAMP: ClassVar[ColumnType]
    CATEGORICAL_FEATURE: ClassVar[ColumnType]
    NUMERICAL_FEATURE: ClassVar[ColumnType]


ColumnType.USER_ID = ColumnType("USER_ID")
ColumnType.ITEM_ID = ColumnType("ITEM_ID")
ColumnType.TIMESTAMP = ColumnType("TIMESTAMP")
ColumnType.CATEGORICAL_FEATURE = ColumnType("CATEGORICAL_FEATURE")
ColumnType.NUMERICAL_FEATURE = ColumnType("NUMERICAL_FEATURE")


@dataclass(frozen=True)
class ColumnSchema:
    """A column of a training dataset.

    Attributes:
        column_name: Its name in the Glue table.
        column_type: What it says. A timestamp counts seconds since 1970.
    """

    column_name: str
    column_type: ColumnType

    def __post_init__(self) -> None:
        expect("ColumnSchema: column_type", self.column_type, ColumnType, "ColumnType. Pass ColumnType.USER_ID")

    def _render(self) -> dict[str, Any]:
        return {"columnName": self.column_name, "columnTypes": [self.column_type.value]}


@runtime_checkable
class ITrainingDataset(IResource, ITrainingDatasetRef, iam.IGrantable, Protocol):
    """A training dataset."""

    @property
    def training_dataset_arn(self) -> str:
        """The training dataset's ARN."""
        ...

    @property
    def role(self) -> iam.IRole | None:
        """The role with which the service reads the table; None if unknown."""
        ...


@jsii.implements(ITrainingDatasetRef)
class _TrainingDatasetBase(ServiceRoleResource):
    @property
    @abstractmethod
    def training_dataset_arn(self) -> str:
        """The training dataset's ARN."""

    @property
    @jsii.member(jsii_name="trainingDatasetRef")
    def training_dataset_ref(self) -> TrainingDatasetReference:
        """A reference to the training dataset, as L1 constructs take it."""
        return TrainingDatasetReference(training_dataset_arn=self.training_dataset_arn)


class _Imported(ImportedResource, _TrainingDatasetBase):
    @property
    def training_dataset_arn(self) -> str:
        return self._arn


class TrainingDataset(_TrainingDatasetBase, NativeResource):
    """The interactions on which a provider trains audience models: a Glue table over files in S3.

    Created at once; it holds no data itself. Any change except tags replaces it, under another name. It
    cannot be deleted while an audience model uses it.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        database_name: The Glue database.
        table_name: The Glue table.
        columns: Its columns, 1 to 100; among them a user id, an item id and a timestamp.
        data_bucket: The bucket of the table's files.
        data_prefix: The beginning of their keys. Default: the whole bucket.
        catalog_id: The account of the Glue catalog. Default: the stack's.
        training_dataset_name: Its name, 1 to 63 characters, unique in account and Region. With a fixed name, a change
            that creates a new dataset fails until the name changes too. Default: generated.
        description: Up to 255 characters. Default: none.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        role: The role with which the service reads the table. Default: a role that may read the table and its files.
        removal_policy: What to do when it is removed from the stack or replaced. Default: CloudFormation's, DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: Clean Rooms ML API, CreateTrainingDataset.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        database_name: str,
        table_name: str,
        columns: Sequence[ColumnSchema],
        data_bucket: cdk.aws_s3.IBucket,
        data_prefix: str | None = None,
        catalog_id: str | None = None,
        training_dataset_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        role: iam.IRole | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        listed = each_of("columns", columns, ColumnSchema)
        expect_location("data", data_bucket, data_prefix)
        expect_role("role", role)
        super().__init__(scope, id)
        self._role: iam.IRole = role or self._create_role(
            description="Clean Rooms ML reads training data",
            statements=training_data_statements(
                data_bucket, data_prefix or "", database_name=database_name, table_name=table_name, catalog=catalog_id
            ),
            source="training-dataset/*",
        )
        table = {"databaseName": database_name, "tableName": table_name, "catalogId": catalog_id}
        source = {"schema": [each._render() for each in listed], "dataSource": {"glueDataSource": table}}
        fixed = {
            "roleArn": self._role.role_arn,
            "trainingData": [{"type": "INTERACTIONS", "inputConfig": source}],
            "description": description,
        }
        request = without_none({**fixed, "name": training_dataset_name or self._name(fixed, longest=63)})
        resource = cdk.aws_cleanroomsml.CfnTrainingDataset(
            self,
            "Resource",
            name=request["name"],
            role_arn=request["roleArn"],
            training_data=request["trainingData"],
            description=description,
            tags=cfn_tags(tags),
        )
        resource.node.add_dependency(self._role)
        self._dataset = resource
        self._check(
            resource,
            resource.cdk_tag_manager,
            "cleanroomsml",
            "CreateTrainingDataset",
            request,
            removal_policy=removal_policy,
        )

    @staticmethod
    def from_training_dataset_arn(scope: Construct, id: str, training_dataset_arn: str) -> ITrainingDataset:
        """A training dataset that is defined outside this stack.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            training_dataset_arn: Its ARN.
        """
        return _Imported(scope, id, training_dataset_arn)

    @staticmethod
    def from_training_dataset_attributes(
        scope: Construct, id: str, *, training_dataset_arn: str, role: iam.IRole | None = None
    ) -> ITrainingDataset:
        """A training dataset that is defined outside this stack, with its role.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            training_dataset_arn: The training dataset's ARN.
            role: The role with which the service reads the table. Default: unknown.
        """
        return _Imported(scope, id, training_dataset_arn, role=role)

    @property
    def training_dataset_arn(self) -> str:
        """The training dataset's ARN."""
        return self._dataset.attr_training_dataset_arn

    @property
    def training_dataset_name(self) -> str:
        """The training dataset's name."""
        return self._dataset.name

    @property
    def role(self) -> iam.IRole:
        """The role with which the service reads the table."""
        return self._role


def training_dataset_arn_of(dataset: ITrainingDatasetRef) -> str:
    """The ARN of a training dataset, L1 or L2.

    Raises:
        ValueError: It is neither.
    """
    what = "a training dataset. Pass TrainingDataset.from_training_dataset_arn(...)"
    expect_reference("training_dataset", dataset, "training_dataset_ref", what)
    return dataset.training_dataset_ref.training_dataset_arn
