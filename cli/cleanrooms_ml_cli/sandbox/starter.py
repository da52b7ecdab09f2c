"""A small app to start from: `cleanrooms-ml sandbox init`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .errors import Prerequisite

_APP = '''"""A dataset for a custom model: a channel that a query of a collaboration fills."""

import aws_cdk as cdk
from cdk_cleanrooms_ml import ConfiguredModelAlgorithmAssociation, Membership, MLInputChannel, ProtectedQuery

# Both exist before this app is deployed: a sandbox seeds them, and yours take their place for AWS.
MEMBERSHIP = "a1b2c3d4-5678-90ab-cdef-111111111111"
ASSOCIATION = (
    f"arn:aws:cleanrooms-ml:us-east-1:111122223333:membership/{MEMBERSHIP}"
    "/configured-model-algorithm-association/a1b2c3d4-5678-90ab-cdef-222222222222"
)

app = cdk.App()
stack = cdk.Stack(app, "Training")
channel = MLInputChannel(
    stack,
    "Channel",
    membership=Membership.from_membership_id(stack, "Membership", MEMBERSHIP),
    algorithm_association=ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
        stack, "Algorithm", ASSOCIATION
    ),
    query=ProtectedQuery.sql("SELECT age_band, clicks, bought FROM sales"),
    retention=cdk.Duration.days(30),
)
cdk.CfnOutput(stack, "ChannelArn", value=channel.ml_input_channel_arn)
cdk.CfnOutput(stack, "Records", value=cdk.Token.as_string(channel.number_of_records))
app.synth()
'''

_FILES: Mapping[str, str] = {
    "app.py": _APP,
    "cdk.json": ('{\n  "app": "python3 app.py",\n  "context": {"cdk-cleanrooms-ml:regionInRolePath": true}\n}\n'),
    "requirements.txt": "cdk-cleanrooms-ml[sandbox]\n",
    ".gitignore": "cdk.out/\nnode_modules/\n.venv/\n",
}


def write(folder: Path) -> list[Path]:
    """Write the app into a folder, which may be there already; returns its files.

    Raises:
        Prerequisite: A file of it is there already, or the folder cannot be written.
    """
    taken = [name for name in _FILES if (folder / name).exists()]
    if taken:
        raise Prerequisite(f"{folder.resolve()} has {', '.join(taken)} already; name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in _FILES.items():
            (folder / name).write_text(text, "utf-8")
    except OSError as problem:
        raise Prerequisite(f"{folder} cannot be written: {problem.strerror or problem}") from None
    return [folder / name for name in _FILES]
