"""The Lambda functions and the state machine behind the custom resources of a stack."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import MissingRemovalPolicies, Token
from aws_cdk import aws_iam as iam
from constructs import Construct

from cleanrooms_ml_handlers.named_parents import NONE
from cleanrooms_ml_handlers.reply_address import REPLY_BUCKET
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.shared_names import KINDS, WAIT_RESOURCE_TYPE
from cleanrooms_ml_handlers.timing import FRONT_TIMEOUT_SECONDS, WORKER_EVENT_AGE_SECONDS, WORKER_TIMEOUT_SECONDS

from . import _functions as parts
from ._access import WorkerAccess
from ._asset import code_asset
from ._checks import checks_of
from ._hardening import expect_forms, reject_unusable, use_for_logs
from ._keys import execution_key_statement, key_of
from ._named_parents import NamedParents
from ._network import network
from ._permissions import allow
from ._provider_parts import ProviderParts
from ._roles import roles_of
from ._stack import find, keep, remember_stack, stack_of
from ._stages import synthesized

_PROVIDER = "provider"
# As the CDK names them; asking it loads all of Lambda.
_RUNTIME, _ARCHITECTURE = "python3.14", "arm64"

_HALF_AN_HOUR_SECONDS = 1800


class CleanRoomsMLProvider(ProviderParts):
    """The Lambda functions and the state machine that create the resources of a stack.

    There is one per stack. The first Clean Rooms ML construct creates it; to configure it, create it
    before that. Its logical ids do not depend on its scope and id.

    Args:
        scope: Any construct of the stack.
        id: Construct ID.
        vpc: Network for the functions. It needs ways to Clean Rooms ML, Step Functions and S3; the answers to
            CloudFormation go to a bucket of AWS in the stack's Region. Default: no VPC.
        vpc_subnets: Where in the VPC. Default: private subnets with a way out.
        allow_public_subnet: Whether the functions may be in public subnets, where they reach VPC endpoints but not the
            internet. Default: False.
        security_groups: For the functions' network interfaces. Default: one that lets everything out.
        permissions_boundary: For the roles of the functions and of the state machine. Default: none.
        environment_encryption: Key for the functions' environment. Default: a key that AWS owns.
        log_retention: How long the three log groups keep what is logged. Default: one month.
        log_encryption: Key for the three log groups. Its policy is extended for CloudWatch Logs; an imported key's
            policy cannot be changed from here. Default: a key that AWS owns.
        runtime: The functions' Python. Default: 3.14.
        architecture: The functions' processor. Default: ARM64.
        state_machine_encryption: Key for the state machine's executions, whose input holds the resources'
            properties as CloudFormation sends them. Default: a key that AWS owns.
        reserved_concurrent_executions: How many of each function may run at once, set aside from those of the
            account. What is throttled is tried again for 25 minutes. Default: none set aside.
        dead_letter_queue: Where Lambda puts events that a function could not finish, in addition to the other function,
            which answers them. They have the reply address, which is valid for two hours. Default: none.
        reply_bucket_name: The bucket in which CloudFormation takes answers, where a Region has another one than AWS
            documents. Default: ``cloudformation-custom-resource-response-`` and the Region without hyphens.
        front_role: Role for the function that takes CloudFormation's requests; trusts ``lambda.amazonaws.com``. What
            it needs is added to its policies; for one that cannot be changed from here, a warning lists it.
            Default: created.
        worker_role: Role for the function that calls Clean Rooms ML, likewise. Default: created.
        state_machine_role: Role for the state machine; trusts ``states.amazonaws.com``, likewise. Default: created.
            ``Role.customize_roles`` works too: then no role is created, and the CDK's report says what each one needs.

    Raises:
        ValueError: The stack has a provider already, or an option would keep the functions from answering.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: cdk.aws_ec2.IVpc | None = None,
        vpc_subnets: cdk.aws_ec2.SubnetSelection | None = None,
        allow_public_subnet: bool = False,
        security_groups: Sequence[cdk.aws_ec2.ISecurityGroup] | None = None,
        permissions_boundary: iam.IManagedPolicy | None = None,
        environment_encryption: cdk.aws_kms.IKey | None = None,
        log_retention: cdk.aws_logs.RetentionDays | None = None,
        runtime: cdk.aws_lambda.Runtime | None = None,
        architecture: cdk.aws_lambda.Architecture | None = None,
        state_machine_encryption: cdk.aws_kms.IKey | None = None,
        log_encryption: cdk.aws_kms.IKey | None = None,
        reserved_concurrent_executions: int | None = None,
        dead_letter_queue: cdk.aws_sqs.IQueue | None = None,
        reply_bucket_name: str | None = None,
        front_role: iam.IRole | None = None,
        worker_role: iam.IRole | None = None,
        state_machine_role: iam.IRole | None = None,
    ) -> None:
        stack = stack_of(scope)
        if find(stack, _PROVIDER) is not None:
            raise ValueError(
                f"{stack.node.path}: the stack has a CleanRoomsMLProvider already; there is one per stack. "
                "Create it once, before the first Clean Rooms ML construct"
            )
        expect_forms(
            references={
                "vpc": vpc,
                "permissions_boundary": permissions_boundary,
                "dead_letter_queue": dead_letter_queue,
                "front_role": front_role,
                "worker_role": worker_role,
                "state_machine_role": state_machine_role,
            },
            security_groups=security_groups,
            values={
                "log_retention": (log_retention, lambda: cdk.aws_logs.RetentionDays),
                "runtime": (runtime, lambda: cdk.aws_lambda.Runtime),
                "architecture": (architecture, lambda: cdk.aws_lambda.Architecture),
                "reply_bucket_name": (reply_bucket_name, lambda: str),
            },
        )
        reject_unusable(stack, runtime, reserved_concurrent_executions, dead_letter_queue)
        if (vpc_subnets or security_groups or allow_public_subnet) and not vpc:
            raise ValueError(
                f"{stack.node.path}: vpc_subnets, security_groups and allow_public_subnet need a vpc. Pass vpc="
            )
        if state_machine_role is not None and state_machine_role in (front_role, worker_role):
            raise ValueError(
                f"{stack.node.path}: state_machine_role is the role of a function too, so that the state machine and "
                "the role's policy would need each other. Pass another role"
            )
        keys = {
            "environment_encryption": environment_encryption,
            "state_machine_encryption": state_machine_encryption,
            "log_encryption": log_encryption,
        }
        environment_key, state_machine_key, log_key = (
            key_of(keyword, key) if key else None for keyword, key in keys.items()
        )
        super().__init__(scope, id)
        remember_stack(self, stack)
        keep(stack, _PROVIDER, self)
        self._checks = checks_of(stack)
        self._roles = roles_of(stack)
        # Aspects may have resolved the worker's policy, and given a role a policy since.
        self._checks.prepare(self._roles.link)
        self._checks.prepare(lambda: self._access.follow_roles())
        # A resource of ours without a removal policy is deleted; one aspect is cheaper than a call for each. Where
        # another aspect creates the first resource, it is too late for one: the CDK has passed its priority.
        self._is_late = synthesized() is not None
        if not self._is_late:
            MissingRemovalPolicies.of(stack).destroy(
                apply_to_resource_types=[WAIT_RESOURCE_TYPE, *(spec.resource_type for spec in SPECS)]
            )
        self._network = (
            network(self, vpc, vpc_subnets, security_groups, allow_public_subnet=allow_public_subnet) if vpc else None
        )
        settings = parts.Settings(
            code=code_asset(self),
            runtime=runtime.name if runtime else _RUNTIME,
            architecture=architecture.name if architecture else _ARCHITECTURE,
            retention=log_retention or cdk.aws_logs.RetentionDays.ONE_MONTH,
            network=self._network,
            boundary=permissions_boundary.managed_policy_arn if permissions_boundary else None,
            key_arn=environment_key.key_arn if environment_key else None,
            state_machine_key=state_machine_key,
            log_key=log_key,
            reserved=reserved_concurrent_executions,
            queue=dead_letter_queue,
            environment={REPLY_BUCKET: reply_bucket_name} if reply_bucket_name else {},
            roles={parts.FRONT: front_role, parts.WORKER: worker_role, parts.STATE_MACHINE: state_machine_role},
        )
        if log_key:
            use_for_logs(self, log_key)
        self._build(settings)

    @classmethod
    def of(cls, scope: Construct) -> CleanRoomsMLProvider:
        """The provider of a construct's stack, created if there is none.

        Args:
            scope: Any construct of the stack.
        """
        stack = stack_of(scope)
        provider = find(stack, _PROVIDER)
        if provider is None:
            provider = CleanRoomsMLProvider(stack, "CleanRoomsMLProvider")
        assert isinstance(provider, CleanRoomsMLProvider)
        return provider

    def _token_for(self, *, own_role_or_key: bool) -> str:
        """The service token of a custom resource: the front function's ARN.

        Written as a choice among references, so that CloudFormation keeps the safety net and each policy longer than
        any resource.

        Args:
            own_role_or_key: Whether the resource needs the policy for roles and keys of the user's own.
        """
        policies = (*self._access.policies, *(self._access.own_policies if own_role_or_key else ()))
        if policies not in self._service_tokens:
            refs = [*self._service_token_refs, *({"Ref": policy} for policy in policies)]
            self._service_tokens[policies] = Token.as_string({"Fn::Select": [0, refs]})
        return self._service_tokens[policies]

    def _build(self, settings: parts.Settings) -> None:
        worker = parts.function(
            self,
            parts.WORKER,
            handler="worker",
            description="Makes, changes, watches and deletes Clean Rooms ML resources",
            timeout_seconds=WORKER_TIMEOUT_SECONDS,
            statements=[],
            # Kinds are added with the first construct of each.
            environment={"STATE_MACHINE_ARN": parts.state_machine_arn(), KINDS: NONE},
            settings=settings,
        )
        state_machine, state_machine_role, state_machine_logs = parts.state_machine(self, worker.arn, settings)
        state_machine_arn = state_machine.ref
        keys = [allow(["kms:Decrypt"], settings.key_arn)] if settings.key_arn else []
        executions = [execution_key_statement(settings.state_machine_key.key_arn)] if settings.state_machine_key else []
        front = parts.function(
            self,
            parts.FRONT,
            handler="front",
            description="Takes the requests of CloudFormation for Clean Rooms ML resources",
            timeout_seconds=FRONT_TIMEOUT_SECONDS,
            statements=[
                # Not by reference: role and function are created beside the state machine.
                allow(["states:StartExecution"], parts.state_machine_arn()),
                allow(["lambda:InvokeFunction"], worker.arn),
                *keys,
                *executions,
            ],
            environment={"STATE_MACHINE_ARN": parts.state_machine_arn()},
            settings=settings,
        )
        self._access = WorkerAccess(
            self,
            worker.role,
            self._roles,
            worker.function,
            [
                allow(["states:ListExecutions", "states:StartExecution"], state_machine_arn),
                allow(["states:DescribeExecution", "states:StopExecution"], parts.executions()),
                allow(["lambda:InvokeFunction"], front.arn),
                *keys,
                *executions,
            ],
        )
        parts.failures_to(self, parts.FRONT, front, worker.arn, retries=1, age_seconds=_HALF_AN_HOUR_SECONDS)
        worker_events = parts.failures_to(
            self, parts.WORKER, worker, front.arn, retries=2, age_seconds=WORKER_EVENT_AGE_SECONDS
        )
        # Lambda looks whether the function may call its destination.
        if self._access.policy:
            worker_events.add_resource_dependency(self._access.policy)
        if worker.role.role:
            worker_events.node.add_dependency(worker.role.role)
        parts.rescue_rule(self, state_machine_arn, worker)
        self._parents = NamedParents(self, (front, worker))
        self._front, self._worker = front, worker
        self._state_machine, self._state_machine_role = state_machine, state_machine_role
        self._log_groups = [front.log_group, worker.log_group, state_machine_logs]
        # Those of this library have their policies in themselves.
        given = (front.role.role, worker.role.role, state_machine_role.role)
        self._given_roles = [role for role in given if role is not None]
        self._service_token_refs = [front.arn, *parts.safety_net_parts()]
        self._service_tokens: dict[tuple[str, ...], str] = {}
