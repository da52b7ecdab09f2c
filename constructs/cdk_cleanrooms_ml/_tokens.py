"""Attributes of resources as tokens."""

from __future__ import annotations

from aws_cdk import CfnResource, ResolutionTypeHint, Token


class Tokens:
    """The attributes of a construct's resources, each of them asked for once: asking costs calls."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._numbers: dict[str, float] = {}

    def text(self, resource: CfnResource, name: str) -> str:
        """An attribute as text."""
        if name not in self._texts:
            self._texts[name] = Token.as_string(resource.get_att(name, ResolutionTypeHint.STRING))
        return self._texts[name]

    def number(self, resource: CfnResource, name: str) -> float:
        """An attribute as a number."""
        if name not in self._numbers:
            self._numbers[name] = Token.as_number(resource.get_att(name, ResolutionTypeHint.NUMBER))
        return self._numbers[name]
