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
EXIT_FOLDER_GONE = 4

# What a program needs to run at all. Everything else of the user's shell, secrets first, is not for the functions of
# an app; nor are the settings of another MiniStack, of LocalStack or of a real account.
_KEPT = frozenset(
    {
        "DYLD_FALLBACK_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "HOME",
        "LANG",
        "LANGUAGE",
        "LD_LIBRARY_PATH",
        "LOGNAME",
        "NO_PROXY",
        "PATH",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "TMPDIR",
        "TZ",
        "USER",
        "VIRTUAL_ENV",
        "no_proxy",
    }
)
_KEPT_PREFIX = "LC_"


def for_functions(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that the sandbox's process and the functions in it get."""
    return {name: value for name, value in environment.items() if name in _KEPT or name.startswith(_KEPT_PREFIX)}


def without_proxy(environment: Mapping[str, str]) -> str:
    """The value of NO_PROXY that also keeps calls to this machine off a proxy."""
    hosts = environment.get("NO_PROXY", environment.get("no_proxy", "")).split(",")
    return ",".join(dict.fromkeys([*filter(None, hosts), "127.0.0.1", "localhost"]))
