"""Which runs of a stack may be under way at the same time although AWS's quotas allow fewer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import CfnResource, Stack
from constructs import Construct

if TYPE_CHECKING:
    from cleanrooms_ml_handlers.rules import in_flight

from ._leader import LeadingResource
from ._stack import same


@dataclass(frozen=True)
class Run:
    """A resource that every run creates anew.

    Attributes:
        construct: The construct.
        leader: What starts it.
        waiting: Links, and `Ready`, the last; none without a wait.
        line: The user's file and line.
        kind: Its kind.
        request: Its create request.
        is_synthetic: Whether its result is certainly synthetic data.
    """

    construct: Construct
    leader: LeadingResource
    waiting: Sequence[CfnResource]
    line: str
    kind: str
    request: Mapping[str, Any]
    is_synthetic: bool

    @property
    def resources(self) -> list[CfnResource]:
        """What starts it, and what waits for it."""
        return [self.leader, *self.waiting]

    def named(self, start: str, end: str) -> in_flight.Run:
        """The run as the rule has it."""
        from cleanrooms_ml_handlers.rules import in_flight  # here: expensive to import

        return in_flight.Run(start, self.kind, end, self.request, self.is_synthetic)


def crowded(stack: Stack, runs: Sequence[Run]) -> Iterator[tuple[Run, str]]:
    """The first run of each kind that is too many, with what is to be said about it.

    The stack is asked only where there are more runs than a quota allows: what follows what is in the properties and
    dependencies of all its resources.
    """
    from cleanrooms_ml_handlers.rules import in_flight  # here: expensive to import

    if not in_flight.may_be_crowded(run.named("", "") for run in runs):
        return
    # Two runs that replace each other have conditions.
    certain = [run for run in runs if run.resources[0].cfn_options.condition is None]
    try:
        ids, order = _order(stack, {id(link) for run in runs for link in run.resources[1:-1]})
    except RuntimeError:
        # The CDK cannot render some resource, perhaps of someone else: it says so itself when it writes the template.
        return
    by_name = {ids[id(run.resources[0])]: run for run in certain}
    named = [
        run.named(name, ids[id(run.resources[-1])] if len(run.resources) > 1 else "") for name, run in by_name.items()
    ]
    for crowd in in_flight.crowds(named, order):
        last = by_name[crowd.last.name]
        paths = {run.name: by_name[run.name].construct.node.path for run in crowd.runs}
        yield last, f"{crowd.message(paths)}  [{last.line}]"


def _order(stack: Stack, links: set[int]) -> tuple[dict[int, str], dict[str, set[str]]]:
    """The logical ids of a stack's resources, and of each what has to be there before; without links.

    What needs a link needs the end of its wait too, and a link needs nothing that `Ready` does not need.
    """
    from cleanrooms_ml_policy.in_flight import needs  # here: expensive to import

    resources = [
        each
        for each in stack.node.find_all()
        if isinstance(each, CfnResource) and id(each) not in links and same(each.stack, stack)
    ]
    # One call for all.
    rendered: list[tuple[str, Any, list[str]]] = stack.resolve(
        [
            [
                each.logical_id,
                each._cfn_properties,
                [
                    need.logical_id
                    for need in each.obtain_dependencies()
                    if isinstance(need, CfnResource) and id(need) not in links
                ],
            ]
            for each in resources
        ]
    )
    ids = {id(each): name for each, (name, _, _) in zip(resources, rendered, strict=True)}
    entries = {name: {"Properties": properties, "DependsOn": after} for name, properties, after in rendered}
    return ids, needs(entries)
