"""What is special about analysis templates, protected queries and protected jobs.

A query or a job fails by itself for:

- a query that cannot succeed (see `queries`),
- results for the bucket `no-such-bucket`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from ..errors import validation_error
from ..kinds import KINDS
from ..rules.failures import Failure, missing_bucket
from ..rules.links import link
from ..rules.members import (
    CAN_EXPORT_QUERY_ANALYSIS_LOG,
    CAN_QUERY,
    CAN_RECEIVE_RESULTS,
    CAN_RUN_JOB,
    abilities,
    accounts,
    require_ability,
    specification,
)
from ..rules.payers import Cost, payer
from ..rules.queries import EMPTY_RESULT, query_failure, require_template, synthetic_parameters
from ..state.lifecycle import Record
from ..state.world import World, not_found
from .behavior import Behavior

_TABLE = re.compile(r"\b(?:from|join)\s+([\w.`\"]+)", re.IGNORECASE)


# -- templates ---------------------------------------------------------------------------------------------------------


def _complete_template(world: World, record: Record) -> None:
    link(world, record)
    source = record.data.get("source", {})
    tables = sorted({name.replace("`", "").replace('"', "") for name in _TABLE.findall(source.get("text", ""))})
    record.data["schema"] = record.data.get("schema") or {"referencedTables": tables}
    if "artifacts" in source:
        record.data["sourceMetadata"] = {"artifacts": _hashes(source["artifacts"])}


def _hashes(artifacts: Mapping[str, Any]) -> dict[str, Any]:
    """The emulator reads no bucket, so that it hashes where an artifact is."""

    def of(artifact: Mapping[str, Any]) -> dict[str, str]:
        location = artifact["location"]
        return {"sha256": hashlib.sha256(f"{location['bucket']}/{location['key']}".encode()).hexdigest()}

    more = [of(artifact) for artifact in artifacts.get("additionalArtifacts", [])]
    return {"entryPointHash": of(artifacts["entryPoint"]), **({"additionalArtifactHashes": more} if more else {})}


def _shown_template(world: World, record: Record) -> dict[str, Any]:
    return {"isSyntheticData": synthetic_parameters(record) is not None}


# -- queries and jobs --------------------------------------------------------------------------------------------------


def _prepare_query(world: World, record: Record) -> None:
    if not {"queryString", "analysisTemplateArn"} & record.data["sqlParameters"].keys():
        raise validation_error("sqlParameters has neither queryString nor analysisTemplateArn; one of them is needed")
    _prepare(world, record, CAN_QUERY, "queryCompute")


def _prepare_job(world: World, record: Record) -> None:
    _prepare(world, record, CAN_RUN_JOB, "jobCompute")


def _prepare(world: World, record: Record, ability: str, cost: Cost) -> None:
    data, collaboration = record.data, record.data["collaborationIdentifier"]
    require_ability(world, collaboration, ability)
    require_template(world, record, collaboration)
    member = f"{cost}PayerAccountId"
    if pays := payer(world, collaboration, cost, data.get(member), member, preferred=world.account):
        data[member] = pays


def _receivers(world: World, record: Record) -> list[str]:
    """Who gets the results: whom the request names, or the members who can receive results, or the runner."""
    chosen = _output(record).get("member")
    if chosen:
        return [str(chosen["accountId"])]
    collaboration = record.data["collaborationIdentifier"]
    said = {account: specification(world, collaboration, account) for account in accounts(world, collaboration)}
    able = [account for account, member in said.items() if member and CAN_RECEIVE_RESULTS in abilities(member)]
    return sorted(able) or [record.account]


def _output(record: Record) -> dict[str, Any]:
    output: dict[str, Any] = record.data.get("resultConfiguration", {}).get("outputConfiguration", {})
    return output


def _failure(world: World, record: Record, seconds: float) -> Failure | None:
    """A query without rows is a success, other than the one of an ML input channel."""
    failure = query_failure(world, record)
    if failure is not None and failure["statusCode"] != EMPTY_RESULT:
        return failure
    return missing_bucket(f"s3://{_output(record).get('s3', {}).get('bucket', '')}")


def _results(world: World, record: Record) -> dict[str, Any]:
    output = _output(record)
    if "s3" in output:
        prefix = output["s3"].get("keyPrefix", "").strip("/")
        parts = (output["s3"]["bucket"], prefix, record.data["id"])
        found: dict[str, Any] = {"s3": {"location": "s3://" + "/".join(part for part in parts if part)}}
    else:
        found = {"memberList": [{"accountId": account} for account in _receivers(world, record)]}
    if "distribute" in output:
        found = {"distribute": found}
    begins, ends = record.timeline[0][0], record.timeline[-1][0]
    return {
        "result": {"output": found},
        "statistics": {
            "totalDurationInMillis": round((ends - begins) * 1000),
            "billedResourceUtilization": {"units": round((ends - begins) / 3600, 6)},
        },
    }


def _shown_run(world: World, record: Record) -> dict[str, Any]:
    details = {"directAnalysisConfigurationDetails": {"receiverAccountIds": _receivers(world, record)}}
    receivers = [{"analysisType": "DIRECT_ANALYSIS", "configurationDetails": details}]
    return {"receiverConfigurations": receivers, **_shown_error(world, record)}


def _shown_error(world: World, record: Record) -> dict[str, Any]:
    failure = record.failure
    if failure is None or not record.status(world.now()).endswith("_FAILED"):
        return {}
    return {"error": {"code": failure["statusCode"], "message": failure["message"]}}


# -- logs --------------------------------------------------------------------------------------------------------------


def _prepare_export(world: World, record: Record) -> None:
    """Documented: of a query that has ended, by its runner, who has the ability."""
    data = record.data
    require_ability(world, data["collaborationIdentifier"], CAN_EXPORT_QUERY_ANALYSIS_LOG)
    query = world.locate(KINDS["ProtectedQuery"], data["analysisId"])
    if query.data["membershipIdentifier"] != data["membershipIdentifier"]:
        raise not_found(KINDS["ProtectedQuery"], data["analysisId"])
    if query.is_busy(world.now()):
        raise validation_error(f"the protected query {data['analysisId']} has not ended yet")


def _export_failure(world: World, record: Record, seconds: float) -> Failure | None:
    bucket = record.data["resultConfiguration"]["outputConfiguration"]["s3"]["bucket"]
    return missing_bucket(f"s3://{bucket}")


BEHAVIORS: Mapping[str, Behavior] = {
    "AnalysisTemplate": Behavior(complete=_complete_template, shown=_shown_template),
    "ProtectedQuery": Behavior(
        complete=link, prepare=_prepare_query, failure=_failure, results=_results, shown=_shown_run
    ),
    "ProtectedJob": Behavior(complete=link, prepare=_prepare_job, failure=_failure, results=_results, shown=_shown_run),
    "AnalysisLogExport": Behavior(complete=link, prepare=_prepare_export, failure=_export_failure, shown=_shown_error),
}
