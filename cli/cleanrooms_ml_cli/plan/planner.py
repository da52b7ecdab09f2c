"""From a template to the changes that its deployment makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cleanrooms_ml_policy.organization_checks import SYNTHETIC_DATA

from ..account.engine import Rehearsed, rehearse
from ..account.errors import CannotDo
from ..account.handlers import (
    WAIT_RESOURCE_TYPE,
    Desired,
    Phase,
    ResourceSpec,
    is_document,
    kind_of_type,
)
from ..account.intrinsics import has_unknown, references
from ..account.members import Difference, differences
from ..account.service import Reader
from ..account.stacks import STACK_TYPE, StackResource
from ..account.values import DeployedValues
from .assembly import Synthesized
from .change import Action, Change, Plan
from .facts import Facts, NewRun
from .quotas import SYNTHETIC, quota_notes
from .wanted import Step, WantedValues

# A policy that keeps what leaves a stack.
_KEPT = ("Retain", "RetainExceptOnCreate")


def plan(
    stack: Synthesized,
    deployed: DeployedValues,
    reader: Reader,
    facts: Facts,
    now: float,
    exports: Callable[[str], Any] | None = None,
) -> Plan:
    """What a deployment of a stack does.

    Args:
        stack: What it is to become.
        deployed: What there is now.
        reader: Reads Clean Rooms ML.
        facts: Knows who pays, and what is left of privacy budgets.
        now: The time, in seconds since 1970.
        exports: Knows the values that other stacks export.

    Raises:
        CannotDo: The service cannot be asked, or the stack is being changed.
    """
    if deployed.stack.is_busy:
        raise CannotDo(f"the stack {stack.name} is {deployed.stack.status}; plan when the operation is over")
    planner = _Planner(reader, facts, now)
    planner.visit(WantedValues(stack, deployed, reader, now, exports=exports))
    changes = quota_notes(planner.changes, planner.new_runs, reader)
    return Plan(stack.name, not deployed.stack.status, tuple(changes), planner.unchanged)


class _Planner:
    def __init__(self, reader: Reader, facts: Facts, now: float) -> None:
        self.changes: list[Change] = []
        # By the index of their change.
        self.new_runs: dict[int, NewRun] = {}
        self.unchanged = 0
        self._reader = reader
        self._facts = facts
        self._now = now

    def visit(self, values: WantedValues) -> None:
        """The changes of a stack and of those nested in it."""
        for logical_id in values.stack.template["Resources"]:
            entry = values.entry(logical_id)
            spec = kind_of_type(str(entry.get("Type")))
            if spec is not None:
                self._add(values, logical_id, spec)
            elif entry.get("Type") == WAIT_RESOURCE_TYPE:
                self.changes += _of_wait(values, logical_id)
            elif entry.get("Type") == STACK_TYPE and logical_id in values.stack.nested:
                self.visit(values.nested(logical_id))
        self._removed(values)

    def _add(self, values: WantedValues, logical_id: str, spec: ResourceSpec) -> None:
        step = values.step(logical_id)
        change = self._change(values, step, spec)
        if change.action is Action.NONE:
            self.unchanged += 1
            return
        if change.run:
            self.new_runs[len(self.changes)] = _new_run(values, step, spec)
        self.changes.append(change)

    def _change(self, values: WantedValues, step: Step, spec: ResourceSpec) -> Change:
        deployed = values.deployed
        resource = deployed.stack.resources.get(step.logical_id)
        where = _where(values, step.logical_id)
        before_id = resource.physical_id if resource else ""
        base = Change(deployed.stack.name, where, spec.kind, Action.NONE, physical_id=before_id)
        if step.problem:
            return replace(base, action=Action.FAIL, failure=step.problem)
        outcome = step.outcome
        if outcome is None:
            return base
        members, causes = _compared(spec, step)
        calls = tuple(outcome.operations)
        is_run = spec.long_running and spec.create in calls
        run = tuple(self._facts.of_run(_new_run(values, step, spec))) if is_run else ()
        changed = replace(base, differences=members if step.request == "Update" else (), calls=calls, run=run)
        if outcome.failure:
            return replace(changed, action=Action.FAIL, failure=outcome.failure, causes=causes)
        if step.request == "Create":
            is_created = spec.create in calls
            return replace(changed, action=Action.CREATE if is_created else Action.ADOPT)
        if outcome.physical_id in ("", before_id):
            return replace(changed, action=Action.UPDATE if calls else Action.NONE)
        assert resource is not None
        return self._replaced(values, step, spec, resource, replace(changed, action=Action.REPLACE, causes=causes))

    def _replaced(
        self, values: WantedValues, step: Step, spec: ResourceSpec, resource: StackResource, change: Change
    ) -> Change:
        if values.entry(step.logical_id).get("UpdateReplacePolicy") in _KEPT:
            return replace(change, notes=(f"{resource.physical_id} stays: it is retained",))
        removal = self._deleted(values.deployed, resource, step.before)
        return replace(
            change,
            calls=(*change.calls, *removal.operations),
            deletes=_deleted_text(spec, values.deployed, resource, removal),
            notes=(*_running_note(spec, values.deployed, resource), *_given_back_note(removal)),
            failure=removal.failure,
        )

    def _removed(self, values: WantedValues) -> None:
        """What leaves a stack, and the stacks nested in it."""
        self._removed_of(values.deployed, lambda logical_id: bool(values.entry(logical_id)))

    def _removed_of(self, deployed: DeployedValues, stays: Callable[[str], bool]) -> None:
        for logical_id, child in deployed.nested.items():
            if not stays(logical_id):
                self._removed_of(child, lambda _: False)
        for logical_id, resource in deployed.stack.resources.items():
            spec = kind_of_type(resource.type)
            if spec is None or resource.is_gone or not resource.physical_id or stays(logical_id):
                continue
            where = deployed.stack.where(logical_id)
            base = Change(deployed.stack.name, where, spec.kind, Action.DELETE, physical_id=resource.physical_id)
            if deployed.entry(logical_id).get("DeletionPolicy") in _KEPT:
                note = "it leaves the stack and stays in the service: it is retained"
                self.changes.append(replace(base, action=Action.KEEP, notes=(note,)))
                continue
            removal = self._deleted(deployed, resource, deployed.properties(logical_id))
            self.changes.append(
                replace(
                    base,
                    action=Action.KEEP if _is_given_back(removal) else Action.DELETE,
                    calls=tuple(removal.operations),
                    deletes=_deleted_text(spec, deployed, resource, removal),
                    notes=(*_running_note(spec, deployed, resource), *_given_back_note(removal)),
                    failure=removal.failure,
                )
            )

    def _deleted(self, deployed: DeployedValues, resource: StackResource, properties: Mapping[str, Any]) -> Rehearsed:
        return rehearse(
            "Delete",
            deployed.stack,
            resource.logical_id,
            resource.type,
            self._reader,
            self._now,
            physical_id=resource.physical_id,
            properties=properties,
        )


def _new_run(values: WantedValues, step: Step, spec: ResourceSpec) -> NewRun:
    reading = values.deployed.reading(step.logical_id)
    shown = reading.record.answer if reading is not None and reading.record is not None else {}
    is_synthetic = bool(shown.get(SYNTHETIC)) or _asks_for_synthetic_data(values, step.logical_id)
    return NewRun(spec, Desired(spec, step.properties).request, shown, is_synthetic)


def _asks_for_synthetic_data(values: WantedValues, logical_id: str) -> bool:
    """Whether a resource refers to a template of the same stack that creates synthetic data."""
    for _, target, _ in references(values.entry(logical_id).get("Properties") or {}):
        if SYNTHETIC_DATA in (values.entry(target).get("Properties") or {}):
            return True
    return False


def _where(values: WantedValues, logical_id: str) -> str:
    stack = replace(values.deployed.stack, template=values.stack.template)
    return stack.where(logical_id)


def _compared(spec: ResourceSpec, step: Step) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """The members that differ, and those of them whose change creates another resource."""
    before, after = Desired(spec, step.before), Desired(spec, step.properties)
    found = differences(spec, before.request, after.request)
    tags = differences(spec, {"tags": before.tags}, {"tags": after.tags})
    runs = [] if before.run_id == after.run_id else [Difference("run_id", before.run_id or "", after.run_id or "")]
    if before.identity == after.identity:
        return (*found, *tags), ()
    in_place = before.mutable.keys() & after.mutable.keys()
    for key in {*before.mutable, *after.mutable} - set(spec.presence_is_identity):
        in_place |= {key}
    causes = [one for one in (*found, *runs) if one.member not in in_place]
    return (*found, *tags, *runs), tuple(dict.fromkeys(one.path for one in causes))


def _deleted_text(spec: ResourceSpec, deployed: DeployedValues, resource: StackResource, removal: Rehearsed) -> str:
    ending = {spec.delete, spec.cancel} - {None}
    wrote = spec.create if is_document(spec) else None
    if not (ending | {wrote}) & set(removal.operations):
        return ""
    reading = deployed.reading(resource.logical_id)
    name = reading.record.name if reading is not None and reading.record is not None else ""
    said = f'"{name}" ' if name else ""
    what = "statements in the document of" if wrote in removal.operations else "data of" if spec.long_running else ""
    return " ".join(f"{what} {spec.kind} {said}({resource.physical_id})".split())


def _is_given_back(removal: Rehearsed) -> bool:
    """Whether a resource that was taken over only loses its ownership tag."""
    return set(removal.operations) == {"UntagResource"}


def _given_back_note(removal: Rehearsed) -> tuple[str, ...]:
    return ("it was taken over, and stays in the service without the ownership tag",) * _is_given_back(removal)


def _running_note(spec: ResourceSpec, deployed: DeployedValues, resource: StackResource) -> tuple[str, ...]:
    reading = deployed.reading(resource.logical_id)
    if reading is None or reading.record is None or reading.step.phase(reading.record) is not Phase.PENDING:
        return ()
    ending = "it is canceled" if spec.cancel else "its deletion waits for its end"
    return (f"{reading.record.name or resource.physical_id} is still {reading.record.status}: {ending}",)


def _of_wait(values: WantedValues, logical_id: str) -> Iterator[Change]:
    """A wait whose result would fail as it is: a threshold that the figures do not reach."""
    properties = values.properties(logical_id)
    if has_unknown(properties.get("Arn")):
        return
    outcome = values.step(logical_id).outcome
    if outcome is not None and outcome.failure:
        where = _where(values, logical_id)
        yield Change(values.deployed.stack.name, where, "Wait", Action.FAIL, failure=outcome.failure)
