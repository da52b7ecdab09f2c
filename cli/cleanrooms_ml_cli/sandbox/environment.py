"""What the launcher and those who use it share."""

from __future__ import annotations

from collections.abc import Mapping

ACCOUNT = "000000000000"
REGION = "us-east-1"

LOCK = "alive.lock"
"""File in the sandbox's folder that the launcher holds locked as long as it lives."""

IDENTITY_PATH = "/_cleanroomsml/sandbox"
"""Answers which sandbox this is."""

PAGE_PATH = "/_cleanroomsml/page"
"""The page that shows what the sandbox holds."""

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


# Would lead the AWS CLI, an SDK or the CDK elsewhere, or make them refuse the sandbox's address.
_ELSEWHERE = (
    "AWS_CA_BUNDLE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
_ELSEWHERE_PREFIX = "AWS_ENDPOINT_URL_"


def leading_elsewhere(environment: Mapping[str, str]) -> list[str]:
    """The variables that must not be set for a shell or a process that is to use a sandbox."""
    return sorted({*_ELSEWHERE, *(name for name in environment if name.startswith(_ELSEWHERE_PREFIX))})


def without_proxy(environment: Mapping[str, str]) -> str:
    """The value of NO_PROXY that also keeps calls to this machine off a proxy."""
    hosts = environment.get("NO_PROXY", environment.get("no_proxy", "")).split(",")
    return ",".join(dict.fromkeys([*filter(None, hosts), "127.0.0.1", "localhost"]))
