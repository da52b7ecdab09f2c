"""List prices of AWS in us-east-1, in USD, without the free tier.

Sources: aws.amazon.com/lambda/pricing (ARM) and aws.amazon.com/step-functions/pricing (standard workflows), 2026-11.
"""

from __future__ import annotations

GIGABYTE_SECOND = 0.0000133334
INVOCATION = 0.20 / 1_000_000
STATE_TRANSITION = 0.025 / 1000


def lambda_cost(invocations: float, seconds: float, megabytes: int) -> float:
    """What invocations cost that take so many seconds in all."""
    return invocations * INVOCATION + seconds * megabytes / 1024 * GIGABYTE_SECOND
