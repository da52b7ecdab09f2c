"""MLConfiguration: where a membership's models, metrics and results go; one a membership."""

from __future__ import annotations

from ..spec import PASS_MEMBERSHIP, UUID, Life, Permission, ResourceSpec

ML_CONFIGURATION = ResourceSpec(
    kind="MLConfiguration",
    life=Life.SINGLETON,
    create="PutMLConfiguration",
    get="GetMLConfiguration",
    delete="DeleteMLConfiguration",
    id_parts=("membershipIdentifier",),
    id_pattern=f"(?P<membershipIdentifier>{UUID})",
    role_fields=("defaultOutputLocation.roleArn",),
    permissions={
        "PutMLConfiguration": (Permission(("cleanrooms-ml:PutMLConfiguration",), "*"), PASS_MEMBERSHIP),
        "GetMLConfiguration": (Permission(("cleanrooms-ml:GetMLConfiguration",), "*"), PASS_MEMBERSHIP),
        "DeleteMLConfiguration": (Permission(("cleanrooms-ml:DeleteMLConfiguration",), "*"), PASS_MEMBERSHIP),
    },
)
