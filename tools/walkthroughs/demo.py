"""app.py on a local AWS: plan, deploy, inspect, change, fail, roll back, destroy. `make demo` runs it.

Everything is real but the cloud: the CDK CLI, its bootstrap and upload, CloudFormation's protocol, the Lambda
functions and the state machine. Each claim is checked; one that does not hold ends the demo with exit code 1.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.markup import escape

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_simulator.sandbox.deployed import Deployed, FailuresSeen, find, held

from .. import ROOT
from .assemblies import AppFailed, Assemblies
from .walkthrough import ClaimFailed, Walkthrough, run

STACK = "CleanRoomsMLExample"
# The tag that app.py sets with Tags.of(app).
APP_TAG = ("project", "clean-rooms-ml-example")
# Operations that change nothing.
_READING = ("Get", "List")
# Seconds for what takes the service minutes and hours.
DURATIONS = {
    "create": {"MLInputChannel": 1.5, "AudienceGenerationJob": 1.5},
    "delete": {"MLInputChannel": 0.5, "AudienceGenerationJob": 0.5},
}
# What differs from cdk.json's context.
NEXT_MONTH = {"channelRunId": "2026-12", "lookalikeDescription": "Customers who may buy in December"}
CONTEXTS: dict[str, dict[str, str]] = {
    "as it is": {},
    "next month": NEXT_MONTH,
    # A seed that the service finds too small.
    "bad seed": {**NEXT_MONTH, "seedKey": "seeds/too-small.jsonl"},
}


class Demo:
    """The walkthrough.

    Args:
        walkthrough: Prints and checks the steps.
        sandbox: The local AWS.
        assemblies: What is deployed.
    """

    def __init__(self, walkthrough: Walkthrough, sandbox: Sandbox, assemblies: Assemblies) -> None:
        self.walkthrough = walkthrough
        self.sandbox = sandbox
        self.assemblies = assemblies
        self.deployed = Deployed(sandbox, STACK)

    def run(self) -> None:
        """All steps."""
        self.bootstrap()
        self.deploy()
        self.request()
        self.change()
        self.fail()
        self.destroy()

    def cdk(self, command: str, name: str, *options: str, ok: bool = True) -> str:
        """Runs the CDK CLI on app.py as it is with one of the contexts."""
        result = self.sandbox.cdk(command, "--all", *options, app=self._assembly(name), folder=ROOT)
        if result.ok is not ok:
            raise ClaimFailed(f"cdk {command} ended with {result.exit_code}:\n{result.output}")
        return result.output

    def _assembly(self, name: str) -> str:
        try:
            return self.assemblies.of(name)
        except AppFailed as failure:
            raise ClaimFailed(f"app.py cannot be synthesized:\n{failure}") from None

    @contextmanager
    def planned(self, name: str, summary: str) -> Iterator[None]:
        """Asks `cleanrooms-ml plan` before a deployment, and compares afterwards: both name the same operations."""
        walkthrough = self.walkthrough
        with walkthrough.step(f"cleanrooms-ml plan, {_shown(name)}"):
            line = [sys.executable, "-m", "cleanrooms_ml_cli", "plan", self._assembly(name), "--json"]
            done = subprocess.run(line, env=self.sandbox.environment(), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ClaimFailed(f"cleanrooms-ml plan ended with {done.returncode}:\n{done.stderr}")
        (plan,) = json.loads(done.stdout)["plans"]
        said = plan["summary"].partition(": ")[2]
        walkthrough.claim(said == summary, f"it announces {said}")
        announced = {call for change in plan["changes"] for call in change["calls"]}
        since = max((entry["number"] for entry in self.sandbox.emulator.journal()), default=0)
        yield
        entries = self.sandbox.emulator.journal(since=since)
        shown = {entry["operation"] for entry in entries if not entry["operation"].startswith(_READING)}
        walkthrough.claim(shown == announced, f"the journal shows what the plan announced: {', '.join(sorted(shown))}")

    def bootstrap(self) -> None:
        with self.walkthrough.step("cdk bootstrap"):
            self.sandbox.emulator.seed(kind="AudienceModel")
            self.sandbox.emulator.seed(kind="ConfiguredModelAlgorithmAssociation")
            self.sandbox.bootstrap()

    def deploy(self) -> None:
        walkthrough = self.walkthrough
        with self.planned("as it is", "3 create, 0 unchanged; 2 new runs"), walkthrough.step("cdk deploy"):
            self.cdk("deploy", "as it is", "--method=direct")
        outputs = self.deployed.outputs()
        for title, name in (("lookalike model", "Lookalike"), ("audience", "Audience"), ("channel", "TrainingData")):
            walkthrough.report(title, outputs[f"{name}Arn"])
        service = held(self.sandbox)
        walkthrough.claim(self.deployed.status() == "CREATE_COMPLETE", "the stack is CREATE_COMPLETE")
        walkthrough.claim(
            outputs["TrainingDataStatus"] == "ACTIVE" == service[outputs["TrainingDataArn"]],
            "the channel is ACTIVE",
        )
        walkthrough.claim(
            int(outputs["TrainingDataRecords"]) >= 1000, f"it has {outputs['TrainingDataRecords']} records"
        )
        budget = outputs["TrainingDataBudget"]
        walkthrough.claim(
            re.fullmatch(r"\d+ of \d+", budget) is not None, f"{budget} of the table's privacy budget is left"
        )
        walkthrough.claim(
            outputs["AudienceStatus"] == "ACTIVE" == service[outputs["AudienceArn"]], "the audience job is ACTIVE"
        )
        walkthrough.claim(float(outputs["AudienceRecall"]) > 0, f"its recall is {outputs['AudienceRecall']}")

    def request(self) -> None:
        walkthrough = self.walkthrough
        walkthrough.say("\n[bold]The request that Clean Rooms ML received for the channel[/]")
        (entry,) = self.sandbox.emulator.journal("CreateMLInputChannel")
        request = entry["params"]
        walkthrough.say(escape(_indented(json.dumps(request, indent=2))))
        worker = find(request, "worker")
        spark = worker["properties"]["spark"]
        number = worker["number"]
        walkthrough.claim(type(number) is int and number == 16, "number is the integer 16")
        walkthrough.claim(
            len(spark) == 10 and all(isinstance(value, str) for value in spark.values()),
            "ten Spark properties, all of them strings",
        )
        key, value = APP_TAG
        walkthrough.claim(request["tags"].get(key) == value, f"the tag that Tags.of(app) set is there: {key}={value}")

    def change(self) -> None:
        walkthrough, before = self.walkthrough, self.deployed.outputs()
        summary = "1 update, 1 replace, 1 unchanged; 1 new run"
        with self.planned("next month", summary), walkthrough.step(f"cdk deploy, {_shown('next month')}"):
            since = self.sandbox.emulator.journal()[-1]["number"]
            self.cdk("deploy", "next month", "--method=direct")
        after, service = self.deployed.outputs(), held(self.sandbox)
        calls = [entry["operation"] for entry in self.sandbox.emulator.journal(since=since)]
        walkthrough.claim(
            after["LookalikeArn"] == before["LookalikeArn"] and calls.count("UpdateConfiguredAudienceModel") == 1,
            "the lookalike model was updated in place: the same ARN",
        )
        walkthrough.claim(after["AudienceArn"] == before["AudienceArn"], "the audience job was left alone")
        old, new = before["TrainingDataArn"], after["TrainingDataArn"]
        walkthrough.report("old channel", old)
        walkthrough.report("new channel", new)
        walkthrough.claim(
            new != old and calls.count("CreateMLInputChannel") == 1, "the channel was replaced, with one new channel"
        )
        walkthrough.claim(service[new] == "ACTIVE", "the new one is ACTIVE")
        walkthrough.claim(service[old] == "INACTIVE", "the old one is INACTIVE")

    def fail(self) -> None:
        walkthrough = self.walkthrough
        before, ids, service = self.deployed.outputs(), self.deployed.arns(), held(self.sandbox)
        with (
            self.planned("bad seed", "1 replace, 2 unchanged; 1 new run"),
            walkthrough.step(f"cdk deploy, {_shown('bad seed')}"),
            FailuresSeen(self.sandbox, "DeleteAudienceGenerationJob") as failures,
        ):
            output = self.cdk("deploy", "bad seed", "--method=direct", ok=False)
        walkthrough.claim(len(failures.details) == 1, "one job ended CREATE_FAILED in the service")
        ((_, details),) = failures.details.items()
        walkthrough.report("the service's words", f"{details['statusCode']} {details['message']}")
        reason = next((reason for reason in self.deployed.reasons() if "CREATE_FAILED" in reason), "none")
        walkthrough.report("CloudFormation's reason", reason)
        walkthrough.claim(
            details["statusCode"] in reason and details["message"] in reason,
            "the reason carries the service's statusDetails",
        )
        walkthrough.claim(details["message"] in re.sub(r"\s+", " ", output), "and the CDK CLI shows it")
        walkthrough.claim(self.deployed.status() == "UPDATE_ROLLBACK_COMPLETE", "the stack is UPDATE_ROLLBACK_COMPLETE")
        walkthrough.claim(
            self.deployed.arns() == ids and self.deployed.outputs() == before,
            "it is what it was: the same ARNs, the same results",
        )
        walkthrough.claim(held(self.sandbox) == service, "and so is the service: nothing of the failed job is left")

    def destroy(self) -> None:
        walkthrough = self.walkthrough
        with walkthrough.step("cdk destroy"):
            self.cdk("destroy", "next month")
        walkthrough.claim(self.deployed.status() == "DELETE_COMPLETE", "the stack is gone")
        rest = held(self.sandbox)
        for arn, status in rest.items():
            walkthrough.report(status, arn)
        walkthrough.claim(
            rest and set(rest.values()) == {"INACTIVE"}, "all that the service still holds is INACTIVE records"
        )


def _shown(name: str) -> str:
    given = " ".join(f"-c {key}={shlex.quote(value)}" for key, value in CONTEXTS[name].items())
    return f"{name}: {given}" if given else name


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def main() -> int:
    """Runs the demo; see `run` for the exit code."""
    return run(
        "[bold]cdk-cleanrooms-ml on a local AWS[/]: no account, no network, IAM policies evaluated", "The demo", steps
    )


def steps(walkthrough: Walkthrough, folder: Path) -> None:
    """The whole walkthrough, in a sandbox of its own."""
    # Node is beside this Python, if pip brought it.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    assemblies = Assemblies(folder, CONTEXTS, {**os.environ, "PATH": path})
    try:
        with walkthrough.step("sandbox up"):
            sandbox = Sandbox.start(durations=DURATIONS, iam=True)
        with sandbox:
            walkthrough.report("address", sandbox.endpoint)
            Demo(walkthrough, sandbox, assemblies).run()
    finally:
        assemblies.stop()


if __name__ == "__main__":
    sys.exit(main())
