"""The sizes of audiences: those that a model offers, and that of one audience."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cleanrooms_ml_handlers.rules import export_size_problems

from ._validation import reject_token


@dataclass(frozen=True)
class AudienceSizes:
    """The sizes of audiences that can be generated: up to 25, all relative or all absolute.

    Create one with ``percentage`` or ``absolute``.
    """

    _type: str
    _bins: tuple[int, ...]

    @classmethod
    def percentage(cls, *bins: int) -> AudienceSizes:
        """Sizes in percent of the users that the model knows.

        Args:
            bins: Whole percents. Known at synth.

        Raises:
            ValueError: A size is a token.
        """
        return cls._of("PERCENTAGE", bins)

    @classmethod
    def absolute(cls, *bins: int) -> AudienceSizes:
        """Sizes in users.

        Args:
            bins: Numbers of users. Known at synth.

        Raises:
            ValueError: A size is a token.
        """
        return cls._of("ABSOLUTE", bins)

    @classmethod
    def _of(cls, kind: str, bins: tuple[int, ...]) -> AudienceSizes:
        reject_token("AudienceSizes: the list of sizes", bins)
        for size in bins:
            reject_token("AudienceSizes: a size", size)
        return cls(kind, bins)

    def _render(self) -> dict[str, Any]:
        return {"audienceSizeType": self._type, "audienceSizeBins": list(self._bins)}


@dataclass(frozen=True)
class AudienceSize:
    """The size of one audience. Create one with ``percentage`` or ``absolute``."""

    _type: str
    _value: int

    @classmethod
    def percentage(cls, value: int) -> AudienceSize:
        """A size in percent of the users that the model knows.

        Args:
            value: Whole percents. Known at synth.

        Raises:
            ValueError: The size is a token.
        """
        return cls._of("PERCENTAGE", value)

    @classmethod
    def absolute(cls, value: int) -> AudienceSize:
        """A size in users.

        Args:
            value: The number of users. Known at synth.

        Raises:
            ValueError: The size is a token.
        """
        return cls._of("ABSOLUTE", value)

    @classmethod
    def _of(cls, kind: str, value: int) -> AudienceSize:
        reject_token("AudienceSize: the size", value)
        return cls(kind, value)

    def _render(self) -> dict[str, Any]:
        return {"type": self._type, "value": self._value}

    def _offered_by(self, sizes: AudienceSizes | None) -> dict[str, Any]:
        """The rendered size, which a model has.

        Raises:
            ValueError: The model has other sizes.
        """
        for problem in export_size_problems(self._render(), sizes._render() if sizes else None, path="size"):
            raise ValueError(str(problem))
        return self._render()
