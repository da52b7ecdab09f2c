"""Two stacks as a library: what a platform team owns, and a training dataset that is renewed every month.

``app.py`` deploys them from any pipeline, ``cdk_pipeline.py`` from CDK Pipelines.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk_cleanrooms_ml import (
    CleanRoomsMLProvider,
    ConfiguredModelAlgorithmAssociation,
    Membership,
    MLInputChannel,
    ProtectedQuery,
)

NETWORK = "10.0.0.0/16"
# What the functions call from inside the network; the answers to CloudFormation go to S3.
ENDPOINTS = ("cleanrooms-ml", "events", "states")
# The roles, each with the service that assumes it.
ROLES = {"front": "lambda", "worker": "lambda", "state-machine": "states", "query": "cleanrooms-ml"}


class Platform(cdk.Stack):
    """The network, the roles and the topic: of another team, and deployed before everything else.

    Attributes:
        vpc: A network without a way to the internet.
        topic: Where failures are reported.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        isolated = ec2.SubnetConfiguration(name="isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        addresses = ec2.IpAddresses.cidr(NETWORK)
        self.vpc = ec2.Vpc(
            self, "Network", ip_addresses=addresses, max_azs=2, nat_gateways=0, subnet_configuration=[isolated]
        )
        self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        inside = ec2.SecurityGroup(self, "Endpoints", vpc=self.vpc, allow_all_outbound=False)
        inside.add_ingress_rule(ec2.Peer.ipv4(NETWORK), ec2.Port.HTTPS)
        for name in ENDPOINTS:
            self.vpc.add_interface_endpoint(
                name, service=ec2.InterfaceVpcEndpointAwsService(name), security_groups=[inside], open=False
            )
        for name, service in ROLES.items():
            iam.Role(
                self, name, role_name=f"platform-{name}", assumed_by=iam.ServicePrincipal(f"{service}.amazonaws.com")
            )
        key = kms.Key(self, "Key", enable_key_rotation=True, removal_policy=cdk.RemovalPolicy.DESTROY)
        for service in ("cloudwatch", "events"):
            key.grant_encrypt_decrypt(iam.ServicePrincipal(f"{service}.amazonaws.com"))
        self.topic = sns.Topic(self, "Failures", master_key=key, enforce_ssl=True)


class Training(cdk.Stack):
    """A dataset for training: another ``run_id`` runs its query again.

    Args:
        scope: Scope in which to define this stack.
        id: Its name.
        platform: What the platform team owns.
        membership_id: The membership that runs the query.
        algorithm_arn: The algorithm that the data is for.
        run_id: The month.
    """

    def __init__(
        self, scope: Construct, id: str, *, platform: Platform, membership_id: str, algorithm_arn: str, run_id: str
    ) -> None:
        super().__init__(scope, id)
        self.add_stack_dependency(platform)
        provider = CleanRoomsMLProvider(
            self,
            "Provider",
            vpc=platform.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            # By name, since they are another team's. What they need is attached to them as policies of this stack.
            front_role=self.role("front"),
            worker_role=self.role("worker"),
            state_machine_role=self.role("state-machine"),
        )
        channel = MLInputChannel(
            self,
            "TrainingData",
            membership=Membership.from_membership_id(self, "Membership", membership_id),
            algorithm_association=ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
                self, "Algorithm", algorithm_arn
            ),
            query=ProtectedQuery.sql("SELECT age_band, clicks, bought FROM sales"),
            retention=cdk.Duration.days(14),
            role=self.role("query"),
            run_id=run_id,
            minimum_records=1_000,
        )
        # A failed run, a request that was lost, and three alarms: one topic for all.
        channel.on_state_change(
            "Failed",
            target=targets.SnsTopic(platform.topic),
            event_pattern=events.EventPattern(detail={"status": ["CREATE_FAILED"]}),
        )
        provider.on_failure("Lost", target=targets.SnsTopic(platform.topic))
        provider.add_alarms(platform.topic)
        cdk.CfnOutput(self, "Records", value=cdk.Token.as_string(channel.number_of_records))

    def role(self, name: str) -> iam.IRole:
        """A role of the platform team."""
        return iam.Role.from_role_name(self, name, f"platform-{name}")
