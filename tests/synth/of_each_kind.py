"""One resource of each kind: created with only the required arguments, and imported by its ARN."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_s3 as s3

import cdk_cleanrooms_ml
from cdk_cleanrooms_ml import (
    Collaboration,
    ConfiguredAudienceModelAssociation,
    ConfiguredModelAlgorithm,
    ContainerConfig,
    Membership,
    MLConfiguration,
    TrainedModel,
)
from cleanrooms_ml_cli.sandbox.emulator.kinds import KINDS
from tests.synth.custom_model import MODEL_ARN, CustomModelStack
from tests.synth.stacks import ACCOUNT, MEMBERSHIP, channel, configured, job
from tests.synth.test_audience_export_job import export as audience_export
from tests.synth.test_configured_model_algorithm_association import association
from tests.synth.test_tables import table
from tests.synth.test_trained_model_export_job import export as model_export
from tests.synth.test_training_dataset import dataset

Create = Callable[..., Any]


def stem_of(kind: str) -> str:
    """The name of a kind in files and arguments."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()


def _member(stack: cdk.Stack) -> Any:
    return Membership.from_membership_id(stack, "Member", MEMBERSHIP)


def algorithm(stack: cdk.Stack, **changes: Any) -> ConfiguredModelAlgorithm:
    """An algorithm with only the required arguments."""
    repository = ecr.Repository.from_repository_name(stack, "Images", "images")
    config = ContainerConfig(repository=repository)
    return ConfiguredModelAlgorithm(stack, "Own", training_container_config=config, **changes)


def collaboration(stack: cdk.Stack) -> Collaboration:
    """A collaboration with only the required arguments."""
    return Collaboration(stack, "Collaboration", creator_display_name="Shop")


def model_association(stack: cdk.Stack) -> ConfiguredAudienceModelAssociation:
    """An association with only the required arguments."""
    return ConfiguredAudienceModelAssociation(
        stack, "Association", membership=_member(stack), configured_audience_model=configured(stack)
    )


def ml_configuration(stack: cdk.Stack) -> MLConfiguration:
    """A configuration with only the required arguments."""
    bucket = s3.Bucket.from_bucket_name(stack, "Results", "results")
    return MLConfiguration(stack, "Configuration", membership=_member(stack), output_bucket=bucket)


# How to create those whose test has no function of the kind's own name for it.
_CREATED: Mapping[str, Create] = {
    "AudienceExportJob": audience_export,
    "AudienceGenerationJob": job,
    "Collaboration": collaboration,
    "ConfiguredAudienceModel": configured,
    "ConfiguredAudienceModelAssociation": model_association,
    "ConfiguredModelAlgorithm": algorithm,
    "ConfiguredModelAlgorithmAssociation": association,
    "ConfiguredTable": table,
    "MLConfiguration": ml_configuration,
    "MLInputChannel": channel,
    "Membership": lambda stack: Membership(stack, "M", collaboration=collaboration(stack)),
    "TrainedModel": lambda stack, **changes: CustomModelStack(stack).model(**changes),
    "TrainingDataset": dataset,
    "TrainedModelExportJob": lambda stack: model_export(
        TrainedModel.from_trained_model_arn(stack, "TheirModel", MODEL_ARN), CustomModelStack(stack)
    ),
    "TrainedModelInferenceJob": lambda stack, **changes: CustomModelStack(stack).inference(**changes),
}


def created(kind: str, stack: cdk.Stack, **changes: Any) -> Any:
    """A resource with only the required arguments.

    Args:
        kind: Its kind.
        stack: Its scope.
        changes: Further arguments, or others.

    Raises:
        LookupError: The test of the kind does not say how to create one.
    """
    if kind in _CREATED:
        return _CREATED[kind](stack, **changes)
    stem = stem_of(kind)
    create = getattr(import_module(f"tests.synth.test_{stem}"), stem, None)
    if create is None:
        raise LookupError(
            f"tests/synth/test_{stem}.py has no function {stem}(stack, **changes), which creates the kind {kind} with "
            "only the required arguments; add it there"
        )
    return create(stack, **changes)


def arn_of(kind: str) -> str:
    """An ARN of a kind, in the form that the sandbox gives it."""
    emulated = KINDS[kind]
    path = emulated.arn_path.format(membershipIdentifier=MEMBERSHIP)
    return f"arn:aws:{emulated.arn_service}:us-east-1:{ACCOUNT}:{path}/one"


def class_of(kind: str) -> Any:
    """The construct of a kind."""
    return getattr(cdk_cleanrooms_ml, kind)


def interface_of(kind: str) -> Any:
    """The interface of a kind; None if it has none."""
    return getattr(cdk_cleanrooms_ml, f"I{kind}", None)


def imported(kind: str, stack: cdk.Stack, id: str = "Imported", arn: str = "") -> Any:
    """A resource of a kind that is defined outside the stack.

    Args:
        kind: Its kind.
        stack: The scope of the import.
        id: The construct ID.
        arn: Its ARN. Default: one of the kind.
    """
    return getattr(class_of(kind), f"from_{stem_of(kind)}_arn")(stack, id, arn or arn_of(kind))
