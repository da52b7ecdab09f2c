"""One validation per stack, which reports every problem of the app at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, cast

import jsii
from aws_cdk import CfnResource, IResolvable, Stack, Token
from aws_cdk import aws_iam as iam
from constructs import Construct, IValidation

from ._cross_stack import CROSS_STACK, used_elsewhere
from ._in_flight import Run, crowded
from ._late import Found, Subject, late_failures, of_another_region
from ._leader import has_hidden_aspects
from ._stack import kept_validation, same
from ._stages import inner_checks_of, is_among, stages_around, synthesized
from ._warnings import warn

_CHECKS = "checks"
# The CDK's own limit, if set, takes precedence over CloudFormation's quota.
_RESOURCE_LIMIT_CONTEXT = "@aws-cdk/core:stackResourceLimit"


class Check(Protocol):
    """The checks of one construct."""

    @property
    def construct(self) -> Construct:
        """The construct."""
        ...

    def messages(self) -> list[str]:
        """Every problem, in the words that the user reads."""
        ...

    def warnings(self) -> Sequence[tuple[str, str]]:
        """Warnings, each with the id by which it is acknowledged."""
        ...


class Inheriting(Protocol):
    """A construct whose resource gets the tags of its stack, which CloudFormation does not pass to it."""

    @property
    def rendered_tags(self) -> IResolvable | None:
        """The tags as the template has them; None of what has none."""
        ...

    def read_tags(self, rendered: Mapping[str, object]) -> None:
        """Takes note of the tags that the template has now."""
        ...

    def inherit_tags(self, inherited: Mapping[str, str]) -> None:
        """Takes on tags, below its own and those of aspects."""
        ...


@jsii.implements(IValidation)
class StackChecks:
    """The one validation of a stack.

    Args:
        stack: The stack.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._entries: list[Check] = []
        self._taggable: list[Inheriting] = []
        self._has_read_tags = False
        self._runs: list[Run] = []
        self._preparations: list[Callable[[], None]] = []
        self._subjects: list[Subject] = []
        # Found by the warnings, for the problems that follow them: asking costs a call.
        self._found: list[Found] | None = None
        self._outer = stages_around(stack)
        for outer in self._outer:
            inner_checks_of(outer).add(self)

    def add(self, entry: Check) -> None:
        """Adds a construct."""
        self._entries.append(entry)
        # To look whether it has every member of the protocol takes longer.
        if getattr(entry, "rendered_tags", None) is not None:
            self._taggable.append(cast("Inheriting", entry))

    def add_run(self, run: Run) -> None:
        """Adds a run."""
        self._runs.append(run)

    def prepare(self, what: Callable[[], None]) -> None:
        """Adds what is done before the checks."""
        self._preparations.append(what)

    def add_subject(self, subject: Subject) -> None:
        """Adds a construct that may have settings that do not fit."""
        self._subjects.append(subject)

    @jsii.member(jsii_name="validate")
    def validate(self) -> list[str]:
        """Every problem of the stack. Called by the CDK at synth, after aspects."""
        for what in self._preparations:
            what()
        self._inherit_tags()
        may_be_hidden = bool(self._runs) and has_hidden_aspects(self._stack)
        for run in self._runs:
            run.leader.pass_options(may_be_hidden=may_be_hidden)
        warnings: list[Callable[[], list[str]]] = [
            *(partial(_warn, entry) for entry in self._entries),
            self._warn_of_exports,
            self._warn_of_crowds,
            self._warn_of_late_failures,
        ]
        faults = [fault for warning in warnings for fault in _safely(warning)]
        return faults + ([] if is_among(synthesized(), self._outer) else self.messages())

    def messages(self) -> list[str]:
        """Every problem of the stack."""
        if not self._has_read_tags:
            self._read_tags()
        checks = [*(entry.messages for entry in self._entries), self._late_failures, self._elsewhere, self._too_many]
        return [message for check in checks for message in _safely(check)]

    def _inherit_tags(self) -> None:
        """Gives resources the tags of the stack, as CloudFormation gives them to those that it knows itself.

        Below everything else: a construct's own tags and those of aspects win, and what an aspect removed stays so.
        """
        self._read_tags()
        inherited = _tags_of(self._stack) if self._taggable else {}
        for entry in self._taggable if inherited else ():
            entry.inherit_tags(inherited)

    def _read_tags(self) -> None:
        """Reads the tags of all resources, in one call. The CDK has rendered them, for good."""
        self._has_read_tags = True
        by_number = {str(number): entry for number, entry in enumerate(self._taggable)}
        if not by_number:
            return
        try:
            # One without tags is not among them.
            rendered = self._stack.resolve({number: entry.rendered_tags for number, entry in by_number.items()})
        except RuntimeError:
            # A value that the CDK cannot render: each entry reads its own.
            return
        for number, entry in by_number.items():
            entry.read_tags(rendered.get(number, {}))

    def _warn_of_exports(self) -> list[str]:
        """Warns of runs that other stacks refer to. The CDK has created the exports by now."""
        for run, text in used_elsewhere(self._stack, self._runs):
            warn(run.construct, CROSS_STACK, text)
        return []

    def _warn_of_crowds(self) -> list[str]:
        """Warns of runs that may exceed a quota together. The CDK has created the dependencies by now."""
        from cleanrooms_ml_handlers.rules.in_flight import IN_FLIGHT  # here: expensive to import

        for run, text in crowded(self._stack, self._runs):
            warn(run.construct, IN_FLIGHT.id, text)
        return []

    def _warn_of_late_failures(self) -> list[str]:
        """Warns of settings with which a run may fail after hours."""
        self._found = late_failures(self._stack, self._subjects)
        for each in self._found:
            if each.is_advice:
                warn(each.subject.construct, each.rule, each.text)
        return []

    def _late_failures(self) -> list[str]:
        """Settings with which a run fails after hours, for certain."""
        found, self._found = self._found, None
        if found is None:
            found = late_failures(self._stack, self._subjects)
        return [f"{each.subject.construct.node.path}: {each.text}" for each in found if not each.is_advice]

    def _elsewhere(self) -> list[str]:
        """What is in another Region, where both Regions are known."""
        region = self._stack.region if self._subjects else ""
        if not region or Token.is_unresolved(region):
            return []
        return [
            f"{each.construct.node.path}: {problem}  [{each.line}]"
            for each in self._subjects
            for problem in of_another_region(region, each.request)
        ]

    def _too_many(self) -> list[str]:
        """Whether long waits make the stack too large. The CDK counts too, but cannot say what to do."""
        links = sum(max(len(run.resources) - 2, 0) for run in self._runs)
        if not links:
            return []
        from cleanrooms_ml_policy.check import RESOURCES_PER_STACK  # here: expensive to import

        # A policy without statements is not rendered.
        resources = [
            each
            for each in self._stack.node.find_all()
            if isinstance(each, CfnResource) and not isinstance(each, iam.CfnPolicy)
        ]
        if len(resources) <= RESOURCES_PER_STACK or self._stack.node.try_get_context(_RESOURCE_LIMIT_CONTEXT):
            return []
        if sum(same(each.stack, self._stack) for each in resources) <= RESOURCES_PER_STACK:
            return []
        return [
            f"{self._stack.node.path}: has more than {RESOURCES_PER_STACK} resources; allowed {RESOURCES_PER_STACK} "
            f"(CloudFormation). {links} of them are links of waits, one for each 55 minutes: shorten wait=, use "
            "Wait.none(), or split the stack"
        ]


def _tags_of(stack: Stack) -> dict[str, str]:
    """The tags of a stack, and of those that it is nested in."""
    parent = stack.nested_stack_parent
    return {**(_tags_of(parent) if parent else {}), **stack.tags.tag_values()}


def checks_of(stack: Stack) -> StackChecks:
    """The validation of a stack, created if there is none."""
    return kept_validation(stack, _CHECKS, lambda: StackChecks(stack))


def _warn(entry: Check) -> list[str]:
    for id, text in entry.warnings():
        warn(entry.construct, id, text)
    return []


def _safely(messages: Callable[[], list[str]]) -> list[str]:
    try:
        return messages()
    except Exception as error:  # an exception here would hide the problems of other stacks
        return [f"cdk-cleanrooms-ml has a fault: {type(error).__name__} {error}"]
