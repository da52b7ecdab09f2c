"""What is special about the kinds of custom modeling.

Runs fail by themselves for:

- a channel whose query cannot succeed (see `queries`),
- a synthetic channel whose membership inference attack score exceeds the template's maximum,
- training or inference with an algorithm whose image has the tag `no-such-image`,
- training that takes longer than `stoppingCondition.maxRuntimeInSeconds`,
- inference or an export whose receiver's ML configuration names the bucket `no-such-bucket`.

Training and inference publish no metrics without an ML configuration of the membership, and no logs as long as an
account that the association allows to see them has none: their status is then PUBLISH_FAILED.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ApiError, validation_error
from ..kinds import KINDS, Kind
from ..rules.failures import Failure, failed, missing_bucket
from ..rules.members import CAN_QUERY, memberships, ml_configuration, require_ability, require_receiver
from ..rules.payers import payer
from ..rules.queries import (
    query_failure,
    require_listed_spark_keys,
    require_template,
    synthetic_parameters,
    template_of,
)
from ..state.lifecycle import Record
from ..state.world import World
from . import figures
from .behavior import Behavior

SCORE_TOO_HIGH = "MEMBERSHIP_INFERENCE_ATTACK_SCORE_TOO_HIGH"
IMAGE_NOT_FOUND = "IMAGE_NOT_FOUND"
MAX_RUNTIME_EXCEEDED = "MAX_RUNTIME_EXCEEDED"

MISSING_IMAGE_TAG = ":no-such-image"


# -- channels ----------------------------------------------------------------------------------------------------------


def _prepare_channel(world: World, record: Record) -> None:
    data, collaboration = record.data, record.data["collaborationIdentifier"]
    require_ability(world, collaboration, CAN_QUERY)
    record.started["protectedQueryIdentifier"] = world.ids.new()
    require_listed_spark_keys(world, record)
    require_template(world, record, collaboration)
    synthetic = synthetic_parameters(template_of(world, record))
    if synthetic is not None:
        data["syntheticDataConfiguration"] = {"syntheticDataParameters": dict(synthetic)}
    chosen = data.get("payerConfiguration", {})
    compute, synthesis = "computePayerAccountId", "syntheticDataPayerAccountId"
    payers = {compute: payer(world, collaboration, "queryCompute", chosen.get(compute), compute)}
    if synthetic is not None:
        pays = payer(world, collaboration, "syntheticDataGeneration", chosen.get(synthesis), synthesis)
        payers[synthesis] = pays
    if known := {name: account for name, account in {**chosen, **payers}.items() if account}:
        data["payerConfiguration"] = known


def _channel_failure(world: World, record: Record, seconds: float) -> Failure | None:
    template = template_of(world, record)
    synthetic = synthetic_parameters(template)
    if template is not None and synthetic is not None:
        score, maximum = figures.attack_score(record, template), synthetic["maxMembershipInferenceAttackScore"]
        if score > maximum:
            return failed(
                SCORE_TOO_HIGH, f"The membership inference attack score {score} is above the maximum {maximum}"
            )
    return query_failure(world, record)


# -- trained models ----------------------------------------------------------------------------------------------------


def _new_model(world: World, kind: Kind, data: dict[str, Any], tags: dict[str, str]) -> Record:
    """A model of its own, or a new version of the one that it starts from.

    How a version comes about is not documented: here by incremental training under the name of the model that it
    starts from, or by any incremental training if so chosen (`Options.new_version`).
    """
    base = _base_of(world, data)
    if base is None:
        return world.new_record(kind, data, tags)
    version = world.ids.new()
    record = world.new_record(kind, {**data, kind.version_field: version}, base.tags)
    base.tags.update(tags)
    record.arn, record.key = base.arn, f"{base.arn}#{version}"
    record.data[kind.arn_field] = base.arn
    return record


def _base_of(world: World, data: Mapping[str, Any]) -> Record | None:
    for channel in data.get("incrementalTrainingDataChannels", []):
        base = world.records.get(channel["trainedModelArn"])
        if base is None or base.data["membershipIdentifier"] != data["membershipIdentifier"]:
            continue
        if world.options.new_version == "always" or base.name == data["name"]:
            return base
    return None


def _prepare_model(world: World, record: Record) -> None:
    data, collaboration = record.data, record.data["collaborationIdentifier"]
    require_ability(world, collaboration, CAN_QUERY)
    association = world.records[data["configuredModelAlgorithmAssociationArn"]]
    image = _image(world, association, "trainingContainerConfig")
    record.started["trainingContainerImageDigest"] = figures.digest(image)
    kind = KINDS["TrainedModel"]
    for channel in data.get("incrementalTrainingDataChannels", []):
        base = world.continued(kind, channel["trainedModelArn"], channel.get("versionIdentifier"))
        channel["modelName"] = base.name
        if kind.version_field in base.data:
            channel["versionIdentifier"] = base.data[kind.version_field]
    member = "mlModelTrainingPayerAccountId"
    if pays := payer(world, collaboration, "modelTraining", data.get(member), member):
        data[member] = pays
    record.ended |= _published(world, association, "trainedModels")


def _model_failure(world: World, record: Record, seconds: float) -> Failure | None:
    association = world.records[record.data["configuredModelAlgorithmAssociationArn"]]
    longest = record.data.get("stoppingCondition", {}).get("maxRuntimeInSeconds", seconds)
    if seconds > longest:
        return failed(MAX_RUNTIME_EXCEEDED, f"The training was stopped after {longest} seconds, before its end")
    return _image_failure(_image(world, association, "trainingContainerConfig"))


# -- inference jobs ----------------------------------------------------------------------------------------------------


def _prepare_inference(world: World, record: Record) -> None:
    data, collaboration = record.data, record.data["collaborationIdentifier"]
    require_ability(world, collaboration, CAN_QUERY)
    association = _association_of(world, record)
    image = _image(world, association, "inferenceContainerConfig")
    record.started["inferenceContainerImageDigest"] = figures.digest(image)
    for receiver in data["outputConfiguration"]["members"]:
        require_receiver(world, collaboration, receiver["accountId"], "CAN_RECEIVE_INFERENCE_OUTPUT")
    member = "mlModelInferencePayerAccountId"
    if pays := payer(world, collaboration, "modelInference", data.get(member), member):
        data[member] = pays
    record.ended |= _published(world, association, "trainedModelInferenceJobs")


def _association_of(world: World, record: Record) -> Record:
    """The association of the request, or that of the trained model."""
    model = world.records[record.data["trainedModelArn"]]
    member = "configuredModelAlgorithmAssociationArn"
    return world.locate(KINDS["ConfiguredModelAlgorithmAssociation"], record.data.get(member) or model.data[member])


def _inference_failure(world: World, record: Record, seconds: float) -> Failure | None:
    image = _image(world, _association_of(world, record), "inferenceContainerConfig")
    return _image_failure(image) or _output_failure(world, record, seconds)


# -- exports -----------------------------------------------------------------------------------------------------------


def _prepare_export(world: World, record: Record) -> None:
    """Documented: who trained the model exports it; what is exported, the association's policy says."""
    data = record.data
    model = world.records[data["trainedModelArn"]]
    if model.data["membershipIdentifier"] != data["membershipIdentifier"]:
        raise ApiError("AccessDeniedException", f"{model.arn} was trained by another member of the collaboration")
    association = world.records.get(model.data["configuredModelAlgorithmAssociationArn"])
    if association is not None and "trainedModelExports" not in _policies(association):
        raise validation_error(f"the privacy configuration of {association.arn} allows no exports")
    for receiver in data["outputConfiguration"]["members"]:
        require_receiver(world, data["collaborationIdentifier"], receiver["accountId"], "CAN_RECEIVE_MODEL_OUTPUT")


def _output_failure(world: World, record: Record, seconds: float) -> Failure | None:
    """Whether the receivers' buckets are there."""
    joined = memberships(world, record.data["collaborationIdentifier"])
    for receiver in record.data["outputConfiguration"]["members"]:
        configuration = ml_configuration(world, joined[receiver["accountId"]])
        location = configuration.data["defaultOutputLocation"] if configuration is not None else {}
        uri = location.get("destination", {}).get("s3Destination", {}).get("s3Uri", "")
        if problem := missing_bucket(uri):
            return problem
    return None


# -- algorithms --------------------------------------------------------------------------------------------------------


def _image(world: World, association: Record, config: str) -> str:
    """The image that an association's algorithm trains or infers with.

    Raises:
        ApiError: ValidationException: the algorithm has none. An unknown algorithm is not checked.
    """
    algorithm = world.records.get(association.data["configuredModelAlgorithmArn"])
    if algorithm is None:
        return association.arn
    if config not in algorithm.data:
        raise validation_error(f"the configured model algorithm {algorithm.arn} has no {config}")
    return str(algorithm.data[config]["imageUri"])


def _image_failure(image: str) -> Failure | None:
    return failed(IMAGE_NOT_FOUND, f"The image {image} does not exist") if image.endswith(MISSING_IMAGE_TAG) else None


def _policies(association: Record) -> Mapping[str, Any]:
    found: Mapping[str, Any] = association.data.get("privacyConfiguration", {}).get("policies", {})
    return found


def _published(world: World, association: Record, policy: str) -> dict[str, Any]:
    """How the publishing of metrics and logs ends."""
    joined = memberships(world, association.data["collaborationIdentifier"])
    with_output = {account for account, one in joined.items() if ml_configuration(world, one) is not None}
    allowed = {
        account
        for logs in _policies(association).get(policy, {}).get("containerLogs", [])
        for account in logs["allowedAccountIds"]
    }
    published: dict[str, Any] = _publishing("metrics", {world.account} - with_output)
    if allowed:
        published |= _publishing("logs", allowed - with_output)
    return published


def _publishing(what: str, without: set[str]) -> dict[str, Any]:
    if not without:
        return {f"{what}Status": "PUBLISH_SUCCEEDED"}
    details = f"No ML configuration of {', '.join(sorted(without))}"
    return {f"{what}Status": "PUBLISH_FAILED", f"{what}StatusDetails": details}


BEHAVIORS: Mapping[str, Behavior] = {
    "MLInputChannel": Behavior(prepare=_prepare_channel, failure=_channel_failure, results=figures.channel),
    "TrainedModel": Behavior(new=_new_model, prepare=_prepare_model, failure=_model_failure),
    "TrainedModelInferenceJob": Behavior(prepare=_prepare_inference, failure=_inference_failure),
    "TrainedModelExportJob": Behavior(prepare=_prepare_export, failure=_output_failure),
}
