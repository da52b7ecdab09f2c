#!/usr/bin/env python3
"""An example: a custom model, from an empty account to its results.

A collaboration whose creator runs the queries, trains on synthetic data, and receives model and results; and a table.
In real life the table is another member's, who allows the analysis template and the algorithm in its analysis rules.
The stack keeps its results in SSM parameters:

    cdk deploy CustomModel
    aws ssm get-parameters-by-path --path /CustomModel
"""

from __future__ import annotations

import json
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from cdk_cleanrooms_ml import (
    AdditionalAnalyses,
    AnalysisRule,
    AnalysisTemplate,
    AssociationAnalysisRule,
    Collaboration,
    ConfiguredModelAlgorithm,
    ConfiguredTable,
    ConfiguredTableAssociation,
    ContainerConfig,
    CustomMLMemberAbility,
    InferenceContainerConfig,
    InferenceInstanceType,
    MemberAbility,
    Membership,
    NoiseLevel,
    PaymentConfiguration,
    PrivacyConfiguration,
    ProtectedQuery,
    SyntheticData,
    SyntheticDataColumn,
    TrainedModelExportFileType,
    TrainedModelExportsPolicy,
    TrainedModelInferenceJobsPolicy,
    TrainedModelsPolicy,
    TrainingInstanceType,
    Wait,
)
from cdk_cleanrooms_ml.patterns import CustomModelInference, CustomModelTraining

COLUMNS = ["user_id", "age_band", "region", "visits", "spent", "converted"]
TRAINING_QUERY = "SELECT age_band, region, visits, spent, converted FROM customers"
INFERENCE_QUERY = "SELECT user_id, age_band, region, visits, spent FROM customers WHERE converted = 0"

# The creator pays for everything.
PAYS = PaymentConfiguration(
    query_compute=True, model_training=True, model_inference=True, synthetic_data_generation=True
)


class CustomModel(cdk.Stack):
    """A model that predicts who will convert."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id, description="Clean Rooms ML: a custom model, trained on synthetic data")
        collaboration = Collaboration(
            self,
            "Collaboration",
            creator_display_name="Advertiser",
            creator_member_abilities=[MemberAbility.CAN_QUERY, MemberAbility.CAN_RECEIVE_RESULTS],
            creator_ml_member_abilities=[
                CustomMLMemberAbility.CAN_RECEIVE_MODEL_OUTPUT,
                CustomMLMemberAbility.CAN_RECEIVE_INFERENCE_OUTPUT,
            ],
            creator_payment_configuration=PAYS,
        )
        membership = Membership(self, "Membership", collaboration=collaboration, payment_configuration=PAYS)
        customers = self.associated_table(membership)
        template = AnalysisTemplate(
            self,
            "TrainingTemplate",
            membership=membership,
            text=TRAINING_QUERY,
            synthetic_data=SyntheticData(
                epsilon=3,
                maximum_membership_inference_attack_score=0.6,
                columns=[
                    SyntheticDataColumn.categorical("age_band"),
                    SyntheticDataColumn.categorical("region"),
                    SyntheticDataColumn.numerical("visits"),
                    SyntheticDataColumn.numerical("spent"),
                    SyntheticDataColumn.categorical("converted", is_predictive_value=True),
                ],
            ),
        )
        template.node.add_dependency(customers)
        images = ecr.Repository.from_repository_name(self, "Images", self.text("repository"))
        algorithm = ConfiguredModelAlgorithm(
            self,
            "Algorithm",
            training_container_config=ContainerConfig(repository=images, tag="train"),
            inference_container_config=InferenceContainerConfig(repository=images, tag="infer"),
        )
        results = s3.Bucket(
            self,
            "Results",
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        )
        training = CustomModelTraining(
            self,
            "Churn",
            membership=membership,
            configured_model_algorithm=algorithm,
            privacy_configuration=PrivacyConfiguration(
                trained_models=TrainedModelsPolicy(noise_level=NoiseLevel.MEDIUM, max_artifact_size_gb=1),
                trained_model_exports=TrainedModelExportsPolicy(
                    max_size_gb=1, files_to_export=[TrainedModelExportFileType.MODEL]
                ),
                trained_model_inference_jobs=TrainedModelInferenceJobsPolicy(max_output_size_gb=1),
            ),
            output_bucket=results,
            output_prefix="results/",
            training_query=ProtectedQuery.analysis_template(template),
            retention=cdk.Duration.days(14),
            # Generating synthetic data takes hours.
            channel_wait=Wait.until_active(cdk.Duration.hours(6)),
            instance_type=TrainingInstanceType.ML_M5_4XLARGE,
            volume=cdk.Size.gibibytes(30),
            max_runtime=cdk.Duration.hours(2),
            hyperparameters={"depth": "6"},
            export_model=True,
            inference=CustomModelInference(
                query=ProtectedQuery.sql(INFERENCE_QUERY),
                instance_type=InferenceInstanceType.ML_M5_XLARGE,
                wait=Wait.until_active(cdk.Duration.hours(3)),
            ),
            data=[customers],
            run_id=self.text("runId"),
        )
        assert training.export_job
        assert training.inference_job
        channel = training.training_channel
        shown = {
            "CollaborationId": collaboration.collaboration_id,
            "TrainingDataScore": cdk.Token.as_string(channel.membership_inference_attack_score),
            "ModelArn": training.trained_model.trained_model_arn,
            "ModelStatus": training.trained_model.status,
            "ExportStatus": training.export_job.status,
            "InferenceStatus": training.inference_job.status,
        }
        for name, value in shown.items():
            ssm.StringParameter(self, name, parameter_name=f"/{self.stack_name}/{name}", string_value=value)

    def associated_table(self, membership: Membership) -> ConfiguredTableAssociation:
        """A Glue table as the collaboration sees it."""
        table = ConfiguredTable(
            self,
            "Customers",
            database=self.text("glueDatabase"),
            table=self.text("glueTable"),
            bucket=s3.Bucket.from_bucket_name(self, "Data", self.text("dataBucket")),
            prefix="customers/",
            allowed_columns=COLUMNS,
            analysis_rule=AnalysisRule.custom(
                allowed_analyses=["ANY_QUERY"],
                allowed_analysis_providers=[self.account],
                additional_analyses=AdditionalAnalyses.ALLOWED,
            ),
        )
        # A teardown deletes the table before the membership in which it was used.
        table.node.add_dependency(membership)
        # Associations of algorithms are replaced with each change: any of them is allowed.
        algorithms = f"arn:{self.partition}:cleanrooms-ml:{self.region}:{self.account}:membership/*/"
        return ConfiguredTableAssociation(
            self,
            "CustomersAssociation",
            membership=membership,
            configured_table=table,
            association_name="customers",
            analysis_rule=AssociationAnalysisRule(
                allowed_result_receivers=[self.account],
                allowed_additional_analyses=[f"{algorithms}configured-model-algorithm-association/*"],
            ),
        )

    def text(self, key: str) -> str:
        """A value of the context: from cdk.json, or from ``-c key=value``."""
        value = self.node.try_get_context(key)
        if value is None:
            raise SystemExit(f"the context has no {key!r}; add it to cdk.json or pass -c {key}=...")
        return str(value)


# Context of the CDK CLI takes precedence; without it, as in `python app.py`, that of cdk.json applies.
app = cdk.App(context=json.loads(Path(__file__).with_name("cdk.json").read_text(encoding="utf-8"))["context"])
CustomModel(app, "CustomModel")
cdk.Tags.of(app).add("project", "clean-rooms-ml-example")
app.synth()
