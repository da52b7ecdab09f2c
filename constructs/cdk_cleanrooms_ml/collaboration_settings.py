"""Settings of a collaboration: its engine, its approvals, and encrypted data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ._values import OneOf


class AutoApprovedChangeType(OneOf):
    """A change of the collaboration that needs no approval of its members."""

    ADD_MEMBER: ClassVar[AutoApprovedChangeType]
    GRANT_RECEIVE_RESULTS_ABILITY: ClassVar[AutoApprovedChangeType]
    REVOKE_RECEIVE_RESULTS_ABILITY: ClassVar[AutoApprovedChangeType]


AutoApprovedChangeType.ADD_MEMBER = AutoApprovedChangeType("ADD_MEMBER")
AutoApprovedChangeType.GRANT_RECEIVE_RESULTS_ABILITY = AutoApprovedChangeType("GRANT_RECEIVE_RESULTS_ABILITY")
AutoApprovedChangeType.REVOKE_RECEIVE_RESULTS_ABILITY = AutoApprovedChangeType("REVOKE_RECEIVE_RESULTS_ABILITY")


class AnalyticsEngine(OneOf):
    """What runs the queries of a collaboration. Clean Rooms ML needs Spark."""

    SPARK: ClassVar[AnalyticsEngine]
    CLEAN_ROOMS_SQL: ClassVar[AnalyticsEngine]


AnalyticsEngine.SPARK = AnalyticsEngine("SPARK")
AnalyticsEngine.CLEAN_ROOMS_SQL = AnalyticsEngine("CLEAN_ROOMS_SQL")


@dataclass(frozen=True, kw_only=True)
class DataEncryptionMetadata:
    """What members who encrypt their data with the Clean Rooms client may do.

    Attributes:
        allow_cleartext: Whether tables may have cleartext beside encrypted data.
        allow_duplicates: Whether Fingerprint columns may have equal entries.
        allow_joins_on_columns_with_different_names: Whether Fingerprint columns of different names can be joined.
        preserve_nulls: Whether nulls stay nulls.
    """

    allow_cleartext: bool
    allow_duplicates: bool
    allow_joins_on_columns_with_different_names: bool
    preserve_nulls: bool

    def _render(self) -> dict[str, Any]:
        return {
            "allowCleartext": self.allow_cleartext,
            "allowDuplicates": self.allow_duplicates,
            "allowJoinsOnColumnsWithDifferentNames": self.allow_joins_on_columns_with_different_names,
            "preserveNulls": self.preserve_nulls,
        }
