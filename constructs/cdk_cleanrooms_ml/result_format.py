"""The format of results."""

from __future__ import annotations

from typing import ClassVar

from ._values import OneOf


class ResultFormat(OneOf):
    """The format of a query's result."""

    CSV: ClassVar[ResultFormat]
    PARQUET: ClassVar[ResultFormat]


ResultFormat.CSV = ResultFormat("CSV")
ResultFormat.PARQUET = ResultFormat("PARQUET")
