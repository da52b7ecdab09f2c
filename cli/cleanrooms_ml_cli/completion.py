"""Shell completion, by argcomplete, which the extra [cli] installs."""

from __future__ import annotations

import argparse
import os
import sys

from .parser import PROGRAM, UsageError

SHELLS = ("bash", "zsh", "fish")


def is_wanted() -> bool:
    """Whether a shell asks for completions of a line."""
    return "_ARGCOMPLETE" in os.environ


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer the shell and end, if it asks for completions."""
    if is_wanted():
        import argcomplete

        argcomplete.autocomplete(parser)


def print_script(shell: str) -> int:
    """Print what makes a shell complete the command.

    Raises:
        UsageError: argcomplete is not installed.
    """
    try:
        import argcomplete
    except ModuleNotFoundError:
        raise UsageError(
            "argcomplete is not installed; install it with: pip install 'cdk-cleanrooms-ml[cli]'"
        ) from None
    sys.stdout.write(argcomplete.shellcode([PROGRAM], shell=shell))
    return 0
