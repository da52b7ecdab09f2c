"""Where the results of queries and jobs go unless these say otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from ._values import expect, expect_bucket, expect_role
from .result_format import ResultFormat


@dataclass(frozen=True, kw_only=True)
class QueryResultConfiguration:
    """Where the results of a member's queries go by default.

    Attributes:
        bucket: The bucket, in the collaboration's Region or one of its allowed result Regions.
        prefix: What their keys begin with. Default: nothing.
        result_format: CSV or Parquet.
        single_file_output: Whether they are one file. Default: the service's, False.
        role: The role with which AWS Clean Rooms writes them. Default: none.
    """

    bucket: cdk.aws_s3.IBucket
    result_format: ResultFormat
    prefix: str | None = None
    single_file_output: bool | None = None
    role: iam.IRole | None = None

    def __post_init__(self) -> None:
        expect("QueryResultConfiguration: result_format", self.result_format, ResultFormat, "ResultFormat")
        expect_bucket("QueryResultConfiguration: bucket", self.bucket)
        expect_role("QueryResultConfiguration: role", self.role)

    def _render(self) -> dict[str, Any]:
        output = {
            "resultFormat": self.result_format.value,
            "bucket": self.bucket.bucket_name,
            "keyPrefix": self.prefix,
            "singleFileOutput": self.single_file_output,
        }
        return {
            "outputConfiguration": {"s3": output},
            "roleArn": self.role.role_arn if self.role else None,
        }


@dataclass(frozen=True, kw_only=True)
class JobResultConfiguration:
    """Where the results of a member's jobs go by default.

    Attributes:
        bucket: The bucket, in the collaboration's Region or one of its allowed result Regions.
        prefix: What their keys begin with. Default: nothing.
        role: The role with which AWS Clean Rooms writes them.
    """

    bucket: cdk.aws_s3.IBucket
    role: iam.IRole
    prefix: str | None = None

    def __post_init__(self) -> None:
        expect_bucket("JobResultConfiguration: bucket", self.bucket)
        expect_role("JobResultConfiguration: role", self.role)

    def _render(self) -> dict[str, Any]:
        output = {"bucket": self.bucket.bucket_name, "keyPrefix": self.prefix}
        return {"outputConfiguration": {"s3": output}, "roleArn": self.role.role_arn}
