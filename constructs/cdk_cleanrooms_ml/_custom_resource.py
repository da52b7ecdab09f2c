"""From a request to custom resources, and from their answers to attributes.

Calls to the CDK's kernel dominate the time of a synth, hence the raw ``CfnResource`` and the plain maps here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import CfnResource, ITaggableV2, RemovalPolicy, Resource, TagManager, TagType
from aws_cdk import aws_iam as iam
from constructs import Construct

from cleanrooms_ml_handlers.shared_names import ADOPT_EXISTING
from cleanrooms_ml_handlers.spec import ResourceSpec
from cleanrooms_ml_handlers.timing import SERVICE_TIMEOUT_SECONDS

from ._adoption import adoption_problems
from ._keys import key_of
from ._leader import LeadingResource
from ._narrow import create_narrowly, create_unchecked
from ._permissions import Statement
from ._python_values import as_text
from ._tokens import Tokens
from ._validation import sendable, spelled_out, user_line, without_none
from ._values import expect, expect_role, expect_tags
from ._waiting import wait_for, waiting_problems
from .wait import DEFAULT_WAIT, Wait


@jsii.implements(ITaggableV2)
class CleanRoomsMLResource(Resource):
    """What every resource of Clean Rooms ML has in common.

    A subclass creates its role and its request, and then calls ``_deploy`` once.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        spec: ResourceSpec,
        tags: Mapping[str, str] | None,
        adopt_existing: str | None = None,
    ) -> None:
        from ._provider import CleanRoomsMLProvider  # here: its class needs all of EC2

        expect_tags(tags)
        create_narrowly(self, scope, id)
        self._spec = spec
        self._line = user_line()
        self._provider = CleanRoomsMLProvider.of(scope)
        self._provider._access.use(spec)
        self._tag_manager = create_unchecked(
            TagManager, TagType.MAP, spec.resource_type, sendable(without_none(tags)) if tags else None
        )
        # Links and `Ready`, the last; empty for a kind that takes no time, and for one without a wait.
        self._waiting: list[CfnResource] = []
        self._is_watched = False
        self._created_role: iam.Role | None = None
        self._encryption_key: cdk.aws_kms.IKey | None = None
        # Whether the resource uses a role or a key of the user's own.
        self._needs_own_policy = False
        self._adopted = None if adopt_existing is None else as_text("adopt_existing", adopt_existing)
        self._tokens = Tokens()
        # Attributes for which `Ready` is asked, in addition to those that every answer has.
        self._figures: set[str] = set()

    def _create_role(
        self,
        *,
        description: str,
        statements: Sequence[Statement],
        source: str | None = None,
        conditions: Mapping[str, object] | None = None,
    ) -> iam.Role:
        """A role for the service, as the child ``Role``; see ``ServiceRoles.create``."""
        self._created_role = self._provider._roles.create(
            self,
            description=description,
            statements=statements,
            source=source,
            conditions=conditions,
            service=self._spec.signing_name,
        )
        return self._created_role

    def _passable(self, role: iam.IRole) -> str:
        """The ARN of a role, which the worker may pass: one of ``_create_role`` by its path, another by its ARN."""
        expect_role("role", role)
        arn = self._provider._roles.arn_of(role)
        if role is not self._created_role or not self._provider._access.passes_created_roles:
            self._provider._access.pass_role(arn, self._spec.signing_name)
            self._needs_own_policy = True
        return arn

    def _usable(self, key: cdk.aws_kms.IKey | None, *, with_grants: bool) -> str | None:
        """The ARN of the key for data at rest, which the service and the worker may use from now on."""
        if key is None:
            return None
        key = key_of("encryption_key", key)
        self._encryption_key = key
        self._needs_own_policy = True
        self._provider._access.use_key(self, "encryption_key", key, self._spec, with_grants=with_grants)
        return key.key_arn

    def _deploy(
        self,
        request: Mapping[str, Any],
        *,
        removal_policy: RemovalPolicy | None,
        role: iam.IRole | None = None,
        needs: Iterable[object] = (),
        run_id: str | None = None,
        wait: Wait = DEFAULT_WAIT,
        gates: Mapping[str, float | None] | None = None,
        settings: Mapping[str, Any] | None = None,
        also: Callable[[], Iterable[object]] | None = None,
        is_synthetic: bool = False,
    ) -> None:
        """Creates the custom resources.

        Args:
            request: The create request in the API's own names, without tags; None means an absent member.
            removal_policy: The user's argument.
            role: The role that the service runs as.
            needs: Constructs that have to be ACTIVE before.
            run_id: Enters the resource's identity, never the request.
            wait: Whether, and how long, to wait for a long-running kind.
            gates: Quality gates by the spec's names.
            settings: Of the resource itself, for the engine; neither hash nor diff.
            also: Further problems, which model and rules cannot know, as strings that begin with the field.
            is_synthetic: Whether its result is certainly synthetic data.
        """
        # Here: the names of an app load none of these.
        from ._entry import Entry, unknown_to_model
        from ._in_flight import Run
        from ._late import Subject

        expect("removal_policy", removal_policy, RemovalPolicy, "RemovalPolicy")
        request = self._request = without_none(request)
        thresholds = {name: threshold for name, threshold in (gates or {}).items() if threshold is not None}
        tags = self._tag_manager if self._spec.is_taggable else None
        needed = [need for need in needs if isinstance(need, CleanRoomsMLResource)]
        self._is_watched = self._spec.long_running and wait.timeout_seconds is None
        found = [
            *waiting_problems(self._spec, wait, thresholds),
            *(each for need in needed for each in need._never()),
            *adoption_problems(self._spec, self._adopted, request),
        ]
        newer = unknown_to_model(self._spec.service, self._spec.create, spelled_out(request))
        rendered_tags = None if tags is None else tags.rendered_tags
        entry = Entry(self, self._spec, request, tags, self._line, thresholds, also, found, newer, rendered_tags)
        self._provider._checks.add(entry)
        if self._adopted is not None:
            self._provider._parents.add(self._adopted)
        if self._spec.parent:
            self._provider._parents.add(str(request[self._spec.parent.member]))
        token = self._provider._token_for(own_role_or_key=self._needs_own_policy)
        common = {"ServiceToken": token, "ServiceTimeout": SERVICE_TIMEOUT_SECONDS}
        properties = {**common, **sendable(request)}
        if rendered_tags is not None:
            properties["tags"] = rendered_tags
        if run_id is not None:
            properties["RunId"] = as_text("run_id", run_id)
        own = {"Watch": self._is_watched or None, ADOPT_EXISTING: self._adopted}
        settings = {**(settings or {}), **without_none(own)}
        if settings:
            properties["Settings"] = settings
        kind_of_resource = LeadingResource if self._spec.long_running else CfnResource
        self._resource = create_unchecked(
            kind_of_resource, self, "Resource", {"type": self._spec.resource_type, "properties": properties}
        )
        if newer:
            from cleanrooms_ml_policy.template import NEWER_VALUES_METADATA  # here: expensive to import

            # For checks of the template, which cannot tell them from mistakes.
            self._resource.add_metadata(NEWER_VALUES_METADATA, [each.path for each in newer])
        # The service takes on the role at once: its policies have to be there too.
        if role is not None and role is self._created_role:
            self._resource.node.add_dependency(role)
        elif role is not None:
            self._provider._access.await_role(self._resource, role)
        if self._provider._given_roles:
            # With their policies, which the references in the token do not name.
            self._resource.node.add_dependency(*self._provider._given_roles)
        for need in needed:
            if need._waiting:
                self._resource.add_resource_dependency(need._waiting[-1])
        if self._is_watched:
            self._provider._access.put_events()
        elif self._spec.long_running:
            self._waiting = wait_for(
                self,
                self._resource.logical_id,
                self._spec.kind,
                common=common,
                seconds=wait.timeout_seconds or 0,
                thresholds=sendable(thresholds),
            )
        is_concerned = partial(
            self._may_fail_late, role, wait.timeout_seconds, has_thresholds=bool(thresholds), is_synthetic=is_synthetic
        )
        keywords = {name: self._spec.gates[name].keyword for name in thresholds}
        resources = [self._resource, *self._waiting]
        self._provider._checks.add_subject(Subject(self, resources, self._line, request, is_concerned, keywords))
        if self._spec.long_running:
            assert isinstance(self._resource, LeadingResource)
            self._resource.lead(self._waiting)
            self._provider._checks.add_run(
                Run(self, self._resource, self._waiting, self._line, self._spec.kind, request, is_synthetic)
            )
        if removal_policy is None and self._provider._is_late:
            removal_policy = RemovalPolicy.DESTROY
        if removal_policy is not None:
            self.apply_removal_policy(removal_policy)

    def _may_fail_late(
        self, role: iam.IRole | None, waited_seconds: int | None, *, has_thresholds: bool, is_synthetic: bool
    ) -> bool:
        """Whether it has anything that may fail late. At synth: a role's policies may come after it."""
        from ._late import may_fail_late  # here: the names of an app load nothing of it

        is_passed = self._needs_own_policy and role is not None and self._provider._roles.is_of_app(role)
        return may_fail_late(
            self._spec,
            self._request,
            waited_seconds=waited_seconds,
            has_thresholds=has_thresholds,
            has_own_role_or_key=is_passed or self._encryption_key is not None,
            is_synthetic=is_synthetic,
        )

    def _never(self) -> list[str]:
        """Why constructs that need this ACTIVE cannot use it."""
        if not self._is_watched:
            return []
        return [
            f"needs {self.node.path} to be ACTIVE, for which this deployment does not wait: its wait is Wait.none(). "
            "Pass wait=Wait.until_active(...) there, or deploy this later, with an import by from_..._arn(...)"
        ]

    @property
    @jsii.member(jsii_name="cdkTagManager")
    def cdk_tag_manager(self) -> TagManager:
        """The tags of the resource, for ``Tags.of``."""
        return self._tag_manager

    def apply_removal_policy(self, policy: RemovalPolicy) -> None:
        """Says what becomes of the resource when it leaves the stack or is replaced.

        Args:
            policy: DESTROY deletes it, RETAIN leaves it. SNAPSHOT does not exist here.
        """
        for resource in (self._resource, *self._waiting):
            # Not by the resource's own name for it, which notes that an option may differ from those of the others.
            CfnResource.apply_removal_policy(resource, policy)
        role = self.node.try_find_child("Role")
        if isinstance(role, iam.Role):
            # What stays needs the role that was created for it.
            role.apply_removal_policy(policy)

    def _attribute(self, name: str) -> str:
        return self._tokens.text(self._resource, name)

    def _result(self, name: str) -> str:
        return self._tokens.text(self._ready(name), name)

    def _number(self, name: str) -> float:
        return self._tokens.number(self._ready(name), name)

    def _keyed_number(self, name: str, key: Mapping[str, object]) -> float:
        """One of the results that the service shows for each key; an empty text if it does not show that one."""
        attribute = self._spec.keyed_attributes[name].attribute(name, key)
        self._figures.add(attribute)
        self._ready(attribute).add_property_override("Settings.Figures", sorted(self._figures))
        return self._number(attribute)

    def _ready(self, name: str) -> CfnResource:
        if self._is_watched:
            raise ValueError(
                f"{self.node.path}: {name} is a result, for which this deployment does not wait: wait is Wait.none(). "
                "Use Wait.until_active(...), or get it from the service after the event of on_state_change(...)"
            )
        return self._waiting[-1]
