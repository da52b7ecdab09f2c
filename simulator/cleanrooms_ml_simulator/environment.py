"""Environment variables of a process that is to reach no AWS."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]

_OF_THE_MACHINE = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL")
_REGION = "us-east-1"


def isolate() -> None:
    """Keeps this process, and those that it starts, from the AWS settings of this computer.

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


def prefer_pinned_cdk() -> None:
    """Puts the Node.js that pip installed and the CDK CLI that package.json pins first on PATH."""
    own = [str(Path(sys.executable).parent), str(_ROOT / "node_modules" / ".bin")]
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    os.environ["PATH"] = os.pathsep.join([*own, *(folder for folder in path if folder not in own)])


def spare_node() -> None:
    """Lets the CDK CLI and jsii's kernels, started by the hundred, use less CPU time.

    Their V8 begins a thread per core, which for a second's work costs more than it gains beside other processes; and
    it compiles the same 16 MB of the CLI each time unless it may keep the result.
    """
    os.environ["NODE_OPTIONS"] = f"{os.environ.get('NODE_OPTIONS', '')} --v8-pool-size=1".strip()
    os.environ.setdefault("NODE_COMPILE_CACHE", str(_ROOT / ".cache" / "node"))
