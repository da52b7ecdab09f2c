"""What importing this library costs an app, in addition to what the app imports anyway.

Each import is in a process of its own. Times are CPU seconds of Python from its start to the end of the imports, with
bytecode as pip leaves it. The kernel of the CDK works in another process and costs each of them the same.
"""

from __future__ import annotations

import subprocess
import sys

from .cpu import compiled
from .protocol import Benchmark, Pair, Row

_RIVAL = "`aws_cdk`, IAM, S3, KMS"
_APP = "import aws_cdk\nfrom aws_cdk import aws_iam, aws_kms, aws_s3\n"
_IMPORTS = {
    "import `cdk_cleanrooms_ml`": f"{_APP}import cdk_cleanrooms_ml\n",
    "import the names of a channel's app": (
        f"{_APP}from cdk_cleanrooms_ml import "
        "ConfiguredModelAlgorithmAssociation, Membership, MLInputChannel, ProtectedQuery\n"
    ),
}


def cpu_seconds(imports: str) -> float:
    """The CPU seconds of a fresh process with these imports."""
    code = f"{imports}import time\nprint(time.process_time())"
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=compiled()
    )
    return float(ran.stdout)


def play() -> dict[str, Pair]:
    """One round."""
    # Half before and half after, so that a machine that gets slower or faster meanwhile favors nobody.
    before = cpu_seconds(_APP)
    ours = {name: cpu_seconds(imports) for name, imports in _IMPORTS.items()}
    theirs = (before + cpu_seconds(_APP)) / 2
    return {name: Pair(each, theirs) for name, each in ours.items()}


BENCHMARK = Benchmark(
    rows=tuple(Row(name, unit="CPU s", rival=_RIVAL, bound=1.15) for name in _IMPORTS),
    play=play,
    rounds=9,
    warm_up=play,  # compiles the modules
)
