"""An ML input channel: the data for a custom model, created by a query."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_kms as kms

from cdk_cleanrooms_ml import (
    ConfiguredModelAlgorithmAssociation,
    Membership,
    MLInputChannel,
    ProtectedQuery,
    ResultFormat,
    WorkerCompute,
    WorkerType,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

algorithm = ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
    stack,
    "Algorithm",
    "arn:aws:cleanrooms-ml:us-east-1:111122223333:membership/11111111-2222-4333-8444-555555555555"
    "/configured-model-algorithm-association/22222222-2222-4333-8444-555555555555",
)
channel = MLInputChannel(
    stack,
    "Channel",
    membership=Membership.from_membership_id(stack, "Membership", "11111111-2222-4333-8444-555555555555"),
    algorithm_association=algorithm,
    query=ProtectedQuery.sql("SELECT age_band, region, visits, converted FROM customers"),
    compute=WorkerCompute(type=WorkerType.CR_4X, number=16, spark_properties={"spark.sql.shuffle.partitions": "400"}),
    result_format=ResultFormat.PARQUET,
    retention=cdk.Duration.days(14),
    encryption_key=kms.Key(stack, "Key", enable_key_rotation=True),
    # Another value runs the query again.
    run_id="2026-11",
    minimum_records=1_000,
)

cdk.CfnOutput(stack, "Records", value=cdk.Token.as_string(channel.number_of_records))
app.synth()
