"""What the roles for training data, results and images may do, as AWS documents it.

Source: AWS Clean Rooms user guide, "Set up service roles for AWS Clean Rooms ML".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import Aws, Token

from ._keys import key_of_bucket
from ._permissions import Statement, allow
from ._roles import objects_condition, owner_condition
from ._values import expect_reference

_GLUE_READS = (
    "glue:BatchGetPartition",
    "glue:GetDatabase",
    "glue:GetDatabases",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
    "glue:GetUserDefinedFunctions",
)


def training_data_statements(
    bucket: cdk.aws_s3.IBucket, prefix: str, *, database_name: str, table_name: str, catalog: str | None
) -> list[Statement]:
    """What reading a Glue table over files in S3 needs."""
    glue = f"arn:{Aws.PARTITION}:glue:{Aws.REGION}:{catalog or Aws.ACCOUNT_ID}"
    catalog_arn, default_arn = f"{glue}:catalog", f"{glue}:database/default"
    table = [f"{glue}:database/{database_name}", f"{glue}:table/{database_name}/{table_name}"]
    arn = bucket.bucket_arn
    statements = [
        allow(_GLUE_READS, [catalog_arn, default_arn, *table]),
        # The service looks for a database of this name, and creates it if there is none.
        allow(["glue:CreateDatabase"], [catalog_arn, default_arn]),
        allow(["s3:GetBucketLocation", "s3:ListBucket"], arn, owner_condition(bucket)),
        allow(["s3:GetObject"], f"{arn}/{prefix}*", owner_condition(bucket)),
    ]
    key = key_of_bucket("bucket", bucket)
    if key:
        statements.append(allow(["kms:Decrypt"], key.key_arn, objects_condition(arn, f"{arn}/{prefix}")))
    return statements


def configuration_statements(bucket: cdk.aws_s3.IBucket, prefix: str) -> list[Statement]:
    """What writing results, metrics and logs of custom models needs."""
    arn = bucket.bucket_arn
    below = f"{arn}/{prefix.rstrip('/')}/*" if prefix else f"{arn}/*"
    statements = [
        allow(["s3:PutObject"], below, owner_condition(bucket)),
        allow(["cloudwatch:PutMetricData"], "*", {"StringLike": {"cloudwatch:namespace": "/aws/cleanroomsml/*"}}),
        allow(
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            Token.as_string(
                {"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/cleanroomsml/*"}
            ),
        ),
    ]
    key = key_of_bucket("bucket", bucket)
    if key:
        context = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": f"{arn}*"}}
        statements.append(
            allow(["kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"], key.key_arn, context)
        )
    return statements


def configuration_trust(membership_arn: str) -> Mapping[str, object]:
    """On whose behalf the service may take on the role of a membership's configuration."""
    return {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnLike": {"aws:SourceArn": membership_arn},
    }


def image_statements(repositories: Sequence[cdk.aws_ecr.IRepository]) -> list[Statement]:
    """What pulling images needs.

    Raises:
        ValueError: One is no repository.
    """
    for repository in repositories:
        what = "a repository. Pass ecr.Repository.from_repository_name(...)"
        expect_reference("repository", repository, "repository_arn", what)
    arns = list(dict.fromkeys(repository.repository_arn for repository in repositories))
    actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    return [allow(actions, arns)]


def image_uri(repository: cdk.aws_ecr.IRepository, tag: str) -> str:
    """The URI of an image by its tag.

    Raises:
        ValueError: It is a digest, which the service does not take.
    """
    if tag.startswith("sha256:"):
        raise ValueError(f"tag is {tag!r}, a digest; Clean Rooms ML takes tags alone. Name a tag that does not move")
    return repository.repository_uri_for_tag(tag)
