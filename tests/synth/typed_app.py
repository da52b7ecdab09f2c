"""What a user's type checker has to accept; `make static` runs mypy over it, and `test_types.py` pyright."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cleanrooms as cleanrooms
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.interfaces.aws_cleanrooms import IAnalysisTemplateRef, ICollaborationRef, IMembershipRef
from aws_cdk.interfaces.aws_cleanroomsml import (
    IConfiguredModelAlgorithmAssociationRef,
    IConfiguredModelAlgorithmRef,
    ITrainingDatasetRef,
)

from cdk_cleanrooms_ml import (
    AnalysisTemplate,
    AudienceGenerationJob,
    AudienceModel,
    Collaboration,
    ConfiguredAudienceModel,
    ConfiguredAudienceModelAssociation,
    ConfiguredModelAlgorithm,
    ConfiguredModelAlgorithmAssociation,
    IAnalysisTemplate,
    IAudienceGenerationJob,
    IAudienceModel,
    ICollaboration,
    IConfiguredAudienceModel,
    IConfiguredAudienceModelAssociation,
    IConfiguredModelAlgorithm,
    IConfiguredModelAlgorithmAssociation,
    IMembership,
    IMLInputChannel,
    ITrainedModel,
    ITrainedModelInferenceJob,
    ITrainingDataset,
    Membership,
    MLConfiguration,
    MLInputChannel,
    TrainedModel,
    TrainedModelInferenceJob,
    TrainingDataset,
)


def members_of_an_import(stack: cdk.Stack, ml_input_channel_arn: str) -> list[str]:
    """An import has what every resource of CDK has."""
    channel = MLInputChannel.from_ml_input_channel_arn(stack, "Channel", ml_input_channel_arn)
    channel.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    resource: cdk.IResource = channel
    return [channel.node.path, channel.env.account, channel.stack.region, resource.node.id]


def created_resources_have_the_interfaces(
    model: AudienceModel,
    configured: ConfiguredAudienceModel,
    job: AudienceGenerationJob,
    channel: MLInputChannel,
    trained: TrainedModel,
    inference: TrainedModelInferenceJob,
    association: ConfiguredAudienceModelAssociation,
) -> Sequence[cdk.IResource]:
    """What this library creates."""
    one: IAudienceModel = model
    two: IConfiguredAudienceModel = configured
    three: IAudienceGenerationJob = job
    four: IMLInputChannel = channel
    five: ITrainedModel = trained
    six: ITrainedModelInferenceJob = inference
    seven: IConfiguredAudienceModelAssociation = association
    return [one, two, three, four, five, six, seven]


def native_resources_have_the_interfaces(
    collaboration: Collaboration,
    membership: Membership,
    dataset: TrainingDataset,
    algorithm: ConfiguredModelAlgorithm,
    association: ConfiguredModelAlgorithmAssociation,
    template: AnalysisTemplate,
) -> Sequence[cdk.IResource]:
    """What CloudFormation creates by itself."""
    one: ICollaboration = collaboration
    two: IMembership = membership
    three: ITrainingDataset = dataset
    four: IConfiguredModelAlgorithm = algorithm
    five: IConfiguredModelAlgorithmAssociation = association
    six: IAnalysisTemplate = template
    return [one, two, three, four, five, six]


def interfaces_are_references(
    collaboration: ICollaboration,
    membership: IMembership,
    dataset: ITrainingDataset,
    algorithm: IConfiguredModelAlgorithm,
    association: IConfiguredModelAlgorithmAssociation,
    template: IAnalysisTemplate,
) -> tuple[
    ICollaborationRef,
    IMembershipRef,
    ITrainingDatasetRef,
    IConfiguredModelAlgorithmRef,
    IConfiguredModelAlgorithmAssociationRef,
    IAnalysisTemplateRef,
]:
    """What aws-cdk-lib takes."""
    cleanrooms.CfnMembership.arn_for_membership(membership)
    return collaboration, membership, dataset, algorithm, association, template


def resources_with_a_role_are_grantees(
    bucket: s3.IBucket,
    configured: IConfiguredAudienceModel,
    job: IAudienceGenerationJob,
    channel: IMLInputChannel,
    dataset: ITrainingDataset,
    algorithm: IConfiguredModelAlgorithm,
    configuration: MLConfiguration,
) -> list[iam.Grant]:
    """What permissions can be granted to."""
    grantees: list[iam.IGrantable] = [configured, job, channel, dataset, algorithm, configuration]
    return [bucket.grant_read(grantee) for grantee in grantees]


def statements_of_an_import(model: IConfiguredAudienceModel, statement: iam.PolicyStatement) -> bool:
    """Whether a statement was added to the resource policy."""
    return model.add_to_resource_policy(statement).statement_added
