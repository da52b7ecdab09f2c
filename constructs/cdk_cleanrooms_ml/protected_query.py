"""Protected queries, and the workers that run them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import aws_cdk as cdk
from aws_cdk.interfaces.aws_cleanrooms import IAnalysisTemplateRef
from constructs import Construct

from ._validation import AssetText, reject_token
from ._values import OneOf, expect, expect_reference, without_mark


class WorkerType(OneOf):
    """The size of a worker: 4, 16 or 32 virtual processors."""

    CR_1X: ClassVar[WorkerType]
    CR_4X: ClassVar[WorkerType]
    CR_8X: ClassVar[WorkerType]


WorkerType.CR_1X = WorkerType("CR.1X")
WorkerType.CR_4X = WorkerType("CR.4X")
WorkerType.CR_8X = WorkerType("CR.8X")


@dataclass(frozen=True, kw_only=True)
class WorkerCompute:
    """The workers that run a query.

    Attributes:
        type: Their size. Default: the service's choice.
        number: How many. Known at synth. Default: the service's choice.
        spark_properties: Spark's settings by their full names; every value is text, ``"400"`` and ``"true"`` too.

    Raises:
        ValueError: The number is a token.
    """

    type: WorkerType | None = None
    number: int | None = None
    spark_properties: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        expect("WorkerCompute: type", self.type, WorkerType, "WorkerType. Pass WorkerType.of(...)")
        reject_token("WorkerCompute: number", self.number)
        expect("WorkerCompute: spark_properties", self.spark_properties, Mapping, "a dict of texts")
        object.__setattr__(self, "spark_properties", dict(self.spark_properties))

    def _render(self) -> dict[str, Any]:
        spark = dict(self.spark_properties)
        return {
            "worker": {
                "type": self.type.value if self.type else None,
                "number": self.number,
                "properties": {"spark": spark} if spark else None,
            }
        }


@dataclass(frozen=True)
class ProtectedQuery:
    """A query over the tables of a collaboration: SQL, or an analysis template with its parameters.

    Create one with ``sql``, ``from_asset`` or ``analysis_template``.
    """

    _text: str | None = field(default=None, repr=False)
    _path: Path | None = None
    _template: str | IAnalysisTemplateRef | None = None
    _parameters: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def sql(cls, text: str) -> ProtectedQuery:
        """SQL in the template.

        Args:
            text: The query. Above about 60 KB use ``from_asset``.
        """
        return cls(_text=without_mark("ProtectedQuery.sql: the text", text))

    @classmethod
    def from_asset(cls, path: str | Path) -> ProtectedQuery:
        """SQL in a file, uploaded when the app is deployed. A changed file is a changed query.

        Args:
            path: The file, UTF-8, up to 500,000 characters.

        Raises:
            ValueError: There is no such file, or it is not UTF-8.
        """
        file = Path(path)
        if not file.is_file():
            raise ValueError(f"ProtectedQuery.from_asset: {str(path)!r} is no file. Pass the path of a file with SQL")
        try:
            # As it is: with its line endings. The function that reads it takes a byte order mark away too.
            text = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(f"ProtectedQuery.from_asset: {str(path)!r} is not UTF-8. Save it as UTF-8") from error
        if "\0" in text:
            # What UTF-16 without a mark looks like.
            raise ValueError(f"ProtectedQuery.from_asset: {str(path)!r} has null characters. Save it as UTF-8")
        return cls(_text=text, _path=file)

    @classmethod
    def analysis_template(
        cls,
        template: str | IAnalysisTemplateRef,
        *,
        parameters: Mapping[str, str] | None = None,
    ) -> ProtectedQuery:
        """An analysis template of the collaboration.

        Args:
            template: The template, its ARN, as an L1 or L2.
            parameters: Values for the template's parameters. Default: none.
        """
        if not isinstance(template, str):
            what = "an analysis template or its ARN. Pass AnalysisTemplate.from_analysis_template_arn(...)"
            expect_reference("ProtectedQuery: template", template, "analysis_template_ref", what)
        expect("ProtectedQuery: parameters", parameters, Mapping, "a dict of texts")
        return cls(_template=template, _parameters=dict(parameters or {}))

    @property
    def _may_be_synthetic(self) -> bool:
        """Whether the result may be synthetic data, which only a template can ask for."""
        # What others' templates ask for is not known here.
        return self._template is not None and getattr(self._template, "_is_synthetic", True)

    @property
    def _is_synthetic(self) -> bool:
        """Whether the result is synthetic data for certain."""
        return self._template is not None and getattr(self._template, "_is_synthetic", False)

    def _render(self, scope: Construct) -> dict[str, Any]:
        """The query as the API has it: `sqlParameters`."""
        if self._template is not None:
            return {
                "analysisTemplateArn": _arn_of(self._template),
                "parameters": dict(self._parameters) or None,
            }
        assert self._text is not None
        if self._path is None:
            return {"queryString": self._text}
        from ._provider import CleanRoomsMLProvider  # here: its class needs all of EC2

        asset = cdk.aws_s3_assets.Asset(scope, "Query", path=str(self._path))
        bucket = asset.s3_bucket_name
        CleanRoomsMLProvider.of(scope)._access.read_queries(bucket)
        return {"queryString": AssetText(bucket=bucket, key=asset.s3_object_key, text=self._text)}


def _arn_of(template: str | IAnalysisTemplateRef) -> str:
    if isinstance(template, str):
        return template
    from .analysis_template import IAnalysisTemplate  # here: most queries are inline

    if isinstance(template, IAnalysisTemplate):
        # Its reference has more than is needed here, which an unusual ARN does not say.
        return template.analysis_template_arn
    return template.analysis_template_ref.analysis_template_arn
