"""Shell completion, by argcomplete, which the extra [cli] installs."""

from __future__ import annotations

import argparse
import os
import sys
from types import ModuleType

from .parser import PROGRAM, UsageError

SHELLS = ("bash", "zsh", "fish")


def is_wanted() -> bool:
    """Whether a shell asks for completions of a line."""
    return "_ARGCOMPLETE" in os.environ


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer the shell and end, if it asks for completions."""
    if is_wanted():
        _argcomplete().autocomplete(parser)


def print_script(shell: str) -> int:
    """Print the script that makes a shell complete the command.

    Raises:
        UsageError: argcomplete is not installed.
    """
    sys.stdout.write(_argcomplete().shellcode([PROGRAM], shell=shell))
    return 0


def _argcomplete() -> ModuleType:
    try:
        import argcomplete
    except ModuleNotFoundError:
        hint = "install it with: pip install 'cdk-cleanrooms-ml[cli]'"
        raise UsageError(f"argcomplete is not installed; {hint}") from None
    return argcomplete
