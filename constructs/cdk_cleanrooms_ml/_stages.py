"""Nested stages: which one is synthesized as a whole, and the validation that reports what is in it.

The CDK synthesizes nested stages first, and the first one with a problem ends the synth: the others go unreported. So
a stage that is synthesized as a part of an outer one leaves its problems to that.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Protocol

import jsii
from aws_cdk import Stack, Stage
from constructs import IValidation

from ._stack import kept_validation, same

_INNER_CHECKS = "inner checks"


class StackProblems(Protocol):
    """The checks of a stack."""

    def messages(self) -> list[str]:
        """Every problem of the stack."""
        ...


@jsii.implements(IValidation)
class InnerChecks:
    """The validation of an app, or a stage, for the stacks of the stages in it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._stacks: list[StackProblems] = []

    def add(self, checks: StackProblems) -> None:
        """Adds a stack."""
        self._stacks.append(checks)

    @jsii.member(jsii_name="validate")
    def validate(self) -> list[str]:
        """Every problem of the stacks, unless an outer stage reports them. Called by the CDK at synth."""
        if not is_among(synthesized(), [self._stage]):
            return []
        return [message for checks in self._stacks for message in checks.messages()]


def inner_checks_of(stage: Stage) -> InnerChecks:
    """The validation of an app, or a stage, for the stages in it, created if there is none."""
    return kept_validation(stage, _INNER_CHECKS, lambda: InnerChecks(stage))


def stages_around(stack: Stack) -> list[Stage]:
    """The stages around a stack's own, up to the app; none if its own is the app."""
    stage = Stage.of(stack)
    around: list[Stage] = []
    while stage is not None and stage.parent_stage is not None:
        stage = stage.parent_stage
        around.append(stage)
    return around


def is_among(stage: Stage | None, stages: Sequence[Stage]) -> bool:
    """Whether a stage is one of some."""
    return stage is not None and any(same(stage, each) for each in stages)


def synthesized() -> Stage | None:
    """What is being synthesized as a whole: the app or stage whose synth was called first, if Python called it."""
    found: Stage | None = None
    frame = sys._getframe(1)
    while frame.f_back:
        frame = frame.f_back
        if frame.f_code.co_name == "synth":
            caller = frame.f_locals.get("self")
            found = caller if isinstance(caller, Stage) else found
        elif frame.f_code.co_name == "from_stack" and isinstance(frame.f_locals.get("stack"), Stack):
            # As of the CDK's assertions.
            found = Stage.of(frame.f_locals["stack"])
    return found
