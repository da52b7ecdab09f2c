"""The worker's policies, which follow what the stack holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import Stack, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from cleanrooms_ml_handlers.spec import ResourceSpec

from ._keys import ACCOUNT_ROOT, caller_statements, extend_policy, service_statements
from ._own_policies import OwnPolicies
from ._permissions import Statement, allow, document, event_statement, worker_statements

WORKER_POLICY = "CleanRoomsMLWorkerPolicy"


class WorkerAccess:
    """What the worker may do, kept up to date while constructs are added.

    Args:
        scope: Scope of the policies.
        role: The worker's role.
        base: Statements that do not depend on what the stack holds.
    """

    def __init__(self, scope: Construct, role: iam.CfnRole, base: Sequence[Statement]) -> None:
        self._scope = scope
        self._role = role
        self._base = list(base)
        self._kinds: set[str] = set()
        self._puts_events = False
        self._query_buckets: list[object] = []
        self.own = OwnPolicies(scope, role)
        self.policy = iam.CfnPolicy(
            scope, "WorkerPolicy", policy_name=WORKER_POLICY, roles=[role.ref], policy_document=self._document()
        )
        self.policy.override_logical_id(WORKER_POLICY)

    def use(self, spec: ResourceSpec) -> None:
        """Lets the worker create resources of a kind."""
        if spec.kind not in self._kinds:
            self._kinds.add(spec.kind)
            self.policy.policy_document = self._document()

    def put_events(self) -> None:
        """Lets the worker put events about the end of runs on the account's event bus, and nothing else."""
        if not self._puts_events:
            self._puts_events = True
            self.policy.policy_document = self._document()

    def read_queries(self, bucket_name: str) -> None:
        """Lets the worker read the queries in the bucket of file assets.

        The bucket as a whole, as the CDK's own ``Asset.grant_read``: a rollback reads what an earlier deployment
        put there.
        """
        # Each asset writes the same name with another token.
        name = Stack.of(self._scope).resolve(bucket_name)
        if name not in self._query_buckets:
            self._query_buckets.append(name)
            self.policy.policy_document = self._document()

    def pass_role(self, role_arn: str, service: str) -> None:
        """Lets the worker hand one of the user's own roles to a service, by its name in IAM."""
        self.own.pass_role(role_arn, service)

    def use_key(self, user: Construct, keyword: str, key: kms.IKey, spec: ResourceSpec, *, with_grants: bool) -> None:
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
        if not self.own.use_key(key.key_arn, actions, with_grants=with_grants, service=service):
            return
        caller = {"Principal": {"AWS": self._caller_of(key)}}
        own = caller_statements(actions, "*", with_grants=with_grants, service=service)
        statements = [
            *({**each, **caller} for each in own),
            *service_statements(actions, with_grants=with_grants, service=service),
        ]
        extend_policy(user, keyword, key, statements)

    def _caller_of(self, key: kms.IKey) -> str:
        if Stack.of(key) is Stack.of(self._scope):
            return self._role.attr_arn
        # This stack depends on the key's by the ARN of the key; naming the role there would be a circular dependency.
        return Token.as_string(ACCOUNT_ROOT)

    def _document(self) -> dict[str, Any]:
        statements = [*self._base, *worker_statements(self._kinds)]
        if self._puts_events:
            statements.append(event_statement())
        if self._query_buckets:
            objects = [{"Fn::Join": ["", [_S3, name, "/*"]]} for name in self._query_buckets]
            statements.append(allow(["s3:GetObject"], objects))
        return document(statements)


_S3: dict[str, str] = {"Fn::Sub": "arn:${AWS::Partition}:s3:::"}
