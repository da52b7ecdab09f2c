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
        from cleanrooms_ml_policy.reading import UnreadableTemplate
        from cleanrooms_ml_policy.visible import visible

        from ..check.errors import BadInput

        try:
            return command(options)
        except (CannotDo, BadInput, UnreadableTemplate) as error:
            print(f"cleanrooms-ml: {visible(str(error))}", file=sys.stderr)
        except ModuleNotFoundError as error:
            if error.name not in ("rich", "boto3", "botocore"):
                raise
            hint = "pip install 'cdk-cleanrooms-ml[cli]'"
            print(f"cleanrooms-ml: {error.name} is not installed; install it with: {hint}", file=sys.stderr)
        except BrokenPipeError:
            raise
        except Exception as error:
            # The error may quote a template.
            print("".join(traceback.format_tb(error.__traceback__)), end="", file=sys.stderr)
            problem = visible(f"{type(error).__name__}: {error}")
            print(f"cleanrooms-ml: cdk-cleanrooms-ml has a fault: {problem}", file=sys.stderr)
        return COULD_NOT

    return run


def write(text: str) -> None:
    """Writes a result: names and reasons in it come from services and templates, which nobody may trust.

    Redirected output may have a narrower encoding than a terminal; characters that it lacks become question marks.
    """
    from cleanrooms_ml_policy.visible import visible

    text = "\n".join(visible(line) for line in text.split("\n"))
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, errors="replace").decode(encoding), flush=True)
