"""The resources on which each operation is authorized, and what it depends on, for both walkthroughs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Request

from .conftest import ACCOUNT, MEMBERSHIP, ROLE, Bench
from .requests import OTHER_ACCOUNT
from .test_every_operation import OPERATIONS, collaboration, custom, lookalike

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/abc"

# The reference's resource types, as in ARNs; of the operations that it authorizes on no resource, "*".
AUTHORIZED_ON: Mapping[str, str] = {
    "training-dataset": "CreateAudienceModel DeleteTrainingDataset GetTrainingDataset",
    "audience-model": "CreateConfiguredAudienceModel DeleteAudienceModel GetAudienceModel",
    "configured-audience-model": (
        "DeleteConfiguredAudienceModel DeleteConfiguredAudienceModelPolicy GetConfiguredAudienceModel"
        " GetConfiguredAudienceModelPolicy PutConfiguredAudienceModelPolicy UpdateConfiguredAudienceModel"
    ),
    "audience-generation-job configured-audience-model": "StartAudienceGenerationJob",
    "audience-generation-job": "DeleteAudienceGenerationJob GetAudienceGenerationJob StartAudienceExportJob",
    "configured-model-algorithm": (
        "CreateConfiguredModelAlgorithmAssociation DeleteConfiguredModelAlgorithm GetConfiguredModelAlgorithm"
    ),
    "configured-model-algorithm-association": (
        "CreateMLInputChannel CreateTrainedModel DeleteConfiguredModelAlgorithmAssociation"
        " GetCollaborationConfiguredModelAlgorithmAssociation GetConfiguredModelAlgorithmAssociation"
    ),
    "ml-input-channel": "DeleteMLInputChannelData GetCollaborationMLInputChannel GetMLInputChannel",
    "trained-model": (
        "CancelTrainedModel DeleteTrainedModelOutput GetCollaborationTrainedModel GetTrainedModel"
        " ListCollaborationTrainedModelExportJobs StartTrainedModelExportJob"
    ),
    "configured-model-algorithm-association ml-input-channel trained-model": "StartTrainedModelInferenceJob",
    "trained-model-inference-job": "CancelTrainedModelInferenceJob GetTrainedModelInferenceJob",
    "configuredaudiencemodelassociation membership": (
        "CreateConfiguredAudienceModelAssociation ListConfiguredAudienceModelAssociations"
    ),
    "configuredaudiencemodelassociation": (
        "DeleteConfiguredAudienceModelAssociation GetConfiguredAudienceModelAssociation"
        " UpdateConfiguredAudienceModelAssociation"
    ),
    "collaboration": "CreateCollaboration",
    "collaboration membership": "CreateMembership",
    "analysistemplate membership": "CreateAnalysisTemplate",
    "*": (
        "CreateConfiguredModelAlgorithm CreateTrainingDataset DeleteMLConfiguration GetMLConfiguration"
        " ListAudienceExportJobs ListAudienceGenerationJobs ListAudienceModels"
        " ListCollaborationConfiguredModelAlgorithmAssociations ListCollaborationMLInputChannels"
        " ListCollaborationTrainedModelInferenceJobs ListCollaborationTrainedModels ListConfiguredAudienceModels"
        " ListConfiguredModelAlgorithmAssociations ListConfiguredModelAlgorithms ListMLInputChannels"
        " ListTrainedModelInferenceJobs ListTrainedModelVersions ListTrainedModels ListTrainingDatasets"
        " PutMLConfiguration"
    ),
}
TAG_OPERATIONS = {"TagResource", "UntagResource", "ListTagsForResource"}

Needs = list[tuple[str, str, dict[str, Any]]]


def resource_type(arn: str) -> str:
    """What kind of resource an ARN names."""
    if arn == "*":
        return arn
    segments = arn.split(":", 5)[-1].split("/")
    return segments[2] if segments[0] == "membership" and len(segments) > 2 else segments[0]


@pytest.fixture
def seen(bench: Bench) -> dict[tuple[str, str], Needs]:
    """What each operation needed when it was first called."""
    found: dict[tuple[str, str], Needs] = {}
    handle = bench.emulator.handle

    def watch(request: Request) -> Any:
        needs = bench.emulator.authorization(request)
        response = handle(request)
        entry = bench.emulator.journal[-1]
        found.setdefault((entry.service, entry.operation), needs)
        return response

    bench.emulator.handle = watch  # type: ignore[method-assign]
    return found


def actions(needs: Needs) -> list[str]:
    return [action for action, _, _ in needs]


def test_every_operation_is_authorized_on_the_resources_of_the_reference(
    bench: Bench, seen: dict[tuple[str, str], Needs]
) -> None:
    for walkthrough in (lookalike, custom, collaboration):
        walkthrough(bench)
    expected = {name: types for types, names in AUTHORIZED_ON.items() for name in names.split()}
    assert {name for _, name in OPERATIONS} - TAG_OPERATIONS <= expected.keys() <= {name for _, name in seen}
    prefixes = {"cleanroomsml": "cleanrooms-ml", "cleanrooms": "cleanrooms"}
    for (service, name), needs in seen.items():
        own = {resource_type(arn) for action, arn, _ in needs if action == f"{prefixes[service]}:{name}"}
        if name not in TAG_OPERATIONS:
            assert own == set(expected[name].split()), name


def test_what_takes_a_membership_or_a_collaboration_passes_it(bench: Bench, seen: dict[tuple[str, str], Needs]) -> None:
    lookalike(bench)
    custom(bench)
    for (service, name), needs in seen.items():
        entry = bench.emulator.journal.select(name)[0]
        is_ml = service == "cleanroomsml"
        passes = {"cleanrooms:PassMembership", "cleanrooms:PassCollaboration"} & set(actions(needs))
        assert ("cleanrooms:PassMembership" in passes) == (is_ml and "membershipIdentifier" in entry.params), name
        shared = is_ml and "collaborationIdentifier" in entry.params
        assert ("cleanrooms:PassCollaboration" in passes) == shared, name


def test_what_runs_as_a_role_passes_it(bench: Bench, seen: dict[tuple[str, str], Needs]) -> None:
    lookalike(bench)
    custom(bench)
    passing = {name for (_, name), needs in seen.items() if ("iam:PassRole", ROLE) in [need[:2] for need in needs]}
    assert passing == {
        "CreateTrainingDataset",
        "CreateConfiguredAudienceModel",
        "StartAudienceGenerationJob",
        "CreateConfiguredModelAlgorithm",
        "PutMLConfiguration",
        "CreateMLInputChannel",
    }


def test_an_association_acts_on_the_policy_of_its_model(bench: Bench, seen: dict[tuple[str, str], Needs]) -> None:
    lookalike(bench)
    for operation, dependent in (
        (
            "CreateConfiguredAudienceModelAssociation",
            {"GetConfiguredAudienceModel", "GetConfiguredAudienceModelPolicy", "PutConfiguredAudienceModelPolicy"},
        ),
        (
            "DeleteConfiguredAudienceModelAssociation",
            {
                "DeleteConfiguredAudienceModelPolicy",
                "GetConfiguredAudienceModelPolicy",
                "PutConfiguredAudienceModelPolicy",
            },
        ),
    ):
        needs = seen["cleanrooms", operation]
        on_model = {action for action, arn, _ in needs if resource_type(arn) == "configured-audience-model"}
        assert on_model == {f"cleanrooms-ml:{name}" for name in dependent}
        assert not [action for action in actions(needs) if "Pass" in action]
    assert "cleanrooms-ml:GetConfiguredAudienceModel" not in actions(
        seen["cleanrooms", "GetConfiguredAudienceModelAssociation"]
    )


def train(bench: Bench, channel: str) -> str:
    bench.created_training(channel, "keyed", kmsKeyArn=KEY)
    return "CreateTrainedModel"


def infer(bench: Bench, channel: str) -> str:
    bench.emulator.seeds.ml_configuration(MEMBERSHIP)
    bench.started_inference(bench.emulator.seeds.trained_model(MEMBERSHIP), channel, kmsKeyArn=KEY)
    return "StartTrainedModelInferenceJob"


def fill(bench: Bench, channel: str) -> str:
    bench.created_channel("keyed", kmsKeyArn=KEY)
    return "CreateMLInputChannel"


@pytest.mark.parametrize(("call", "grants"), [(train, True), (infer, True), (fill, False)])
def test_a_customers_key_is_used_through_the_service(
    bench: Bench, seen: dict[tuple[str, str], Needs], call: Callable[[Bench, str], str], grants: bool
) -> None:
    channel = bench.emulator.seed(bench.seed("MLInputChannel"))
    operation = call(bench, channel)
    on_key = {action: context for action, arn, context in seen["cleanroomsml", operation] if arn == KEY}
    expected = {"kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt"} | ({"kms:CreateGrant"} if grants else set())
    assert on_key.keys() == expected
    assert all(it == {"kms:ViaService": "cleanrooms-ml.us-east-1.amazonaws.com"} for it in on_key.values())


def test_a_job_on_another_accounts_model_is_authorized_in_both_accounts(
    bench: Bench, seen: dict[tuple[str, str], Needs]
) -> None:
    model = bench.created_model()
    with bench.as_account(OTHER_ACCOUNT), pytest.raises(bench.client.exceptions.AccessDeniedException):
        bench.created_job(model, seedAudience={"dataSource": {"s3Uri": "s3://a/b"}, "roleArn": ROLE})
    arns = {arn for action, arn, _ in seen["cleanroomsml", "StartAudienceGenerationJob"] if "StartAudience" in action}
    assert arns == {
        model,
        f"arn:aws:cleanrooms-ml:us-east-1:{OTHER_ACCOUNT}:audience-generation-job/*",
        f"arn:aws:cleanrooms-ml:us-east-1:{ACCOUNT}:audience-generation-job/*",
    }


def test_tags_on_create_need_the_services_own_permission(bench: Bench, seen: dict[tuple[str, str], Needs]) -> None:
    bench.clean_rooms.create_configured_audience_model_association(
        membershipIdentifier=MEMBERSHIP,
        configuredAudienceModelArn=bench.created_model(tags={"a": "b"}),
        configuredAudienceModelAssociationName="a",
        manageResourcePolicies=False,
        tags={"a": "b"},
    )
    needs = seen["cleanrooms", "CreateConfiguredAudienceModelAssociation"]
    assert [arn for action, arn, _ in needs if action == "cleanrooms:TagResource"] == [
        f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:membership/{MEMBERSHIP}/configuredaudiencemodelassociation/*"
    ]
    assert "cleanrooms-ml:TagResource" in actions(seen["cleanroomsml", "CreateConfiguredAudienceModel"])
