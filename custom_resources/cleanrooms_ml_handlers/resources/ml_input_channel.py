"""MLInputChannel: a dataset for training or inference, created by a protected query."""

from __future__ import annotations

from ..permissions import PASS_MEMBERSHIP, authorized, tag_on_create, tagging
from ..spec import ID, MEMBERSHIP, STATUSES_OF_A_JOB, Phase, ResourceSpec, Threshold, arn_pattern

_CHANNEL = "cleanrooms-ml:own:membership/*/ml-input-channel/*"
# The association may belong to another member of the collaboration.
_ASSOCIATION = "cleanrooms-ml:any:membership/*/configured-model-algorithm-association/*"
_BUDGETS = "privacyBudgets.accessBudgets"
_REMAINING = f"{_BUDGETS}[].aggregateRemainingBudget"
_SCORES = "syntheticDataConfiguration.syntheticDataEvaluationScores.dataPrivacyScores"
_ATTACK_SCORE = f"{_SCORES}.membershipInferenceAttackScores[].score"

ML_INPUT_CHANNEL = ResourceSpec(
    kind="MLInputChannel",
    create="CreateMLInputChannel",
    get="GetMLInputChannel",
    list="ListMLInputChannels",
    delete="DeleteMLInputChannelData",
    arn_field="mlInputChannelArn",
    id_parts=("mlInputChannelArn",),
    id_pattern=f"(?P<mlInputChannelArn>{arn_pattern(f'{MEMBERSHIP}/ml-input-channel/{ID}')})",
    # User guide, creating an ML input channel: a unique name.
    names_are_unique=True,
    list_field="mlInputChannelsList",
    list_parameters=("membershipIdentifier",),
    statuses={**STATUSES_OF_A_JOB, "INACTIVE": Phase.GONE},
    long_running=True,
    retry_hint="change run_id",
    # The record outlives the data of the channel: the get operation still returns an INACTIVE one.
    attributes={
        "Status": "status",
        "NumberOfRecords": "numberOfRecords",
        "NumberOfFiles": "numberOfFiles",
        "SizeInGb": "sizeInGb",
        "ProtectedQueryIdentifier": "protectedQueryIdentifier",
        "MembershipInferenceAttackScore": _ATTACK_SCORE,
        "RemainingPrivacyBudget": f"{_BUDGETS}[min].aggregateRemainingBudget",
        "PrivacyBudget": f"{_BUDGETS}[min].details[sum].budget",
    },
    gates={
        "minimumRecords": Threshold("numberOfRecords", at_least=True, keyword="minimum_records"),
        "minimumRemainingBudget": Threshold(_REMAINING, at_least=True, keyword="minimum_remaining_budget"),
        "maximumMembershipInferenceAttackScore": Threshold(
            _ATTACK_SCORE, at_least=False, keyword="maximum_membership_inference_attack_score"
        ),
    },
    in_flight_quotas=("in progress synthetic",),
    role_fields=("inputChannel.roleArn",),
    key_field="kmsKeyArn",
    key_actions=("kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt"),
    permissions={
        **authorized({"CreateMLInputChannel": _ASSOCIATION}, tag_on_create(_CHANNEL), PASS_MEMBERSHIP),
        **authorized({"GetMLInputChannel": _CHANNEL, "ListMLInputChannels": "*"}, PASS_MEMBERSHIP),
        **authorized({"DeleteMLInputChannelData": _CHANNEL}, PASS_MEMBERSHIP),
        **tagging(_CHANNEL),
    },
)
