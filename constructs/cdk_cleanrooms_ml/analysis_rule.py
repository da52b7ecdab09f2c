"""What the members of a collaboration may do with a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._validation import without_none
from ._values import each_of, expect
from .analysis_rule_controls import (
    AdditionalAnalyses,
    AggregateColumn,
    AggregationConstraint,
    AggregationThreshold,
    ComparisonControls,
    JoinOperator,
    ScalarFunction,
    values_of,
)

# The oldest aws-cdk-lib that is allowed does not know these, and leaves out of a template what it does not know.
_NEWER_MEMBERS = ("aggregationThresholds", "comparisonControls")


@dataclass(frozen=True)
class AnalysisRule:
    """The analyses that a table allows. Create one with ``custom``, ``aggregation`` or ``list``."""

    _type: str
    _members: Mapping[str, Any] = field(repr=False)

    @classmethod
    def custom(
        cls,
        *,
        allowed_analyses: Sequence[str],
        allowed_analysis_providers: Sequence[str] | None = None,
        additional_analyses: AdditionalAnalyses | None = None,
        disallowed_output_columns: Sequence[str] | None = None,
        differential_privacy_columns: Sequence[str] | None = None,
        aggregation_thresholds: Sequence[AggregationThreshold] | None = None,
        comparison_controls: ComparisonControls | None = None,
    ) -> AnalysisRule:
        """Queries, as analysis templates that the owner of the data has reviewed, or any. ML needs this type.

        Args:
            allowed_analyses: ARNs of analysis templates, ANY_QUERY or ANY_JOB.
            allowed_analysis_providers: The accounts whose analyses are allowed; with ANY_QUERY and ANY_JOB only.
                Default: none.
            additional_analyses: Whether analyses may or must run on the results, such as custom models. Default: the
                service's, they may not.
            disallowed_output_columns: Columns that no result may have. Default: none.
            differential_privacy_columns: The column that identifies the users whom differential privacy protects;
                the service takes one. Default: no differential privacy.
            aggregation_thresholds: How many identities each row of a result must aggregate; the service takes one
                threshold. Default: none.
            comparison_controls: The columns that conditions may compare. Default: all.

        Raises:
            ValueError: An argument has the wrong form.
        """
        expect("comparison_controls", comparison_controls, ComparisonControls, "ComparisonControls")
        columns = _listed("differential_privacy_columns", differential_privacy_columns)
        thresholds = each_of("aggregation_thresholds", aggregation_thresholds or (), AggregationThreshold)
        members = {
            "allowedAnalyses": _listed("allowed_analyses", allowed_analyses),
            "allowedAnalysisProviders": _listed("allowed_analysis_providers", allowed_analysis_providers),
            "additionalAnalyses": _additional(additional_analyses),
            "disallowedOutputColumns": _listed("disallowed_output_columns", disallowed_output_columns),
            "differentialPrivacy": {"columns": [{"name": each} for each in columns]} if columns else None,
            "aggregationThresholds": [each._render() for each in thresholds] or None,
            "comparisonControls": comparison_controls._render() if comparison_controls else None,
        }
        return cls("CUSTOM", without_none(members))

    @classmethod
    def aggregation(
        cls,
        *,
        aggregate_columns: Sequence[AggregateColumn],
        join_columns: Sequence[str],
        dimension_columns: Sequence[str],
        output_constraints: Sequence[AggregationConstraint],
        scalar_functions: Sequence[ScalarFunction] = (),
        join_required: bool = False,
        allowed_join_operators: Sequence[JoinOperator] | None = None,
        additional_analyses: AdditionalAnalyses | None = None,
    ) -> AnalysisRule:
        """Statistics that aggregate rows, and never single rows.

        Args:
            aggregate_columns: The columns that queries may aggregate, and with which functions.
            join_columns: Columns that queries may use in joins and may aggregate, but never output.
            dimension_columns: Columns by which queries may select, group and filter.
            output_constraints: How many distinct values each row of a result must aggregate.
            scalar_functions: Functions that queries may use on dimension columns and results. Default: none.
            join_required: Whether queries have to join a table of the member who queries. Default: False.
            allowed_join_operators: How the conditions of a join may be combined. Default: the service's, AND.
            additional_analyses: Whether analyses may or must run on the results. AWS documents them for custom rules
                and lists alone. Default: the service's, they may not.

        Raises:
            ValueError: An argument has the wrong form.
        """
        expect("join_required", join_required, bool, "True or False")
        columns = each_of("aggregate_columns", aggregate_columns, AggregateColumn)
        constraints = each_of("output_constraints", output_constraints, AggregationConstraint)
        members = {
            "aggregateColumns": [each._render() for each in columns],
            "joinColumns": _listed("join_columns", join_columns),
            "dimensionColumns": _listed("dimension_columns", dimension_columns),
            "outputConstraints": [each._render() for each in constraints],
            "scalarFunctions": values_of("scalar_functions", scalar_functions, ScalarFunction),
            "joinRequired": "QUERY_RUNNER" if join_required else None,
            "allowedJoinOperators": values_of("allowed_join_operators", allowed_join_operators, JoinOperator),
            "additionalAnalyses": _additional(additional_analyses),
        }
        return cls("AGGREGATION", without_none(members))

    @classmethod
    def list(
        cls,
        *,
        join_columns: Sequence[str],
        list_columns: Sequence[str],
        allowed_join_operators: Sequence[JoinOperator] | None = None,
        additional_analyses: AdditionalAnalyses | None = None,
    ) -> AnalysisRule:
        """Lists of rows that overlap with the table of the member who queries.

        Args:
            join_columns: Columns on which the query has to join.
            list_columns: Columns that the result may have.
            allowed_join_operators: How the conditions of a join may be combined. Default: the service's, AND.
            additional_analyses: Whether analyses may or must run on the results. Default: the service's, they may not.

        Raises:
            ValueError: An argument has the wrong form.
        """
        members = {
            "joinColumns": _listed("join_columns", join_columns),
            "listColumns": _listed("list_columns", list_columns),
            "allowedJoinOperators": values_of("allowed_join_operators", allowed_join_operators, JoinOperator),
            "additionalAnalyses": _additional(additional_analyses),
        }
        return cls("LIST", without_none(members))

    def _policy(self) -> dict[str, Any]:
        return {"v1": {self._type.lower(): dict(self._members)}}

    def _render(self) -> dict[str, Any]:
        return {"type": self._type, "policy": self._policy()}

    def _overrides(self) -> dict[str, Any]:
        """What an older L1 construct would leave out, by its path in the properties of the table."""
        policy = f"AnalysisRules.0.Policy.V1.{self._type.capitalize()}"
        return {
            f"{policy}.{_property_name(name)}": _in_template(self._members[name])
            for name in _NEWER_MEMBERS
            if name in self._members
        }


@dataclass(frozen=True, kw_only=True)
class AssociationAnalysisRule:
    """What an association adds to the analysis rule of its table.

    Attributes:
        allowed_result_receivers: The accounts that may receive results. Default: any that the collaboration allows.
        allowed_additional_analyses: ARNs of what may run on the results, such as associations of algorithms; a part
            of an ARN may be ``*``. Default: none.
        type: The type of the table's rule: CUSTOM, LIST or AGGREGATION. Default: that of the table's rule if the table
            is a ``ConfiguredTable`` with one, else CUSTOM.
    """

    allowed_result_receivers: Sequence[str] | None = None
    allowed_additional_analyses: Sequence[str] | None = None
    type: str | None = None

    def _policy(self, kind: str) -> dict[str, Any]:
        members = {
            "allowedResultReceivers": _listed("allowed_result_receivers", self.allowed_result_receivers),
            "allowedAdditionalAnalyses": _listed("allowed_additional_analyses", self.allowed_additional_analyses),
        }
        return {"v1": {kind.lower(): without_none(members)}}

    def _render(self, kind: str) -> dict[str, Any]:
        return {"type": kind, "policy": self._policy(kind)}


def _property_name(member: str) -> str:
    return member[0].upper() + member[1:]


def _in_template(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_property_name(name): _in_template(each) for name, each in value.items()}
    return [_in_template(each) for each in value] if isinstance(value, list | tuple) else value


def _additional(analyses: AdditionalAnalyses | None) -> str | None:
    expect("additional_analyses", analyses, AdditionalAnalyses, "AdditionalAnalyses.ALLOWED, REQUIRED or NOT_ALLOWED")
    return analyses.value if analyses else None


def _listed(keyword: str, items: Sequence[str] | None) -> Any:
    # The items themselves are checked at synth.
    return each_of(keyword, items, object) if items is not None else None
