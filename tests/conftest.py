"""What all tests share."""

from __future__ import annotations

import os

# Synth tests need no validator for types that it does not know; one end-to-end test turns it on.
os.environ.setdefault("CDK_VALIDATION", "false")
# No test ever speaks to AWS with what the machine happens to know about it.
for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
    os.environ.pop(name, None)
os.environ["AWS_ACCESS_KEY_ID"] = os.environ["AWS_SECRET_ACCESS_KEY"] = "test"
os.environ["AWS_REGION"] = os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull

pytest_plugins = ["harness.fixtures"]
