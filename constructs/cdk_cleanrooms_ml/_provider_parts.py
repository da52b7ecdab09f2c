"""What a provider shows of its parts: to watch them, to connect them, and to hear of failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import ClassVar

import aws_cdk as cdk
import jsii
from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from constructs import Construct
from typing_extensions import Protocol

from ._functions import Function
from ._network import Network
from ._part_roles import PartRole
from ._typed import Typed
from ._values import expect_reference, expect_target

_FIVE_MINUTES = Duration.minutes(5)
_ENDED_BADLY = {"failed": "ExecutionsFailed", "timed_out": "ExecutionsTimedOut", "aborted": "ExecutionsAborted"}


class _Connectable(Protocol):
    """The CDK's ``IConnectable``, without all of EC2."""

    __jsii_type__: ClassVar[str] = "aws-cdk-lib.aws_ec2.IConnectable"

    @property
    @jsii.member(jsii_name="connections")
    def connections(self) -> cdk.aws_ec2.Connections:
        """The network connections."""
        ...


@jsii.implements(_Connectable)
class ProviderParts(Construct):
    """The parts of a provider."""

    _front: Function
    _worker: Function
    _state_machine: Typed
    _state_machine_role: PartRole
    _log_groups: Sequence[cdk.aws_logs.LogGroup]
    _network: Network | None

    @cached_property
    def front_function(self) -> cdk.aws_lambda.IFunction:
        """The function that takes CloudFormation's requests."""
        return self._shown("FrontFunction", self._front)

    @cached_property
    def worker_function(self) -> cdk.aws_lambda.IFunction:
        """The function that calls Clean Rooms ML."""
        return self._shown("WorkerFunction", self._worker)

    @cached_property
    def state_machine(self) -> cdk.aws_stepfunctions.IStateMachine:
        """The state machine: one execution for each request."""
        return cdk.aws_stepfunctions.StateMachine.from_state_machine_arn(self, "StateMachine", self._state_machine.ref)

    @property
    def log_groups(self) -> list[cdk.aws_logs.ILogGroup]:
        """The log groups of the front function, the worker and the state machine."""
        return list(self._log_groups)

    @cached_property
    def roles(self) -> list[iam.IRole]:
        """The roles of the front function, the worker and the state machine; those of this library as they are."""
        parts = {"Front": self._front.role, "Worker": self._worker.role, "StateMachine": self._state_machine_role}
        return [
            part.role or iam.Role.from_role_arn(self, f"{name}RoleView", part.arn, mutable=False)
            for name, part in parts.items()
        ]

    @property
    @jsii.member(jsii_name="connections")
    def connections(self) -> cdk.aws_ec2.Connections:
        """The network connections of the functions.

        Raises:
            ValueError: They are not in a VPC.
        """
        if self._network is None:
            raise ValueError(f"{self.node.path}: connections need a vpc. Pass vpc= to CleanRoomsMLProvider")
        return cdk.aws_ec2.Connections(security_groups=list(self._network.security_groups))

    def metric_failed_requests(self, *, period: Duration = _FIVE_MINUTES) -> cdk.aws_cloudwatch.Metric:
        """How many requests CloudFormation was told to have failed. Creates a metric filter on the worker's log.

        Args:
            period: Over which they are counted. Default: 5 minutes.
        """
        return self._failed_filter.metric(statistic="Sum", period=period)

    def metric_lost_requests(self, *, period: Duration = _FIVE_MINUTES) -> cdk.aws_cloudwatch.MathExpression:
        """How many executions ended without an answer to CloudFormation; the worker then answers for them.

        Args:
            period: Over which they are counted. Default: 5 minutes.
        """
        using = self._executions(_ENDED_BADLY, period)
        return cdk.aws_cloudwatch.MathExpression(
            expression="FILL(failed, 0) + FILL(timed_out, 0) + FILL(aborted, 0)",
            using_metrics=using,
            label="Lost requests",
            period=period,
        )

    def metric_throttled_requests(self, *, period: Duration = _FIVE_MINUTES) -> cdk.aws_cloudwatch.MathExpression:
        """How many invocations of the functions Lambda throttled; they are tried again for half an hour.

        Args:
            period: Over which they are counted. Default: 5 minutes.
        """
        return cdk.aws_cloudwatch.MathExpression(
            expression="FILL(front, 0) + FILL(worker, 0)",
            using_metrics={
                "front": self.front_function.metric_throttles(period=period, statistic="Sum"),
                "worker": self.worker_function.metric_throttles(period=period, statistic="Sum"),
            },
            label="Throttled requests",
            period=period,
        )

    def metric_running_executions(self, *, period: Duration = _FIVE_MINUTES) -> cdk.aws_cloudwatch.MathExpression:
        """How many executions are running: those started minus those ended since the beginning of the graph.

        Step Functions counts open executions for the whole account only.

        Args:
            period: Over which they are counted. Default: 5 minutes.
        """
        ended = {**_ENDED_BADLY, "succeeded": "ExecutionsSucceeded"}
        minus = " - ".join(f"FILL({name}, 0)" for name in ended)
        return cdk.aws_cloudwatch.MathExpression(
            expression=f"RUNNING_SUM(FILL(started, 0) - {minus})",
            using_metrics=self._executions({**ended, "started": "ExecutionsStarted"}, period),
            label="Running executions",
            period=period,
        )

    def on_failure(
        self, id: str, *, target: cdk.aws_events.IRuleTarget | None = None, description: str | None = None
    ) -> cdk.aws_events.Rule:
        """Creates a rule for executions that ended without an answer to CloudFormation.

        Args:
            id: The rule's ID below the provider.
            target: What the event goes to. Default: none yet; use ``add_target`` of the rule.
            description: The rule's description. Default: none.

        Raises:
            ValueError: The target is none.
        """
        expect_target(target)
        rule = cdk.aws_events.Rule(
            self,
            id,
            description=description,
            event_pattern=cdk.aws_events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={
                    "status": ["FAILED", "TIMED_OUT", "ABORTED"],
                    "stateMachineArn": [self._state_machine.ref],
                },
            ),
        )
        if target is not None:
            rule.add_target(target)
        return rule

    def add_alarms(self, topic: cdk.aws_sns.ITopic) -> list[cdk.aws_cloudwatch.Alarm]:
        """Creates alarms for requests that failed, were lost or were throttled.

        Args:
            topic: What the alarms notify.

        Raises:
            ValueError: It is no topic.
        """
        expect_reference("topic", topic, "topic_arn", "a topic. Pass sns.Topic.from_topic_arn(...)")
        metrics: Mapping[str, cdk.aws_cloudwatch.IMetric] = {
            "FailedRequests": self.metric_failed_requests(),
            "LostRequests": self.metric_lost_requests(),
            "ThrottledRequests": self.metric_throttled_requests(),
        }
        alarms = []
        for name, metric in metrics.items():
            alarm = cdk.aws_cloudwatch.Alarm(
                self,
                f"{name}Alarm",
                metric=metric,
                threshold=1,
                evaluation_periods=1,
                treat_missing_data=cdk.aws_cloudwatch.TreatMissingData.NOT_BREACHING,
                alarm_description=f"Clean Rooms ML resources: {name}",
            )
            alarm.add_alarm_action(cdk.aws_cloudwatch_actions.SnsAction(topic))
            alarms.append(alarm)
        return alarms

    @cached_property
    def _failed_filter(self) -> cdk.aws_logs.MetricFilter:
        worker = self._log_groups[1]
        return cdk.aws_logs.MetricFilter(
            self,
            "FailedRequests",
            log_group=worker,
            filter_pattern=cdk.aws_logs.FilterPattern.literal('{ $.what = "answered" && $.success IS FALSE }'),
            metric_namespace=f"CleanRoomsML/{Aws.STACK_NAME}",
            metric_name="FailedRequests",
            default_value=0,
        )

    def _shown(self, id: str, part: Function) -> cdk.aws_lambda.IFunction:
        return cdk.aws_lambda.Function.from_function_attributes(
            self, id, function_arn=part.arn, role=part.role.role, same_environment=True
        )

    def _executions(self, names: Mapping[str, str], period: Duration) -> dict[str, cdk.aws_cloudwatch.IMetric]:
        return {
            key: cdk.aws_cloudwatch.Metric(
                namespace="AWS/States",
                metric_name=name,
                dimensions_map={"StateMachineArn": self._state_machine.ref},
                statistic="Sum",
                period=period,
            )
            for key, name in names.items()
        }
