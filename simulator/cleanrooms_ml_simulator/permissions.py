"""Why the functions of a stack have permissions beside those that the specs list, and who says so."""

from __future__ import annotations

from cleanrooms_ml_handlers.resources.audience_model import AUDIENCE_MODEL

_LAMBDA = "AWS Lambda Developer Guide"
_STATE_MACHINE = "the stack's state machine"
_EXECUTIONS = "its executions"
# Whatever the stack holds: function, action, resource, why.
OF_EVERY_STACK: tuple[tuple[str, str, str, str], ...] = (
    ("front", "states:StartExecution", _STATE_MACHINE, "starts the execution that carries a request"),
    ("worker", "states:StartExecution", _STATE_MACHINE, "starts over what the front lost; watches; deletes that go on"),
    ("worker", "states:ListExecutions", _STATE_MACHINE, "looks whether a later request for the same resource has come"),
    ("worker", "states:DescribeExecution", _EXECUTIONS, "reads the request of an execution that was lost"),
    ("worker", "states:StopExecution", _EXECUTIONS, "ends what still runs for an earlier request"),
)
# Only if the stack asks for it.
OF_SOME_STACKS: tuple[tuple[str, str, str, str], ...] = (
    ("worker", "iam:PassRole", "`/cleanrooms-ml/<stack>/*`, and each role of your own", "to Clean Rooms ML alone"),
    ("worker", "s3:GetObject", "the bucket of file assets", "`ProtectedQuery.from_asset`"),
    ("worker", "events:PutEvents", "the default bus", "`Wait.none()`, with the source `cdk-cleanrooms-ml` alone"),
    (
        "worker",
        "kms:DescribeKey, GenerateDataKey, Decrypt, CreateGrant",
        "the keys of your own",
        "`encryption_key=`, through Clean Rooms ML alone; grants for synthetic data and training only",
    ),
    ("both", "kms:Decrypt", "the key", "`environment_encryption=`: Lambda decrypts the environment as the function"),
    ("both", "kms:Decrypt, GenerateDataKey", "the key", "`state_machine_encryption=`, for state machines alone"),
    ("both", "ec2:…NetworkInterface and the like", "`*`", "`vpc=`: Lambda asks for it, on no narrower resource"),
)
# What no call of the functions' own code needs: why it is there, and who says so.
WITHOUT_A_CALL: dict[str, tuple[str, str]] = {
    "logs:CreateLogStream": ("Lambda writes the function's log as the function's role", f"{_LAMBDA}, Execution role"),
    "logs:PutLogEvents": ("Lambda writes the function's log as the function's role", f"{_LAMBDA}, Execution role"),
    "lambda:InvokeFunction": (
        "Lambda sends what one function could not finish to the other one, as the first one's role",
        f"{_LAMBDA}, Capturing records of asynchronous invocations",
    ),
}
# What AWS leaves open whether an operation needs it: operation, actions, why they are there, who says what there is.
LEFT_OPEN: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    (
        "StartAudienceGenerationJob",
        ("cleanrooms:PassCollaboration",),
        "AWS asks for it wherever a request names a collaboration. StartAudienceGenerationJob may, under another "
        "name than the rest, and AWS leaves open whether that counts",
        "AWS Clean Rooms User Guide, IAM behaviors",
    ),
    (
        "CreateAudienceModel",
        AUDIENCE_MODEL.key_actions,
        "AWS says for custom models alone what their key has to allow. A lookalike model with a key of your own is "
        "taken to need what a trained model needs",
        "AWS Clean Rooms User Guide, Data protection",
    ),
)
