"""An association: a custom model's algorithm in a collaboration, with what may leave it."""

from __future__ import annotations

import aws_cdk as cdk

from cdk_cleanrooms_ml import (
    ConfiguredModelAlgorithm,
    ConfiguredModelAlgorithmAssociation,
    Membership,
    NoiseLevel,
    PrivacyConfiguration,
    TrainedModelExportFileType,
    TrainedModelExportsPolicy,
    TrainedModelInferenceJobsPolicy,
    TrainedModelsPolicy,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

algorithm = ConfiguredModelAlgorithm.from_configured_model_algorithm_arn(
    stack,
    "Algorithm",
    "arn:aws:cleanrooms-ml:us-east-1:111122223333:configured-model-algorithm/11111111-2222-4333-8444-555555555555",
)
association = ConfiguredModelAlgorithmAssociation(
    stack,
    "Association",
    membership=Membership.from_membership_id(stack, "Membership", "11111111-2222-4333-8444-555555555555"),
    configured_model_algorithm=algorithm,
    privacy_configuration=PrivacyConfiguration(
        trained_models=TrainedModelsPolicy(noise_level=NoiseLevel.MEDIUM, max_artifact_size_gb=1),
        trained_model_exports=TrainedModelExportsPolicy(
            max_size_gb=1, files_to_export=[TrainedModelExportFileType.MODEL]
        ),
        trained_model_inference_jobs=TrainedModelInferenceJobsPolicy(max_output_size_gb=1),
    ),
)

cdk.CfnOutput(stack, "AssociationArn", value=association.configured_model_algorithm_association_arn)
app.synth()
