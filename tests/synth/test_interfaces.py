"""Interfaces: each is CDK's own, so that resources of this library and imported ones fit in wherever CDK's do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cleanrooms as cleanrooms
from aws_cdk import aws_cleanroomsml as cleanroomsml
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

import cdk_cleanrooms_ml
from cdk_cleanrooms_ml import (
    AnalysisTemplate,
    AudienceGenerationJob,
    AudienceModel,
    Collaboration,
    ConfiguredAudienceModel,
    ConfiguredAudienceModelAssociation,
    ConfiguredModelAlgorithm,
    ConfiguredModelAlgorithmAssociation,
    ConfiguredTable,
    ContainerConfig,
    Membership,
    MLConfiguration,
    MLInputChannel,
    ProtectedQuery,
    TrainedModel,
    TrainedModelInferenceJob,
    TrainingDataset,
)
from tests.synth.custom_model import CustomModelStack
from tests.synth.stacks import (
    ASSOCIATION_ARN,
    CONFIGURED_ARN,
    MEMBERSHIP,
    MODEL_ARN,
    SERVICE,
    TEMPLATE_ARN,
    channel,
    configured,
    job,
    new_stack,
    resources_of,
    template_of,
)
from tests.synth.test_analysis_template import analysis_template
from tests.synth.test_audience_model import audience_model
from tests.synth.test_configured_model_algorithm_association import association, repository
from tests.synth.test_training_dataset import dataset

IN_MEMBERSHIP = f"{SERVICE}:membership/{MEMBERSHIP}"
CLEAN_ROOMS = "arn:aws:cleanrooms:us-east-1:111122223333"
INTERFACES = sorted(name for name in cdk_cleanrooms_ml.__all__ if name[0] == "I" and name[1].isupper())


def algorithm(stack: cdk.Stack, **changes: Any) -> ConfiguredModelAlgorithm:
    """An algorithm with only the required arguments."""
    config = ContainerConfig(repository=repository(stack))
    return ConfiguredModelAlgorithm(stack, "Own", training_container_config=config, **changes)


def collaboration(stack: cdk.Stack) -> Collaboration:
    """A collaboration with only the required arguments."""
    return Collaboration(stack, "Collaboration", creator_display_name="Shop")


def model_association(stack: cdk.Stack) -> ConfiguredAudienceModelAssociation:
    """An association with only the required arguments."""
    member = Membership.from_membership_id(stack, "Member", MEMBERSHIP)
    return ConfiguredAudienceModelAssociation(
        stack, "Association", membership=member, configured_audience_model=configured(stack)
    )


CREATED: dict[str, Callable[[cdk.Stack], Any]] = {
    "IAnalysisTemplate": analysis_template,
    "IAudienceGenerationJob": job,
    "IAudienceModel": audience_model,
    "ICollaboration": collaboration,
    "IConfiguredAudienceModel": configured,
    "IConfiguredAudienceModelAssociation": model_association,
    "IConfiguredModelAlgorithm": algorithm,
    "IConfiguredModelAlgorithmAssociation": association,
    "IConfiguredTable": lambda stack: ConfiguredTable(
        stack, "Table", database="shop", table="customers", allowed_columns=["user_id"]
    ),
    "IMLInputChannel": channel,
    "IMembership": lambda stack: Membership(stack, "M", collaboration=collaboration(stack)),
    "ITrainedModel": lambda stack: CustomModelStack(stack).model(),
    "ITrainedModelInferenceJob": lambda stack: CustomModelStack(stack).inference(),
    "ITrainingDataset": dataset,
}
IMPORTED: dict[str, tuple[Callable[..., Any], str]] = {
    "IAnalysisTemplate": (AnalysisTemplate.from_analysis_template_arn, TEMPLATE_ARN),
    "IAudienceGenerationJob": (
        AudienceGenerationJob.from_audience_generation_job_arn,
        f"{SERVICE}:audience-generation-job/one",
    ),
    "IAudienceModel": (AudienceModel.from_audience_model_arn, MODEL_ARN),
    "ICollaboration": (Collaboration.from_collaboration_arn, f"{CLEAN_ROOMS}:collaboration/{MEMBERSHIP}"),
    "IConfiguredAudienceModel": (ConfiguredAudienceModel.from_configured_audience_model_arn, CONFIGURED_ARN),
    "IConfiguredAudienceModelAssociation": (
        ConfiguredAudienceModelAssociation.from_configured_audience_model_association_arn,
        f"{CLEAN_ROOMS}:membership/{MEMBERSHIP}/configuredaudiencemodelassociation/one",
    ),
    "IConfiguredModelAlgorithm": (
        ConfiguredModelAlgorithm.from_configured_model_algorithm_arn,
        f"{SERVICE}:configured-model-algorithm/one",
    ),
    "IConfiguredModelAlgorithmAssociation": (
        ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn,
        ASSOCIATION_ARN,
    ),
    "IConfiguredTable": (ConfiguredTable.from_configured_table_arn, f"{CLEAN_ROOMS}:configuredtable/{MEMBERSHIP}"),
    "IMLInputChannel": (MLInputChannel.from_ml_input_channel_arn, f"{IN_MEMBERSHIP}/ml-input-channel/one"),
    "IMembership": (Membership.from_membership_arn, f"{CLEAN_ROOMS}:membership/{MEMBERSHIP}"),
    "ITrainedModel": (TrainedModel.from_trained_model_arn, f"{IN_MEMBERSHIP}/trained-model/one"),
    "ITrainedModelInferenceJob": (
        TrainedModelInferenceJob.from_trained_model_inference_job_arn,
        f"{IN_MEMBERSHIP}/trained-model-inference-job/one",
    ),
    "ITrainingDataset": (TrainingDataset.from_training_dataset_arn, f"{SERVICE}:training-dataset/one"),
}


def test_every_interface_is_tried() -> None:
    assert INTERFACES == sorted(CREATED) == sorted(IMPORTED)


@pytest.mark.parametrize("name", INTERFACES)
def test_a_resource_of_either_origin_is_a_resource_of_cdk(name: str) -> None:
    interface = getattr(cdk_cleanrooms_ml, name)
    stack = new_stack()
    importing, arn = IMPORTED[name]
    created, imported = CREATED[name](stack), importing(stack, "Imported", arn)
    assert cdk.IResource in interface.__mro__
    for one in (created, imported):
        assert isinstance(one, interface)
        assert one.stack is stack
        assert one.node.scope is stack
        assert cdk.Resource.is_resource(one)
    assert created.env.region == stack.region
    assert (imported.env.account, imported.env.region) == ("111122223333", "us-east-1")
    created.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    assert not isinstance("arn", interface)
    assert not isinstance(stack, interface)


@pytest.mark.parametrize("name", INTERFACES)
def test_isinstance_evaluates_no_property(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    created = CREATED[name](new_stack())
    evaluated: list[str] = []
    members = [each for each in dir(type(created)) if isinstance(getattr(type(created), each), property)]
    for member in members:

        def noted(_: object, member: str = member) -> None:
            evaluated.append(member)

        monkeypatch.setattr(type(created), member, property(noted))
    assert isinstance(created, getattr(cdk_cleanrooms_ml, name))
    assert evaluated == []


# -- references --------------------------------------------------------------------------------------------------------


ARN_OF: dict[str, Callable[[Any], str]] = {
    "IAnalysisTemplate": cleanrooms.CfnAnalysisTemplate.arn_for_analysis_template,
    "ICollaboration": cleanrooms.CfnCollaboration.arn_for_collaboration,
    "IConfiguredModelAlgorithm": cleanroomsml.CfnConfiguredModelAlgorithm.arn_for_configured_model_algorithm,
    "IConfiguredModelAlgorithmAssociation": (
        cleanroomsml.CfnConfiguredModelAlgorithmAssociation.arn_for_configured_model_algorithm_association
    ),
    "IConfiguredTable": cleanrooms.CfnConfiguredTable.arn_for_configured_table,
    "IMembership": cleanrooms.CfnMembership.arn_for_membership,
    "ITrainingDataset": cleanroomsml.CfnTrainingDataset.arn_for_training_dataset,
}


@pytest.mark.parametrize("name", ARN_OF)
def test_aws_cdk_lib_takes_it_by_its_reference_interface(name: str) -> None:
    stack = new_stack()
    importing, arn = IMPORTED[name]
    created, imported = CREATED[name](stack), importing(stack, "Imported", arn)
    assert ARN_OF[name](imported) == arn
    (attribute,) = {each for each in dir(created) if each.endswith("_arn") and not each.startswith(("from", "_"))}
    assert stack.resolve(ARN_OF[name](created)) == stack.resolve(getattr(created, attribute))


def test_a_reference_has_the_identifiers_of_an_l1() -> None:
    stack = new_stack()
    template = analysis_template(stack)
    l1 = template.node.default_child
    assert isinstance(l1, cleanrooms.CfnAnalysisTemplate)
    assert stack.resolve(template.analysis_template_ref._values) == stack.resolve(
        {
            "analysis_template_arn": l1.attr_arn,
            "analysis_template_identifier": l1.attr_analysis_template_identifier,
            "membership_identifier": MEMBERSHIP,
        }
    )
    imported = AnalysisTemplate.from_analysis_template_arn(stack, "Imported", TEMPLATE_ARN)
    assert imported.analysis_template_ref._values == {
        "analysis_template_arn": TEMPLATE_ARN,
        "analysis_template_identifier": "template",
        "membership_identifier": MEMBERSHIP,
    }
    token = AnalysisTemplate.from_analysis_template_arn(stack, "Token", cdk.Fn.import_value("template"))
    assert stack.resolve(token.analysis_template_ref.analysis_template_identifier)["Fn::Select"][0] == 3
    wrong = AnalysisTemplate.from_analysis_template_arn(stack, "Wrong", "arn:aws:s3:::x")
    with pytest.raises(ValueError, match="analysis_template_arn is 'arn:aws:s3:::x'; allowed is arn:aws:cleanrooms:"):
        _ = wrong.analysis_template_ref


def test_what_is_no_template_is_refused() -> None:
    with pytest.raises(ValueError, match="ProtectedQuery: template is a Stack; allowed is an analysis template"):
        channel(new_stack(), query=ProtectedQuery.analysis_template(new_stack()))  # type: ignore[arg-type]


# -- roles and keys ----------------------------------------------------------------------------------------------------


def with_attributes(of: Any, stem: str, arn: str, **attributes: object) -> Callable[[cdk.Stack], Any]:
    """An import that carries more than its ARN."""
    make = getattr(of, f"from_{stem}_attributes")
    return lambda stack: make(stack, "Imported", **{f"{stem}_arn": arn}, **attributes)


ATTRIBUTES = [
    (AudienceModel, "audience_model", {"encryption_key"}),
    (ConfiguredAudienceModel, "configured_audience_model", {"role"}),
    (AudienceGenerationJob, "audience_generation_job", {"role"}),
    (MLInputChannel, "ml_input_channel", {"role", "encryption_key"}),
    (TrainedModel, "trained_model", {"encryption_key"}),
    (TrainedModelInferenceJob, "trained_model_inference_job", {"encryption_key"}),
    (TrainingDataset, "training_dataset", {"role"}),
    (ConfiguredModelAlgorithm, "configured_model_algorithm", {"role", "encryption_key"}),
]


@pytest.mark.parametrize(
    ("of", "stem", "carried"), ATTRIBUTES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_an_import_carries_its_role_and_key(of: Any, stem: str, carried: set[str]) -> None:
    stack = new_stack()
    importing, arn = IMPORTED[f"I{of.__name__}"]
    known = {
        "role": iam.Role.from_role_name(stack, "Role", "own"),
        "encryption_key": kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:111122223333:key/one"),
    }
    given = {name: known[name] for name in carried}
    imported = with_attributes(of, stem, arn, **given)(stack)
    assert getattr(imported, f"{stem}_arn") == arn
    plain = importing(stack, "Plain", arn)
    for name, value in given.items():
        assert getattr(imported, name) is value
        assert getattr(plain, name) is None


@pytest.mark.parametrize("make", [audience_model, channel, algorithm])
def test_a_key_of_the_users_own_is_shown(make: Any) -> None:
    stack = new_stack()
    key = kms.Key(stack, "Key")
    assert make(stack, encryption_key=key).encryption_key is key
    assert make(new_stack()).encryption_key is None


def ml_configuration(stack: cdk.Stack) -> MLConfiguration:
    """A configuration with only the required arguments."""
    member = Membership.from_membership_id(stack, "Member", MEMBERSHIP)
    bucket = s3.Bucket.from_bucket_name(stack, "Results", "results")
    return MLConfiguration(stack, "Configuration", membership=member, output_bucket=bucket)


@pytest.mark.parametrize("make", [configured, job, channel, ml_configuration, dataset, algorithm])
def test_grants_to_a_resource_with_a_role_are_its_roles(make: Callable[[cdk.Stack], Any]) -> None:
    stack = new_stack()
    one = make(stack)
    bucket = s3.Bucket.from_bucket_name(stack, "Reference", "reference")
    assert bucket.grant_read(one).success
    policies = resources_of(template_of(stack), "AWS::IAM::Policy").values()
    (policy,) = (each["Properties"] for each in policies if "s3:GetObject*" in str(each))
    (role,) = policy["Roles"]
    assert role == stack.resolve(one.role.role_name)


def test_grants_to_an_import_are_its_roles_or_left_to_the_owner() -> None:
    stack = new_stack()
    bucket = s3.Bucket(stack, "Reference")
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
    importing, arn = IMPORTED["IMLInputChannel"]
    known = MLInputChannel.from_ml_input_channel_attributes(stack, "Known", ml_input_channel_arn=arn, role=role)
    assert bucket.grant_read(known).success
    policies = resources_of(template_of(stack), "AWS::IAM::Policy").values()
    assert [each["Properties"]["Roles"] for each in policies] == [[stack.resolve(role.role_name)]]
    unknown = importing(stack, "Unknown", arn)
    with pytest.raises(RuntimeError, match="Unknown"):
        bucket.grant_read(unknown)
