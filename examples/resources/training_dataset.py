"""A training dataset: a Glue table over files in S3, with what its columns mean."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import (
    ColumnSchema,
    ColumnType,
    TrainingDataset,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

dataset = TrainingDataset(
    stack,
    "Clicks",
    database_name="shop",
    table_name="clicks",
    columns=[
        ColumnSchema("user_id", ColumnType.USER_ID),
        ColumnSchema("article_id", ColumnType.ITEM_ID),
        ColumnSchema("clicked_at", ColumnType.TIMESTAMP),
        ColumnSchema("region", ColumnType.CATEGORICAL_FEATURE),
    ],
    data_bucket=s3.Bucket.from_bucket_name(stack, "Data", "shop-data"),
    data_prefix="clicks/",
)

cdk.CfnOutput(stack, "DatasetArn", value=dataset.training_dataset_arn)
app.synth()
