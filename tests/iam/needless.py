"""Permissions that no call of the functions' own code needs, each with the reason and its source."""

from __future__ import annotations

_LAMBDA = "AWS Lambda Developer Guide"
_CLEAN_ROOMS_ML = "AWS Clean Rooms User Guide"

WITHOUT_A_CALL: dict[str, tuple[str, str]] = {
    "logs:CreateLogStream": (
        "Lambda itself writes the function's log as the function's role.",
        f"{_LAMBDA}, Execution role",
    ),
    "logs:PutLogEvents": (
        "Lambda itself writes the function's log as the function's role.",
        f"{_LAMBDA}, Execution role",
    ),
    "cleanrooms:PassCollaboration": (
        "AWS asks for it wherever a request names a collaboration. StartAudienceGenerationJob may, under another "
        "name than the rest, and AWS leaves open whether it counts.",
        f"{_CLEAN_ROOMS_ML}, IAM behaviors for Clean Rooms ML",
    ),
    "lambda:InvokeFunction": (
        "Lambda sends what one function could not finish to the other one, as the first one's role.",
        f"{_LAMBDA}, Capturing records of asynchronous invocations",
    ),
}


def reason_without_a_call(action: str) -> str:
    """Why an action is allowed that no call needs; empty for one that calls do need."""
    return WITHOUT_A_CALL.get(action, ("", ""))[0]
