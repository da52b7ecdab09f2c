"""How a run fails by itself.

The values of statusDetails.statusCode are the emulator's: the service does not document its own. A user can make a
run fail without a control request; each module with such a trigger lists it in its docstring.
"""

from __future__ import annotations

Failure = dict[str, str]

# A bucket that never exists, so that a demo can let a run fail without any preparation.
MISSING_BUCKET = "no-such-bucket"


def failed(code: str, message: str) -> Failure:
    """The statusDetails of a run that failed."""
    return {"statusCode": code, "message": message}


def missing_bucket(uri: str) -> Failure | None:
    """Why nothing can be read from, or written to, an S3 location; None if it can."""
    if uri.startswith(f"s3://{MISSING_BUCKET}/") or uri == f"s3://{MISSING_BUCKET}":
        return failed("BUCKET_NOT_FOUND", f"The bucket {MISSING_BUCKET} does not exist")
    return None
