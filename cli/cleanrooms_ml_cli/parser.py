"""The parser of the command line, without its commands."""

from __future__ import annotations

import argparse
import difflib
import importlib.metadata
from collections.abc import Sequence
from typing import Any, NoReturn

PROGRAM = "cleanrooms-ml"
_DISTRIBUTION = "cdk-cleanrooms-ml"
USAGE_ERROR = 2


class UsageError(Exception):
    """The command cannot work as it was called; the message says what to do."""


class Parser(argparse.ArgumentParser):
    """Reports an error in one line."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where to read more, and exit with 2."""
        from cleanrooms_ml_policy.visible import visible

        self.exit(USAGE_ERROR, f"{self.prog}: {visible(message)}; see {self.prog} --help\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuse what is not known here: the parser above would name its own help, not this command's."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            near = difflib.get_close_matches(unknown[0].partition("=")[0], self._option_string_actions, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            self.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
        return found, unknown


class Version(argparse.Action):
    """Prints the version; looking it up takes time, so only when asked."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Print the version and exit."""
        try:
            version = importlib.metadata.version(_DISTRIBUTION)
        except importlib.metadata.PackageNotFoundError:
            version = "not installed: the code of a checkout"
        print(f"{PROGRAM} {version}")
        parser.exit()
