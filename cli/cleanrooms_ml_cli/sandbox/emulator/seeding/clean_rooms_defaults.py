"""What a seed of AWS Clean Rooms leaves out; see `defaults`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .setting import Setting, stable_id


def _table(setting: Setting) -> dict[str, Any]:
    return {
        "tableReference": {"glue": {"databaseName": "seeded", "tableName": "table"}},
        "allowedColumns": ["id"],
        "analysisMethod": "DIRECT_QUERY",
    }


def _table_association(setting: Setting) -> dict[str, Any]:
    return {
        "configuredTableIdentifier": lambda: _identifier(setting.parent("ConfiguredTable", "table")()),
        "roleArn": setting.role("table"),
    }


def _table_rule(setting: Setting) -> dict[str, Any]:
    policy = {"v1": {"list": {"joinColumns": ["id"], "listColumns": []}}}
    return {
        "configuredTableIdentifier": lambda: _identifier(setting.parent("ConfiguredTable", "table")()),
        "analysisRuleType": "LIST",
        "analysisRulePolicy": policy,
    }


def _association_rule(setting: Setting) -> dict[str, Any]:
    association = setting.parent("ConfiguredTableAssociation", "association")
    return {
        "configuredTableAssociationIdentifier": lambda: _identifier(association()),
        "analysisRuleType": "LIST",
        "analysisRulePolicy": {"v1": {"list": {}}},
    }


def _identifier(arn: str) -> str:
    return arn.rsplit("/", 1)[1]


def _namespace(setting: Setting) -> dict[str, Any]:
    return {"inputReferenceConfig": _reference(setting, "idnamespace/source")}


def _mapping_table(setting: Setting) -> dict[str, Any]:
    return {"inputReferenceConfig": _reference(setting, "idmappingworkflow/seeded")}


def _reference(setting: Setting, resource: str) -> dict[str, Any]:
    return {"inputReferenceArn": setting.arn("entityresolution", resource), "manageResourcePolicies": False}


def _template(setting: Setting) -> dict[str, Any]:
    return {"format": "SQL", "source": {"text": "SELECT a FROM t"}}


def _budget_template(setting: Setting) -> dict[str, Any]:
    return {
        "privacyBudgetType": "DIFFERENTIAL_PRIVACY",
        "parameters": {"differentialPrivacy": {"epsilon": 3, "usersNoisePerQuery": 40}},
    }


def _query(setting: Setting) -> dict[str, Any]:
    return {"sqlParameters": {"queryString": "SELECT a FROM t"}}


def _job_of_template(setting: Setting) -> dict[str, Any]:
    return {"jobParameters": lambda: {"analysisTemplateArn": setting.parent("AnalysisTemplate", "template")()}}


def _intermediate(setting: Setting) -> dict[str, Any]:
    return {"populationAnalysisConfiguration": _query(setting)}


def _intermediate_rule(setting: Setting) -> dict[str, Any]:
    table = setting.parent("IntermediateTable", "table")
    return {
        "intermediateTableIdentifier": lambda: _identifier(table()),
        "analysisRuleType": "CUSTOM",
        "analysisRulePolicy": {"v1": {"custom": {"allowedAnalyses": ["ANY_QUERY"]}}},
    }


def _log_export(setting: Setting) -> dict[str, Any]:
    s3 = {"bucket": f"logs-{setting.account}"}
    return {
        "analysisId": stable_id("query", setting.name),
        "analysisType": "PROTECTED_QUERY",
        "resultConfiguration": {"outputConfiguration": {"s3": s3}},
    }


def _change_request(setting: Setting) -> dict[str, Any]:
    change = {"autoApprovedChangeTypes": ["ADD_MEMBER"]}
    return {
        "isAutoApproved": False,
        "changes": [
            {
                "specificationType": "COLLABORATION",
                "specification": {"collaboration": change},
                "types": ["EDIT_AUTO_APPROVED_CHANGE_TYPES"],
            }
        ],
    }


CLEAN_ROOMS_DEFAULTS: Mapping[str, Callable[[Setting], dict[str, Any]]] = {
    "ConfiguredTable": _table,
    "ConfiguredTableAssociation": _table_association,
    "ConfiguredTableAnalysisRule": _table_rule,
    "ConfiguredTableAssociationAnalysisRule": _association_rule,
    "IdNamespaceAssociation": _namespace,
    "IdMappingTable": _mapping_table,
    "AnalysisTemplate": _template,
    "PrivacyBudgetTemplate": _budget_template,
    "ProtectedQuery": _query,
    "IntermediateTable": _intermediate,
    "IntermediateTableAnalysisRule": _intermediate_rule,
    "AnalysisLogExport": _log_export,
    "CollaborationChangeRequest": _change_request,
    "ProtectedJob": _job_of_template,
}
