#!/usr/bin/env python3
"""An example: a lookalike audience, and a dataset for a custom model, in one stack.

Everything that depends on the account comes from the context: cdk.json holds values that fit the local sandbox, and
``cdk deploy -c audienceModelArn=...`` replaces them.
"""

from __future__ import annotations

import json
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_cleanrooms_ml import (
    AudienceGenerationJob,
    AudienceModel,
    AudienceSizes,
    ConfiguredAudienceModel,
    ConfiguredModelAlgorithmAssociation,
    Membership,
    MLInputChannel,
    ProtectedQuery,
    ResultFormat,
    SeedAudience,
    SharedAudienceMetrics,
    TagOnCreatePolicy,
    WorkerCompute,
    WorkerType,
)

TRAINING_QUERY = """
SELECT c.age_band, c.region, p.category, SUM(p.amount) AS spent, MAX(c.converted) AS converted
FROM customers c
INNER JOIN purchases p ON c.user_id = p.user_id
WHERE p.purchased_at >= DATE '2026-01-01'
GROUP BY c.age_band, c.region, p.category
"""

# For a join of two large tables with a few very large customers. All of these are documented for input channels.
SPARK_PROPERTIES = {
    "spark.sql.shuffle.partitions": "800",
    "spark.sql.files.maxPartitionBytes": "256MB",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.adaptive.advisoryPartitionSizeInBytes": "128MB",
    "spark.sql.adaptive.coalescePartitions.enabled": "true",
    "spark.sql.adaptive.skewJoin.enabled": "true",
    "spark.sql.adaptive.skewJoin.skewedPartitionFactor": "3",
    "spark.sql.autoBroadcastJoinThreshold": "64MB",
    "spark.network.timeout": "300s",
    "spark.task.maxFailures": "8",
}


class CleanRoomsMLExample(cdk.Stack):
    """What a member of a collaboration runs every month."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id, description="Clean Rooms ML: a lookalike audience and a training dataset")
        key = kms.Key(self, "Key", enable_key_rotation=True, removal_policy=cdk.RemovalPolicy.DESTROY)
        access_logs = s3.Bucket(
            self,
            "AccessLogs",
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            lifecycle_rules=[s3.LifecycleRule(expiration=cdk.Duration.days(90))],
        )
        audiences = s3.Bucket(
            self,
            "Audiences",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            server_access_logs_bucket=access_logs,
        )

        configured = ConfiguredAudienceModel(
            self,
            "Lookalike",
            audience_model=AudienceModel.from_audience_model_arn(self, "Model", self.text("audienceModelArn")),
            output_bucket=audiences,
            output_prefix="audiences/",
            audience_sizes=AudienceSizes.percentage(1, 2, 5, 10, 20),
            shared_audience_metrics=SharedAudienceMetrics.ALL,
            min_matching_seed_size=int(self.text("minMatchingSeedSize")),
            child_resource_tag_on_create_policy=TagOnCreatePolicy.FROM_PARENT_RESOURCE,
            description=self.text("lookalikeDescription"),
            tags={"purpose": "prospecting"},
        )

        job = AudienceGenerationJob(
            self,
            "Audience",
            configured_audience_model=configured,
            seed_audience=SeedAudience.from_bucket(
                s3.Bucket.from_bucket_name(self, "Seeds", self.text("seedBucket")), self.text("seedKey")
            ),
            run_id=self.text("jobRunId"),
            minimum_recall=0.2,
            tags={"purpose": "prospecting"},
        )

        channel = MLInputChannel(
            self,
            "TrainingData",
            membership=Membership.from_membership_id(self, "Membership", self.text("membershipId")),
            algorithm_association=ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
                self, "Algorithm", self.text("algorithmAssociationArn")
            ),
            query=ProtectedQuery.sql(TRAINING_QUERY),
            compute=WorkerCompute(type=WorkerType.CR_4X, number=16, spark_properties=SPARK_PROPERTIES),
            result_format=ResultFormat.PARQUET,
            retention=cdk.Duration.days(30),
            encryption_key=key,
            run_id=self.text("channelRunId"),
            minimum_records=1_000,
            tags={"purpose": "churn-model"},
        )

        outputs = {
            "LookalikeArn": configured.configured_audience_model_arn,
            "AudienceArn": job.audience_generation_job_arn,
            "AudienceStatus": job.status,
            "AudienceRecall": cdk.Token.as_string(job.recall),
            "TrainingDataArn": channel.ml_input_channel_arn,
            "TrainingDataName": channel.ml_input_channel_name,
            "TrainingDataStatus": channel.status,
            "TrainingDataRecords": cdk.Token.as_string(channel.number_of_records),
            "TrainingDataBudget": f"{cdk.Token.as_string(channel.remaining_privacy_budget)} of "
            f"{cdk.Token.as_string(channel.privacy_budget)}",
        }
        for name, value in outputs.items():
            cdk.CfnOutput(self, name, value=value)

    def text(self, key: str) -> str:
        """A value of the context: from cdk.json, or from ``-c key=value``."""
        value = self.node.try_get_context(key)
        if value is None:
            raise SystemExit(f"the context has no {key!r}; add it to cdk.json or pass -c {key}=...")
        return str(value)


# Context of the CDK CLI takes precedence; without it, as in `python app.py`, that of cdk.json applies.
app = cdk.App(context=json.loads(Path(__file__).with_name("cdk.json").read_text(encoding="utf-8"))["context"])
CleanRoomsMLExample(app, "CleanRoomsMLExample")
cdk.Tags.of(app).add("project", "clean-rooms-ml-example")
app.synth()
