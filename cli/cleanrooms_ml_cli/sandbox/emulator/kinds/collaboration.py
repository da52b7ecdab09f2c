"""The kinds of AWS Clean Rooms that the walkthroughs need.

Over HTTP it can be created as far as our model of the service goes; CloudFormation does all of it, through `native`.
"""

from __future__ import annotations

from .kind import Kind, Parent, Unique, Verb

COLLABORATION_KINDS = (
    Kind(
        name="Collaboration",
        arn_field="arn",
        arn_path="collaboration",
        arn_service="cleanrooms",
        id_field="collaborationIdentifier",
        wrapped="collaboration",
        operations={
            "CreateCollaboration": Verb.CREATE,
            "UpdateCollaboration": Verb.UPDATE,
            "DeleteCollaboration": Verb.DELETE,
        },
    ),
    Kind(
        name="Membership",
        arn_field="arn",
        arn_path="membership",
        arn_service="cleanrooms",
        id_field="membershipIdentifier",
        wrapped="membership",
        operations={
            "CreateMembership": Verb.CREATE,
            "UpdateMembership": Verb.UPDATE,
            "DeleteMembership": Verb.DELETE,
        },
    ),
    Kind(
        name="ConfiguredTable",
        arn_field="arn",
        arn_path="configuredtable",
        arn_service="cleanrooms",
        id_field="configuredTableIdentifier",
        operations={
            "CreateConfiguredTable": Verb.CREATE,
            "UpdateConfiguredTable": Verb.UPDATE,
            "DeleteConfiguredTable": Verb.DELETE,
        },
    ),
    Kind(
        name="ConfiguredTableAssociation",
        arn_field="arn",
        arn_path="membership/{membershipIdentifier}/configuredtableassociation",
        arn_service="cleanrooms",
        id_field="configuredTableAssociationIdentifier",
        operations={
            "CreateConfiguredTableAssociation": Verb.CREATE,
            "UpdateConfiguredTableAssociation": Verb.UPDATE,
            "DeleteConfiguredTableAssociation": Verb.DELETE,
        },
        parents=(Parent("ConfiguredTable", "configuredTableIdentifier"),),
        # Queries name the table by it.
        unique=Unique.COLLABORATION,
    ),
    Kind(
        name="AnalysisTemplate",
        arn_field="arn",
        arn_path="membership/{membershipIdentifier}/analysistemplate",
        arn_service="cleanrooms",
        id_field="analysisTemplateIdentifier",
        wrapped="analysisTemplate",
        operations={
            "CreateAnalysisTemplate": Verb.CREATE,
            "UpdateAnalysisTemplate": Verb.UPDATE,
            "DeleteAnalysisTemplate": Verb.DELETE,
        },
        # Not documented; CreateAnalysisTemplate declares a conflict.
        unique=Unique.MEMBERSHIP,
        sensitive=("source", "analysisParameters"),
    ),
)
