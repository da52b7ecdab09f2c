"""AnalysisTemplate: a query that the owners of the data have agreed on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import aws_cdk as cdk
import jsii
from aws_cdk import IResource, RemovalPolicy, Resource, Validations
from aws_cdk.interfaces.aws_cleanrooms import AnalysisTemplateReference, IAnalysisTemplateRef, IMembershipRef
from constructs import Construct
from typing_extensions import Protocol, runtime_checkable

from ._bases import ImportedResource, ids_of
from ._native import NativeResource, cfn_tags
from ._validation import without_none
from ._values import OneOf, expect, without_mark
from .membership import membership_of
from .synthetic_data import SyntheticData


class ParameterType(OneOf):
    """The SQL type of a template's parameter; ``of`` takes every other one."""

    BOOLEAN: ClassVar[ParameterType]
    DATE: ClassVar[ParameterType]
    DECIMAL: ClassVar[ParameterType]
    DOUBLE: ClassVar[ParameterType]
    INTEGER: ClassVar[ParameterType]
    TIMESTAMP: ClassVar[ParameterType]
    VARCHAR: ClassVar[ParameterType]


ParameterType.BOOLEAN = ParameterType("BOOLEAN")
ParameterType.DATE = ParameterType("DATE")
ParameterType.DECIMAL = ParameterType("DECIMAL")
ParameterType.DOUBLE = ParameterType("DOUBLE")
ParameterType.INTEGER = ParameterType("INTEGER")
ParameterType.TIMESTAMP = ParameterType("TIMESTAMP")
ParameterType.VARCHAR = ParameterType("VARCHAR")


@dataclass(frozen=True, kw_only=True)
class AnalysisParameter:
    """A parameter of a template, which the text names with a colon before it.

    Attributes:
        name: Its name: letters, digits and underscores.
        type: Its type.
        default_value: Its value if omitted. Default: a value is required.
    """

    name: str
    type: ParameterType
    default_value: str | None = None

    def __post_init__(self) -> None:
        expect("AnalysisParameter: type", self.type, ParameterType, "ParameterType. Pass ParameterType.of(...)")

    def _render(self) -> dict[str, Any]:
        return {"name": self.name, "type": self.type.value, "defaultValue": self.default_value}


@runtime_checkable
class IAnalysisTemplate(IResource, IAnalysisTemplateRef, Protocol):
    """An analysis template."""

    @property
    def analysis_template_arn(self) -> str:
        """The template's ARN."""
        ...

    @property
    def analysis_template_id(self) -> str:
        """The template's id, a UUID."""
        ...


@jsii.implements(IAnalysisTemplateRef)
class _AnalysisTemplateBase(Resource):
    @property
    @abstractmethod
    def analysis_template_arn(self) -> str:
        """The template's ARN."""

    @property
    @abstractmethod
    def analysis_template_id(self) -> str:
        """The template's id, a UUID."""

    @property
    @abstractmethod
    def _membership_id(self) -> str:
        """The id of the membership that created it."""

    @property
    @jsii.member(jsii_name="analysisTemplateRef")
    def analysis_template_ref(self) -> AnalysisTemplateReference:
        """A reference to the template, as L1 constructs take it."""
        return AnalysisTemplateReference(
            analysis_template_arn=self.analysis_template_arn,
            analysis_template_identifier=self.analysis_template_id,
            membership_identifier=self._membership_id,
        )


class _Imported(ImportedResource, _AnalysisTemplateBase):
    @property
    def analysis_template_arn(self) -> str:
        return self._arn

    @property
    def analysis_template_id(self) -> str:
        return self._ids[1]

    @property
    def _membership_id(self) -> str:
        return self._ids[0]

    @property
    def _ids(self) -> list[str]:
        return ids_of("analysis_template_arn", self._arn, "membership", "analysistemplate")


class AnalysisTemplate(_AnalysisTemplateBase, NativeResource):
    """A query that the owners of the data have agreed on, in SQL.

    Created at once; the owners of the data then allow it in the analysis rules of their tables. Any change
    except description and tags replaces it, under another name: AWS updates nothing else of a template, even
    where CloudFormation takes the change. With ``synthetic_data`` the result is never the original data, and the
    template can be used for ML input channels alone.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        membership: The membership that creates it, as an L1 or L2.
        text: The SQL, up to 500,000 characters.
        parameters: The parameters that a query has to pass. Default: none.
        synthetic_data: Requirements on synthetic data. Default: the result is the original data.
        analysis_template_name: Its name, up to 128 letters, digits, underscores, spaces and hyphens. With a fixed one,
            a replacement fails, or, for ``synthetic_data``, the change has no effect, until the name
            changes too. Default: generated.
        description: Up to 255 characters. Default: none.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: CloudFormation's, DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: AWS Clean Rooms API, CreateAnalysisTemplate.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        membership: IMembershipRef,
        text: str,
        parameters: Sequence[AnalysisParameter] = (),
        synthetic_data: SyntheticData | None = None,
        analysis_template_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        for parameter in parameters:
            expect("parameters", parameter, AnalysisParameter, "AnalysisParameter")
        text = without_mark("text", text)
        expect("synthetic_data", synthetic_data, SyntheticData, "SyntheticData")
        super().__init__(scope, id)
        self._is_synthetic = synthetic_data is not None
        fixed = {
            "membershipIdentifier": membership_of(membership)[0],
            "format": "SQL",
            "source": {"text": text},
            "analysisParameters": [each._render() for each in parameters] or None,
            "syntheticDataParameters": synthetic_data._render() if synthetic_data else None,
        }
        name = analysis_template_name or self._name(fixed, longest=128)
        request = without_none({**fixed, "name": name, "description": description})
        self._template = cdk.aws_cleanrooms.CfnAnalysisTemplate(
            self,
            "Resource",
            membership_identifier=request["membershipIdentifier"],
            name=request["name"],
            format=request["format"],
            source=request["source"],
            analysis_parameters=request.get("analysisParameters"),
            synthetic_data_parameters=request.get("syntheticDataParameters"),
            description=description,
            tags=cfn_tags(tags),
        )
        if analysis_template_name and synthetic_data:
            Validations.of(self).add_warning(
                "cleanrooms-ml:fixed-name-synthetic",
                "a change of synthetic_data has no effect while the name stays: CloudFormation changes the template in "
                "place, and AWS ignores that. Leave analysis_template_name out, or change it too",
            )
        self._check(
            self._template,
            self._template.cdk_tag_manager,
            "cleanrooms",
            "CreateAnalysisTemplate",
            request,
            removal_policy=removal_policy,
        )

    @staticmethod
    def from_analysis_template_arn(scope: Construct, id: str, analysis_template_arn: str) -> IAnalysisTemplate:
        """A template that is defined outside this stack, of any member.

        Args:
            scope: Scope in which to define this construct.
            id: Construct ID.
            analysis_template_arn: Its ARN.
        """
        return _Imported(scope, id, analysis_template_arn)

    @property
    def analysis_template_arn(self) -> str:
        """The template's ARN."""
        return self._template.attr_arn

    @property
    def analysis_template_id(self) -> str:
        """The template's id, a UUID."""
        return self._template.attr_analysis_template_identifier

    @property
    def analysis_template_name(self) -> str:
        """The template's name."""
        return self._template.name

    @property
    def _membership_id(self) -> str:
        return self._template.membership_identifier
