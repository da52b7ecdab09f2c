"""MiniStack's settings: all of them come from the environment of its process."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..environment import without_proxy

# Whatever the user's shell holds for another MiniStack or LocalStack, or for a real account, must not
# reach this one. LAMBDA_RUNTIME_… and AWS_LAMBDA_… would come from a CI that itself runs in Lambda.
_FOREIGN_PREFIXES = ("AWS_", "IOT_", "LAMBDA_", "LOCALSTACK_", "MINISTACK_", "S3_", "SFTP_")
_FOREIGN = ("AUTH", "EDGE_PORT", "PERSIST_STATE", "PYTHONPATH", "SERVICES", "STATE_DIR", "USE_SSL")


def apply(port: int, temporary: Path, iam: bool, account: str, region: str) -> None:
    """Set the environment of this process and of every Lambda function that it will start.

    Must run before MiniStack is imported: its modules read the settings then.
    """
    for name in list(os.environ):
        if name.startswith(_FOREIGN_PREFIXES) or name in _FOREIGN:
            del os.environ[name]
    hosts = without_proxy(os.environ)
    address = f"127.0.0.1:{port}"
    os.environ.update(
        GATEWAY_PORT=str(port),
        BIND_HOST="127.0.0.1",
        AUTH="true" if iam else "false",
        TMPDIR=str(temporary),
        MINISTACK_ACCOUNT_ID=account,
        MINISTACK_REGION=region,
        LOG_LEVEL="WARNING",
        # Both listen on a fixed port of every interface.
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        # No Docker: without this, MiniStack looks for containers of its own and removes them at start.
        DOCKER_HOST=f"unix://{temporary / 'no-docker.sock'}",
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106
        AWS_REGION=region,
        AWS_DEFAULT_REGION=region,
        AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE=str(temporary / "no-config"),
        AWS_SHARED_CREDENTIALS_FILE=str(temporary / "no-credentials"),
        AWS_ENDPOINT_URL=f"http://{address}",
        CLEANROOMS_ML_REPLY_HOST=address,
        NO_PROXY=hosts,
        no_proxy=hosts,
    )
    tempfile.tempdir = None  # it caches the folder that it found first
