"""MiniStack's settings: all of them come from the environment of its process."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..environment import for_functions, without_proxy


def apply(port: int, temporary: Path, iam: bool, account: str, region: str) -> None:
    """Set the environment of this process and of every Lambda function that it will start.

    Must run before MiniStack is imported: its modules read the settings then.
    """
    kept = for_functions(os.environ)
    for name in os.environ.keys() - kept.keys():
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
