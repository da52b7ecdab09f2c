"""What a seed is planted in: its account, its name, what is beside it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from ..state.world import World

# So that a sandbox that is started again has the same ARNs.
_NAMESPACE = uuid.UUID("6f2cb1b0-8a5e-4d8e-9d5e-5f0d3f6f1b11")


def stable_id(*parts: str) -> str:
    """An identifier that is always the same for the same words."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


@dataclass(frozen=True)
class Setting:
    """What a seed is planted in.

    Args:
        world: The world.
        name: The name of the record.
        beside: Plants a record of another kind, in the same membership, and returns its ARN.
    """

    world: World
    name: str
    beside: Callable[[str, str], str]

    def parent(self, kind: str, suffix: str = "") -> Callable[[], str]:
        """The ARN of a record that this one is built on, seeded once it is clear that it is needed."""
        # Cut, so that a long name stays valid.
        return lambda: self.beside(kind, f"{self.name[:50]}-{suffix}" if suffix else "")

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """An ARN of the account that the seed is for."""
        chosen = self.world.region if region is None else region
        return f"arn:{self.world.partition}:{service}:{chosen}:{self.account}:{resource}"

    def role(self, name: str) -> str:
        """A role of that account."""
        return self.arn("iam", f"role/cleanrooms-ml-{name}", region="")

    @property
    def account(self) -> str:
        """That account."""
        return self.world.account
