"""The kinds of AWS Clean Rooms that say who works together: collaborations, memberships, requests to change them."""

from __future__ import annotations

from .kind import Kind, Verb

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
            "GetCollaboration": Verb.GET,
            "ListCollaborations": Verb.LIST,
            "UpdateCollaboration": Verb.UPDATE,
            "DeleteCollaboration": Verb.DELETE,
        },
        shown_as={"autoApprovedChangeTypes": "autoApprovedChangeRequestTypes"},
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
            "GetMembership": Verb.GET,
            "ListMemberships": Verb.LIST,
            "UpdateMembership": Verb.UPDATE,
            "DeleteMembership": Verb.DELETE,
        },
        updated_as={"membershipPaymentConfiguration": "paymentConfiguration"},
        merges=("paymentConfiguration",),
    ),
    Kind(
        name="CollaborationChangeRequest",
        with_membership=True,
        arn_service="cleanrooms",
        id_field="changeRequestIdentifier",
        key="{changeRequestIdentifier}",
        wrapped="collaborationChangeRequest",
        operations={
            "CreateCollaborationChangeRequest": Verb.CREATE,
            "GetCollaborationChangeRequest": Verb.GET,
            "ListCollaborationChangeRequests": Verb.LIST,
        },
        statuses={"ACTIVE": "PENDING"},
    ),
)
