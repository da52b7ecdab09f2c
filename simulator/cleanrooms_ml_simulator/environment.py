"""Environment variables of a process that is to reach no AWS."""

from __future__ import annotations

import os

_OF_THE_MACHINE = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL")
_REGION = "us-east-1"


def isolate() -> None:
    """Keeps this process, and those that it starts, from the AWS settings of the machine.

    Call it before the first boto3 client is created.
    """
    # Synth needs no validator for types that it does not know; one end-to-end test turns it on.
    os.environ.setdefault("CDK_VALIDATION", "false")
    for name in _OF_THE_MACHINE:
        os.environ.pop(name, None)
    os.environ["AWS_ACCESS_KEY_ID"] = os.environ["AWS_SECRET_ACCESS_KEY"] = "test"
    os.environ["AWS_REGION"] = os.environ["AWS_DEFAULT_REGION"] = _REGION
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
