"""What the emulator knows of each kind of resource. A kind is data; the special behaviour is in `runs`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Verb(Enum):
    """What an operation does with records of a kind."""

    CREATE = "create"
    GET = "get"
    LIST = "list"
    UPDATE = "update"
    DELETE = "delete"


class Ending(Enum):
    """What is left of a record after its delete operation."""

    AT_ONCE = "the record is gone with the reply"
    GONE = "the record passes DELETE_PENDING and DELETE_IN_PROGRESS and is gone"
    INACTIVE = "the record passes DELETE_PENDING and DELETE_IN_PROGRESS and stays as INACTIVE"


@dataclass(frozen=True)
class Kind:
    """One kind of resource.

    Args:
        name: The service's own word, in the form of a CloudFormation type.
        label: The words of an error message.
        arn_field: Member that carries the ARN in requests and replies.
        arn_path: What stands before the id in the ARN.
        operations: The operations of this kind.
        runs: Whether creating it is a run that takes time and can fail.
        ending: What a delete leaves.
        parents: Members that name records which must exist, with their kind.
        unique_name: Whether the documentation calls the name unique (in the account, or in the membership).
        defaults: Values that the service shows for members that the request left out.
    """

    name: str
    label: str
    arn_field: str
    arn_path: str
    operations: Mapping[str, Verb]
    runs: bool = False
    ending: Ending = Ending.AT_ONCE
    parents: Mapping[str, str] = field(default_factory=dict)
    unique_name: bool = False
    defaults: Mapping[str, object] = field(default_factory=dict)

    @property
    def in_membership(self) -> bool:
        """Whether records of this kind belong to a membership rather than to the account alone."""
        return "{membershipIdentifier}" in self.arn_path


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        # Seeded only, so far: an audience model needs one.
        Kind(
            name="TrainingDataset",
            label="training dataset",
            arn_field="trainingDatasetArn",
            arn_path="training-dataset",
            operations={},
            unique_name=True,
        ),
        Kind(
            name="AudienceModel",
            label="audience model",
            arn_field="audienceModelArn",
            arn_path="audience-model",
            operations={
                "CreateAudienceModel": Verb.CREATE,
                "GetAudienceModel": Verb.GET,
                "ListAudienceModels": Verb.LIST,
                "DeleteAudienceModel": Verb.DELETE,
            },
            runs=True,
            ending=Ending.GONE,
            parents={"trainingDatasetArn": "TrainingDataset"},
        ),
        Kind(
            name="ConfiguredAudienceModel",
            label="configured audience model",
            arn_field="configuredAudienceModelArn",
            arn_path="configured-audience-model",
            operations={
                "CreateConfiguredAudienceModel": Verb.CREATE,
                "GetConfiguredAudienceModel": Verb.GET,
                "ListConfiguredAudienceModels": Verb.LIST,
                "UpdateConfiguredAudienceModel": Verb.UPDATE,
                "DeleteConfiguredAudienceModel": Verb.DELETE,
            },
            parents={"audienceModelArn": "AudienceModel"},
            # The default of minMatchingSeedSize is documented; that Get shows it is our reading.
            defaults={"minMatchingSeedSize": 500, "childResourceTagOnCreatePolicy": "NONE"},
        ),
        Kind(
            name="AudienceGenerationJob",
            label="audience generation job",
            arn_field="audienceGenerationJobArn",
            arn_path="audience-generation-job",
            operations={
                "StartAudienceGenerationJob": Verb.CREATE,
                "GetAudienceGenerationJob": Verb.GET,
                "ListAudienceGenerationJobs": Verb.LIST,
                "DeleteAudienceGenerationJob": Verb.DELETE,
            },
            runs=True,
            ending=Ending.GONE,
            parents={"configuredAudienceModelArn": "ConfiguredAudienceModel"},
            unique_name=True,
            defaults={"includeSeedInOutput": False},
        ),
        Kind(
            name="ConfiguredModelAlgorithmAssociation",
            label="configured model algorithm association",
            arn_field="configuredModelAlgorithmAssociationArn",
            arn_path="membership/{membershipIdentifier}/configured-model-algorithm-association",
            operations={
                "GetConfiguredModelAlgorithmAssociation": Verb.GET,
                "GetCollaborationConfiguredModelAlgorithmAssociation": Verb.GET,
                "ListConfiguredModelAlgorithmAssociations": Verb.LIST,
                "ListCollaborationConfiguredModelAlgorithmAssociations": Verb.LIST,
                "DeleteConfiguredModelAlgorithmAssociation": Verb.DELETE,
            },
        ),
        Kind(
            name="MLInputChannel",
            label="ML input channel",
            arn_field="mlInputChannelArn",
            arn_path="membership/{membershipIdentifier}/ml-input-channel",
            operations={
                "CreateMLInputChannel": Verb.CREATE,
                "GetMLInputChannel": Verb.GET,
                "GetCollaborationMLInputChannel": Verb.GET,
                "ListMLInputChannels": Verb.LIST,
                "ListCollaborationMLInputChannels": Verb.LIST,
                "DeleteMLInputChannelData": Verb.DELETE,
            },
            runs=True,
            ending=Ending.INACTIVE,
            parents={"configuredModelAlgorithmAssociations": "ConfiguredModelAlgorithmAssociation"},
            unique_name=True,
        ),
    )
}

KIND_OF_OPERATION: Mapping[str, Kind] = {operation: kind for kind in KINDS.values() for operation in kind.operations}


def kind_of_arn(arn: str) -> Kind | None:
    """The kind that an ARN names."""
    segments = arn.split(":", 5)[-1].split("/")
    type_name = segments[2] if segments[0] == "membership" and len(segments) > 2 else segments[0]
    return next((kind for kind in KINDS.values() if kind.arn_path.rsplit("/", 1)[-1] == type_name), None)
