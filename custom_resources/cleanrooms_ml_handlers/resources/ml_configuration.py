"""MLConfiguration: the output location of a membership's models, metrics and results; one per membership."""

from __future__ import annotations

from ..permissions import PASS_MEMBERSHIP, authorized
from ..spec import UUID, Cardinality, ResourceSpec

ML_CONFIGURATION = ResourceSpec(
    kind="MLConfiguration",
    cardinality=Cardinality.SINGLETON,
    create="PutMLConfiguration",
    get="GetMLConfiguration",
    delete="DeleteMLConfiguration",
    id_parts=("membershipIdentifier",),
    id_pattern=f"(?P<membershipIdentifier>{UUID})",
    role_fields=("defaultOutputLocation.roleArn",),
    permissions={
        **authorized({"PutMLConfiguration": "*", "GetMLConfiguration": "*"}, PASS_MEMBERSHIP),
        **authorized({"DeleteMLConfiguration": "*"}, PASS_MEMBERSHIP),
    },
)
