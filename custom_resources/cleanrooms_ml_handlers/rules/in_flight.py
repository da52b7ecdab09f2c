"""Advice about a stack whose runs may be in progress at the same time although AWS's quotas allow fewer.

A create waits for a free slot, but no longer than CloudFormation allows, while such runs may take many hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..problem import ID_PREFIX
from ..timing import DEFAULT_TIMEOUT_SECONDS
from .rule import CrossRequestRule, Source


@dataclass(frozen=True)
class InFlightQuota:
    """How many runs AWS allows in progress at a time, unless it raised the quota.

    Attributes:
        kind: The kind of run. Only kinds whose runs may take longer than a create can wait for a slot.
        value: How many.
        noun: What counts, for messages.
        per: The member of the request by which runs are counted separately; empty if per account.
        is_synthetic: Whether only runs that create synthetic data count.
    """

    kind: str
    value: int
    noun: str
    per: str = ""
    is_synthetic: bool = False

    @property
    def scope(self) -> str:
        """The scope of the quota."""
        return "membership" if self.per else "account"

    def __str__(self) -> str:
        return f"{self.value} {self.noun} per {self.scope}"


# The narrower quota of a kind first: runs that exceed it often exceed the wider one too.
IN_FLIGHT_QUOTAS = (
    InFlightQuota("AudienceModel", 2, "audience models"),
    InFlightQuota("MLInputChannel", 2, "ML input channels with synthetic data", is_synthetic=True),
    InFlightQuota("TrainedModel", 5, "trained models", per="membershipIdentifier"),
    InFlightQuota("TrainedModel", 10, "trained models"),
    InFlightQuota("TrainedModelInferenceJob", 5, "inference jobs", per="membershipIdentifier"),
    InFlightQuota("TrainedModelInferenceJob", 10, "inference jobs"),
    InFlightQuota("AudienceGenerationJob", 10, "audience generation jobs"),
)
IN_FLIGHT = CrossRequestRule(
    f"{ID_PREFIX}in-flight",
    "runs of a stack that do not depend on each other",
    f"usually at most {', '.join(map(str, IN_FLIGHT_QUOTAS))}",
    f"One more waits {DEFAULT_TIMEOUT_SECONDS // 60} minutes for a free slot and then fails; the others may take "
    "hours.",
    "Let it depend on one of the others, for whose end the deployment waits: third.node.add_dependency(first).",
    Source.guide("clean-rooms-ml-quotas", "Quotas for Clean Rooms ML"),
    is_advice=True,
)


@dataclass(frozen=True)
class Run:
    """A run of a stack.

    Attributes:
        name: The logical id of the resource that starts it.
        kind: Its kind.
        end: The logical id of the resource that waits for its end; empty if none does.
        request: Its create request.
        is_synthetic: Whether it certainly creates synthetic data.
    """

    name: str
    kind: str
    end: str
    request: Mapping[str, Any]
    is_synthetic: bool = False


@dataclass(frozen=True)
class Crowd:
    """Runs that may all be in progress at the same time, more than a quota allows."""

    quota: InFlightQuota
    runs: tuple[Run, ...]

    @property
    def last(self) -> Run:
        """The first run above the quota, in the order of the template."""
        return self.runs[self.quota.value]

    def message(self, names: Mapping[str, str], how: str = "third.node.add_dependency(first)") -> str:
        """The message about `last`.

        Args:
            names: The names of the runs for messages, by logical id.
            how: How to let one run depend on another.
        """
        others = [names[run.name] for run in self.runs if run is not self.last]
        shown = ", ".join(others[: self.quota.value])
        more = f" and {len(others) - self.quota.value} more" if len(others) > self.quota.value else ""
        return (
            f"may run at the same time as {shown}{more}; by default AWS allows {self.quota} at a time. It waits "
            f"{DEFAULT_TIMEOUT_SECONDS // 60} minutes for a slot and then fails, while the others may take hours. Let "
            f"it depend on one of them, for whose end the deployment waits: {how}"
        )


def may_be_crowded(runs: Iterable[Run]) -> bool:
    """Whether there are more runs than a quota allows, dependencies ignored."""
    return any(len(group) > quota.value for quota, group in _counted(list(runs)))


def crowds(runs: Iterable[Run], needs: Mapping[str, Iterable[str]]) -> list[Crowd]:
    """The largest crowd of each kind that is larger than its quota.

    Args:
        runs: The runs of a stack, in the order of the template.
        needs: The dependencies of every resource, by logical id.
    """
    found: dict[str, Crowd] = {}
    for quota, group in _counted(list(runs)):
        if len(group) > quota.value and quota.kind not in found:
            crowd = _largest_crowd(group, needs)
            if len(crowd) > quota.value:
                found[quota.kind] = Crowd(quota, tuple(crowd))
    return list(found.values())


def _counted(runs: list[Run]) -> Iterator[tuple[InFlightQuota, list[Run]]]:
    """Each quota with the runs that count against it together."""
    for quota in IN_FLIGHT_QUOTAS:
        groups: dict[object, list[Run]] = {}
        for run in runs:
            if run.kind == quota.kind and (run.is_synthetic or not quota.is_synthetic):
                groups.setdefault(str(run.request.get(quota.per)) if quota.per else "", []).append(run)
        for group in groups.values():
            yield quota, group


def _largest_crowd(runs: list[Run], needs: Mapping[str, Iterable[str]]) -> list[Run]:
    """The largest set of runs of which none starts after the end of another.

    "Starts after the end of" is a partial order. By Dilworth's theorem the size of the largest set without two ordered
    elements follows from a maximum matching of each run with a later one; König's theorem gives the set.
    """
    ends = {run.end: number for number, run in enumerate(runs) if run.end}
    before = [[ends[name] for name in _all_needs(run.name, needs) if name in ends] for run in runs]
    follower: dict[int, int] = {}

    def matched(later: int, seen: set[int]) -> bool:
        for earlier in before[later]:
            if earlier not in seen:
                seen.add(earlier)
                if earlier not in follower or matched(follower[earlier], seen):
                    follower[earlier] = later
                    return True
        return False

    reached = {later for later in range(len(runs)) if not matched(later, set())}
    passed: set[int] = set()
    pending = list(reached)
    while pending:
        for earlier in before[pending.pop()]:
            if earlier not in passed:
                passed.add(earlier)
                # A maximum matching leaves none of them without a follower.
                reached.add(follower[earlier])
                pending.append(follower[earlier])
    return [run for number, run in enumerate(runs) if number in reached and number not in passed]


def _all_needs(name: str, needs: Mapping[str, Iterable[str]]) -> set[str]:
    """The dependencies of a resource, direct and indirect."""
    found: set[str] = set()
    pending = [name]
    while pending:
        for each in needs.get(pending.pop(), ()):
            if each not in found:
                found.add(each)
                pending.append(each)
    return found
