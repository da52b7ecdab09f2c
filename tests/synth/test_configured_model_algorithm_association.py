"""ConfiguredModelAlgorithmAssociation: what is rendered, and what may leave the collaboration."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cleanroomsml as cleanroomsml
from aws_cdk import aws_ecr as ecr

from cdk_cleanrooms_ml import (
    ConfiguredModelAlgorithm,
    ConfiguredModelAlgorithmAssociation,
    ContainerConfig,
    ContainerLogs,
    EntityToRedact,
    LogType,
    Membership,
    NoiseLevel,
    PrivacyConfiguration,
    TrainedModelExportFileType,
    TrainedModelExportsPolicy,
    TrainedModelInferenceJobsPolicy,
    TrainedModelsPolicy,
)
from tests.synth.stacks import MEMBERSHIP, SERVICE, channel, errors_of, new_stack, only, template_of


def repository(stack: cdk.Stack, id: str = "Repository") -> ecr.IRepository:
    """Images of others."""
    return ecr.Repository.from_repository_name(stack, id, f"models/{id.lower()}")


ASSOCIATION = "AWS::CleanRoomsML::ConfiguredModelAlgorithmAssociation"


ALGORITHM_ARN = f"{SERVICE}:configured-model-algorithm/one"


def association(stack: cdk.Stack, **changes: Any) -> ConfiguredModelAlgorithmAssociation:
    """An association with only the required arguments."""
    given: dict[str, Any] = {
        "membership": Membership.from_membership_id(stack, "Member", MEMBERSHIP),
        "configured_model_algorithm": changes.pop("configured_model_algorithm", None)
        or ConfiguredModelAlgorithm.from_configured_model_algorithm_arn(stack, "Algorithm", ALGORITHM_ARN),
        **changes,
    }
    return ConfiguredModelAlgorithmAssociation(stack, "Association", **given)


def test_an_association_says_what_may_leave_the_collaboration() -> None:
    stack = new_stack()
    config = ContainerConfig(repository=repository(stack))
    algorithm = ConfiguredModelAlgorithm(stack, "Own", training_container_config=config)
    logs = ContainerLogs(
        allowed_accounts=["111122223333"],
        filter_pattern="ERROR",
        log_type=LogType.ERROR_SUMMARY,
        entities_to_redact=[EntityToRedact.NUMBERS, EntityToRedact.CUSTOM],
        custom_data_identifiers=["[0-9]{8}"],
    )
    created = algorithm.add_association(
        "Association",
        membership=Membership.from_membership_id(stack, "Member", MEMBERSHIP),
        privacy_configuration=PrivacyConfiguration(
            trained_models=TrainedModelsPolicy(
                container_logs=[logs], noise_level=NoiseLevel.MEDIUM, max_artifact_size_gb=10
            ),
            trained_model_exports=TrainedModelExportsPolicy(
                max_size_gb=1.5, files_to_export=[TrainedModelExportFileType.MODEL]
            ),
            trained_model_inference_jobs=TrainedModelInferenceJobsPolicy(
                container_logs=[ContainerLogs(allowed_accounts=["444455556666"])], max_output_size_gb=50
            ),
        ),
    )
    channel(stack, algorithm_association=created)
    template = template_of(stack)
    properties = only(template, ASSOCIATION)["Properties"]
    assert properties["MembershipIdentifier"] == MEMBERSHIP
    assert properties["ConfiguredModelAlgorithmArn"]["Fn::GetAtt"][1] == "ConfiguredModelAlgorithmArn"
    assert properties["PrivacyConfiguration"] == {
        "Policies": {
            "TrainedModels": {
                "ContainerLogs": [
                    {
                        "AllowedAccountIds": ["111122223333"],
                        "FilterPattern": "ERROR",
                        "LogType": "ERROR_SUMMARY",
                        "LogRedactionConfiguration": {
                            "EntitiesToRedact": ["NUMBERS", "CUSTOM"],
                            "CustomEntityConfig": {"CustomDataIdentifiers": ["[0-9]{8}"]},
                        },
                    }
                ],
                "ContainerMetrics": {"NoiseLevel": "MEDIUM"},
                "MaxArtifactSize": {"Unit": "GB", "Value": 10},
            },
            "TrainedModelExports": {"MaxSize": {"Unit": "GB", "Value": 1.5}, "FilesToExport": ["MODEL"]},
            "TrainedModelInferenceJobs": {
                "ContainerLogs": [{"AllowedAccountIds": ["444455556666"]}],
                "MaxOutputSize": {"Unit": "GB", "Value": 50},
            },
        }
    }
    used = only(template, "Custom::CleanRoomsML-MLInputChannel")["Properties"]["configuredModelAlgorithmAssociations"]
    assert used == [stack.resolve(created.configured_model_algorithm_association_arn)]


def test_sizes_that_only_the_api_takes_are_refused() -> None:
    stack = new_stack()
    exports = TrainedModelExportsPolicy(max_size_gb=11, files_to_export=[TrainedModelExportFileType.MODEL])
    association(stack, privacy_configuration=PrivacyConfiguration(trained_model_exports=exports))
    (error,) = errors_of(stack)
    assert "maxSize.value is 11; CloudFormation allows up to 10 GB, though the API allows more" in error


@pytest.mark.parametrize(
    ("privacy", "problem"),
    [
        (
            PrivacyConfiguration(trained_models=TrainedModelsPolicy(max_artifact_size_gb=0)),
            "maxArtifactSize.value is 0; allowed 0.01 to 100",
        ),
        (
            PrivacyConfiguration(
                trained_models=TrainedModelsPolicy(
                    container_logs=[
                        ContainerLogs(allowed_accounts=["1" * 12], entities_to_redact=[EntityToRedact.CUSTOM])
                    ]
                )
            ),
            "has CUSTOM among entitiesToRedact, but no customEntityConfig",
        ),
        (
            PrivacyConfiguration(
                trained_model_inference_jobs=TrainedModelInferenceJobsPolicy(
                    container_logs=[
                        ContainerLogs(
                            allowed_accounts=["1" * 12],
                            entities_to_redact=[EntityToRedact.NUMBERS],
                            custom_data_identifiers=["a"],
                        )
                    ]
                )
            ),
            "has customEntityConfig, but not CUSTOM among entitiesToRedact",
        ),
    ],
)
def test_what_a_privacy_configuration_cannot_say_is_refused(privacy: PrivacyConfiguration, problem: str) -> None:
    stack = new_stack()
    association(stack, privacy_configuration=privacy)
    (error,) = errors_of(stack)
    assert problem in error
    assert "(CreateConfiguredModelAlgorithmAssociation)" in error


def test_l1_algorithms_fit_in() -> None:
    stack = new_stack()
    l1 = cleanroomsml.CfnConfiguredModelAlgorithm(stack, "L1", name="l1", role_arn="arn")
    one = association(stack, configured_model_algorithm=l1, configured_model_algorithm_association_name="mine")
    properties = only(template_of(stack), ASSOCIATION)["Properties"]
    assert properties["ConfiguredModelAlgorithmArn"] == {"Ref": "L1"}
    assert (properties["Name"], one.configured_model_algorithm_association_name) == ("mine", "mine")
    with pytest.raises(ValueError, match="configured_model_algorithm is a str; allowed is an algorithm"):
        association(new_stack(), configured_model_algorithm="arn")
    with pytest.raises(ValueError, match="privacy_configuration is a dict"):
        association(new_stack(), privacy_configuration={})
