"""Sessions and clients of boto3, and its errors in one line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from .errors import CannotDo, Expired, Refused, Unreachable
from .regions import REGIONS

_T = TypeVar("_T")
_INSTALL = "pip install 'cdk-cleanrooms-ml[cli]'"
_LOG_IN = "sign in again (aws sso login, or new values for the AWS_… variables)"
_NO_CREDENTIALS = "set AWS_PROFILE or pass --profile, or sign in with aws sso login"
_EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "ExpiredTokenError"}
)
# In the names of botocore's exceptions: of single sign-on, of a login, of a process that gives credentials.
_SIGN_IN = ("SSO", "Token", "Login", "CredentialRetrieval")
_UNKNOWN_KEY = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "AuthFailure",
    }
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})
_BUSY = frozenset({"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"})
_DOES_NOT_EXIST = "does not exist"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options by which every command that reads an account knows which."""
    parser.add_argument("--profile", metavar="NAME", help="profile of the AWS configuration (default: AWS_PROFILE)")
    parser.add_argument("--region", metavar="REGION", help="Region (default: AWS_REGION, or that of the profile)")


class Session:
    """Where clients come from, as the environment and the options say.

    Args:
        profile: A profile of the AWS configuration. Default: what the environment says.
        region: A Region. Default: AWS_REGION, AWS_DEFAULT_REGION or the profile's, in this order.

    Raises:
        CannotDo: boto3 is missing, there is no such profile, or no Region is known.
    """

    def __init__(self, profile: str | None = None, region: str | None = None) -> None:
        try:
            import boto3
            import botocore.session
            from botocore.exceptions import BotoCoreError
        except ImportError:
            raise CannotDo(f"boto3 is not installed; install it with: {_INSTALL}") from None
        # The CDK, the AWS CLI and most SDKs read this variable; boto3 does not.
        region = region or os.environ.get("AWS_REGION") or None
        try:
            self.core: Any = botocore.session.Session(profile=profile)
            boto = boto3.Session(botocore_session=self.core, region_name=region)
            # The models beside the handlers hold what the engine calls; who pays in a collaboration is in AWS's own.
            self._whole: Any = botocore.session.Session(profile=profile)
            self._whole.register_component("data_loader", _aws_models())
        except BotoCoreError as error:
            raise translated(error, region or "") from error
        self._identity: tuple[str, str] | None = None
        self.region: str = boto.region_name or ""
        if not self.region:
            raise CannotDo("no Region is known; pass --region or set AWS_REGION")

    def client(self, service: str) -> Any:
        """A client; what is called with it has to be wrapped in `asked`."""
        from botocore.config import Config

        config = Config(connect_timeout=10, read_timeout=30, retries={"total_max_attempts": 3, "mode": "standard"})
        return self.asked(lambda: self._whole.create_client(service, region_name=self.region, config=config))

    def identity(self) -> tuple[str, str]:
        """The partition and the account of the caller."""
        if self._identity is None:
            answer = self.asked(lambda: self.client("sts").get_caller_identity())
            self._identity = str(answer["Arn"]).split(":")[1], str(answer["Account"])
        return self._identity

    def asked(self, call: Callable[[], _T]) -> _T:
        """The answer to a call.

        Raises:
            CannotDo: There is none; the message says why.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return call()
        except (BotoCoreError, ClientError) as error:
            raise translated(error, self.region) from error


@cache
def _aws_models() -> Any:
    """AWS's own service models, each of which is read once."""
    from botocore.loaders import Loader

    return Loader(include_default_search_paths=True)


def translated(error: Exception, region: str) -> CannotDo:
    """An error of boto3 as one line that says what to do."""
    name, text = type(error).__name__, " ".join(str(error).split())
    response = getattr(error, "response", None)
    if isinstance(response, dict) and "Error" in response:
        code = str(response["Error"].get("Code", name))
        return _of_service(code, str(response["Error"].get("Message", "")), str(getattr(error, "operation_name", "")))
    if name in ("NoCredentialsError", "PartialCredentialsError"):
        return CannotDo(f"no AWS credentials were found; {_NO_CREDENTIALS}")
    if name == "ProfileNotFound":
        return CannotDo(f"{text}; see ~/.aws/config, or pass another --profile")
    if name == "NoRegionError":
        return CannotDo("no Region is known; pass --region or set AWS_REGION")
    if any(part in name for part in _SIGN_IN):
        return Expired(f"the AWS credentials have expired or cannot be read ({name}); {_LOG_IN}")
    if name in ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError"):
        return _no_connection(str(getattr(error, "kwargs", {}).get("endpoint_url", "")), region)
    if name in ("ProxyConnectionError", "SSLError", "HTTPClientError"):
        return Unreachable(f"AWS cannot be reached ({name}: {text[:200]}); look at the network and the proxy")
    if name == "InvalidRegionError":
        return CannotDo(f"{text}; pass another --region")
    return CannotDo(f"AWS gave no answer ({name}: {text[:300]})")


def _no_connection(endpoint: str, region: str) -> CannotDo:
    set_by_hand = next((value for name, value in os.environ.items() if name.startswith("AWS_ENDPOINT_URL")), None)
    if set_by_hand and endpoint.startswith(set_by_hand):
        return Unreachable(
            f"nothing answers at {set_by_hand}, to which AWS_ENDPOINT_URL leads; start it with cleanrooms-ml sandbox "
            "up, or unset the variable"
        )
    if "cleanrooms" in endpoint and region not in REGIONS:
        return CannotDo(
            f"Clean Rooms ML does not answer in {region}, and has no documented endpoint there; pass --region with one "
            f"of {', '.join(REGIONS)}"
        )
    return Unreachable(f"AWS cannot be reached at {endpoint or region}; look at the network, the proxy and --region")


def _of_service(code: str, message: str, operation: str) -> CannotDo:
    words = " ".join(message.split())
    if code in _EXPIRED:
        return Expired(f"the AWS credentials have expired ({operation}); {_LOG_IN}")
    if code in _UNKNOWN_KEY:
        return CannotDo(f"AWS does not accept the credentials ({code}, {operation}); {_NO_CREDENTIALS}")
    if code in _DENIED:
        return Refused(f"no permission: {words or code} ({operation}); ask for it, or use another --profile")
    if code in _BUSY:
        return Unreachable(f"AWS throttles {operation}; try again in a minute")
    if _DOES_NOT_EXIST in words:
        return CannotDo(f"{words}; look at the name, --region and --profile")
    return Refused(f"{operation} failed: {code}: {words}")
