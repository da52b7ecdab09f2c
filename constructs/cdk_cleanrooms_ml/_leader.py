"""The resource that starts a run: what is set on it by escape hatches reaches what waits for the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import Aspects, CfnResource, Stack

# What has to be the same: a wait for a resource whose condition is false would refer to nothing.
_SHARED = ("Condition", "DeletionPolicy", "Metadata", "UpdateReplacePolicy")

_SETTING_OPTIONS = frozenset({"add_metadata", "apply_removal_policy", "cfn_options"})


# The CDK's own for missing removal policies, which the provider adds to each stack.
_OWN_ASPECTS = 1


def has_hidden_aspects(stack: Stack) -> bool:
    """Whether an aspect of the CDK on a stack, or around it, may set options, as ``RemovalPolicies`` does."""
    aspects = [aspect for scope in stack.node.scopes for aspect in Aspects.of(scope).all]
    # Those of Python call what ``LeadingResource`` sees, and tags are no options.
    return sum(type(each).__module__.startswith("jsii.") for each in aspects) > _OWN_ASPECTS


class LeadingResource(CfnResource):
    """The `Resource` of a run."""

    _followers: Sequence[CfnResource] = ()
    _has_options = False

    def __getattribute__(self, name: str) -> Any:
        # Asking each resource for its options would cost calls; here it shows who may have set one. To override the
        # methods would call Python whenever the CDK calls them.
        if name in _SETTING_OPTIONS:
            self._has_options = True
        if name == "add_deletion_override":
            return self._remove
        return super().__getattribute__(name)

    def _remove(self, path: str) -> None:
        CfnResource.add_deletion_override(self, path)
        if path.split(".")[0] in _SHARED:
            for each in self._followers:
                each.add_deletion_override(path)

    def add_override(self, path: str, value: Any) -> None:
        """Overrides a part of the resource, and of what waits for it if that has to be the same."""
        super().add_override(path, value)
        if path.split(".")[0] in _SHARED:
            for each in self._followers:
                each.add_override(path, value)

    def lead(self, followers: Sequence[CfnResource]) -> None:
        """Says what waits for it."""
        self._followers = followers

    def pass_options(self, *, may_be_hidden: bool) -> None:
        """Gives its condition, metadata and policies to what waits for it. After aspects.

        Args:
            may_be_hidden: Whether an aspect of the CDK may have set one, which does not show in Python.
        """
        if not (self._has_options or may_be_hidden) or not self._followers:
            return
        mine = self.cfn_options
        for each in self._followers:
            theirs = each.cfn_options
            if theirs.condition is None:
                theirs.condition = mine.condition
            theirs.deletion_policy = mine.deletion_policy
            theirs.update_replace_policy = mine.update_replace_policy
            theirs.metadata = {**(mine.metadata or {}), **(theirs.metadata or {})} or None
