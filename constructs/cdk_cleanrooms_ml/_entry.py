"""What is checked at synth of one construct: its request, and what it says about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aws_cdk import CfnResource, IResolvable, TagManager
from constructs import Construct

from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.problem import ID_PREFIX, Problem
from cleanrooms_ml_handlers.spec import Cardinality, ResourceSpec

from ._validation import (
    as_far_as_known,
    is_token,
    is_unchecked,
    spelled_out,
)
from ._values import NewerValue

NEWER_VALUE = f"{ID_PREFIX}newer-value"
VOUCHED = ". If it is new, update cdk-cleanrooms-ml; the deployment fails if AWS does not know it"
_LOWEST_PRIORITY = 0


class Notice(NamedTuple):
    """What a user may acknowledge."""

    id: str
    text: str


@dataclass
class Entry:
    """One construct to check.

    Attributes:
        construct: The construct.
        spec: Its kind.
        request: Its create request, without tags and without a generated name.
        tags: Its tags, final only after aspects.
        line: The user's file and line.
        gates: Its quality gates by the spec's names.
        also: Further problems and advice, which only this kind knows.
        found: Problems found when it was constructed.
        newer: Values that the user vouches for and the service model does not know.
        rendered_tags: Its tags as the template has them; None of a kind without tags.
    """

    construct: Construct
    spec: ResourceSpec
    request: Mapping[str, Any]
    tags: TagManager | None
    line: str
    gates: Mapping[str, object]
    also: Callable[[], Iterable[object]] | None = None
    found: Sequence[object] = ()
    newer: Sequence[Problem] = ()
    rendered_tags: IResolvable | None = None
    # Asking for them costs a call.
    _final_tags: Mapping[str, str] | None = field(default=None, init=False)

    def messages(self) -> list[str]:
        """Every problem, in the words that the user reads."""
        problems = [f"{problem} ({self.spec.create})" for problem in self._problems()]
        if not problems:
            return []
        path = self.construct.node.path
        return [f"{path}: {problem}  [{self.line}]" for problem in problems]

    def warnings(self) -> list[Notice]:
        """Warnings, each acknowledged by its id."""
        from cleanrooms_ml_handlers import rules  # here: expensive to import

        spec = self.spec
        if spec.document_field:
            # As text, one unknown value in it would hide the whole.
            found = rules.policy_advice(self.request[spec.document_field], spec.document_field, is_unchecked)
        else:
            found = rules.advice(spec.service, spec.create, self._plain(), is_unchecked)
        newer = [(NEWER_VALUE, each.path, f"{each}{VOUCHED}") for each in self.newer]
        advice = [(each.id, each.path, str(each)) for each in found]
        further = [(each.rule, each.path, str(each)) for each in self._also() if rules.is_advice(each)]
        return list(notices([*newer, *advice, *further], f"({spec.create})  [{self.line}]"))

    def _also(self) -> Iterable[object]:
        return self.also() if self.also else ()

    def read_tags(self, rendered: Mapping[str, object]) -> None:
        """Takes note of the tags that the template has now."""
        # What is known at deployment only is a text with a token for the checks, but an intrinsic function there.
        texts = {key: value for key, value in rendered.items() if isinstance(value, str)}
        self._final_tags = texts if len(texts) == len(rendered) else None

    def inherit_tags(self, inherited: Mapping[str, str]) -> None:
        """Takes on tags of the stack, below its own and those of aspects."""
        assert self.tags is not None
        if self._final_tags is None:
            self._final_tags = self.tags.tag_values()
        missing = inherited.keys() - self._final_tags.keys()
        if not missing:
            return
        for key in missing:
            self.tags.set_tag(key, inherited[key], _LOWEST_PRIORITY)
        # What an aspect removed is not among them. The CDK has rendered the tags before: an override adds to them.
        self._final_tags = self.tags.tag_values()
        added = {key: value for key, value in self._final_tags.items() if key in missing}
        resource = self.construct.node.default_child
        if added and isinstance(resource, CfnResource):
            resource.add_property_override("tags", added)

    def _plain(self) -> dict[str, Any]:
        """The request as the service gets it, except its tags and a generated name."""
        request: dict[str, Any] = spelled_out(self.request)
        if self.spec.document_field:
            request[self.spec.document_field] = json.dumps(request[self.spec.document_field])
        return request

    def _problems(self) -> list[object]:
        from cleanrooms_ml_handlers import rules  # here: expensive to import

        spec = self.spec
        tags = self._final_tags
        if tags is None:
            tags = self.tags.tag_values() if self.tags is not None else {}
        request = {**self._plain(), **({"tags": tags} if tags else {})}
        has_fixed_name = spec.name_field in request
        if not has_fixed_name and spec.cardinality is Cardinality.NAMED:
            request[spec.name_field] = "generated"
        of_request: list[object] = [
            *service_model(spec.service).check(spec.create, as_far_as_known(request), is_unchecked),
            *rules.problems(spec.service, spec.create, request, is_unchecked),
        ]
        return [
            *(rules.without_counts_of_tags(of_request, tags) if spec.is_taggable else of_request),
            *rules.gate_problems(spec, self.gates, is_unchecked),
            *rules.inline_problems(self.request),
            *(_ownership_tag_problems(tags) if spec.is_taggable else ()),
            *self.found,
            *(each for each in self._also() if not rules.is_advice(each)),
        ]


def notices(found: Iterable[tuple[str, str, str]], end: str) -> Iterator[Notice]:
    """Warnings, one for each id.

    Args:
        found: Of each, its id, its path and its text.
        end: Added to each text.
    """
    by_id: dict[str, list[tuple[str, str]]] = {}
    for id, path, text in found:
        by_id.setdefault(id, []).append((path, text))
    for id, ((path, first), *others) in by_id.items():
        # The path is said once.
        more = [text.removeprefix(f"{path} ") if path == at else text for at, text in others]
        yield Notice(id, f"{'; '.join([first, *more])} {end}")


def unknown_to_model(service: str, operation: str, request: Mapping[str, Any]) -> list[Problem]:
    """The values that the user vouches for with ``of(...)`` and that the service model does not know."""
    if not _has_newer(request):
        return []
    problems = service_model(service).check(operation, as_far_as_known(request), is_token)
    unchecked = service_model(service).check(operation, as_far_as_known(request), is_unchecked)
    return [each for each in problems if each.rule.endswith(":enum") and each not in unchecked]


def _has_newer(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_newer, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_newer, value))
    return isinstance(value, NewerValue)


def _ownership_tag_problems(tags: Mapping[str, str]) -> list[str]:
    """Whether the tags leave room for ours, by which a resource is known as this stack's."""
    from cleanrooms_ml_handlers import rules  # here: expensive to import

    return [f"tags {problem}" for problem in rules.ownership_tag_problems(tags)]
