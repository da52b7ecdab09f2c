"""boto3's clients of a sandbox, which nothing in the environment leads elsewhere."""

from __future__ import annotations

import importlib
import os
import threading
from functools import cache
from typing import Any

from .errors import Prerequisite

# MiniStack looks at the access key alone.
SIGNING_KEY = "test"
# A session may not create clients in several threads at once.
_ONE_AT_A_TIME = threading.Lock()


def client(service: str, endpoint: str, region: str, access_key: str, **options: Any) -> Any:
    """A client of a service.

    Args:
        service: Its name in boto3.
        endpoint: The sandbox's.
        region: The Region.
        access_key: The account's.
        options: boto3's.

    Raises:
        Prerequisite: boto3 is not installed.
    """
    _, _, config = boto3_modules()
    defaults = {
        "endpoint_url": endpoint,
        "region_name": region,
        "aws_access_key_id": access_key,
        "aws_secret_access_key": SIGNING_KEY,
        "config": config.Config(proxies={}),
    }
    with _ONE_AT_A_TIME:
        return _session().client(service, **{**defaults, **options})


@cache
def _session() -> Any:
    """One session for all clients: each session reads the service models anew, a tenth of a second or more."""
    boto3, session, _ = boto3_modules()
    # Neither a profile nor a file of the user counts here, nor AWS_DATA_PATH: the functions' models have no more than
    # they call.
    nothing = dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    absent = dict.fromkeys(("profile", "data_path"), (None, None, None, None))
    alone = session.Session(session_vars={**absent, **nothing})
    return boto3.Session(botocore_session=alone)


def boto3_modules() -> tuple[Any, Any, Any]:
    """boto3 and what of botocore is used with it.

    Raises:
        Prerequisite: It is not installed.
    """
    try:
        return (
            importlib.import_module("boto3"),
            importlib.import_module("botocore.session"),
            importlib.import_module("botocore.config"),
        )
    except ImportError:
        raise Prerequisite(
            "boto3 is not installed; install it with: pip install 'cdk-cleanrooms-ml[sandbox]'"
        ) from None
