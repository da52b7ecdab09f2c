"""Why the functions of a stack have permissions in addition to those that the specs list, and who says so."""

from __future__ import annotations

from cleanrooms_ml_handlers.resources.audience_model import AUDIENCE_MODEL

_LAMBDA = "AWS Lambda Developer Guide"
_STATE_MACHINE = "the stack's state machine"
_EXECUTIONS = "its executions"
# In every stack: function, action, resource, why.
OF_EVERY_STACK: tuple[tuple[str, str, str, str], ...] = (
    ("front", "states:StartExecution", _STATE_MACHINE, "starts the execution that carries a request"),
    ("worker", "states:StartExecution", _STATE_MACHINE, "restarts lost requests; watches; deletions in the background"),
    ("worker", "states:ListExecutions", _STATE_MACHINE, "checks for a later request for the same resource"),
    ("worker", "states:DescribeExecution", _EXECUTIONS, "reads the request of an execution that was lost"),
    ("worker", "states:StopExecution", _EXECUTIONS, "stops what still runs for an earlier request"),
)
# With an option only.
OF_SOME_STACKS: tuple[tuple[str, str, str, str], ...] = (
    ("worker", "iam:PassRole", "the stack's path (docs/security.md), and each `role=`", "to Clean Rooms ML only"),
    ("worker", "s3:GetObject", "the bucket of file assets", "`ProtectedQuery.from_asset`"),
    (
        "worker",
        "events:PutEvents",
        "the default bus",
        "`Wait.none()`, `on_state_change`; with the source `cdk-cleanrooms-ml` only",
    ),
    (
        "worker",
        "kms:DescribeKey, GenerateDataKey, Decrypt, CreateGrant",
        "each `encryption_key=`",
        "through Clean Rooms ML only; grants for synthetic data and training only",
    ),
    ("both", "kms:Decrypt", "the key", "`environment_encryption=`: Lambda decrypts the environment as the function"),
    ("both", "kms:Decrypt, GenerateDataKey", "the key", "`state_machine_encryption=`, for state machines only"),
    ("both", "ec2:…NetworkInterface and the like", "`*`", "`vpc=`: Lambda requires it, on no narrower resource"),
)
# Needed by no call of the functions' own code: why it is there, and the source.
WITHOUT_A_CALL: dict[str, tuple[str, str]] = {
    "logs:CreateLogStream": ("Lambda writes the function's log as the function's role", f"{_LAMBDA}, Execution role"),
    "logs:PutLogEvents": ("Lambda writes the function's log as the function's role", f"{_LAMBDA}, Execution role"),
    "lambda:InvokeFunction": (
        "Lambda sends what one function could not finish to the other one, as the first one's role",
        f"{_LAMBDA}, Capturing records of asynchronous invocations",
    ),
}
# Not documented whether an operation needs it: operation, actions, why they are there, source.
LEFT_OPEN: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    (
        "StartAudienceGenerationJob",
        ("cleanrooms:PassCollaboration",),
        "AWS requires it where a request names a collaboration. StartAudienceGenerationJob names it by another member "
        "than the rest, and AWS does not document whether that counts",
        "AWS Clean Rooms User Guide, IAM behaviors",
    ),
    (
        "CreateAudienceModel",
        AUDIENCE_MODEL.key_actions,
        "AWS documents the key policy for custom models only. A lookalike model with a customer managed key is assumed "
        "to need the same as a trained model",
        "AWS Clean Rooms User Guide, Data protection",
    ),
)
