"""Constructs of aws-cdk-lib by their names in the CDK's kernel, without the Python modules of their services.

Such a module holds every class of a service; loading those of Lambda, Step Functions and Events takes Python longer
than creating everything with them. Code that looks at such a construct, as an aspect in Python does, gets it with
its own class, whose module jsii loads then.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import jsii
from aws_cdk import CfnResource
from constructs import Construct


class _Received:
    """Takes the reference of what the kernel creates, and shows jsii another one.

    jsii keeps, for good, the Python object by the reference that it sees here. For the real one it has none, and so
    creates one of the construct's own class when Python first gets the construct.
    """

    _shown = SimpleNamespace(ref="cdk-cleanrooms-ml")

    @property
    def __jsii_ref__(self) -> Any:
        return self._shown

    @__jsii_ref__.setter
    def __jsii_ref__(self, reference: Any) -> None:
        self.reference = reference


def create_typed(name: str, scope: Construct, id: str, properties: Mapping[str, Any]) -> Typed:
    """Creates a construct.

    Args:
        name: Its module and class, such as "aws_lambda.CfnFunction".
        scope: Scope in which to define it.
        id: Construct ID.
        properties: Its properties as JavaScript has them; None means an absent one.
    """
    given = {key: value for key, value in properties.items() if value is not None}
    received = _Received()
    kind: Any = SimpleNamespace(__jsii_type__=f"aws-cdk-lib.{name}")
    jsii.create(kind, received, [scope, id, given])
    construct = Typed.__new__(Typed)
    construct.__jsii_ref__ = received.reference
    return construct


class Typed(CfnResource):
    """A construct of ``create_typed``: what every resource has, and its own properties by their names in JavaScript."""

    __jsii_ref__: Any

    def text(self, name: str) -> str:
        """A property that is text. Asking costs a call."""
        return str(jsii.get(self, name))

    def change(self, name: str, value: Any) -> None:
        """Changes a property."""
        jsii.set(self, name, value)
