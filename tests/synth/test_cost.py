"""What a construct costs: calls to the CDK's kernel take nearly all the time of a synth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from jsii._kernel.providers.process import ProcessProvider

from cdk_cleanrooms_ml import (
    ConfiguredModelAlgorithmAssociation,
    Membership,
    MLInputChannel,
    ProtectedQuery,
)
from cdk_cleanrooms_ml._checks import StackChecks
from tests.synth.stacks import ASSOCIATION_ARN, MEMBERSHIP, channel, configured, job, new_stack

KINDS_OF_CALLS = ("create", "get", "set", "sget", "invoke", "sinvoke")


@contextmanager
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Notes every call to the kernel inside the block."""
    noted: list[str] = []
    with monkeypatch.context() as patch:
        for kind in KINDS_OF_CALLS:
            original = getattr(ProcessProvider, kind)

            def spy(self: object, request: object, kind: str = kind, original: object = original) -> object:
                noted.append(f"{kind} {getattr(request, 'property', getattr(request, 'fqn', ''))}")
                return original(self, request)  # type: ignore[operator]

            patch.setattr(ProcessProvider, kind, spy)
        yield noted


@pytest.mark.parametrize(("with_role", "most"), [(True, 11), (False, 6)])
def test_a_channel_costs_few_calls(monkeypatch: pytest.MonkeyPatch, with_role: bool, most: int) -> None:
    stack = new_stack()
    cdk.Tags.of(stack).add("team", "growth")
    member = Membership.from_membership_id(stack, "Member", MEMBERSHIP)
    algorithm = ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
        stack, "Algorithm", ASSOCIATION_ARN
    )
    role = None if with_role else iam.Role(stack, "Own", assumed_by=iam.AccountRootPrincipal())
    query, retention = ProtectedQuery.sql("SELECT 1"), cdk.Duration.days(30)

    def make(id: str) -> None:
        MLInputChannel(
            stack,
            id,
            membership=member,
            algorithm_association=algorithm,
            query=query,
            retention=retention,
            role=role,
            tags={"purpose": "cost"},
        )

    # The first one creates what all share.
    make("First")
    with calls(monkeypatch) as noted:
        make("Second")
    assert len(noted) <= most, noted


@pytest.mark.parametrize("make", [configured, channel, job])
def test_checks_cost_no_call_per_construct(monkeypatch: pytest.MonkeyPatch, make: Callable[..., object]) -> None:
    def calls_of(constructs: int) -> int:
        with calls(monkeypatch) as noted:
            stack = new_stack()
            cdk.Tags.of(stack).add("team", "growth")
            for number in range(constructs):
                make(stack, f"One{number}", tags={"purpose": "cost"})
            cdk.assertions.Template.from_stack(stack)
        return len(noted)

    def each() -> float:
        return (calls_of(6) - calls_of(1)) / 5

    checked = each()
    monkeypatch.setattr(StackChecks, "add", lambda *_: None)
    monkeypatch.setattr(StackChecks, "add_run", lambda *_: None)
    assert checked == each()


@pytest.mark.parametrize(("advised", "warnings"), [(False, 0), (True, 1)])
def test_advice_costs_nothing_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, advised: bool, warnings: int
) -> None:
    stack = new_stack()
    job(stack, include_seed_in_output=advised)
    with calls(monkeypatch) as noted:
        cdk.assertions.Template.from_stack(stack)
    assert noted.count("sinvoke aws-cdk-lib.Validations") == warnings
