"""What the members of a collaboration may do with a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._validation import without_none


@dataclass(frozen=True)
class AnalysisRule:
    """The analyses that a table allows. Create one with ``custom`` or ``list``."""

    _type: str
    _members: Mapping[str, Any] = field(repr=False)

    @classmethod
    def custom(
        cls,
        *,
        allowed_analyses: Sequence[str],
        allowed_analysis_providers: Sequence[str] | None = None,
        additional_analyses_allowed: bool | None = None,
        disallowed_output_columns: Sequence[str] | None = None,
        differential_privacy_columns: Sequence[str] | None = None,
    ) -> AnalysisRule:
        """Queries, as analysis templates that the owner of the data has reviewed, or any. ML needs this type.

        Args:
            allowed_analyses: ARNs of analysis templates, or ANY_QUERY.
            allowed_analysis_providers: The accounts whose queries are allowed; with ANY_QUERY only. Default: none.
            additional_analyses_allowed: Whether analyses may run on the results, such as custom models. Default: the
                service's, no.
            disallowed_output_columns: Columns that no result may have. Default: none.
            differential_privacy_columns: Columns that identify the users whom differential privacy protects.
                Default: no differential privacy.
        """
        additional = None
        if additional_analyses_allowed is not None:
            additional = "ALLOWED" if additional_analyses_allowed else "NOT_ALLOWED"
        columns = differential_privacy_columns
        members = {
            "allowedAnalyses": list(allowed_analyses),
            "allowedAnalysisProviders": _listed(allowed_analysis_providers),
            "additionalAnalyses": additional,
            "disallowedOutputColumns": _listed(disallowed_output_columns),
            "differentialPrivacy": {"columns": [{"name": each} for each in columns]} if columns else None,
        }
        return cls("CUSTOM", without_none(members))

    @classmethod
    def list(
        cls,
        *,
        join_columns: Sequence[str],
        list_columns: Sequence[str],
        allowed_join_operators: Sequence[str] | None = None,
    ) -> AnalysisRule:
        """Lists of rows that overlap with the table of the member who queries.

        Args:
            join_columns: Columns on which the query has to join.
            list_columns: Columns that the result may have.
            allowed_join_operators: OR and AND, if joins may have several conditions. Default: one condition.
        """
        members = {
            "joinColumns": [*join_columns],
            "listColumns": [*list_columns],
            "allowedJoinOperators": _listed(allowed_join_operators),
        }
        return cls("LIST", without_none(members))

    def _render(self) -> dict[str, Any]:
        return {"type": self._type, "policy": {"v1": {self._type.lower(): dict(self._members)}}}


@dataclass(frozen=True, kw_only=True)
class AssociationAnalysisRule:
    """What an association adds to the analysis rule of its table.

    Attributes:
        allowed_result_receivers: The accounts that may receive results. Default: any that the collaboration allows.
        allowed_additional_analyses: ARNs of what may run on the results, such as associations of algorithms; a part
            of an ARN may be ``*``. Default: none.
        type: The type of the table's rule: CUSTOM, LIST or AGGREGATION.
    """

    allowed_result_receivers: Sequence[str] | None = None
    allowed_additional_analyses: Sequence[str] | None = None
    type: str = "CUSTOM"

    def _render(self) -> dict[str, Any]:
        members = {
            "allowedResultReceivers": _listed(self.allowed_result_receivers),
            "allowedAdditionalAnalyses": _listed(self.allowed_additional_analyses),
        }
        return {"type": self.type, "policy": {"v1": {self.type.lower(): without_none(members)}}}


def _listed(items: Sequence[str] | None) -> Any:
    return [*items] if items is not None else None
