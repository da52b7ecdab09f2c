"""The address at which CloudFormation takes the answer to a request: where it may be, and when it was signed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

# Environment variable with the host on which a sandbox accepts replies: set by its process, never by a template.
SANDBOX_REPLY_HOST = "CLEANROOMS_ML_REPLY_HOST"

# Environment variable with the reply bucket of CloudFormation, where it has another name than AWS documents.
REPLY_BUCKET = "CLEANROOMS_ML_REPLY_BUCKET"
# Source: CloudFormation User Guide, "Setting up VPC endpoints": the Region without hyphens.
_REPLY_BUCKET_PREFIX = "cloudformation-custom-resource-response-"
# Domains of the partitions that botocore's endpoints.json lists.
_DOMAINS: Mapping[str, tuple[str, ...]] = {
    "aws": ("amazonaws.com",),
    "aws-us-gov": ("amazonaws.com",),
    "aws-cn": ("amazonaws.com.cn",),
    "aws-eusc": ("amazonaws.eu",),
    "aws-iso": ("c2s.ic.gov",),
    "aws-iso-b": ("sc2s.sgov.gov",),
    "aws-iso-e": ("cloud.adc-e.uk",),
    "aws-iso-f": ("csp.hci.ic.gov",),
}
_S3_FORMS = (
    "s3",
    "s3.{region}",
    "s3-{region}",
    "s3.dualstack.{region}",
    "s3-fips.{region}",
    "s3-fips-{region}",
    "s3-fips.dualstack.{region}",
)

# CloudFormation signs a reply address for two hours, and clocks may differ.
VALID_SECONDS = 7200
CLOCK_SECONDS = 900
_PLAIN = re.compile("[!-~]+")
_MOMENT = "%Y%m%dT%H%M%SZ"
_SECONDS = re.compile("[0-9]{1,10}")


def may_answer(address: str, stack_id: str, environment: Mapping[str, str]) -> bool:
    """Whether CloudFormation accepts replies for a stack at an address."""
    if not _PLAIN.fullmatch(address):
        # Parsers differ in what they make of control characters, and a fault would show the address.
        return False
    parts = urlsplit(address)
    sandbox = environment.get(SANDBOX_REPLY_HOST)
    if sandbox and parts.netloc == sandbox:
        return True
    return parts.scheme == "https" and parts.netloc in _reply_hosts(stack_id, environment)


def _reply_hosts(stack_id: str, environment: Mapping[str, str]) -> frozenset[str]:
    """The names of the one bucket in which CloudFormation takes replies for a stack."""
    _, partition, _, region, *_ = stack_id.split(":")
    bucket = environment.get(REPLY_BUCKET) or _REPLY_BUCKET_PREFIX + region.replace("-", "")
    forms = [form.format(region=region) for form in _S3_FORMS]
    return frozenset(f"{bucket}.{form}.{domain}" for form in forms for domain in _DOMAINS.get(partition, ()))


def signing_time(address: str) -> float:
    """When a presigned address was signed, in seconds since 1970.

    Raises:
        ValueError: The address has no signing time.
    """
    query = parse_qs(urlsplit(address).query)
    if "X-Amz-Date" in query:
        return moment(query["X-Amz-Date"][0])
    if _SECONDS.fullmatch(query.get("Expires", [""])[0]):
        # Signature version 2 has only the expiry time; CloudFormation signs for two hours.
        return float(query["Expires"][0]) - VALID_SECONDS
    raise ValueError("the reply address has no signing time")


def moment_of(seconds: float) -> str:
    """A signing time as names and ids show it."""
    return datetime.fromtimestamp(seconds, UTC).strftime(_MOMENT)


def moment(text: str) -> float:
    """The time that `moment_of` shows, in seconds since 1970.

    Raises:
        ValueError: The text has another form.
    """
    return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC).timestamp()
