"""ConfiguredTableAssociation: a configured table, under a name, in a collaboration."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk.interfaces.aws_cleanrooms import IConfiguredTableRef, IMembershipRef
from constructs import Construct

from cleanrooms_ml_handlers import rules

from ._keys import key_of_bucket
from ._native import NativeResource, cfn_tags
from ._permissions import Statement, allow, document
from ._roles import objects_condition, owner_condition
from ._validation import without_none
from ._values import expect, expect_reference, expect_role
from .analysis_rule import AssociationAnalysisRule
from .configured_table import ConfiguredTable
from .membership import membership_of

_GLUE_READS = (
    "glue:BatchGetPartition",
    "glue:GetDatabase",
    "glue:GetDatabases",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
)


class ConfiguredTableAssociation(NativeResource):
    """A configured table in a collaboration: queries use it by the association's name.

    Created at once, and updated in place, except its name, membership and table.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        membership: The membership whose collaboration gets the table, as an L1 or L2.
        configured_table: The table, as an L1 or L2.
        role: The role with which AWS Clean Rooms reads the data. Default: a role that may read the Glue table and its
            bucket; the table needs ``bucket=`` for that. Tables of Athena and Snowflake need a role.
        analysis_rule: What the association adds to the table's rule; custom models need it. Default: none.
        association_name: The name by which queries use the table, up to 128 characters. Default: the construct's id
            in lower case.
        description: Up to 255 characters. Default: none.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: CloudFormation's, DESTROY.

    Raises:
        ValueError: An argument has the wrong form, or the role cannot be created because the bucket is unknown; limits
            are reported all at once by ``cdk synth``.

    Source: AWS Clean Rooms API, CreateConfiguredTableAssociation; user guide, "Create a service role to read data".
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        membership: IMembershipRef,
        configured_table: IConfiguredTableRef,
        role: iam.IRole | None = None,
        analysis_rule: AssociationAnalysisRule | None = None,
        association_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        what = "a configured table. Pass ConfiguredTable(...)"
        expect_reference("configured_table", configured_table, "configured_table_ref", what)
        expect("analysis_rule", analysis_rule, AssociationAnalysisRule, "AssociationAnalysisRule")
        expect_role("role", role)
        super().__init__(scope, id)
        membership_id, membership_arn = membership_of(membership)
        of_table = configured_table._rule_type if isinstance(configured_table, ConfiguredTable) else None
        rule_type = (analysis_rule and analysis_rule.type) or of_table or "CUSTOM"
        self._role: iam.IRole = role or self._reading_role(configured_table, membership_arn)
        request = without_none(
            {
                "name": association_name or id.lower(),
                "description": description,
                "membershipIdentifier": membership_id,
                "configuredTableIdentifier": configured_table.configured_table_ref.configured_table_identifier,
                "roleArn": self._role.role_arn,
            }
        )
        rendered = [analysis_rule._render(rule_type)] if analysis_rule else None
        self._association = cdk.aws_cleanrooms.CfnConfiguredTableAssociation(
            self,
            "Resource",
            name=request["name"],
            description=description,
            membership_identifier=request["membershipIdentifier"],
            configured_table_identifier=request["configuredTableIdentifier"],
            role_arn=request["roleArn"],
            configured_table_association_analysis_rules=rendered,
            tags=cfn_tags(tags),
        )
        # The service looks at what the role may do.
        self._association.node.add_dependency(self._role)
        self._check(
            self._association,
            self._association.cdk_tag_manager,
            "cleanrooms",
            "CreateConfiguredTableAssociation",
            request,
            removal_policy=removal_policy,
            has_own_role=role is not None,
        )
        if analysis_rule:
            rule = {
                "membershipIdentifier": membership_id,
                "configuredTableAssociationIdentifier": self.configured_table_association_id,
                "analysisRuleType": rule_type,
                "analysisRulePolicy": analysis_rule._policy(rule_type),
            }
            self._check_part(
                "cleanrooms",
                "CreateConfiguredTableAssociationAnalysisRule",
                rule,
                also=lambda: rules.association_rule_problems(rule_type, of_table or rule_type),
            )

    @property
    def configured_table_association_id(self) -> str:
        """The association's id, a UUID."""
        return self._association.attr_configured_table_association_identifier

    @property
    def configured_table_association_arn(self) -> str:
        """The association's ARN."""
        return self._association.attr_arn

    @property
    def association_name(self) -> str:
        """The name by which queries use the table."""
        return self._association.name

    @property
    def role(self) -> iam.IRole:
        """The role with which AWS Clean Rooms reads the data."""
        return self._role

    def _reading_role(self, table: IConfiguredTableRef, membership_arn: str) -> iam.Role:
        if isinstance(table, ConfiguredTable) and "glue" not in table._reference:
            raise ValueError(f"{self.node.path}: no role is known that reads a table outside of AWS Glue. Pass role=")
        if not isinstance(table, ConfiguredTable) or table._bucket is None:
            raise ValueError(
                f"{self.node.path}: the bucket of the table's data is not known, so that no role can be created. Pass "
                "bucket= to ConfiguredTable, or role="
            )
        return iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "cleanrooms.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                    "ArnEquals": {"aws:SourceArn": membership_arn},
                },
            ),
            description="AWS Clean Rooms reads a table",
            inline_policies={"Access": iam.PolicyDocument.from_json(document(_reads(table)))},
        )


def _reads(table: ConfiguredTable) -> list[Statement]:
    bucket, source = table._bucket, table._reference["glue"]
    assert bucket
    database, region = source["databaseName"], source.get("region", Aws.REGION)
    glue = f"arn:{Aws.PARTITION}:glue:{region}:{Aws.ACCOUNT_ID}"
    tables = [f"{glue}:catalog", f"{glue}:database/{database}", f"{glue}:table/{database}/{source['tableName']}"]
    arn, owner = bucket.bucket_arn, owner_condition(bucket)
    objects = f"{arn}/{table._prefix}"
    statements = [
        allow(_GLUE_READS, tables),
        allow(["s3:GetBucketLocation", "s3:ListBucket"], arn, owner),
        allow(["s3:GetObject"], f"{objects}*", owner),
    ]
    key = key_of_bucket("bucket", bucket)
    if key:
        statements.append(allow(["kms:Decrypt"], key.key_arn, objects_condition(arn, objects)))
    return statements
