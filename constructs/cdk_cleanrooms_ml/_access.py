"""The worker's policies, which follow what the stack holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import CfnResource, IResolvable, IStableAnyProducer, Lazy, Stack, Token
from aws_cdk import aws_iam as iam
from constructs import Construct

from cleanrooms_ml_handlers.shared_names import ASSET_BUCKETS, KINDS
from cleanrooms_ml_handlers.spec import ResourceSpec

from ._keys import ACCOUNT_ROOT, caller_statements, extend_policy, service_statements
from ._narrow import create_unchecked
from ._own_policies import OwnPolicies
from ._part_roles import PartRole, is_customized
from ._permissions import (
    Statement,
    allow,
    creation_statements,
    document,
    event_statement,
    own_roles_statement,
    passing,
    services_with_roles,
    worker_statements,
)
from ._roles import ServiceRoles

WORKER_POLICY = "CleanRoomsMLWorkerPolicy"


class WorkerAccess:
    """What the worker may do, kept up to date while constructs are added.

    Args:
        scope: Scope of the policies.
        role: The worker's role.
        roles: The roles that this library creates for the stack.
        function: The worker.
        base: Statements that do not depend on what the stack holds.
    """

    def __init__(
        self,
        scope: Construct,
        role: PartRole,
        roles: ServiceRoles,
        function: CfnResource,
        base: Sequence[Statement],
    ) -> None:
        self._scope = scope
        self._function = function
        self._role = role
        self._roles = roles
        self._base = list(base)
        self._kinds: set[str] = set()
        self._puts_events = False
        self._query_buckets: list[object] = []
        self._own: OwnPolicies | None = None
        # Whether the worker may pass the roles that this library creates, by their path: if it creates any.
        self.passes_created_roles = role.cfn is not None or not is_customized(scope)
        self.policy: iam.CfnPolicy | None = None
        if role.cfn is None:
            role.allow([*self._base, *worker_statements(())])
            return
        self._own = OwnPolicies(scope, role.cfn)
        properties = {"policyName": WORKER_POLICY, "roles": [role.cfn.ref], "policyDocument": self._document()}
        self.policy = create_unchecked(iam.CfnPolicy, scope, "WorkerPolicy", properties)
        self.policy.override_logical_id(WORKER_POLICY)

    @property
    def policies(self) -> tuple[str, ...]:
        """The logical ids of the policies that everything needs."""
        return (WORKER_POLICY,) if self.policy else ()

    @property
    def own_policies(self) -> tuple[str, ...]:
        """The logical ids, so far, of the policies for roles and keys of the user's own."""
        return tuple(self._own.logical_ids) if self._own else ()

    def use(self, spec: ResourceSpec) -> None:
        """Lets the worker create resources of a kind."""
        if spec.kind not in self._kinds:
            self._kinds.add(spec.kind)
            self._set(KINDS, ",".join(sorted(self._kinds)))
            self._change(creation_statements(spec.kind))
            if not self.policy and self.passes_created_roles and spec.role_fields:
                self._role.allow([own_roles_statement([spec.signing_name], self._roles.path)])

    def put_events(self) -> None:
        """Lets the worker put events about the end of runs on the account's event bus, and nothing else."""
        if not self._puts_events:
            self._puts_events = True
            self._change([event_statement()])

    def read_queries(self, bucket_name: str) -> None:
        """Lets the worker read the queries in the bucket of file assets.

        The bucket as a whole, as the CDK's own ``Asset.grant_read``: a rollback reads what an earlier deployment
        put there.
        """
        # Each asset writes the same name with another token.
        name = Stack.of(self._scope).resolve(bucket_name)
        if name not in self._query_buckets:
            self._query_buckets.append(name)
            self._set(ASSET_BUCKETS, {"Fn::Join": [",", self._query_buckets]})
            self._change([self._reading_statement([name])])

    def pass_role(self, role_arn: str, service: str) -> None:
        """Lets the worker hand one of the user's own roles to a service, by its name in IAM."""
        if self._own:
            self._own.pass_role(role_arn, service)
        else:
            self._role.allow([passing(role_arn, [service])])

    def await_role(self, resource: CfnResource, role: iam.IRole) -> None:
        """Lets a resource wait for a role with its policies, one of the user's, which many resources may share."""
        if self.policy and services_with_roles(self._kinds):
            self._roles.await_role(resource, role)
        else:
            resource.node.add_dependency(role)

    def link_roles(self) -> None:
        """Adds the dependencies of resources on roles."""
        self._roles.link()

    def follow_roles(self) -> None:
        """Lets a worker role of the user pass the roles that aspects have moved; a created one may do so already."""
        services = services_with_roles(self._kinds)
        if not self.policy and self.passes_created_roles and services and (moved := self._roles.moved()):
            self._role.allow([passing(moved, services)])

    def use_key(
        self, user: Construct, keyword: str, key: cdk.aws_kms.IKey, spec: ResourceSpec, *, with_grants: bool
    ) -> None:
        """Lets the service, and the worker through the service, use a key for data at rest.

        The key's own policy has to name both. That of an imported key cannot be changed from here: its owner adds
        the statements.

        Args:
            user: What uses the key.
            keyword: The argument that the key was passed as.
            key: The key.
            spec: The kind of the resource: what both need, and which service.
            with_grants: Whether the service hands out grants on the key, as for synthetic data.
        """
        actions, service = spec.key_actions, spec.signing_name
        if not self._own:
            self._role.allow(caller_statements(actions, key.key_arn, with_grants=with_grants, service=service))
        elif not self._own.use_key(key.key_arn, actions, with_grants=with_grants, service=service):
            return
        caller = {"Principal": {"AWS": self._caller_of(key)}}
        own = caller_statements(actions, "*", with_grants=with_grants, service=service)
        statements = [
            *({**each, **caller} for each in own),
            *service_statements(actions, with_grants=with_grants, service=service),
        ]
        extend_policy(user, keyword, key, statements)

    def _caller_of(self, key: cdk.aws_kms.IKey) -> str:
        if Stack.of(key) is Stack.of(self._scope):
            return self._role.arn
        # This stack depends on the key's by the ARN of the key; naming the role there would be a circular dependency.
        return Token.as_string(ACCOUNT_ROOT)

    def _set(self, variable: str, value: object) -> None:
        """Sets an environment variable of the worker."""
        self._function.add_property_override(f"Environment.Variables.{variable}", value)

    def _change(self, more: Sequence[Statement]) -> None:
        """Allows more: in the policy of this library's role, or in the user's role."""
        if self.policy:
            self.policy.policy_document = self._document()
        else:
            self._role.allow(more)

    def _document(self) -> dict[str, Any] | IResolvable:
        if services_with_roles(self._kinds):
            # Aspects may move roles out of their path, which shows only when the template is written.
            return Lazy.any(_Document(self))
        return self.document()

    def document(self) -> dict[str, Any]:
        """What the worker may do, as the stack is now."""
        services = services_with_roles(self._kinds)
        moved = self._roles.moved() if services else []
        statements = [*self._base, *worker_statements(self._kinds, self._roles.path)]
        if self._puts_events:
            statements.append(event_statement())
        if self._query_buckets:
            statements.append(self._reading_statement(self._query_buckets))
        if moved:
            statements.append(passing(moved, services))
        return document(statements)

    def _reading_statement(self, buckets: Sequence[object]) -> Statement:
        reading = allow(["s3:GetObject"], [{"Fn::Join": ["", [_S3, name, "/*"]]} for name in buckets])
        return {**reading, "Condition": {"StringEquals": {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}}}


@jsii.implements(IStableAnyProducer)
class _Document:
    """The document of the worker's policy, when the template is written."""

    def __init__(self, access: WorkerAccess) -> None:
        self._access = access

    @jsii.member(jsii_name="produce")
    def produce(self) -> dict[str, Any]:
        """The document."""
        # The last moment that comes in every synth.
        self._access.link_roles()
        return self._access.document()


_S3: dict[str, str] = {"Fn::Sub": "arn:${AWS::Partition}:s3:::"}
