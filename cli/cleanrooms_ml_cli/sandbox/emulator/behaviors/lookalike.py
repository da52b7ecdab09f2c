"""What is special about the kinds of lookalike modeling.

Runs fail by themselves for:

- an audience model whose Glue table is missing (see `queries`), or has a name that ends with `too_small`,
- a generation job whose seed object has a key that ends with `too-small.jsonl`, or lies in the bucket
  `no-such-bucket`, or whose query cannot succeed (see `queries`),
- an export to the bucket `no-such-bucket`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cleanrooms_ml_handlers.rules import export_size_problems

from ..errors import ApiError, validation_error
from ..kinds import KINDS
from ..rules.failures import Failure, failed, missing_bucket
from ..rules.links import link
from ..rules.members import accounts, collaboration, memberships
from ..rules.queries import (
    TABLE_NOT_FOUND,
    is_missing,
    query_failure,
    require_listed_spark_keys,
    require_template,
    synthetic_parameters,
    template_of,
)
from ..rules.resource_policy import COLLABORATION_KEY, START_JOB, allows_start, with_statement, without_statement
from ..state.lifecycle import Record
from ..state.world import World
from . import figures
from .behavior import Behavior

SEED_TOO_SMALL = "SEED_TOO_SMALL"
TOO_FEW_INTERACTIONS = "TOO_FEW_INTERACTIONS"

TOO_SMALL_SEED = "too-small.jsonl"
TOO_SMALL_TABLE = "too_small"

# Quota "Minimum number of users for export lookalike segment (audience) job".
MINIMUM_EXPORTED_USERS = 10_000


# -- audience models ---------------------------------------------------------------------------------------------------


def _model_failure(world: World, record: Record, seconds: float) -> Failure | None:
    dataset = world.records.get(record.data["trainingDatasetArn"])
    sources = dataset.data.get("trainingData", []) if dataset is not None else []
    for source in sources:
        table = source["inputConfig"]["dataSource"]["glueDataSource"]["tableName"].lower()
        if is_missing(table, world.missing_tables):
            return failed(TABLE_NOT_FOUND, f"The table {table} of the training dataset does not exist")
        if table.endswith(TOO_SMALL_TABLE):
            return failed(TOO_FEW_INTERACTIONS, f"The table {table} has fewer than 1000000 interactions")
    return None


# -- generation jobs ---------------------------------------------------------------------------------------------------


def _model_of(world: World, record: Record) -> Record:
    return world.records[record.data["configuredAudienceModelArn"]]


def _prepare_job(world: World, record: Record) -> None:
    record.data["startedBy"] = world.account
    model = _model_of(world, record)
    asked = record.data.get("collaborationId")
    _require_policy(world, model, asked)
    _require_membership(world, model, asked)
    if "sqlParameters" in record.data["seedAudience"]:
        record.started["protectedQueryIdentifier"] = world.ids.new()
    require_listed_spark_keys(world, record)
    require_template(world, record, asked)
    template = template_of(world, record)
    if synthetic_parameters(template) is not None:
        raise validation_error(
            f"{template.arn if template else ''} produces synthetic data; such a template can be used only for ML "
            "input channels"
        )
    if model.account == world.account:
        record.tags = {**_inherited_tags(model), **record.tags}


def _inherited_tags(model: Record) -> dict[str, str]:
    inherits = model.data.get("childResourceTagOnCreatePolicy") == "FROM_PARENT_RESOURCE"
    return dict(model.tags) if inherits else {}


def _require_policy(world: World, model: Record, asked: str | None) -> None:
    """Another account's model can be used as far as its policy says."""
    if model.account == world.account:
        return
    jobs = world.arn(KINDS["AudienceGenerationJob"], {}, "*", model.account)
    if model.policy and allows_start(model.policy, world.account, asked, (model.arn, jobs)):
        return
    raise ApiError(
        "AccessDeniedException",
        f"No resource-based policy of {model.arn} allows account {world.account} to perform {START_JOB}",
    )


def _require_membership(world: World, model: Record, asked: str | None) -> None:
    """Documented: submitter and owner must be active members of the collaboration that the request names."""
    if asked is None or collaboration(world, asked) is None:
        return
    joined = memberships(world, asked)
    for account in (world.account, model.account):
        if account not in joined:
            raise validation_error(f"account {account} is no active member of the collaboration {asked}")


def _job_failure(world: World, record: Record, seconds: float) -> Failure | None:
    uri = record.data["seedAudience"].get("dataSource", {}).get("s3Uri", "")
    if problem := missing_bucket(uri):
        return problem
    if not uri.endswith(TOO_SMALL_SEED):
        return query_failure(world, record)
    found = figures.share(record.name, "seed", 1, 24)
    needed = world.view(_model_of(world, record))["minMatchingSeedSize"]
    message = f"The seed audience has {found} users who match the training data; at least {needed} needed"
    return failed(SEED_TOO_SMALL, message)


def _job_results(world: World, record: Record) -> dict[str, Any]:
    return figures.audience(record.name, _model_of(world, record).data)


def _share_job(world: World, record: Record) -> None:
    """Documented: a job on another account's model is in both accounts, under ARNs that differ in the account."""
    model = _model_of(world, record)
    if model.account == record.account:
        return
    data = {name: value for name, value in record.data.items() if name != "seedAudience"}
    data["name"] = f"{record.account}-{record.name}"
    twin = _twin(world, record, model.account, data, record.arn.rsplit("/", 1)[-1])
    twin.tags, twin.results = _inherited_tags(model), record.results
    # In an account without a sandbox user nothing has to be cleaned up.
    twin.seeded = model.seeded


def _twin(world: World, record: Record, account: str, data: dict[str, Any], identifier: str = "") -> Record:
    """The same run in another account."""
    with world.as_account(account):
        twin = world.new_record(KINDS[record.kind], data, {}, identifier)
    twin.timeline, twin.failure = record.timeline, record.failure
    twin.twin, record.twin = record.key, twin.key
    world.add(twin)
    return twin


# -- exports -----------------------------------------------------------------------------------------------------------


def _prepare_export(world: World, record: Record) -> None:
    record.data["startedBy"] = world.account
    size = record.data["audienceSize"]
    sizes = _model_of(world, _job_of(world, record)).data.get("audienceSizeConfig") or figures.DEFAULT_SIZES
    problems = [str(problem) for problem in export_size_problems(size, sizes)]
    if size["type"] == "ABSOLUTE" and size["value"] < MINIMUM_EXPORTED_USERS:
        problems.append(f"audienceSize is {size['value']} users; an export has at least {MINIMUM_EXPORTED_USERS}")
    if problems:
        raise validation_error(*problems)


def _job_of(world: World, record: Record) -> Record:
    return world.records[record.data["audienceGenerationJobArn"]]


def _output_uri(model: Record) -> str:
    return str(model.data["outputConfig"]["destination"]["s3Destination"]["s3Uri"])


def _export_failure(world: World, record: Record, seconds: float) -> Failure | None:
    return missing_bucket(_output_uri(_model_of(world, _job_of(world, record))))


def _export_results(world: World, record: Record) -> dict[str, Any]:
    """Documented: locations are never revealed to another account."""
    model = _model_of(world, _job_of(world, record))
    return {"outputLocation": _output_uri(model)} if model.account == record.account else {}


def _share_export(world: World, record: Record) -> None:
    """As the job is in both accounts, its exports are, too (inferred)."""
    other = world.records.get(_job_of(world, record).twin)
    if other is None:
        return
    twin = _twin(world, record, other.account, {**record.data, "audienceGenerationJobArn": other.arn})
    twin.results = {} if twin.failure else _export_results(world, twin)
    twin.seeded = other.seeded


# -- associations ------------------------------------------------------------------------------------------------------


def _manage_policy(world: World, record: Record) -> None:
    """Documented: Clean Rooms writes a policy with the condition for the collaboration. Its Sid is ours."""
    if not record.data["manageResourcePolicies"]:
        return
    model = _model_of(world, record)
    # Who else is in a collaboration that was seeded is not known; the condition still closes it to others.
    others = accounts(world, record.data["collaborationIdentifier"]) - {record.account}
    statement = {
        "Sid": _sid(record),
        "Effect": "Allow",
        "Principal": {"AWS": sorted(others) or ["*"]},
        "Action": [START_JOB],
        "Resource": [model.arn, world.arn(KINDS["AudienceGenerationJob"], {}, "*", model.account)],
        "Condition": {"StringEquals": {COLLABORATION_KEY: record.data["collaborationIdentifier"]}},
    }
    model.policy = with_statement(model.policy, statement)


def _drop_policy(world: World, record: Record) -> None:
    model = world.records.get(record.data["configuredAudienceModelArn"])
    if model is not None and record.data["manageResourcePolicies"]:
        model.policy = without_statement(model.policy, _sid(record))


def _sid(record: Record) -> str:
    return f"Clean-Rooms-{record.data['id']}"


BEHAVIORS: Mapping[str, Behavior] = {
    "AudienceModel": Behavior(failure=_model_failure),
    "AudienceGenerationJob": Behavior(
        prepare=_prepare_job, failure=_job_failure, results=_job_results, added=_share_job
    ),
    "AudienceExportJob": Behavior(
        prepare=_prepare_export, failure=_export_failure, results=_export_results, added=_share_export
    ),
    "ConfiguredAudienceModelAssociation": Behavior(complete=link, added=_manage_policy, deleted=_drop_policy),
}
