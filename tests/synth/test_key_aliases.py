"""Aliases of KMS keys where the ARN of a key is needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from cdk_cleanrooms_ml import CleanRoomsMLProvider, SeedAudience
from tests.synth.stacks import channel, configured, job, new_stack, only, template_of

USES: dict[str, Callable[[cdk.Stack, kms.IKey], Any]] = {
    "encryption_key": lambda stack, key: channel(stack, encryption_key=key),
    "environment_encryption": lambda stack, key: CleanRoomsMLProvider(stack, "P", environment_encryption=key),
    "state_machine_encryption": lambda stack, key: CleanRoomsMLProvider(stack, "P", state_machine_encryption=key),
    "log_encryption": lambda stack, key: CleanRoomsMLProvider(stack, "P", log_encryption=key),
    "dead_letter_queue: the key of the queue": lambda stack, key: CleanRoomsMLProvider(
        stack, "P", dead_letter_queue=sqs.Queue(stack, "Queue", encryption_master_key=key)
    ),
    "output_bucket: the key of the bucket": lambda stack, key: configured(
        stack, output_bucket=s3.Bucket(stack, "Bucket", encryption_key=key)
    ),
    "seed_audience: the key of the bucket": lambda stack, key: job(
        stack, seed_audience=SeedAudience.from_bucket(s3.Bucket(stack, "Bucket", encryption_key=key), "seed")
    ),
}


@pytest.mark.parametrize("keyword", USES)
def test_an_alias_by_its_name_is_refused(keyword: str) -> None:
    stack = new_stack()
    alias = kms.Alias.from_alias_name(stack, "Alias", "alias/data")
    with pytest.raises(ValueError, match=rf"{keyword} is the KMS alias alias/data; the ARN of a key is needed"):
        USES[keyword](stack, alias)


def test_an_alias_that_knows_its_key_is_that_key() -> None:
    stack = new_stack()
    key = kms.Key(stack, "Key")
    made = channel(stack, encryption_key=kms.Alias(stack, "Alias", alias_name="alias/data", target_key=key))
    template = template_of(stack)
    arn = stack.resolve(key.key_arn)
    assert only(template, "Custom::CleanRoomsML-MLInputChannel")["Properties"]["kmsKeyArn"] == arn
    assert "alias" not in json.dumps(template["Resources"]["CleanRoomsMLWorkerOwnPolicy"])
    assert made.encryption_key is not None
    assert stack.resolve(made.encryption_key.key_arn) == arn
