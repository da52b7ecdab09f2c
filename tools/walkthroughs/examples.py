"""The example apps on a local AWS, from empty accounts to their results and back. `make examples` runs it.

Both walkthroughs run at the same time, on one sandbox, with the real CDK CLI. Each claim is checked; one that does not
hold ends it with exit code 1.
"""

from __future__ import annotations

import json
import os
import sys
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.emulator.kinds import KINDS
from cleanrooms_ml_simulator.sandbox.deployed import Deployed, find

from .. import ROOT
from .assemblies import AppFailed, Assemblies
from .teardown import STAGES, calls_of, disorder, unordered
from .walkthrough import ClaimFailed, Track, Walkthrough, run

APPS = {name: ROOT / "examples" / name for name in ("custom-model", "lookalike")}
CONSUMER_ACCOUNT = str(json.loads((APPS["lookalike"] / "cdk.json").read_text())["context"]["consumerAccount"])
# Seconds for what takes the service minutes, hours and days. Only the three longest are waited for.
_SHORT, _LONG = 0.1, 1.0
DURATIONS: Mapping[str, Mapping[str, float]] = {
    "create": {
        "AudienceModel": _LONG,
        "AudienceGenerationJob": _SHORT,
        "AudienceExportJob": _SHORT,
        "MLInputChannel": _SHORT,
        "MLInputChannel.synthetic": _LONG,
        "TrainedModel": _LONG,
        "TrainedModelInferenceJob": _SHORT,
        "TrainedModelExportJob": _SHORT,
    },
    "delete": {
        "AudienceModel": _SHORT,
        "AudienceGenerationJob": _SHORT,
        "MLInputChannel": _SHORT,
        "TrainedModel": _SHORT,
    },
}


class Example(ABC):
    """An example app.

    Args:
        walkthrough: Prints and checks the steps.
        assemblies: What is deployed.
    """

    def __init__(self, walkthrough: Track, assemblies: Assemblies) -> None:
        self.walkthrough = walkthrough
        self.assemblies = assemblies

    def run(self) -> None:
        """All steps, printed to the last one even if a claim fails."""
        try:
            self.steps()
        finally:
            self.walkthrough.flush()

    @abstractmethod
    def steps(self) -> None:
        """The steps of `run`."""

    def assembly(self, name: str) -> Path:
        """What is deployed; waits for it."""
        try:
            return Path(self.assemblies.of(name))
        except AppFailed as failure:
            raise ClaimFailed(f"app.py cannot be synthesized:\n{failure}") from None

    def deploy(self, stack: Deployed, sandbox: Sandbox, name: str) -> dict[str, str]:
        """Deploys a stack; the results that it keeps in SSM parameters."""
        self._cdk(sandbox, "deploy", stack.stack, "--method=direct", app=self.assembly(name))
        self.walkthrough.claim(stack.status() == "CREATE_COMPLETE", f"{stack.stack} is CREATE_COMPLETE")
        return stack.parameters()

    def destroy(self, stack: Deployed, sandbox: Sandbox, name: str) -> None:
        """Destroys a stack."""
        self._cdk(sandbox, "destroy", stack.stack, app=self.assembly(name))
        self.walkthrough.claim(stack.status() == "DELETE_COMPLETE", f"{stack.stack} is gone")

    def _cdk(self, sandbox: Sandbox, *command: str, app: Path) -> None:
        result = sandbox.cdk(*command, app=str(app), folder=ROOT)
        if not result.ok:
            raise ClaimFailed(f"cdk {' '.join(command)} ended with {result.exit_code}:\n{result.output}")


class CustomModel(Example):
    """examples/custom-model: a collaboration, synthetic data, a model, its export, an inference."""

    def __init__(self, walkthrough: Walkthrough, sandbox: Sandbox, assemblies: Assemblies) -> None:
        super().__init__(Track(walkthrough, "custom-model"), assemblies)
        self.sandbox = sandbox
        self.stack = Deployed(sandbox, "CustomModel")

    def steps(self) -> None:
        walkthrough, emulator = self.walkthrough, self.sandbox.emulator
        with walkthrough.step("cdk deploy"):
            results = self.deploy(self.stack, self.sandbox, "all")
        for title in ("CollaborationId", "ModelArn"):
            walkthrough.report(title, results[title])
        (configuration,) = emulator.journal("PutMLConfiguration")
        walkthrough.report("results in", find(configuration["params"], "s3Uri"))
        (template,) = emulator.journal("CreateAnalysisTemplate")
        most, score = find(template["params"], "maxMembershipInferenceAttackScore"), results["TrainingDataScore"]
        walkthrough.claim(
            0 < float(score) <= most, f"it trained on synthetic data: attack score {score}, {most} is allowed"
        )
        for title in ("Model", "Export", "Inference"):
            walkthrough.claim(results[f"{title}Status"] == "ACTIVE", f"{title.lower()}: ACTIVE")

        before, ids = emulator.journal()[-1]["number"], self.stack.ids()
        with walkthrough.step("cdk destroy"):
            self.destroy(self.stack, self.sandbox, "all")
        calls = calls_of(emulator.journal(since=before), ids)
        for stage in STAGES:
            counted = Counter(operation for of, operation in calls if of is stage)
            shown = [f"{operation} ×{count}" if count > 1 else operation for operation, count in counted.items()]
            walkthrough.report(
                stage.name, ", ".join(shown) + ("" if stage.deletes else " (they have ended; records stay)")
            )
        problems = disorder(calls)
        walkthrough.claim(not problems, f"they went in this order{''.join(f'; {problem}' for problem in problems)}")
        template_file = self.assembly("all") / "CustomModel.template.json"
        left_open = unordered(json.loads(template_file.read_text()))
        walkthrough.claim(
            not left_open, f"the template's dependencies allow no other{''.join(f'; {p}' for p in left_open)}"
        )


class Lookalike(Example):
    """examples/lookalike: a provider and a consumer, each with a stack in an account of its own."""

    def __init__(self, walkthrough: Walkthrough, sandbox: Sandbox, assemblies: Assemblies) -> None:
        super().__init__(Track(walkthrough, "lookalike"), assemblies)
        self.provider = sandbox
        self.consumer = sandbox.as_account(CONSUMER_ACCOUNT)
        self.provided = Deployed(self.provider, "LookalikeProvider")
        self.consumed = Deployed(self.consumer, "LookalikeConsumer")

    def steps(self) -> None:
        walkthrough, emulator = self.walkthrough, self.provider.emulator
        with walkthrough.step(f"cdk deploy LookalikeProvider, account {self.provider.account}"):
            results = self.deploy(self.provided, self.provider, "provider")
        given = {
            "collaborationId": results["CollaborationId"],
            "configuredAudienceModelArn": results["ConfiguredAudienceModelArn"],
        }
        self.assemblies.add("consumer", given)
        walkthrough.claim(results["AudienceModelStatus"] == "ACTIVE", "the audience model is ACTIVE")

        shown = " ".join(f"-c {key}={value}" for key, value in given.items())
        with walkthrough.step(f"cdk deploy LookalikeConsumer, account {self.consumer.account}: {shown}"):
            results = self.deploy(self.consumed, self.consumer, "consumer")
        (start,) = emulator.journal("StartAudienceGenerationJob")
        walkthrough.claim(
            start["account"] == self.consumer.account
            and start["params"]["configuredAudienceModelArn"].split(":")[4] == self.provider.account,
            "the consumer's account started the job, with the provider's model",
        )
        walkthrough.claim(
            results["AudienceStatus"] == "ACTIVE", f"audience: ACTIVE, recall {results['AudienceRecall']}"
        )
        walkthrough.claim(results["ExportStatus"] == "ACTIVE", "export: ACTIVE")
        (seen,), (hidden,) = (_exports(sandbox) for sandbox in (self.provider, self.consumer))
        walkthrough.claim(
            "outputLocation" not in hidden and seen.get("outputLocation"),
            f"only the provider sees where it is: {seen.get('outputLocation')}",
        )

        with walkthrough.step("cdk destroy LookalikeConsumer, which needs what the provider has"):
            self.destroy(self.consumed, self.consumer, "consumer")
        kinds = {record["kind"] for record in emulator.records(seeded=False)}
        walkthrough.claim(
            not kinds & {"AudienceGenerationJob", "AudienceExportJob"},
            "the job is gone, in both accounts, with its export",
        )
        with walkthrough.step("cdk destroy LookalikeProvider"):
            self.destroy(self.provided, self.provider, "provider")


def _exports(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The exports that an account sees."""
    found: list[dict[str, Any]] = sandbox.client("cleanroomsml").list_audience_export_jobs()["audienceExportJobs"]
    return found


def left(walkthrough: Walkthrough, records: Sequence[Mapping[str, Any]]) -> None:
    """What the service still has when everything is destroyed."""
    walkthrough.say("\n[bold]What is left in the service, of both accounts[/]")
    for record in records:
        reason = "its data is deleted" if can_be_deleted(record) else "the API has no delete for it"
        walkthrough.report(record["status"], f"{record['kind']} {record['name']}: {reason}")
    walkthrough.claim(not any(record["holds"] for record in records), "nothing of it runs, or holds data")
    walkthrough.claim(
        all(record["status"] == "INACTIVE" or not can_be_deleted(record) for record in records),
        "what can be deleted is gone, or an INACTIVE record",
    )


def can_be_deleted(record: Mapping[str, Any]) -> bool:
    """Whether the API has a delete for records of this kind."""
    kind = KINDS.get(record["kind"])
    return kind is None or kind.can_be_deleted


def examples(walkthrough: Walkthrough, sandbox: Sandbox, assemblies: Mapping[str, Assemblies]) -> None:
    """Both examples, at the same time, and what they leave."""
    custom_model = CustomModel(walkthrough, sandbox, assemblies["custom-model"])
    lookalike = Lookalike(walkthrough, sandbox, assemblies["lookalike"])
    with ThreadPoolExecutor() as pool:
        with walkthrough.step(f"cdk bootstrap, accounts {sandbox.account} and {CONSUMER_ACCOUNT}"):
            for account in [pool.submit(each.bootstrap, ROOT) for each in (sandbox, lookalike.consumer)]:
                account.result()
        with walkthrough.console.status("working …"):
            for run in [pool.submit(each.run) for each in (custom_model, lookalike)]:
                run.result()
    left(walkthrough, sandbox.emulator.records(seeded=False))


def assembled(folder: Path) -> dict[str, Assemblies]:
    """What is deployed, synthesized in the background; the consumer's needs the provider's results."""
    # Node is beside this Python, if pip brought it.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": path}
    names = {"custom-model": "all", "lookalike": "provider"}
    return {app: Assemblies(folder / app, {name: {}}, environment, APPS[app]) for app, name in names.items()}


def main() -> int:
    """Runs the examples; see `run` for the exit code."""
    return run(
        "[bold]The examples on a local AWS[/]: no account, no network, IAM policies evaluated", "The examples", steps
    )


def steps(walkthrough: Walkthrough, folder: Path) -> None:
    """All of it, in a sandbox of its own."""
    assemblies = assembled(folder)
    try:
        with walkthrough.step("sandbox up"):
            sandbox = Sandbox.start(durations=DURATIONS, iam=True)
        with sandbox:
            examples(walkthrough, sandbox, assemblies)
    finally:
        for each in assemblies.values():
            each.stop()


if __name__ == "__main__":
    sys.exit(main())
