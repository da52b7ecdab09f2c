"""One resource of each kind: created with the required arguments alone, and imported by its ARN."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

import cdk_cleanrooms_ml
from cdk_cleanrooms_ml import (
    Collaboration,
    ConfiguredAudienceModelAssociation,
    ConfiguredAudienceModelPolicy,
    ConfiguredModelAlgorithm,
    ContainerConfig,
    Membership,
    MLConfiguration,
    TrainedModelExportJob,
)
from cleanrooms_ml_cli.sandbox.emulator.kinds import KINDS
from tests.synth.custom_model import CustomModelStack
from tests.synth.stacks import ACCOUNT, CONFIGURED_ARN, MEMBERSHIP, channel, configured, job

Create = Callable[..., Any]
