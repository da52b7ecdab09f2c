"""What importing this library costs an app, side by side with what the app imports anyway.

Each import is in a process of its own, in turn and in one run. Times are CPU seconds of Python from its start to the
end of the imports, medians of the runs, with bytecode as pip leaves it. The kernel of the CDK works in another process
and costs each of them the same.

Usage: python -m benchmarks.imports [--runs 7]        exit code 1 beyond a budget
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from statistics import median
from tempfile import TemporaryDirectory

RUNS = 7
BASELINE = "aws_cdk, IAM, S3, KMS"
# How many times the CPU time of the baseline each may take.
BUDGETS = {"and cdk_cleanrooms_ml": 1.15, "and names for a channel": 1.5}

_APP = "import aws_cdk\nfrom aws_cdk import aws_iam, aws_kms, aws_s3\n"
_IMPORTS = {
    BASELINE: _APP,
    "and cdk_cleanrooms_ml": f"{_APP}import cdk_cleanrooms_ml\n",
    "and names for a channel": (
        f"{_APP}from cdk_cleanrooms_ml import "
        "ConfiguredModelAlgorithmAssociation, Membership, MLInputChannel, ProtectedQuery\n"
    ),
}


def cpu_seconds(imports: str, bytecode: str) -> float:
    """The CPU seconds of a fresh process with these imports, and a folder of bytecode."""
    code = f"{imports}import time\nprint(time.process_time())"
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
    )
    return float(ran.stdout)


def figures(runs: int) -> dict[str, float]:
    """The CPU seconds of each import."""
    seconds: dict[str, list[float]] = {name: [] for name in _IMPORTS}
    with TemporaryDirectory() as bytecode:
        for imports in _IMPORTS.values():
            cpu_seconds(imports, bytecode)  # compiles the modules
        for _ in range(runs):
            for name, imports in _IMPORTS.items():
                seconds[name].append(cpu_seconds(imports, bytecode))
    return {name: median(each) for name, each in seconds.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=RUNS)
    runs = parser.parse_args().runs
    seconds = figures(runs)
    ratios = {name: each / seconds[BASELINE] for name, each in seconds.items()}
    print(f"imports, median of {runs} runs")
    for name, each in seconds.items():
        budget = f"; budget {BUDGETS[name]}" if name in BUDGETS else ""
        print(f"  {name:<24}{each:8.3f} s   {ratios[name]:6.3f} times{budget}")
    return 0 if all(ratios[name] <= budget for name, budget in BUDGETS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
