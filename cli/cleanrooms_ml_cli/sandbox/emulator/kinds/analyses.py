"""The kinds of AWS Clean Rooms that analyze the data of a collaboration: templates, budgets, queries, jobs."""

from __future__ import annotations

from .kind import Kind, Unique, Verb

# What the service calls the course of an analysis.
_RUN = {
    "CREATE_PENDING": "SUBMITTED",
    "CREATE_IN_PROGRESS": "STARTED",
    "ACTIVE": "SUCCESS",
    "CREATE_FAILED": "FAILED",
    "CANCEL_PENDING": "CANCELLING",
    "CANCEL_IN_PROGRESS": "CANCELLING",
    "INACTIVE": "CANCELLED",
}

ANALYSIS_KINDS = (
    Kind(
        name="AnalysisTemplate",
        arn_field="arn",
        arn_path="membership/{membershipIdentifier}/analysistemplate",
        arn_service="cleanrooms",
        id_field="analysisTemplateIdentifier",
        also_named_by=("analysisTemplateArn",),
        wrapped="analysisTemplate",
        operations={
            "CreateAnalysisTemplate": Verb.CREATE,
            "GetAnalysisTemplate": Verb.GET,
            "GetCollaborationAnalysisTemplate": Verb.GET,
            "ListAnalysisTemplates": Verb.LIST,
            "ListCollaborationAnalysisTemplates": Verb.LIST,
            "UpdateAnalysisTemplate": Verb.UPDATE,
            "DeleteAnalysisTemplate": Verb.DELETE,
        },
        # Not documented; CreateAnalysisTemplate declares a conflict.
        unique=Unique.MEMBERSHIP,
        sensitive=("source", "analysisParameters"),
    ),
    # Documented: a collaboration has one template; a budget of accesses, which came later, is one of a table.
    Kind(
        name="PrivacyBudgetTemplate",
        arn_field="arn",
        arn_path="membership/{membershipIdentifier}/privacybudgettemplate",
        arn_service="cleanrooms",
        id_field="privacyBudgetTemplateIdentifier",
        wrapped="privacyBudgetTemplate",
        operations={
            "CreatePrivacyBudgetTemplate": Verb.CREATE,
            "GetPrivacyBudgetTemplate": Verb.GET,
            "GetCollaborationPrivacyBudgetTemplate": Verb.GET,
            "ListPrivacyBudgetTemplates": Verb.LIST,
            "ListCollaborationPrivacyBudgetTemplates": Verb.LIST,
            "UpdatePrivacyBudgetTemplate": Verb.UPDATE,
            "DeletePrivacyBudgetTemplate": Verb.DELETE,
        },
        only_one_per=("collaborationIdentifier", "privacyBudgetType", "parameters.accessBudget.resourceArn"),
        defaults={"autoRefresh": "NONE"},
        merges=("parameters",),
    ),
    Kind(
        name="ProtectedQuery",
        with_membership=True,
        arn_service="cleanrooms",
        id_field="protectedQueryIdentifier",
        key="{protectedQueryIdentifier}",
        wrapped="protectedQuery",
        operations={
            "StartProtectedQuery": Verb.CREATE,
            "GetProtectedQuery": Verb.GET,
            "ListProtectedQueries": Verb.LIST,
            "UpdateProtectedQuery": Verb.CANCEL,
        },
        runs=True,
        statuses=_RUN,
        sensitive=("sqlParameters",),
    ),
    Kind(
        name="ProtectedJob",
        with_membership=True,
        arn_service="cleanrooms",
        id_field="protectedJobIdentifier",
        key="{protectedJobIdentifier}",
        wrapped="protectedJob",
        operations={
            "StartProtectedJob": Verb.CREATE,
            "GetProtectedJob": Verb.GET,
            "ListProtectedJobs": Verb.LIST,
            "UpdateProtectedJob": Verb.CANCEL,
        },
        runs=True,
        statuses=_RUN,
    ),
    Kind(
        name="AnalysisLogExport",
        with_membership=True,
        arn_service="cleanrooms",
        id_field="analysisLogExportIdentifier",
        key="{analysisLogExportIdentifier}",
        wrapped="analysisLogExport",
        operations={
            "StartAnalysisLogExport": Verb.CREATE,
            "GetAnalysisLogExport": Verb.GET,
            "ListAnalysisLogExports": Verb.LIST,
        },
        runs=True,
        statuses={
            "CREATE_PENDING": "IN_PROGRESS",
            "CREATE_IN_PROGRESS": "IN_PROGRESS",
            "ACTIVE": "SUCCESS",
            "CREATE_FAILED": "FAILED",
        },
        shown_as={"analysisLogExportId": "analysisLogExportIdentifier", "analysisIdentifier": "analysisId"},
    ),
)
