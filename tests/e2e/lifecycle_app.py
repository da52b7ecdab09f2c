"""An app with what a case says, synthesized in the process of the test: the CLI deploys the assembly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from cdk_cleanrooms_ml import AudienceModel, ConfiguredAudienceModel, SeedAudience, Wait
from cleanrooms_ml_simulator.sandbox.assembly import channel


def synthesize(folder: Path, stack_name: str, case: Mapping[str, Mapping[str, Any]]) -> Path:
    """The assembly of a stack.

    Args:
        folder: Where to.
        stack_name: The stack's name.
        case: What is in the stack: the names of functions of this module, each with its arguments.
    """
    app = cdk.App(outdir=str(folder), context={"aws:cdk:disable-version-reporting": True})
    stack = cdk.Stack(app, stack_name)
    for part, options in case.items():
        _PARTS[part](stack, **options)
    app.synth()
    return folder


def _watched(stack: cdk.Stack, *, association: str) -> None:
    """A channel for which the deployment does not wait, and a queue with the event of its end."""
    queue = sqs.Queue(stack, "Ends", removal_policy=cdk.RemovalPolicy.DESTROY)
    created = channel(stack, association=association, wait=Wait.none())
    created.on_state_change("Ended", target=targets.SqsQueue(queue))
    cdk.CfnOutput(stack, "Queue", value=queue.queue_url)
    cdk.CfnOutput(stack, "Arn", value=created.ml_input_channel_arn)


def _retained(stack: cdk.Stack, *, audience_model: str, prefix: str) -> None:
    """A configured audience model that stays when it leaves the stack."""
    model = ConfiguredAudienceModel(
        stack,
        "Configured",
        audience_model=AudienceModel.from_audience_model_arn(stack, "Model", audience_model),
        output_bucket=s3.Bucket.from_bucket_name(stack, "Audiences", "audiences"),
        output_prefix=prefix,
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    cdk.CfnOutput(stack, "Arn", value=model.configured_audience_model_arn)


def _other(stack: cdk.Stack) -> None:
    """Something that keeps the stack from being empty."""
    sqs.Queue(stack, "Other", removal_policy=cdk.RemovalPolicy.DESTROY)


def _tagged(stack: cdk.Stack, *, association: str, run_id: str, tags: int, configured: str | None = None) -> None:
    """A channel with tags, and perhaps a job that starts after it."""
    created = channel(
        stack, association=association, run_id=run_id, tags={f"tag-{number}": "value" for number in range(tags)}
    )
    cdk.CfnOutput(stack, "Arn", value=created.ml_input_channel_arn)
    if configured:
        model = ConfiguredAudienceModel.from_configured_audience_model_arn(stack, "Configured", configured)
        seed = SeedAudience.from_bucket(s3.Bucket.from_bucket_name(stack, "Seeds", "seeds"), "seed.jsonl")
        model.add_generation_job("Job", seed_audience=seed).node.add_dependency(created)


_PARTS: Mapping[str, Callable[..., None]] = {
    "other": _other,
    "retained": _retained,
    "tagged": _tagged,
    "watched": _watched,
}
