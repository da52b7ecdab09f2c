"""The parents of resources without tags, as the functions know them."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import CfnResource, Reference, Stack, Token, Tokenization
from constructs import Construct

from cleanrooms_ml_handlers.named_parents import ANY, NONE, SEPARATOR, short
from cleanrooms_ml_handlers.shared_names import PARENTS, RESOURCE_TYPE_PREFIX

from ._functions import Function

# The longest name that CloudFormation inserts, and what the list may have of an environment of 4 KB.
_INSERTED_CHARS = 120
_MOST_CHARS = 2800
# What may depend on the functions: they cannot name it.
_LATER_TYPES = (RESOURCE_TYPE_PREFIX, "AWS::SSM::Parameter")


class NamedParents:
    """The list in the environment of the functions, to which each construct adds its own.

    Args:
        scope: The provider.
        functions: The functions.
    """

    def __init__(self, scope: Construct, functions: Sequence[Function]) -> None:
        self._scope = scope
        self._functions = functions
        self._names: list[str] = []

    def add(self, name: str) -> None:
        """Names a parent, unless this stack creates it: then it has the ownership tag."""
        is_inserted = Token.is_unresolved(name)
        listed = name if is_inserted else short(name)
        if listed in self._names or (is_inserted and self._is_created_later(name)):
            return
        self._names.append(listed)
        longest = sum(_INSERTED_CHARS if Token.is_unresolved(each) else len(each) + 1 for each in self._names)
        # Beyond that the functions cannot tell the stack's parents apart.
        text = SEPARATOR.join([NONE, *self._names]) if longest <= _MOST_CHARS else ANY
        for each in self._functions:
            each.function.change("environment", {"variables": {**each.variables, PARENTS: text}})

    def _is_created_later(self, name: str) -> bool:
        references = [each for each in Tokenization.reverse_string(name).tokens if Reference.is_reference(each)]
        targets = [each.target for each in references if isinstance(each, Reference)]
        return any(
            isinstance(each, CfnResource)
            and each.cfn_resource_type.startswith(_LATER_TYPES)
            and Stack.of(each) is Stack.of(self._scope)
            for each in targets
        )
