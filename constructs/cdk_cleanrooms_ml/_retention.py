"""How long the service keeps data."""

from __future__ import annotations

from aws_cdk import Duration

from ._validation import is_token
from ._values import expect

_DAYS = "_cleanrooms_ml_days"
_UNKNOWN_RETENTION = "retention is a token; it has to be known at synth. Pass Duration.days(...)"


def days_of(retention: Duration) -> float:
    """A retention in days.

    Raises:
        ValueError: It is a token.
    """
    expect("retention", retention, Duration, "Duration. Pass Duration.days(...)")
    # Many resources share one, and asking it costs a call.
    known: float | None = getattr(retention, _DAYS, None)
    if known is not None:
        return known
    try:
        days = retention.to_days(integral=False)
    except RuntimeError as error:
        raise ValueError(_UNKNOWN_RETENTION) from error
    if is_token(days):
        raise ValueError(_UNKNOWN_RETENTION)
    # A part of a day is refused together with all other limits.
    whole = int(days) if int(days) == days else days
    setattr(retention, _DAYS, whole)
    return whole
