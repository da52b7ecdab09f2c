"""The users that an audience shall look like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk.interfaces.aws_cleanrooms import IMembershipRef
from constructs import Construct

from ._permissions import Statement
from ._roles import query_statements, seed_statements
from ._values import expect, expect_bucket, required_text
from .membership import membership_of
from .protected_query import ProtectedQuery, WorkerCompute


@dataclass(frozen=True)
class SeedAudience:
    """The users that an audience shall look like.

    Create one with ``from_bucket`` or ``from_query``.
    """

    _bucket: cdk.aws_s3.IBucket | None = None
    _key: str = ""
    _query: ProtectedQuery | None = None
    _compute: WorkerCompute | None = None
    _membership: IMembershipRef | None = None

    @classmethod
    def from_bucket(cls, bucket: cdk.aws_s3.IBucket, key: str) -> SeedAudience:
        """A file of JSON lines, one user each: ``{"user_id": "..."}``.

        Args:
            bucket: Its bucket, in the collaboration's Region.
            key: Its key.
        """
        expect_bucket("SeedAudience.from_bucket: bucket", bucket)
        return cls(_bucket=bucket, _key=required_text("SeedAudience.from_bucket: key", key))

    @classmethod
    def from_query(
        cls,
        query: ProtectedQuery,
        *,
        compute: WorkerCompute | None = None,
        membership: IMembershipRef | None = None,
    ) -> SeedAudience:
        """The result of a protected query.

        Args:
            query: The query.
            compute: The workers that run the query. Default: the service's.
            membership: The membership that runs the query: the role created for the job may run its queries only.
                Default: any membership of the account.
        """
        expect("query", query, ProtectedQuery, "ProtectedQuery. Pass ProtectedQuery.sql(...)")
        expect("compute", compute, WorkerCompute, "WorkerCompute")
        return cls(_query=query, _compute=compute, _membership=membership)

    @property
    def _is_queried(self) -> bool:
        return self._query is not None

    @property
    def _statements(self) -> list[Statement]:
        if self._bucket is not None:
            return seed_statements(self._bucket, self._key)
        return query_statements(membership_of(self._membership)[1] if self._membership is not None else None)

    def _render(self, scope: Construct, role_arn: str) -> dict[str, Any]:
        if self._bucket is not None:
            return {"dataSource": {"s3Uri": f"s3://{self._bucket.bucket_name}/{self._key}"}, "roleArn": role_arn}
        assert self._query is not None
        return {
            "sqlParameters": self._query._render(scope),
            "sqlComputeConfiguration": self._compute._render() if self._compute else None,
            "roleArn": role_arn,
        }
