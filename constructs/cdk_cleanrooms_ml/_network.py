"""Where the functions run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import CfnResource
from constructs import Construct, IDependable

from ._python_values import struct

# The logical id is part of the public contract, as those of the other parts are.
SECURITY_GROUP = "CleanRoomsMLSecurityGroup"


@dataclass(frozen=True)
class Network:
    """Subnets and security groups of the functions."""

    subnet_ids: Sequence[str]
    security_groups: Sequence[cdk.aws_ec2.ISecurityGroup]

    def config(self) -> dict[str, list[str]]:
        """The network as the functions have it."""
        ids = [group.security_group_id for group in self.security_groups]
        return {"subnetIds": list(self.subnet_ids), "securityGroupIds": ids}


def network(
    scope: Construct,
    vpc: cdk.aws_ec2.IVpc,
    subnets: cdk.aws_ec2.SubnetSelection | None,
    security_groups: Sequence[cdk.aws_ec2.ISecurityGroup] | None,
    *,
    allow_public_subnet: bool,
) -> Network:
    """The subnets, and a security group if the user has none.

    Raises:
        ValueError: A subnet is public, or there is none.
    """
    ids, connectivity, is_pending = _selected(vpc, subnets)
    if not ids and not is_pending:
        raise ValueError(f"{scope.node.path}: vpc_subnets selects no subnet; the functions need at least one")
    public = {} if allow_public_subnet else {subnet.subnet_id: subnet.node.path for subnet in vpc.public_subnets}
    for subnet_id in ids:
        if subnet_id in public:
            raise ValueError(
                f"{scope.node.path}: the subnet {public[subnet_id]} is public; functions in a public subnet cannot "
                "reach the internet, so that CloudFormation waits an hour for an answer. Pass vpc_subnets= with "
                "private ones, or allow_public_subnet=True if the subnet has VPC endpoints for all that the functions "
                "call"
            )
    # Answers to CloudFormation have to get out until the last resource is deleted.
    scope.node.add_dependency(*connectivity)
    return Network(ids, security_groups or [_security_group(scope, vpc)])


def _selected(
    vpc: cdk.aws_ec2.IVpc, subnets: cdk.aws_ec2.SubnetSelection | None
) -> tuple[list[str], list[IDependable], bool]:
    """The ids of the subnets, what connects them, and whether the CDK has yet to look them up."""
    subnets = struct("vpc_subnets", subnets, cdk.aws_ec2.SubnetSelection)
    chosen = subnets.subnets if subnets else None
    if chosen is not None:
        # Selecting them would ask each for its availability zone, which an imported one may not know.
        return [each.subnet_id for each in chosen], [each.internet_connectivity_established for each in chosen], False
    selected = vpc.select_subnets(**(subnets._values if subnets else {}))
    return list(selected.subnet_ids), [selected.internet_connectivity_established], bool(selected.is_pending_lookup)


def _security_group(scope: Construct, vpc: cdk.aws_ec2.IVpc) -> cdk.aws_ec2.SecurityGroup:
    group = cdk.aws_ec2.SecurityGroup(
        scope,
        "SecurityGroup",
        vpc=vpc,
        description="Functions of Clean Rooms ML resources",
        allow_all_outbound=True,
    )
    child = group.node.default_child
    assert isinstance(child, CfnResource)
    child.override_logical_id(SECURITY_GROUP)
    return group
