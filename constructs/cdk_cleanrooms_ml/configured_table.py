"""ConfiguredTable: a table that its owner uses in collaborations."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import aws_cdk as cdk
import jsii
from aws_cdk import IResource, RemovalPolicy, Resource
from aws_cdk.interfaces.aws_cleanrooms import ConfiguredTableReference, IConfiguredTableRef
from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from cleanrooms_ml_handlers import rules

from ._bases import ImportedResource, ids_of
from ._native import NativeResource, cfn_tags
from ._validation import is_unchecked, without_none
from ._values import OneOf, each_of, expect, expect_bucket
from .analysis_rule import AnalysisRule
from .table_reference import TableReference

_DIRECT_QUERY, _MULTIPLE = "DIRECT_QUERY", "MULTIPLE"


class AnalysisMethod(OneOf):
    """How members may analyze a table."""

    DIRECT_QUERY: ClassVar[AnalysisMethod]
    DIRECT_JOB: ClassVar[AnalysisMethod]


AnalysisMethod.DIRECT_QUERY = AnalysisMethod(_DIRECT_QUERY)
AnalysisMethod.DIRECT_JOB = AnalysisMethod("DIRECT_JOB")


@runtime_checkable
class IConfiguredTable(IResource, IConfiguredTableRef, Protocol):
    """A configured table."""

    @property
    def configured_table_id(self) -> str:
        """The table's id, a UUID."""
        ...

    @property
    def configured_table_arn(self) -> str:
        """The table's ARN."""
        ...


@jsii.implements(IConfiguredTableRef)
class _ConfiguredTableBase(Resource):
    @property
    @abstractmethod
    def configured_table_id(self) -> str:
        """The table's id, a UUID."""

    @property
    @abstractmethod
    def configured_table_arn(self) -> str:
        """The table's ARN."""

    @property
    @jsii.member(jsii_name="configuredTableRef")
    def configured_table_ref(self) -> ConfiguredTableReference:
        """A reference to the table, as L1 constructs take it."""
        return ConfiguredTableReference(
            configured_table_arn=self.configured_table_arn, configured_table_identifier=self.configured_table_id
        )


class _Imported(ImportedResource, _ConfiguredTableBase):
    @property
    def configured_table_id(self) -> str:
        return ids_of("configured_table_arn", self._arn, "configuredtable")[0]

    @property
    def configured_table_arn(self) -> str:
        return self._arn


class ConfiguredTable(_ConfiguredTableBase, NativeResource):
    """A table that its owner uses in collaborations, with the analyses that it allows.

    Created at once, and updated in place, except the table that it refers to.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        allowed_columns: The columns that queries may use.
        database: The name of the Glue database; with ``table``. Default: ``table_reference`` says which table it is.
        table: The name of the Glue table. Default: ``table_reference`` says which table it is.
        table_reference: A table of another source or Region, instead of ``database`` and ``table``.
        analysis_rule: The analyses that are allowed. Default: none; a table without a rule cannot be queried.
        analysis_methods: Whether queries, jobs or both may read it. Default: queries.
        bucket: Where the table's data is, for the role of an association. Default: unknown.
        prefix: The beginning of the data's keys. Default: the whole bucket.
        configured_table_name: Its name, up to 100 characters. Default: generated.
        description: Up to 255 characters. Default: none.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: CloudFormation's, DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: AWS Clean Rooms API, CreateConfiguredTable.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        allowed_columns: Sequence[str],
        database: str | None = None,
        table: str | None = None,
        table_reference: TableReference | None = None,
        analysis_rule: AnalysisRule | None = None,
        analysis_methods: Sequence[AnalysisMethod] = (),
        bucket: cdk.aws_s3.IBucket | None = None,
        prefix: str = "",
        configured_table_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        expect("analysis_rule", analysis_rule, AnalysisRule, "AnalysisRule. Pass AnalysisRule.custom(...)")
        expect("table_reference", table_reference, TableReference, "TableReference. Pass TableReference.athena(...)")
        if bucket is not None:
            expect_bucket("bucket", bucket)
        methods = [each.value for each in each_of("analysis_methods", analysis_methods, AnalysisMethod)]
        super().__init__(scope, id)
        self._reference = self._referred_to(database, table, table_reference)
        self._bucket, self._prefix = bucket, prefix
        self._rule_type = analysis_rule._type if analysis_rule else None
        fixed = {"tableReference": self._reference}
        request = without_none(
            {
                **fixed,
                "name": configured_table_name or self._name(fixed, longest=100),
                "description": description,
                "allowedColumns": each_of("allowed_columns", allowed_columns, object),
                "analysisMethod": _MULTIPLE if len(methods) > 1 else (methods or [_DIRECT_QUERY])[0],
                "selectedAnalysisMethods": methods if len(methods) > 1 else None,
            }
        )
        self._table = cdk.aws_cleanrooms.CfnConfiguredTable(
            self,
            "Resource",
            name=request["name"],
            description=description,
            table_reference=request["tableReference"],
            allowed_columns=request["allowedColumns"],
            analysis_method=request["analysisMethod"],
            selected_analysis_methods=request.get("selectedAnalysisMethods"),
            analysis_rules=[analysis_rule._render()] if analysis_rule else None,
            tags=cfn_tags(tags),
        )
        self._check(
            self._table,
            self._table.cdk_tag_manager,
            "cleanrooms",
            "CreateConfiguredTable",
            request,
            removal_policy=removal_policy,
        )
        if analysis_rule:
            for path, value in analysis_rule._overrides().items():
                self._table.add_property_override(path, value)
            rule = {
                "configuredTableIdentifier": self.configured_table_id,
                "analysisRuleType": analysis_rule._type,
                "analysisRulePolicy": analysis_rule._policy(),
            }
            (source,) = self._reference
            columns = request["allowedColumns"]
            self._check_part(
                "cleanrooms",
                "CreateConfiguredTableAnalysisRule",
                rule,
                also=lambda: rules.analysis_rule_problems(rule, columns, source, is_unchecked),
            )

    def _referred_to(
        self, database: str | None, table: str | None, reference: TableReference | None
    ) -> Mapping[str, Any]:
        if reference is None and database is not None and table is not None:
            return TableReference.glue(database=database, table=table)._render()
        if reference is None or database is not None or table is not None:
            raise ValueError(
                f"{self.node.path}: pass either database= and table=, for a table of Glue, or table_reference="
            )
        return reference._render()

    @property
    def configured_table_id(self) -> str:
        """The table's id, a UUID."""
        return self._table.attr_configured_table_identifier

    @property
    def configured_table_arn(self) -> str:
        """The table's ARN."""
        return self._table.attr_arn

    @staticmethod
    def from_configured_table_arn(scope: Construct, id: str, configured_table_arn: str) -> IConfiguredTable:
        """A table that is defined outside this stack.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            configured_table_arn: The table's ARN.
        """
        return _Imported(scope, id, configured_table_arn)

    @property
    def configured_table_name(self) -> str:
        """The table's name."""
        return self._table.name
