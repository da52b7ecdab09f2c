#!/usr/bin/env python3
"""An example: the stacks of training.py from CDK Pipelines, which deploys itself, then them, then waits for the runs.

cdk deploy --app "python cdk_pipeline.py" Pipeline
"""

from __future__ import annotations

import aws_cdk as cdk
from accepted import accept_findings
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_iam as iam
from aws_cdk import pipelines
from constructs import Construct
from training import Platform, Training

from cdk_cleanrooms_ml import CleanRoomsMLChecks

CDK = "npx --yes aws-cdk@2.1148.1"
# What `cleanrooms-ml plan` and `wait` call: docs/command.md.
READS = (
    "cloudformation:DescribeStacks",
    "cloudformation:GetTemplate",
    "cloudformation:ListExports",
    "cloudformation:ListStackResources",
    "cleanrooms-ml:Get*",
    "cleanrooms-ml:List*",
    "cleanrooms:Get*",
    "cleanrooms:List*",
    "cleanrooms:PassCollaboration",
    "cleanrooms:PassMembership",
)


class Production(cdk.Stage):
    """Both stacks, in the account of the pipeline."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        platform = Platform(self, "Platform")
        Training(
            self,
            "Training",
            platform=platform,
            membership_id=self.node.get_context("membershipId"),
            algorithm_arn=self.node.get_context("algorithmArn"),
            run_id=self.node.get_context("runId"),
        )
        cdk.Tags.of(self).add("owner", "data-science")


class Pipeline(cdk.Stack):
    """Synthesizes and checks, shows the plan, deploys, and waits."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        source = pipelines.CodePipelineSource.connection(
            self.node.get_context("repository"), "main", connection_arn=self.node.get_context("connectionArn")
        )
        synth = pipelines.ShellStep(
            "Synth",
            input=source,
            install_commands=["pip install -r requirements.txt"],
            commands=[
                f'{CDK} synth --quiet --app "python cdk_pipeline.py" "**"',
                "cleanrooms-ml check cdk.out",
            ],
        )
        pipeline = pipelines.CodePipeline(
            self,
            "Pipeline",
            synth=synth,
            code_build_defaults=pipelines.CodeBuildOptions(
                build_environment=codebuild.BuildEnvironment(build_image=codebuild.LinuxBuildImage.STANDARD_7_0)
            ),
        )
        stage = Production(self, "Production")
        pipeline.add_stage(
            stage,
            pre=[self.step("Plan", source, synth, "cleanrooms-ml plan cdk.out --fail-on delete")],
            # CodeBuild ends after eight hours; the step can be run again.
            post=[self.step("Wait", source, synth, "cleanrooms-ml wait Production-Training --timeout 7h")],
        )

    def step(
        self, id: str, source: pipelines.IFileSetProducer, synth: pipelines.ShellStep, command: str
    ) -> pipelines.CodeBuildStep:
        """A step that reads the account with `cleanrooms-ml`."""
        return pipelines.CodeBuildStep(
            id,
            input=source,
            additional_inputs={"cdk.out": synth},
            install_commands=["pip install -r requirements.txt"],
            commands=[command],
            role_policy_statements=[iam.PolicyStatement(actions=[*READS], resources=["*"])],
        )


app = cdk.App()
Pipeline(app, "Pipeline")
cdk.Validations.of(app).add_plugins(CleanRoomsMLChecks(max_retention=cdk.Duration.days(14), required_tags=["owner"]))
accept_findings(app)
app.synth()
