"""A stack with a construct of every kind, and with every option that the functions need permissions for."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import (
    AudienceExportJob,
    AudienceModel,
    AudienceSize,
    CleanRoomsMLProvider,
    ConfiguredAudienceModelAssociation,
    ConfiguredAudienceModelPolicy,
    ConfiguredModelAlgorithmAssociation,
    InferenceInstanceType,
    Membership,
    MLConfiguration,
    ModelTrainingDataChannel,
    ProtectedQuery,
    TrainedModel,
    TrainedModelExportJob,
    TrainedModelInferenceJob,
    TrainingDataset,
    TrainingInstanceType,
    Wait,
)
from cleanrooms_ml_handlers.resources import SPECS
from tests.synth.of_each_kind import created
from tests.synth.stacks import (
    ASSOCIATION_ARN,
    CONFIGURED_ARN,
    MEMBERSHIP,
    SERVICE,
    Template,
    channel,
    configured,
    job,
    new_stack,
    template_of,
)


def everything(query: Path, types: Collection[str] | None = None) -> Template:
    """The template of a stack that holds every kind.

    Args:
        query: A file with a query.
        types: CloudFormation types of kinds: a kind that only `_others` creates is left out if it is none of these.
            Default: no kind is left out.
    """
    stack = new_stack()
    key = kms.Key(stack, "Key")
    own: dict[str, Any] = {
        "role": iam.Role(stack, "OwnRole", assumed_by=iam.ServicePrincipal("cleanrooms-ml.amazonaws.com"))
    }
    _lookalike(stack, key, own)
    _custom(stack, key, own, query)
    _others(stack, key, types)
    return template_of(stack)


def _others(stack: cdk.Stack, key: kms.Key, types: Collection[str] | None) -> None:
    """One of each kind that none of the other functions creates."""
    present = {each.cfn_resource_type for each in stack.node.find_all() if isinstance(each, cdk.CfnResource)}
    for spec in SPECS:
        if spec.resource_type not in present and (types is None or spec.resource_type in types):
            created(spec.kind, stack, **({"encryption_key": key} if spec.key_field else {}))


def _lookalike(stack: cdk.Stack, key: kms.Key, own: dict[str, Any]) -> None:
    dataset = TrainingDataset.from_training_dataset_arn(stack, "Dataset", f"{SERVICE}:training-dataset/one")
    model = configured(
        stack,
        audience_model=AudienceModel(stack, "Model", training_dataset=dataset, encryption_key=key),
        output_bucket=s3.Bucket(stack, "Audiences", encryption_key=key),
    )
    configured(stack, "OwnRoleConfigured", **own)
    ConfiguredAudienceModelPolicy(
        stack,
        "Policy",
        configured_audience_model_arn=CONFIGURED_ARN,
        statements=[
            iam.PolicyStatement(
                actions=["cleanrooms-ml:StartAudienceGenerationJob"],
                principals=[iam.AccountPrincipal("444455556666")],
                resources=[CONFIGURED_ARN],
            )
        ],
    )
    ConfiguredAudienceModelAssociation(
        stack,
        "Association",
        membership=Membership.from_membership_id(stack, "Member", MEMBERSHIP),
        configured_audience_model=model,
    )
    AudienceExportJob(
        stack,
        "Export",
        audience_generation_job=job(stack, configured_audience_model=model),
        audience_size=AudienceSize.percentage(5),
    )


def _custom(stack: cdk.Stack, key: kms.Key, own: dict[str, Any], query: Path) -> None:
    member = Membership.from_membership_id(stack, "CustomMember", MEMBERSHIP)
    MLConfiguration(stack, "Configuration", membership=member, output_bucket=s3.Bucket(stack, "Results"), **own)
    data = channel(stack, encryption_key=key)
    channel(stack, "FromFile", query=ProtectedQuery.from_asset(str(query)), wait=Wait.none(), **own)
    trained = TrainedModel(
        stack,
        "Trained",
        membership=member,
        algorithm_association=ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
            stack, "Algorithm", ASSOCIATION_ARN
        ),
        data_channels=[ModelTrainingDataChannel(channel_name="train", channel=data)],
        instance_type=TrainingInstanceType.ML_M5_4XLARGE,
        volume=cdk.Size.gibibytes(50),
        encryption_key=key,
    )
    TrainedModelInferenceJob(
        stack,
        "Inference",
        membership=member,
        trained_model=trained,
        channel=data,
        instance_type=InferenceInstanceType.ML_M5_XLARGE,
        encryption_key=key,
    )
    TrainedModelExportJob(stack, "TrainedExport", membership=member, trained_model=trained)


def nothing() -> Template:
    """The template of a stack from which the last resource was taken: only the provider is left."""
    stack = new_stack("Empty")
    CleanRoomsMLProvider(stack, "Provider", environment_encryption=kms.Key(stack, "Key"))
    return template_of(stack)
