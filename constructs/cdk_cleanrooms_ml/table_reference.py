"""Where the data of a configured table is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ._validation import without_none
from ._values import expect


@dataclass(frozen=True)
class TableReference:
    """The table to which a configured table refers. Create one with ``glue``, ``athena`` or ``snowflake``."""

    _source: str
    _members: Mapping[str, Any] = field(repr=False)

    @classmethod
    def glue(cls, *, database: str, table: str, region: str | None = None) -> TableReference:
        """A table of the AWS Glue Data Catalog, with data in S3.

        Args:
            database: The name of the database.
            table: The name of the table.
            region: The Region of the catalog. Default: the service's, that of the configured table.
        """
        return cls("glue", without_none({"databaseName": database, "tableName": table, "region": region}))

    @classmethod
    def athena(
        cls,
        *,
        database: str,
        table: str,
        work_group: str,
        output_location: str | None = None,
        catalog: str | None = None,
        region: str | None = None,
    ) -> TableReference:
        """A table or view that Amazon Athena reads. AWS allows custom analysis rules alone.

        Args:
            database: The name of the database.
            table: The name of the table or view.
            work_group: The work group with which Clean Rooms reads it.
            output_location: Where Athena writes, ``s3://bucket/prefix``. Default: that of the work group.
            catalog: The name of the data catalog. Default: the service's.
            region: The Region of the table. Default: the service's, that of the configured table.
        """
        members = {
            "databaseName": database,
            "tableName": table,
            "workGroup": work_group,
            "outputLocation": output_location,
            "catalogName": catalog,
            "region": region,
        }
        return cls("athena", without_none(members))

    @classmethod
    def snowflake(
        cls,
        *,
        account: str,
        database: str,
        schema: str,
        table: str,
        secret_arn: str,
        columns: Mapping[str, str],
    ) -> TableReference:
        """A table in Snowflake. AWS allows custom analysis rules alone.

        Args:
            account: The identifier of the Snowflake account.
            database: The name of the database.
            schema: The name of the schema.
            table: The name of the table.
            secret_arn: The ARN of the secret with which Clean Rooms signs in.
            columns: The types of the columns, by their names; at most 250.

        Raises:
            ValueError: The columns are no dict.
        """
        expect("columns", columns, Mapping, "a dict of types by column")
        schema_columns = [{"columnName": name, "columnType": kind} for name, kind in columns.items()]
        members = {
            "accountIdentifier": account,
            "databaseName": database,
            "schemaName": schema,
            "tableName": table,
            "secretArn": secret_arn,
            "tableSchema": {"v1": schema_columns},
        }
        return cls("snowflake", members)

    def _render(self) -> dict[str, Any]:
        return {self._source: dict(self._members)}
