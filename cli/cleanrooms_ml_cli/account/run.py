"""Running a command: what goes wrong is one line, and exit code 2."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable

from .errors import CannotDo

COULD_NOT = CannotDo.exit_code


def guarded(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """The command, with whatever stops it in one line."""

    def run(options: argparse.Namespace) -> int:
        from cleanrooms_ml_policy.assembly import UnreadableTemplate  # takes a while to import

        from ..check.errors import BadInput

        try:
            return command(options)
        except (CannotDo, BadInput, UnreadableTemplate) as error:
            print(f"cleanrooms-ml: {error}", file=sys.stderr)
        except ModuleNotFoundError as error:
            if error.name not in ("rich", "boto3", "botocore"):
                raise
            hint = "pip install 'cdk-cleanrooms-ml[cli]'"
            print(f"cleanrooms-ml: {error.name} is not installed; install it with: {hint}", file=sys.stderr)
        except Exception as error:
            traceback.print_exc()
            print(f"cleanrooms-ml: cdk-cleanrooms-ml has a fault: {error}", file=sys.stderr)
        return COULD_NOT

    return run


def write(text: str) -> None:
    """Writes a result.

    Redirected output may have a narrower encoding than a terminal; what it lacks is no reason to say nothing.
    """
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, errors="replace").decode(encoding), flush=True)
