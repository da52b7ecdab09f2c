"""The commands of the pipelines in examples/, each as written, one after the other in one sandbox."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_simulator.sandbox.deployed import Deployed

from .conftest import DURATIONS, ROOT

ACCOUNT = "111122223333"
EXAMPLE = ROOT / "examples" / "pipelines"


@dataclass(frozen=True)
class Runner:
    """A build server's machine: a checkout of the example, and credentials for the sandbox."""

    sandbox: Sandbox
    folder: Path

    def run(self, script: str, variables: Mapping[str, str] | None = None) -> str:
        """Runs a script as build servers do; what it wrote."""
        environment = {
            **self.sandbox.environment(),
            # The environment of the tests has what requirements.txt asks for.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            # The validator that CDK builds in takes seconds per process; another end-to-end test runs it.
            "CDK_VALIDATION": "false",
            **(variables or {}),
        }
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}"
        return done.stdout

    def training(self, name: str = "Training") -> Deployed:
        """The stack with the dataset."""
        return Deployed(self.sandbox, name)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    folder = tmp_path_factory.mktemp("checkout") / "pipelines"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("cdk.out", "__pycache__"))
    # npx takes the pinned CLI from here instead of from the network.
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    context = json.loads((EXAMPLE / "cdk.json").read_text())["context"]
    with Sandbox.start(durations=DURATIONS) as started:
        sandbox = started.as_account(ACCOUNT)
        sandbox.emulator.seed(
            kind="ConfiguredModelAlgorithmAssociation",
            account=ACCOUNT,
            membershipIdentifier=context["membershipId"],
            id=context["algorithmArn"].rpartition("/")[2],
        )
        sandbox.bootstrap()
        yield Runner(sandbox, folder)


def _pipeline(name: str) -> dict[str, Any]:
    text = (EXAMPLE / name).read_text()
    parsed: dict[str, Any] = yaml.safe_load(text)
    return parsed


def test_github_shows_and_deploys(runner: Runner) -> None:
    workflow = _pipeline("github.yml")
    seen = {
        name: "".join(
            runner.run(step["run"], workflow["env"]) for step in workflow["jobs"][name]["steps"] if "run" in step
        )
        for name in ("check", "plan", "deploy")
    }
    assert json.loads((runner.folder / "cleanrooms-ml.sarif").read_text())["version"] == "2.1.0"
    assert "1 create" in (runner.folder / "summary.md").read_text()
    assert "Training is CREATE_COMPLETE: 1 ready" in seen["deploy"]
    assert "Training is as it was deployed" in seen["deploy"]
    assert runner.training().status() == "CREATE_COMPLETE"
    assert int(runner.training().outputs()["Records"]) >= 1000


def test_gitlab_finds_it_as_it_is(runner: Runner) -> None:
    pipeline = _pipeline("gitlab.yml")
    before = pipeline["default"]["before_script"]
    seen = {
        stage: "".join(runner.run(line, pipeline["variables"]) for line in [*before, *pipeline[stage]["script"]])
        for stage in pipeline["stages"]
    }
    assert "<testsuites" in (runner.folder / "cleanrooms-ml.xml").read_text()
    assert "1 unchanged" in seen["plan"]
    assert "no changes" in seen["deploy"]
    assert len(runner.sandbox.emulator.journal("CreateMLInputChannel")) == 1


def test_a_failure_reaches_the_topic(runner: Runner) -> None:
    """Through the rule for the run's end, with the service's reason."""
    queues, topics = runner.sandbox.client("sqs"), runner.sandbox.client("sns")
    queue = queues.create_queue(QueueName="on-call")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    (topic,) = [each["TopicArn"] for each in topics.list_topics()["Topics"] if "Failures" in each["TopicArn"]]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    runner.sandbox.emulator.order_run("MLInputChannel", status_code="INTERNAL_ERROR", message="no rows")
    with pytest.raises(AssertionError, match="no rows"):
        runner.run("$CDK deploy Training --context runId=2026-12 --require-approval never", {"CDK": "npx cdk"})
    messages = queues.receive_message(QueueUrl=queue, WaitTimeSeconds=10).get("Messages", [])
    assert "no rows" in json.dumps(messages)


def test_cdk_pipelines_does_the_same(runner: Runner) -> None:
    runner.run("npx cdk destroy --all --app cdk.out --force && rm -rf cdk.out")
    runner.run('npx cdk synth --quiet --app "python cdk_pipeline.py" --output first Pipeline')
    template = json.loads((runner.folder / "first" / "Pipeline.template.json").read_text())
    steps = {
        name.removeprefix("Pipeline"): [*phases["install"]["commands"], *phases["build"]["commands"]]
        for name, phases in _phases(template).items()
    }

    def find(part: str) -> list[str]:
        return next(lines for name, lines in steps.items() if part in name)

    for line in find("Synth"):
        runner.run(line)
    # The checkout of the step comes with the assembly as its input.
    source = {"CODEBUILD_SRC_DIR_Synth_Output": str(runner.folder / "assembly")}
    runner.run("mv cdk.out assembly")
    for line in find("Plan"):
        runner.run(line, source)
    runner.run("rm cdk.out")
    # What the pipeline's own actions do: they deploy the stage's stacks by CloudFormation.
    runner.run("npx cdk deploy --all --app assembly/assembly-Pipeline-Production --require-approval never")
    seen = "".join(runner.run(line, source) for line in find("Wait"))
    assert "Production-Training is CREATE_COMPLETE: 1 ready" in seen


def _phases(template: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: json.loads(resource["Properties"]["Source"]["BuildSpec"])["phases"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CodeBuild::Project" and "BuildSpec" in resource["Properties"]["Source"]
    }
