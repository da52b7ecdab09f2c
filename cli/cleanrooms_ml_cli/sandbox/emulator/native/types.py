"""The CloudFormation types that AWS has itself, as data.

Source: the resource schemas of AWS CloudFormation, by their primary identifiers (the value of Ref), read-only
properties (Fn::GetAtt), createOnlyProperties (a change replaces the resource), required properties and maxima.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..kinds import KINDS, Verb

Params: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class NativeType:
    """One type.

    Args:
        kind: The kind that it is, whose operations its handler calls.
        ref: The members of the physical id, joined with "|".
        attributes: Fn::GetAtt names, each with the path of the member that it is.
        required: Properties that must be there.
        create_only: Properties whose change replaces the resource.
        updatable: Further properties, whose change takes effect in place.
        ignored: Further properties, whose change CloudFormation accepts although no API supports it.
        shown_only: Properties that no API takes.
        renamed: Members that the create operation calls otherwise than the property.
        completed: Brings the members into the form of the API, with what it requires and the schema does not.
        children: Properties that are resources of the API of their own, each with the kind of its items.
        at_most: Maxima of the schema that are lower than the API's, by the path of the property.
    """

    kind: str
    ref: tuple[str, ...]
    attributes: Mapping[str, str]
    required: tuple[str, ...]
    create_only: tuple[str, ...]
    updatable: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    shown_only: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    completed: Callable[[Params], Params] = lambda params: params
    children: Mapping[str, str] = field(default_factory=dict)
    at_most: Mapping[str, float] = field(default_factory=dict)

    @property
    def identifier(self) -> tuple[str, ...]:
        """The properties of the primary identifier, by which an existing resource is imported."""
        return tuple(name[0].upper() + name[1:] for name in self.ref)

    @property
    def service(self) -> str:
        """The service that its handler calls, by its name in boto3."""
        return KINDS[self.kind].service

    @property
    def create(self) -> str:
        """The operation that creates it."""
        return self._operation(Verb.CREATE)

    @property
    def update(self) -> str:
        """The operation that changes it in place; empty if only tags can be changed."""
        return self._operation(Verb.UPDATE)

    @property
    def delete(self) -> str:
        """The operation that deletes it."""
        return self._operation(Verb.DELETE)

    def _operation(self, verb: Verb) -> str:
        return KINDS[self.kind].operation(verb)

    @property
    def properties(self) -> frozenset[str]:
        """Every property that a template may have."""
        return frozenset({*self.create_only, *self.updatable, *self.ignored, *self.children, "Tags"})


def _collaboration(params: Params) -> Params:
    """The API requires lists that the schema lets be absent."""
    members = [{"memberAbilities": [], **member} for member in params.get("members", [])]
    return {"creatorMemberAbilities": [], **params, "members": members}


def _budget_template(params: Params) -> Params:
    """The schema has one structure of all parameters, the API one for each type of budget."""
    parameters = params.get("parameters")
    if not isinstance(parameters, dict):
        return params
    is_access = "budgetParameters" in parameters or "resourceArn" in parameters
    return {**params, "parameters": {"accessBudget" if is_access else "differentialPrivacy": parameters}}


_POLICIES = "PrivacyConfiguration.Policies"

# The attributes of what belongs to a membership.
_IN_COLLABORATION = {
    "Arn": "arn",
    "CollaborationArn": "collaborationArn",
    "CollaborationIdentifier": "collaborationIdentifier",
    "MembershipArn": "membershipArn",
}

NATIVE_TYPES: Mapping[str, NativeType] = {
    "AWS::CleanRooms::Collaboration": NativeType(
        kind="Collaboration",
        ref=("collaborationIdentifier",),
        attributes={"Arn": "arn", "CollaborationIdentifier": "collaborationIdentifier"},
        required=("CreatorDisplayName", "Description", "Name", "QueryLogStatus"),
        create_only=(
            "AllowedResultRegions",
            "AutoApprovedChangeTypes",
            "CreatorDisplayName",
            "CreatorMLMemberAbilities",
            "CreatorMemberAbilities",
            "CreatorPaymentConfiguration",
            "DataEncryptionMetadata",
            "JobLogStatus",
            "Members",
            "QueryLogStatus",
        ),
        updatable=("AnalyticsEngine", "Description", "Name"),
        ignored=("IsMetricsEnabled",),
        renamed={"AutoApprovedChangeTypes": "autoApprovedChangeRequestTypes"},
        completed=_collaboration,
    ),
    "AWS::CleanRooms::Membership": NativeType(
        kind="Membership",
        ref=("membershipIdentifier",),
        attributes={
            "Arn": "arn",
            "CollaborationArn": "collaborationArn",
            "CollaborationCreatorAccountId": "collaborationCreatorAccountId",
            "MembershipIdentifier": "membershipIdentifier",
        },
        required=("CollaborationIdentifier", "QueryLogStatus"),
        create_only=("CollaborationIdentifier",),
        updatable=(
            "DefaultJobResultConfiguration",
            "DefaultResultConfiguration",
            "JobLogStatus",
            "PaymentConfiguration",
            "QueryLogStatus",
        ),
        ignored=("IsMetricsEnabled",),
    ),
    "AWS::CleanRooms::ConfiguredTable": NativeType(
        kind="ConfiguredTable",
        ref=("configuredTableIdentifier",),
        attributes={"Arn": "arn", "ConfiguredTableIdentifier": "configuredTableIdentifier"},
        required=("AllowedColumns", "AnalysisMethod", "Name", "TableReference"),
        create_only=(),
        updatable=(
            "AllowedColumns",
            "AnalysisMethod",
            "Description",
            "Name",
            "SelectedAnalysisMethods",
            "TableReference",
        ),
        children={"AnalysisRules": "ConfiguredTableAnalysisRule"},
    ),
    "AWS::CleanRooms::ConfiguredTableAssociation": NativeType(
        kind="ConfiguredTableAssociation",
        ref=("configuredTableAssociationIdentifier", "membershipIdentifier"),
        attributes={"Arn": "arn", "ConfiguredTableAssociationIdentifier": "configuredTableAssociationIdentifier"},
        required=("ConfiguredTableIdentifier", "MembershipIdentifier", "Name", "RoleArn"),
        create_only=("ConfiguredTableIdentifier", "MembershipIdentifier", "Name"),
        updatable=("Description", "RoleArn"),
        children={"ConfiguredTableAssociationAnalysisRules": "ConfiguredTableAssociationAnalysisRule"},
    ),
    # UpdateAnalysisTemplate takes a description alone, yet not all of the rest is createOnly.
    "AWS::CleanRooms::AnalysisTemplate": NativeType(
        kind="AnalysisTemplate",
        ref=("analysisTemplateIdentifier", "membershipIdentifier"),
        attributes={
            "AnalysisTemplateIdentifier": "analysisTemplateIdentifier",
            "Arn": "arn",
            "CollaborationArn": "collaborationArn",
            "CollaborationIdentifier": "collaborationIdentifier",
            "MembershipArn": "membershipArn",
            "Schema": "schema",
            "Schema.ReferencedTables": "schema.referencedTables",
        },
        required=("Format", "MembershipIdentifier", "Name", "Source"),
        create_only=("AnalysisParameters", "Format", "MembershipIdentifier", "Name", "Source"),
        updatable=("Description",),
        ignored=("ErrorMessageConfiguration", "Schema", "SourceMetadata", "SyntheticDataParameters"),
        shown_only=("SourceMetadata",),
    ),
    "AWS::CleanRooms::PrivacyBudgetTemplate": NativeType(
        kind="PrivacyBudgetTemplate",
        ref=("privacyBudgetTemplateIdentifier", "membershipIdentifier"),
        attributes={**_IN_COLLABORATION, "PrivacyBudgetTemplateIdentifier": "privacyBudgetTemplateIdentifier"},
        required=("MembershipIdentifier", "Parameters", "PrivacyBudgetType"),
        create_only=("AutoRefresh", "MembershipIdentifier", "PrivacyBudgetType"),
        updatable=("Parameters",),
        completed=_budget_template,
    ),
    "AWS::CleanRooms::IntermediateTable": NativeType(
        kind="IntermediateTable",
        ref=("intermediateTableIdentifier", "membershipIdentifier"),
        attributes={
            **_IN_COLLABORATION,
            "IntermediateTableIdentifier": "intermediateTableIdentifier",
            "Status": "status",
        },
        required=("MembershipIdentifier", "Name", "PopulationAnalysisConfiguration"),
        create_only=("MembershipIdentifier", "Name", "PopulationAnalysisConfiguration"),
        updatable=("Description", "KmsKeyArn"),
        children={"AnalysisRules": "IntermediateTableAnalysisRule"},
    ),
    "AWS::CleanRooms::IdNamespaceAssociation": NativeType(
        kind="IdNamespaceAssociation",
        ref=("idNamespaceAssociationIdentifier", "membershipIdentifier"),
        attributes={
            **_IN_COLLABORATION,
            "IdNamespaceAssociationIdentifier": "idNamespaceAssociationIdentifier",
            "InputReferenceProperties": "inputReferenceProperties",
            "InputReferenceProperties.IdNamespaceType": "inputReferenceProperties.idNamespaceType",
        },
        required=("InputReferenceConfig", "MembershipIdentifier", "Name"),
        create_only=("InputReferenceConfig", "MembershipIdentifier"),
        updatable=("Description", "IdMappingConfig", "Name"),
    ),
    "AWS::CleanRooms::IdMappingTable": NativeType(
        kind="IdMappingTable",
        ref=("idMappingTableIdentifier", "membershipIdentifier"),
        attributes={
            **_IN_COLLABORATION,
            "IdMappingTableIdentifier": "idMappingTableIdentifier",
            "InputReferenceProperties": "inputReferenceProperties",
            "InputReferenceProperties.IdMappingTableInputSource": "inputReferenceProperties.idMappingTableInputSource",
        },
        required=("InputReferenceConfig", "MembershipIdentifier", "Name"),
        create_only=("InputReferenceConfig", "MembershipIdentifier", "Name"),
        updatable=("Description", "KmsKeyArn"),
    ),
    "AWS::CleanRoomsML::TrainingDataset": NativeType(
        kind="TrainingDataset",
        ref=("trainingDatasetArn",),
        attributes={"Status": "status", "TrainingDatasetArn": "trainingDatasetArn"},
        required=("Name", "RoleArn", "TrainingData"),
        create_only=("Description", "Name", "RoleArn", "TrainingData"),
    ),
    "AWS::CleanRoomsML::ConfiguredModelAlgorithm": NativeType(
        kind="ConfiguredModelAlgorithm",
        ref=("configuredModelAlgorithmArn",),
        attributes={"ConfiguredModelAlgorithmArn": "configuredModelAlgorithmArn"},
        required=("Name", "RoleArn"),
        create_only=(
            "Description",
            "InferenceContainerConfig",
            "KmsKeyArn",
            "Name",
            "RoleArn",
            "TrainingContainerConfig",
        ),
    ),
    "AWS::CleanRoomsML::ConfiguredModelAlgorithmAssociation": NativeType(
        kind="ConfiguredModelAlgorithmAssociation",
        ref=("configuredModelAlgorithmAssociationArn",),
        attributes={
            "CollaborationIdentifier": "collaborationIdentifier",
            "ConfiguredModelAlgorithmAssociationArn": "configuredModelAlgorithmAssociationArn",
        },
        required=("ConfiguredModelAlgorithmArn", "MembershipIdentifier", "Name"),
        create_only=(
            "ConfiguredModelAlgorithmArn",
            "Description",
            "MembershipIdentifier",
            "Name",
            "PrivacyConfiguration",
        ),
        at_most={
            f"{_POLICIES}.TrainedModels.MaxArtifactSize.Value": 10,
            f"{_POLICIES}.TrainedModelExports.MaxSize.Value": 10,
            f"{_POLICIES}.TrainedModelInferenceJobs.MaxOutputSize.Value": 50,
        },
    ),
}
