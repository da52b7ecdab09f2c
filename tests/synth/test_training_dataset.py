"""TrainingDataset, which CloudFormation knows itself: what is rendered, checked and allowed."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cleanroomsml as cleanroomsml
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import AudienceModel, ColumnSchema, ColumnType, TrainingDataset
from tests.synth.stacks import SERVICE, errors_of, new_stack, only, resources_of, statements_of, template_of

DATASET = "AWS::CleanRoomsML::TrainingDataset"
COLUMNS = [
    ColumnSchema("user", ColumnType.USER_ID),
    ColumnSchema("item", ColumnType.ITEM_ID),
    ColumnSchema("time", ColumnType.TIMESTAMP),
]


def dataset(stack: cdk.Stack, id: str = "Dataset", **changes: Any) -> TrainingDataset:
    """A training dataset with only the required arguments."""
    given: dict[str, Any] = {
        "database_name": "shop",
        "table_name": "clicks",
        "columns": COLUMNS,
        "data_bucket": changes.pop("data_bucket", None) or s3.Bucket.from_bucket_name(stack, f"{id}Bucket", "clicks"),
        **changes,
    }
    return TrainingDataset(stack, id, **given)


def test_a_dataset_is_the_l1_and_needs_no_functions() -> None:
    stack = new_stack()
    one = dataset(stack, description="clicks", tags={"team": "own"}, catalog_id="111122223333")
    cdk.Tags.of(stack).add("purpose", "aspect")
    template = template_of(stack)
    properties = only(template, DATASET)["Properties"]
    assert isinstance(one.node.default_child, cleanroomsml.CfnTrainingDataset)
    assert properties["TrainingData"] == [
        {
            "Type": "INTERACTIONS",
            "InputConfig": {
                "Schema": [
                    {"ColumnName": "user", "ColumnTypes": ["USER_ID"]},
                    {"ColumnName": "item", "ColumnTypes": ["ITEM_ID"]},
                    {"ColumnName": "time", "ColumnTypes": ["TIMESTAMP"]},
                ],
                "DataSource": {
                    "GlueDataSource": {"CatalogId": "111122223333", "DatabaseName": "shop", "TableName": "clicks"}
                },
            },
        }
    ]
    assert properties["Tags"] == [{"Key": "purpose", "Value": "aspect"}, {"Key": "team", "Value": "own"}]
    assert {each["Type"] for each in template["Resources"].values()} == {DATASET, "AWS::IAM::Role"}


def test_another_table_is_another_name_and_nothing_else_is() -> None:
    def name(**changes: Any) -> str:
        stack = new_stack()
        one = dataset(stack, **changes)
        return str(one.training_dataset_name)

    assert name() == name(tags={"a": "b"})
    assert name() != name(table_name="views")
    assert name(training_dataset_name="clicks") == "clicks"


def test_the_role_reads_the_table_and_its_files() -> None:
    stack = new_stack()
    bucket = s3.Bucket(stack, "Clicks", encryption_key=kms.Key(stack, "Key"))
    dataset(stack, data_bucket=bucket, data_prefix="clicks/")
    template = template_of(stack)
    role = only(template, "AWS::IAM::Role")["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "cleanrooms-ml.amazonaws.com"}
    source = trust["Condition"]["ArnLikeIfExists"]["aws:SourceArn"]["Fn::Sub"]
    assert source.endswith(":cleanrooms-ml:${AWS::Region}:${AWS::AccountId}:training-dataset/*")
    glue, default, listing, reading, key = statements_of(role["Policies"][0]["PolicyDocument"])
    assert "glue:GetTable" in glue["Action"]
    tables = [each["Fn::Join"][1][-1] for each in glue["Resource"]]
    assert tables == [":catalog", ":database/default", ":database/shop", ":table/shop/clicks"]
    assert default["Action"] == ["glue:CreateDatabase"]
    assert listing["Action"] == ["s3:GetBucketLocation", "s3:ListBucket"]
    assert reading["Action"] == ["s3:GetObject"]
    assert reading["Resource"]["Fn::Join"][1][-1] == "/clicks/*"
    assert reading["Condition"] == {"StringEquals": {"s3:ResourceAccount": [{"Ref": "AWS::AccountId"}]}}
    assert key["Action"] == ["kms:Decrypt"]
    # CloudFormation makes the dataset as soon as the role is there: with its policies.
    assert only(template, DATASET)["DependsOn"]


def test_a_bucket_of_another_account_is_that_accounts() -> None:
    stack = new_stack()
    theirs = s3.Bucket.from_bucket_attributes(stack, "Theirs", bucket_name="clicks", account="444455556666")
    dataset(stack, data_bucket=theirs)
    role = only(template_of(stack), "AWS::IAM::Role")["Properties"]
    reading = statements_of(role["Policies"][0]["PolicyDocument"])[3]
    assert reading["Condition"] == {"StringEquals": {"s3:ResourceAccount": ["444455556666"]}}


def test_an_own_role_is_used_as_it_is() -> None:
    stack = new_stack()
    own = iam.Role(stack, "Own", assumed_by=iam.ServicePrincipal("cleanrooms-ml.amazonaws.com"))
    one = dataset(stack, role=own, removal_policy=cdk.RemovalPolicy.RETAIN)
    resource = only(template_of(stack), DATASET)
    assert one.role is own
    assert resource["Properties"]["RoleArn"] == stack.resolve(own.role_arn)
    assert resource["DeletionPolicy"] == "Retain"


def test_limits_are_reported_with_the_users_line() -> None:
    stack = new_stack()
    dataset(stack, description="d" * 256, columns=[ColumnSchema("-", ColumnType("WEIGHT"))] * 101)
    cdk.Tags.of(stack).add("aws:mine", "1")
    errors = errors_of(stack)
    assert any(
        "Stack/Dataset: description has 256 characters; allowed 0 to 255 (CreateTrainingDataset)" in error
        and "test_training_dataset.py:" in error
        for error in errors
    )
    text = "\n".join(errors)
    assert "inputConfig.schema has 101" in text
    assert 'tags has the key "aws:mine"' in text


def test_a_wrong_form_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="columns is a str; allowed is ColumnSchema"):
        dataset(new_stack(), columns=["user"])
    with pytest.raises(ValueError, match="column_type is a str; allowed is ColumnType"):
        ColumnSchema("user", "USER_ID")  # type: ignore[arg-type]


def test_l1_datasets_train_models_too() -> None:
    stack = new_stack()
    l1 = cleanroomsml.CfnTrainingDataset(stack, "L1", name="l1", role_arn="arn", training_data=[])
    AudienceModel(stack, "FromL1", training_dataset=l1)
    AudienceModel(stack, "FromL2", training_dataset=dataset(stack))
    arn = f"{SERVICE}:training-dataset/theirs"
    imported = TrainingDataset.from_training_dataset_arn(stack, "Theirs", arn)
    AudienceModel(stack, "FromArn", training_dataset=imported)
    models = resources_of(template_of(stack), "Custom::CleanRoomsML-AudienceModel").values()
    arns = [each["Properties"]["trainingDatasetArn"] for each in models]
    assert arns[0] == {"Ref": "L1"}
    assert arns[1]["Fn::GetAtt"][1] == "TrainingDatasetArn"
    assert arns[2] == arn
