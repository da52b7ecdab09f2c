"""The roles that a request passes to the service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..calls import CLEAN_ROOMS, Call
from ..errors import ApiError
from ..state.world import CLEAN_ROOMS_PRINCIPAL, SERVICE_PRINCIPAL, World

# The user guide shows both for the role of a configured table association.
_TABLE_PRINCIPALS = (CLEAN_ROOMS_PRINCIPAL, SERVICE_PRINCIPAL)


def principals(call: Call) -> tuple[str, ...]:
    """The services one of which has to be able to assume the roles of a request."""
    if call.operation.name.endswith("ConfiguredTableAssociation"):
        return _TABLE_PRINCIPALS
    return (CLEAN_ROOMS_PRINCIPAL,) if call.service == CLEAN_ROOMS else (SERVICE_PRINCIPAL,)


def require_roles(world: World, call: Call) -> None:
    """Refuses a role of another account, and one that the service cannot assume.

    Raises:
        ApiError: AccessDeniedException.
    """
    services = principals(call)
    for role in role_arns(call.params):
        if role.split(":")[4:5] != [world.account]:
            raise ApiError(
                "AccessDeniedException", f"Cross-account pass role is not allowed: {role} is of another account"
            )
        reasons = [world.role_check(role, principal) if world.role_check else None for principal in services]
        if all(reasons):
            raise ApiError("AccessDeniedException", f"The role {role} cannot be assumed by {services[0]}: {reasons[0]}")


def role_arns(value: Any) -> Iterator[str]:
    """Every role that a request passes to the service, at any depth."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name == "roleArn" and isinstance(item, str):
                yield item
            else:
                yield from role_arns(item)
    elif isinstance(value, list):
        for item in value:
            yield from role_arns(item)
