"""PrivacyBudgetTemplate: how much the members of a collaboration may learn before no more queries run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import RemovalPolicy
from aws_cdk.interfaces.aws_cleanrooms import IMembershipRef
from constructs import Construct

from ._native import NativeResource, cfn_tags
from ._validation import without_none
from ._values import expect
from .configured_table_association import ConfiguredTableAssociation
from .membership import membership_of


@dataclass(frozen=True)
class PrivacyBudget:
    """A budget. Create one with ``differential_privacy`` or ``access``."""

    _type: str
    _parameters: Mapping[str, Any]

    @classmethod
    def differential_privacy(cls, *, epsilon: int, users_noise_per_query: int) -> PrivacyBudget:
        """A budget of differential privacy for all tables of the member.

        Args:
            epsilon: The budget, 1 to 20.
            users_noise_per_query: How many users' contribution the noise hides, 10 to 100.
        """
        parameters = {"epsilon": epsilon, "usersNoisePerQuery": users_noise_per_query}
        return cls("DIFFERENTIAL_PRIVACY", parameters)

    @classmethod
    def access(
        cls, association: ConfiguredTableAssociation, *, lifetime: int | None = None, daily: int | None = None
    ) -> PrivacyBudget:
        """A number of accesses to one table.

        Args:
            association: The table in the collaboration.
            lifetime: Accesses in all. Default: no such limit.
            daily: Accesses each day; renewed every day. Default: no such limit.
        """
        budgets: list[dict[str, Any]] = []
        if daily is not None:
            budgets.append({"type": "CALENDAR_DAY", "budget": daily, "autoRefresh": "ENABLED"})
        if lifetime is not None:
            budgets.append({"type": "LIFETIME", "budget": lifetime})
        arn = association.configured_table_association_arn
        return cls("ACCESS_BUDGET", {"budgetParameters": budgets, "resourceArn": arn})

    def _request(self) -> dict[str, Any]:
        member = "differentialPrivacy" if self._type == "DIFFERENTIAL_PRIVACY" else "accessBudget"
        return {"privacyBudgetType": self._type, "parameters": {member: dict(self._parameters)}}


class PrivacyBudgetTemplate(NativeResource):
    """How much the members of a collaboration may learn before no more queries run.

    Created at once. A changed budget updates it in place; another membership or type of budget replaces it.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
        membership: The membership of the owner of the data, as an L1 or L2.
        budget: The budget.
        auto_refresh: Whether a budget of differential privacy is renewed every calendar month. Default: True; not for
            budgets of accesses, which say so themselves.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        removal_policy: What to do when it is removed from the stack or replaced. Default: CloudFormation's, DESTROY.

    Raises:
        ValueError: An argument has the wrong form; limits are reported all at once by ``cdk synth``.

    Source: AWS Clean Rooms API, CreatePrivacyBudgetTemplate.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        membership: IMembershipRef,
        budget: PrivacyBudget,
        auto_refresh: bool = True,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        expect("budget", budget, PrivacyBudget, "PrivacyBudget. Pass PrivacyBudget.differential_privacy(...)")
        super().__init__(scope, id)
        refresh = "CALENDAR_MONTH" if auto_refresh else "NONE"
        request = without_none(
            {
                "membershipIdentifier": membership_of(membership)[0],
                **budget._request(),
                "autoRefresh": refresh if budget._type == "DIFFERENTIAL_PRIVACY" else None,
            }
        )
        self._template = cdk.aws_cleanrooms.CfnPrivacyBudgetTemplate(
            self,
            "Resource",
            membership_identifier=request["membershipIdentifier"],
            privacy_budget_type=budget._type,
            auto_refresh=request.get("autoRefresh", "NONE"),
            parameters=dict(budget._parameters),
            tags=cfn_tags(tags),
        )
        self._check(
            self._template,
            self._template.cdk_tag_manager,
            "cleanrooms",
            "CreatePrivacyBudgetTemplate",
            request,
            removal_policy=removal_policy,
        )

    @property
    def privacy_budget_template_id(self) -> str:
        """The template's id, a UUID."""
        return self._template.attr_privacy_budget_template_identifier

    @property
    def privacy_budget_template_arn(self) -> str:
        """The template's ARN."""
        return self._template.attr_arn
