#!/usr/bin/env python3
"""An example: lookalike audiences, of two accounts.

The provider owns training data, and offers a model in a collaboration. The consumer owns a seed, and makes and exports
an audience. They deploy one after the other, since the consumer's account learns from the provider's what there is:

    cdk deploy LookalikeProvider
    aws ssm get-parameters-by-path --path /LookalikeProvider
    cdk deploy LookalikeConsumer -c collaborationId=... -c configuredAudienceModelArn=...

Each stack keeps its results in SSM parameters; the two values are among those of the first. Everything else that
depends on the accounts is in cdk.json.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from cdk_cleanrooms_ml import (
    AudienceSize,
    AudienceSizes,
    Collaboration,
    ColumnSchema,
    ColumnType,
    ConfiguredAudienceModel,
    MemberAbility,
    Membership,
    MemberSpecification,
    PaymentConfiguration,
    SeedAudience,
    SharedAudienceMetrics,
    TrainingDataset,
)
from cdk_cleanrooms_ml.patterns import LookalikeConsumer, LookalikeProvider


class Provider(cdk.Stack):
    """The resources of the training data provider."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id, description="Clean Rooms ML: a lookalike model in a collaboration")
        collaboration = Collaboration(
            self,
            "Collaboration",
            creator_display_name="Publisher",
            members=[
                MemberSpecification(
                    account=text(self, "consumerAccount"),
                    display_name="Advertiser",
                    member_abilities=[MemberAbility.CAN_QUERY, MemberAbility.CAN_RECEIVE_RESULTS],
                    payment_configuration=PaymentConfiguration(query_compute=True),
                )
            ],
        )
        membership = Membership(self, "Membership", collaboration=collaboration)
        dataset = TrainingDataset(
            self,
            "Clicks",
            database_name=text(self, "glueDatabase"),
            table_name=text(self, "glueTable"),
            columns=[
                ColumnSchema("user_id", ColumnType.USER_ID),
                ColumnSchema("article_id", ColumnType.ITEM_ID),
                ColumnSchema("clicked_at", ColumnType.TIMESTAMP),
                ColumnSchema("region", ColumnType.CATEGORICAL_FEATURE),
            ],
            data_bucket=s3.Bucket.from_bucket_name(self, "Data", text(self, "dataBucket")),
            data_prefix="clicks/",
        )
        audiences = s3.Bucket(
            self,
            "Audiences",
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        )
        lookalike = LookalikeProvider(
            self,
            "Lookalike",
            training_dataset=dataset,
            training_data_start=datetime(2026, 1, 1, tzinfo=UTC),
            membership=membership,
            output_bucket=audiences,
            output_prefix="audiences/",
            audience_sizes=AudienceSizes.percentage(1, 5, 10),
            shared_audience_metrics=SharedAudienceMetrics.ALL,
        )
        publish(
            self,
            CollaborationId=collaboration.collaboration_id,
            AudienceModelStatus=lookalike.audience_model.status,
            ConfiguredAudienceModelArn=lookalike.configured_audience_model.configured_audience_model_arn,
        )


class Consumer(cdk.Stack):
    """The resources of the seed provider."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id, description="Clean Rooms ML: an audience that looks like a seed")
        collaboration_id = text(self, "collaborationId")
        membership = Membership(
            self,
            "Membership",
            collaboration=Collaboration.from_collaboration_id(self, "Collaboration", collaboration_id),
            payment_configuration=PaymentConfiguration(query_compute=True),
        )
        lookalike = LookalikeConsumer(
            self,
            "Lookalike",
            configured_audience_model=ConfiguredAudienceModel.from_configured_audience_model_arn(
                self, "Model", text(self, "configuredAudienceModelArn")
            ),
            seed_audience=SeedAudience.from_bucket(
                s3.Bucket.from_bucket_name(self, "Seeds", text(self, "seedBucket")), "seeds/seed.jsonl"
            ),
            collaboration_id=collaboration_id,
            export_sizes=[AudienceSize.percentage(5)],
            run_id=text(self, "runId"),
            minimum_recall=0.2,
        )
        # The service checks that the consumer is a member.
        lookalike.node.add_dependency(membership)
        job, (export,) = lookalike.audience_generation_job, lookalike.audience_export_jobs
        publish(
            self,
            AudienceStatus=job.status,
            AudienceRecall=cdk.Token.as_string(job.recall),
            ExportStatus=export.status,
        )


def publish(stack: cdk.Stack, **values: str) -> None:
    """Keeps values in SSM parameters, under the name of their stack."""
    for name, value in values.items():
        ssm.StringParameter(stack, name, parameter_name=f"/{stack.stack_name}/{name}", string_value=value)


def text(scope: Construct, key: str) -> str:
    """A value of the context: from cdk.json, or from ``-c key=value``."""
    value = scope.node.try_get_context(key)
    if value is None:
        raise SystemExit(f"the context has no {key!r}; add it to cdk.json or pass -c {key}=...")
    return str(value)


# Context of the CDK CLI takes precedence; without it, as in `python app.py`, that of cdk.json applies.
app = cdk.App(context=json.loads(Path(__file__).with_name("cdk.json").read_text(encoding="utf-8"))["context"])
Provider(app, "LookalikeProvider")
if app.node.try_get_context("collaborationId"):
    Consumer(app, "LookalikeConsumer")
cdk.Tags.of(app).add("project", "clean-rooms-ml-example")
app.synth()
