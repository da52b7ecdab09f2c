"""The roles that Clean Rooms ML takes on, as AWS documents them.

Source: AWS Clean Rooms user guide, "Set up service roles for AWS Clean Rooms ML".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import aws_cdk as cdk
from aws_cdk import Aws, CfnResource, Stack, Token
from aws_cdk import aws_iam as iam
from constructs import Construct, Dependable

from ._keys import key_of_bucket
from ._permissions import CLEAN_ROOMS_ML, REGIONAL_ROLE_PATH, ROLE_PATH, Statement, allow, document, principal
from ._pseudo import account_id, partition
from ._stack import kept
from ._validation import is_token

# A feature flag in the CDK's manner: new apps set it, deployed ones keep their roles.
REGION_IN_ROLE_PATH = "cdk-cleanrooms-ml:regionInRolePath"
# How many roles in other paths the worker's policy names: an inline policy ends at 10,240 characters.
_MOST_MOVED = 20
# Up to this length CloudFormation writes a stack's name in full into the name of a role, which ends at 64 characters.
_WHOLE_NAME_CHARS = 20


class ServiceRoles:
    """Creates the roles of a stack. Equal parts are created once, since each object costs a call to the kernel.

    Args:
        stack: The stack. With the context value ``cdk-cleanrooms-ml:regionInRolePath`` the path of its roles holds the
            Region.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.path = REGIONAL_ROLE_PATH if stack.node.try_get_context(REGION_IN_ROLE_PATH) is True else ROLE_PATH
        self._created: list[iam.Role] = []
        self._path: str | None = None
        self._principals: dict[str, iam.ServicePrincipal] = {}
        self._documents: dict[str, iam.PolicyDocument] = {}
        # By identity: roles of the CDK may be proxies, which have none of their own. Held, so that none is taken twice.
        self._arns: dict[int, tuple[iam.IRole, str]] = {}
        self._waiting: dict[int, tuple[iam.IRole, list[CfnResource]]] = {}
        self._linked: set[tuple[int, str]] = set()
        self._of_app: dict[int, bool] = {}

    def create(
        self,
        scope: Construct,
        *,
        description: str,
        statements: Sequence[Statement],
        source: str | None = None,
        conditions: Mapping[str, object] | None = None,
        service: str = CLEAN_ROOMS_ML,
    ) -> iam.Role:
        """A role for the service.

        Args:
            scope: The construct that it belongs to.
            description: What it is for.
            statements: What it may do.
            source: The resource part of the ARNs on whose behalf the service may take it on. Where AWS does not
                document what the service sends, the account alone prevents a confused deputy.
            conditions: Of the trust, where AWS documents others.
            service: The service, by its name in IAM.
        """
        self._path = self._path or Token.as_string({"Fn::Sub": self.path})
        trusted = dict(conditions) if conditions else _only_for(source, service)
        trust = json.dumps([service, trusted])
        if trust not in self._principals:
            self._principals[trust] = iam.ServicePrincipal(principal(service), conditions=trusted)
        key = json.dumps(statements)
        if key not in self._documents:
            self._documents[key] = iam.PolicyDocument.from_json(document(statements))
        role = iam.Role(
            scope,
            "Role",
            assumed_by=self._principals[trust],
            path=self._path,
            description=description,
            inline_policies={"Access": self._documents[key]},
        )
        self._created.append(role)
        return role

    def arn_of(self, role: iam.IRole) -> str:
        """The ARN of a role. Asking the CDK costs a call, or two for an imported role."""
        if id(role) not in self._arns:
            self._arns[id(role)] = (role, role.role_arn)
        return self._arns[id(role)][1]

    def await_role(self, resource: CfnResource, role: iam.IRole) -> None:
        """Lets a resource wait for a role, with its policies, from ``link`` on."""
        self._waiting.setdefault(id(role), (role, []))[1].append(resource)

    def link(self) -> None:
        """Adds the dependencies on roles, as they are now. Most imported ones have no resource of the app."""
        for role, resources in self._waiting.values():
            targets = list(_resources_of(role))
            self._of_app[id(role)] = bool(targets)
            for target in targets:
                self._link(resources, target)

    def is_of_app(self, role: iam.IRole) -> bool:
        """Whether the app has a resource of a role, as it has not of most imported ones. Asked at synth, after link."""
        if id(role) not in self._of_app:
            self._of_app[id(role)] = any(True for _ in _resources_of(role))
        return self._of_app[id(role)]

    def _link(self, resources: Sequence[CfnResource], target: CfnResource) -> None:
        for resource in resources:
            pair = (id(resource), target.logical_id)
            if pair not in self._linked:
                self._linked.add(pair)
                resource.add_resource_dependency(target)

    def moved(self) -> list[str]:
        """The ARNs, as patterns, of the roles that are no longer below their path, as aspects may move them.

        Never by reference: a role may have to wait for a resource, which in turn needs the worker's policy.
        """
        children = [role.node.default_child for role in self._created]
        paths = [(each, each.path) for each in children if isinstance(each, iam.CfnRole)]
        moved = [(each, path) for each, path in paths if path != self._path]
        arn = f"arn:{partition()}:iam::{account_id()}:role"
        # To the CDK every role has a name, which is nothing when resolved unless someone has chosen one.
        names = [each.role_name if self._stack.resolve(each.role_name) else self._generated_names for each, _ in moved]
        found = list(dict.fromkeys(f"{arn}{path or '/'}{name}" for (_, path), name in zip(moved, names, strict=True)))
        return found if len(found) <= _MOST_MOVED else list(dict.fromkeys(f"{arn}{path or '/'}*" for _, path in moved))

    @property
    def _generated_names(self) -> str:
        """What the names have in common that CloudFormation gives to the roles of the stack."""
        name = self._stack.stack_name
        return "*" if is_token(name) or len(name) > _WHOLE_NAME_CHARS else f"{Aws.STACK_NAME}-*"


def _resources_of(role: iam.IRole) -> Iterator[CfnResource]:
    """The role and its policies, as far as the app has them."""
    for root in Dependable.of(role).dependency_roots:
        for each in root.node.find_all():
            if isinstance(each, CfnResource):
                yield each


_ROLES = "roles"


def roles_of(stack: Stack) -> ServiceRoles:
    """The ``ServiceRoles`` of a stack."""
    return kept(stack, _ROLES, lambda: ServiceRoles(stack))


def _only_for(source: str | None, service: str) -> dict[str, object]:
    conditions: dict[str, object] = {"StringEqualsIfExists": {"aws:SourceAccount": [{"Ref": "AWS::AccountId"}]}}
    if source:
        arn = f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{source}"
        conditions["ArnLikeIfExists"] = {"aws:SourceArn": {"Fn::Sub": arn}}
    return conditions


def s3_uri(bucket: cdk.aws_s3.IBucket, prefix: str | None) -> str:
    """Where a prefix of a bucket is."""
    return f"s3://{bucket.bucket_name}/{prefix}" if prefix else f"s3://{bucket.bucket_name}"


def write_statements(bucket: cdk.aws_s3.IBucket, prefix: str) -> list[Statement]:
    """What writing audiences below a prefix needs."""
    arn, owner = bucket.bucket_arn, owner_condition(bucket)
    folder = f"{arn}/{prefix.rstrip('/')}" if prefix else arn
    statements = [
        allow(["s3:GetBucketLocation", "s3:ListBucket"], arn, owner),
        allow(["s3:PutObject"], f"{folder}/*", owner),
    ]
    key = key_of_bucket("output_bucket", bucket)
    if key:
        # The guide writes GenerateDataKey* and ReEncrypt*; key pairs are no part of encrypting objects.
        actions = [
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ]
        statements.append(allow(actions, key.key_arn, objects_condition(arn, folder)))
    return statements


def seed_statements(bucket: cdk.aws_s3.IBucket, object_key: str) -> list[Statement]:
    """What reading a seed needs: one object, or all below a key that ends with a slash."""
    arn, owner = bucket.bucket_arn, owner_condition(bucket)
    seed = f"{arn}/{object_key}"
    statements = [
        allow(["s3:ListBucket"], arn, owner),
        allow(["s3:GetObject"], f"{seed}*" if seed.endswith("/") else seed, owner),
    ]
    key = key_of_bucket("seed_audience", bucket)
    if key:
        # Describing a key has no encryption context that a condition could ask for.
        statements.append(allow(["kms:Decrypt"], key.key_arn, objects_condition(arn, seed)))
        statements.append(allow(["kms:DescribeKey"], key.key_arn))
    return statements


@cache
def _anyones() -> list[str]:
    """Collaborations, and the tables and templates of any member; one token for all roles, as tokens cost calls."""
    arn = "arn:${AWS::Partition}:cleanrooms:${AWS::Region}:*:"
    return [Token.as_string({"Fn::Sub": f"{arn}{kind}/*"}) for kind in ("collaboration", "membership")]


def query_statements(membership_arn: str | None) -> list[Statement]:
    """What running a protected query needs, of one membership or of any of the account's."""
    any_of_ours = {"Fn::Sub": "arn:${AWS::Partition}:cleanrooms:${AWS::Region}:${AWS::AccountId}:membership/*"}
    return [
        allow(
            ["cleanrooms:GetCollaborationAnalysisTemplate", "cleanrooms:GetSchema", "cleanrooms:StartProtectedQuery"],
            _anyones(),
        ),
        allow(
            ["cleanrooms:GetProtectedQuery", "cleanrooms:UpdateProtectedQuery"],
            membership_arn or Token.as_string(any_of_ours),
        ),
    ]


def owner_condition(bucket: cdk.aws_s3.IBucket) -> Mapping[str, object]:
    """Requires that the bucket is still owned by the same account."""
    return {"StringEquals": {"s3:ResourceAccount": [bucket.env.account]}}


def objects_condition(bucket_arn: str, beginning: str) -> Mapping[str, object]:
    """Requires that a key is used for the objects below a prefix."""
    # With a bucket key the encryption context is the bucket; without one it is the object.
    return {"ArnLike": {"kms:EncryptionContext:aws:s3:arn": [bucket_arn, f"{beginning}*"]}}
