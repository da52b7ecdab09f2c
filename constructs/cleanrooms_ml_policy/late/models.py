"""Custom models: images that an algorithm does not have, and results that have nowhere to go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cleanrooms_ml_handlers.problem import ID_PREFIX, Problem
from cleanrooms_ml_handlers.rules.rule import CrossRequestRule, Source

from .stack import Stack, dig

_ASSOCIATION = "AWS::CleanRoomsML::ConfiguredModelAlgorithmAssociation"
_ALGORITHM = "AWS::CleanRoomsML::ConfiguredModelAlgorithm"
_MODEL = "Custom::CleanRoomsML-TrainedModel"
_OWN_ACCOUNT = {"Ref": "AWS::AccountId"}

CONTAINER = CrossRequestRule(
    f"{ID_PREFIX}container",
    "the algorithm of a training or of inference",
    "with a training container to train, with an inference container to apply a model",
    "The service has no image to run.",
    "Give the ConfiguredModelAlgorithm the container.",
    Source.api("CreateConfiguredModelAlgorithm"),
)
ML_CONFIGURATION = CrossRequestRule(
    f"{ID_PREFIX}ml-configuration",
    "inference jobs and exports of trained models",
    "usually after the MLConfiguration of the receiving membership, where the stack has one or creates the membership",
    "Without a place for results the job fails, after hours of training.",
    "Create an MLConfiguration and let the job depend on it: job.node.add_dependency(configuration).",
    Source.guide("configure-ml-output", "Creating an ML configuration"),
    is_advice=True,
)
RULES = (CONTAINER, ML_CONFIGURATION)


def check(stack: Stack) -> Iterator[tuple[str, Problem]]:
    """Yields what lacks an image or a place for its results."""
    for name, request in stack.of_kind("TrainedModel"):
        yield from _without(stack, name, request, "TrainingContainerConfig", "train")
    for name, request in stack.of_kind("TrainedModelInferenceJob"):
        own = request.get("configuredModelAlgorithmAssociationArn")
        model = stack.referred(request.get("trainedModelArn"), _MODEL)
        applied = request if own is not None or model is None else model.properties
        yield from _without(stack, name, applied, "InferenceContainerConfig", "apply the model")
    for name, request in stack.of_kind("TrainedModelInferenceJob", "TrainedModelExportJob"):
        members = dig(request, "outputConfiguration", "members")
        if isinstance(members, list) and [dig(each, "accountId") for each in members] == [_OWN_ACCOUNT]:
            yield from _nowhere(stack, name, request.get("membershipIdentifier"))


def _without(
    stack: Stack, name: str, request: Mapping[str, Any], container: str, what: str
) -> Iterator[tuple[str, Problem]]:
    association = stack.referred(request.get("configuredModelAlgorithmAssociationArn"), _ASSOCIATION)
    algorithm = association and stack.referred(dig(association.properties, "ConfiguredModelAlgorithmArn"), _ALGORITHM)
    if algorithm is not None and dig(algorithm.properties, container) is None:
        shown = algorithm.shown
        message = f"refers to {shown}, which has no {container}: there is no image to {what}"
        yield name, Problem("configuredModelAlgorithmAssociationArn", message, CONTAINER.id)


def _nowhere(stack: Stack, name: str, membership: object) -> Iterator[tuple[str, Problem]]:
    path = "outputConfiguration"
    configurations = [
        each for each, request in stack.of_kind("MLConfiguration") if request.get("membershipIdentifier") == membership
    ]
    if configurations and not any(stack.comes_before(each, name) for each in configurations):
        message = f"goes to the place of {configurations[0]}, which may be created later"
        yield name, Problem(path, message, ML_CONFIGURATION.id)
    elif not configurations and stack.referred(membership, "AWS::CleanRooms::Membership"):
        message = "has no place: the stack creates the membership, but no MLConfiguration for it"
        yield name, Problem(path, message, ML_CONFIGURATION.id)
