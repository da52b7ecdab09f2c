"""Where results go."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import (
    MLConfiguration,
)
from tests.synth.custom_model import CustomModelStack
from tests.synth.stacks import (
    MEMBERSHIP,
    logical_id,
    statements_of,
    template_of,
)


def test_a_configuration_is_one_of_its_membership() -> None:
    custom = CustomModelStack()
    bucket = s3.Bucket(custom.stack, "Results", encryption_key=kms.Key(custom.stack, "Key"))
    configuration = MLConfiguration(
        custom.stack, "Configuration", membership=custom.member, output_bucket=bucket, output_prefix="results/"
    )
    cdk.Tags.of(custom.stack).add("team", "growth")
    template = template_of(custom.stack)
    properties = template["Resources"][logical_id(custom.stack, configuration)]["Properties"]
    assert "tags" not in properties
    assert "Settings" not in properties
    assert properties["membershipIdentifier"] == MEMBERSHIP
    location = properties["defaultOutputLocation"]
    assert location["destination"]["s3Destination"]["s3Uri"]["Fn::Join"][1][-1] == "/results/"
    role = template["Resources"][location["roleArn"]["Fn::GetAtt"][0]]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "cleanrooms-ml.amazonaws.com"}
    # The membership belongs to Clean Rooms, not to Clean Rooms ML, and the conditions are not "IfExists".
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    source = trust["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Join"][1]
    assert source[2] == ":cleanrooms:"
    assert source[-1] == f":membership/{MEMBERSHIP}"
    statements = statements_of(role["Policies"][0]["PolicyDocument"])
    assert [each["Action"] for each in statements] == [
        ["s3:PutObject"],
        ["cloudwatch:PutMetricData"],
        ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        ["kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"],
    ]
    assert statements[0]["Resource"]["Fn::Join"][1][-1] == "/results/*"
    assert statements[1]["Condition"] == {"StringLike": {"cloudwatch:namespace": "/aws/cleanroomsml/*"}}


def test_an_existing_configuration_is_replaced_on_request_only() -> None:
    custom = CustomModelStack()
    own = iam.Role(custom.stack, "Own", assumed_by=iam.ServicePrincipal("cleanrooms-ml.amazonaws.com"))
    bucket = s3.Bucket(custom.stack, "Results")
    configuration = MLConfiguration(
        custom.stack,
        "Configuration",
        membership=custom.member,
        output_bucket=bucket,
        replace_existing=True,
        role=own,
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    assert configuration.role is own
    resource = template_of(custom.stack)["Resources"][logical_id(custom.stack, configuration)]
    assert resource["Properties"]["Settings"] == {"ReplaceExisting": True}
    assert resource["DeletionPolicy"] == "Retain"
    uri = resource["Properties"]["defaultOutputLocation"]["destination"]["s3Destination"]["s3Uri"]
    assert uri["Fn::Join"][1][0] == "s3://"
