"""An app that never changes, with one resource of each kind that had a construct in the first version."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import (
    AudienceGenerationJob,
    AudienceModel,
    AudienceSizes,
    ConfiguredAudienceModel,
    ProtectedQuery,
    SeedAudience,
    WorkerCompute,
    WorkerType,
)
from cleanrooms_ml_simulator.sandbox.assembly import channel

_MODEL_ARN = "arn:aws:cleanrooms-ml:us-east-1:000000000000:audience-model/5fac8731-d13d-5385-ae9a-94d3cf54d191"


def build(stack: cdk.Stack) -> None:
    """Fills the stack."""
    model = ConfiguredAudienceModel(
        stack,
        "Lookalike",
        audience_model=AudienceModel.from_audience_model_arn(stack, "Model", _MODEL_ARN),
        output_bucket=s3.Bucket(stack, "Audiences"),
        audience_sizes=AudienceSizes.percentage(1, 5),
        description="lookalikes",
        tags={"team": "audiences"},
    )
    seeds = s3.Bucket.from_bucket_name(stack, "Seeds", "seeds")
    AudienceGenerationJob(
        stack,
        "Audience",
        configured_audience_model=model,
        seed_audience=SeedAudience.from_bucket(seeds, "seed.jsonl"),
        run_id="1",
    )
    channel(
        stack,
        query=ProtectedQuery.sql("SELECT a FROM b"),
        compute=WorkerCompute(
            type=WorkerType.CR_4X, number=16, spark_properties={"spark.sql.shuffle.partitions": "400"}
        ),
        run_id="1",
        minimum_records=10,
        tags={"team": "audiences"},
    )
