"""The members of a collaboration: what they may do, and receive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ._values import OneOf, values_of
from .payment_configuration import PaymentConfiguration


class MemberAbility(OneOf):
    """What a member may do with queries and jobs."""

    CAN_QUERY: ClassVar[MemberAbility]
    CAN_RECEIVE_RESULTS: ClassVar[MemberAbility]
    CAN_RUN_JOB: ClassVar[MemberAbility]


MemberAbility.CAN_QUERY = MemberAbility("CAN_QUERY")
MemberAbility.CAN_RECEIVE_RESULTS = MemberAbility("CAN_RECEIVE_RESULTS")
MemberAbility.CAN_RUN_JOB = MemberAbility("CAN_RUN_JOB")


class CustomMLMemberAbility(OneOf):
    """What a member may receive of custom models."""

    CAN_RECEIVE_MODEL_OUTPUT: ClassVar[CustomMLMemberAbility]
    CAN_RECEIVE_INFERENCE_OUTPUT: ClassVar[CustomMLMemberAbility]


CustomMLMemberAbility.CAN_RECEIVE_MODEL_OUTPUT = CustomMLMemberAbility("CAN_RECEIVE_MODEL_OUTPUT")
CustomMLMemberAbility.CAN_RECEIVE_INFERENCE_OUTPUT = CustomMLMemberAbility("CAN_RECEIVE_INFERENCE_OUTPUT")


@dataclass(frozen=True, kw_only=True)
class MemberSpecification:
    """A member who is invited.

    Attributes:
        account: The member's account.
        display_name: The member's name, 1 to 100 characters.
        member_abilities: What the member may do. Default: nothing, as those who only bring data.
        ml_member_abilities: What the member may receive of custom models. Default: nothing.
        payment_configuration: What the member is asked to pay for. Default: the service's, nothing.
    """

    account: str
    display_name: str
    member_abilities: Sequence[MemberAbility] = ()
    ml_member_abilities: Sequence[CustomMLMemberAbility] = ()
    payment_configuration: PaymentConfiguration | None = None

    def _render(self) -> dict[str, Any]:
        payment = self.payment_configuration
        return {
            "accountId": self.account,
            "displayName": self.display_name,
            "memberAbilities": values_of("member_abilities", self.member_abilities, MemberAbility),
            "mlMemberAbilities": ml_abilities("ml_member_abilities", self.ml_member_abilities),
            "paymentConfiguration": payment._render() if payment else None,
        }


def ml_abilities(keyword: str, abilities: Sequence[CustomMLMemberAbility]) -> dict[str, Any] | None:
    """What a member may receive of custom models, as the API writes it; None for nothing."""
    values = values_of(keyword, abilities, CustomMLMemberAbility)
    return {"customMLMemberAbilities": values} if values else None
