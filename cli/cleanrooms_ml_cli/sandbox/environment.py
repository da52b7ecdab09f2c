"""What the launcher and those who use it share."""

from __future__ import annotations

from collections.abc import Mapping

ACCOUNT = "000000000000"
REGION = "us-east-1"

LOCK = "alive.lock"
"""File in the sandbox's folder that the launcher holds locked as long as it lives."""

IDENTITY_PATH = "/_cleanroomsml/sandbox"
"""Answers which sandbox this is."""

EXIT_ALREADY_RUNNING = 3


def without_proxy(environment: Mapping[str, str]) -> str:
    """The value of NO_PROXY that also keeps calls to this machine off a proxy."""
    hosts = environment.get("NO_PROXY", environment.get("no_proxy", "")).split(",")
    return ",".join(dict.fromkeys([*filter(None, hosts), "127.0.0.1", "localhost"]))
