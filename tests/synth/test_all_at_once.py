"""Every problem of an app is reported at once: of all stacks, of nested stages, of aspects."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest

from cdk_cleanrooms_ml import Wait
from tests.synth.stacks import channel, configured, job, new_stack

ROOT = Path(__file__).resolve().parents[2]

# Five mistakes, each on a line of its own that says which one it is.
APP = """
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from cdk_cleanrooms_ml import (
    AudienceModel, AudienceSizes, ConfiguredAudienceModel, ConfiguredModelAlgorithmAssociation, Membership,
    MLInputChannel, ProtectedQuery, WorkerCompute, WorkerType,
)

MEMBERSHIP = "11111111-2222-4333-8444-555555555555"
SERVICE = "arn:aws:cleanrooms-ml:us-east-1:111122223333"
ALGORITHM = f"{SERVICE}:membership/{MEMBERSHIP}/configured-model-algorithm-association/one"


class Provider(cdk.Stack):
    def __init__(self, scope, id, **changes):
        super().__init__(scope, id)
        model = AudienceModel.from_audience_model_arn(self, "Model", f"{SERVICE}:audience-model/one")
        bucket = s3.Bucket.from_bucket_name(self, "Bucket", "audiences")
        ConfiguredAudienceModel(self, "Configured", audience_model=model, output_bucket=bucket, **changes)  # lookalike


class Member(cdk.Stack):
    def __init__(self, scope, id, days):
        super().__init__(scope, id)
        MLInputChannel(  # channel
            self,
            "Channel",
            membership=Membership.from_membership_id(self, "Membership", MEMBERSHIP),
            algorithm_association=ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
                self, "Algorithm", ALGORITHM
            ),
            query=ProtectedQuery.sql("SELECT age_band FROM sales"),
            compute=WorkerCompute(type=WorkerType.CR_4X, number=5000 if days > 30 else 16),
            retention=cdk.Duration.days(days),
        )


app = cdk.App()
sizes = AudienceSizes.percentage(1, 5, 5)
Provider(app, "Provider", audience_sizes=sizes)
member = Member(app, "Member", days=31)
production = cdk.Stage(app, "Production")
Provider(production, "Provider", min_matching_seed_size=24)
cdk.Tags.of(member).add("AWS:team", "growth")
app.synth()
"""
LOOKALIKE = 1 + next(number for number, line in enumerate(APP.splitlines()) if line.endswith("# lookalike"))
CHANNEL = 1 + next(number for number, line in enumerate(APP.splitlines()) if line.endswith("# channel"))
EXPECTED = {
    f"Provider/Configured: audienceSizeConfig.audienceSizeBins has 5 more than once; .*app.py:{LOOKALIKE}]",
    f"Member/Channel: retentionInDays is 31; allowed 1 to 30 .*app.py:{CHANNEL}]",
    rf"Member/Channel: inputChannel\..*worker\.number is 5000; allowed 2 to 1024 .*app.py:{CHANNEL}]",
    f'Member/Channel: tags has the key "AWS:team"; .*app.py:{CHANNEL}]',
    f"Production/Provider/Configured: minMatchingSeedSize is 24; allowed 25 to 500000 .*app.py:{LOOKALIKE}]",
}


def missing(text: str) -> set[str]:
    return {problem for problem in EXPECTED if not re.search(problem, text)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    created = tmp_path_factory.mktemp("app")
    (created / "app.py").write_text(APP, encoding="utf-8")
    return created


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.pathsep.join(
            [str(Path(sys.executable).parent), str(ROOT / "node_modules" / ".bin"), os.environ["PATH"]]
        ),
        "HOME": os.environ["HOME"],
        "PYTHONPATH": os.pathsep.join(str(ROOT / each) for each in ("constructs", "custom_resources")),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
    }
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)


def test_cdk_synth_names_five_mistakes_in_two_stacks_and_a_nested_stage(folder: Path) -> None:
    cdk_cli = shutil.which("cdk", path=f"{ROOT / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}")
    assert cdk_cli, "make test installs the CDK CLI"
    done = run(folder, cdk_cli, "synth", "--quiet", "--no-notices", "--app", f"{sys.executable} app.py")
    assert done.returncode == 1, done.stdout + done.stderr
    assert not missing(done.stdout + done.stderr), done.stdout + done.stderr


def test_plain_python_names_them_too(folder: Path) -> None:
    done = run(folder, sys.executable, "app.py")
    assert done.returncode == 1, done.stdout + done.stderr
    assert not missing(done.stderr), done.stderr


def test_pytest_sees_them_too(folder: Path) -> None:
    with pytest.raises(RuntimeError) as caught:
        exec(compile(APP, "app.py", "exec"), {"__name__": "__main__"})
    assert not missing(str(caught.value)), str(caught.value)
    # Each once.
    assert len(str(caught.value).splitlines()) == 1 + len(EXPECTED)


# -- stages ------------------------------------------------------------------------------------------------------------


def test_a_stage_that_is_synthesized_alone_reports_its_own_problems() -> None:
    app = cdk.App()
    configured(new_stack("Outside", app), min_matching_seed_size=1)
    stage = cdk.Stage(app, "Stage")
    configured(cdk.Stack(stage, "Inside"), min_matching_seed_size=1)
    with pytest.raises(RuntimeError, match="Stage/Inside/Configured") as caught:
        stage.synth()
    assert "Outside" not in str(caught.value)


def test_problems_of_nested_stages_are_reported_once_with_the_app() -> None:
    app = cdk.App()
    outer = cdk.Stage(app, "Outer")
    configured(cdk.Stack(outer, "One"), min_matching_seed_size=1)
    configured(cdk.Stack(cdk.Stage(outer, "Inner"), "Two"), min_matching_seed_size=1)
    configured(cdk.Stack(cdk.Stage(app, "Other"), "Three"), min_matching_seed_size=1)
    for whole, paths in (
        (outer, {"Outer/One", "Outer/Inner/Two"}),
        (app, {"Outer/One", "Outer/Inner/Two", "Other/Three"}),
    ):
        with pytest.raises(RuntimeError) as caught:
            whole.synth()
        reported = re.findall(r"\S+(?=/Configured: minMatching)", str(caught.value))
        assert sorted(reported) == sorted(paths)


def test_a_template_of_an_outer_stack_reports_nested_stages_too() -> None:
    app = cdk.App()
    stack = new_stack("Outside", app)
    configured(stack, min_matching_seed_size=1)
    configured(cdk.Stack(cdk.Stage(app, "Stage"), "Inside"), min_matching_seed_size=1)
    with pytest.raises(RuntimeError) as caught:
        cdk.assertions.Template.from_stack(stack)
    assert "Outside/Configured" in str(caught.value)
    assert "Stage/Inside/Configured" in str(caught.value)


def test_a_stage_without_problems_is_synthesized() -> None:
    app = cdk.App()
    configured(new_stack("Outside", app))
    channel(cdk.Stack(cdk.Stage(app, "Stage"), "Inside"))
    assembly = app.synth()
    assert [stack.stack_name for stack in assembly.stacks_recursively] == ["Outside", "Stage-Inside"]


# -- size --------------------------------------------------------------------------------------------------------------


def test_waits_that_make_a_stack_too_large_are_reported_with_what_to_do() -> None:
    stack = new_stack()
    # 23 links, a Ready, a Resource and a role each.
    for number in range(20):
        job(stack, f"Job{number}", wait=Wait.until_active(cdk.Duration.hours(22)))
    with pytest.raises(RuntimeError) as caught:
        cdk.assertions.Template.from_stack(stack)
    text = str(caught.value)
    assert "[Stack] Stack: has more than 500 resources; allowed 500 (CloudFormation). 460 of them are links" in text
    assert "shorten wait=" in text


def test_a_stack_that_is_large_but_not_too_large_is_synthesized() -> None:
    stack = new_stack()
    for number in range(18):
        job(stack, f"Job{number}", wait=Wait.until_active(cdk.Duration.hours(22)))
    resources = cdk.assertions.Template.from_stack(stack).to_json()["Resources"]
    assert 480 < len(resources) <= 500
