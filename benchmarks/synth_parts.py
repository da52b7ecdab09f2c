"""Where the CPU seconds of `cdk synth` of one resource go: the CLI, Python, and the CDK's kernel.

Usage: python -m benchmarks.synth_parts [--rounds 5]
"""

from __future__ import annotations

import argparse
import atexit
import json
import resource
import runpy
import subprocess
import sys
import time
from statistics import median
from tempfile import TemporaryDirectory

from cleanrooms_ml_simulator import environment

from .app import APPS, cpu_seconds
from .cpu import compiled

NAMES = ("bare", "provider", "channel")
PARTS = ("CLI", "imports of the CDK", "the app in Python", "kernel", "calls to the kernel")


def parts(app: str) -> dict[str, float]:
    """One synth, by its parts. The CLI is what is left of the whole."""
    whole = cpu_seconds(app)
    with TemporaryDirectory() as output:
        command = [sys.executable, "-m", __spec__.name, "--app", app]
        ran = subprocess.run(  # noqa: S603
            command, check=True, capture_output=True, text=True, env={**compiled(), "CDK_OUTDIR": output}
        )
    found: dict[str, float] = json.loads(ran.stdout)
    inside = sum(seconds for name, seconds in found.items() if name != PARTS[-1])
    return {PARTS[0]: whole - inside, **found}


def table(rounds: int) -> str:
    """The medians of some rounds, as Markdown."""
    found = {name: [parts(name) for _ in range(rounds)] for name in NAMES}
    rows = [
        f"| {part} | {' | '.join(f'{median(each[part] for each in found[name]):.3g}' for name in NAMES)} |"
        for part in PARTS
    ]
    return "\n".join([f"| CPU s | {' | '.join(NAMES)} |", "|---|--:|--:|--:|", *rows])


def _measure(app: str) -> None:
    """Synthesizes an app in this process, and prints its parts when the kernel has ended."""
    found: dict[str, float] = {}

    def report() -> None:
        kernel = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(json.dumps({**found, "kernel": kernel.ru_utime + kernel.ru_stime}))

    # Before jsii's own, which ends the kernel: the last one registered is the first one called.
    atexit.register(report)
    from aws_cdk import aws_iam, aws_kms, aws_s3  # noqa: F401

    found["imports of the CDK"] = time.process_time()
    from .kernel_calls import counted

    with counted() as calls:
        runpy.run_path(str(APPS / f"{app}.py"))
    found["the app in Python"] = time.process_time() - found["imports of the CDK"]
    found["calls to the kernel"] = sum(calls.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--app", choices=NAMES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    environment.isolate()
    environment.prefer_pinned_cdk()
    if options.app:
        _measure(options.app)
    else:
        print(table(options.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
