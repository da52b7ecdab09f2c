"""``cleanrooms-ml check PATH …``: its options and its exit code."""

from __future__ import annotations

import argparse
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cleanrooms_ml_policy.files import Checked

    from .report import Report

CLEAN, VIOLATIONS, BAD_INPUT = 0, 1, 2
FORMATS = ("table", "text", "json", "sarif", "junit")

# Options for settings: the setting, its option, type and metavar where they differ, and the help.
SWITCHES = (
    ("require_encryption_key", "data at rest must be encrypted with a customer managed key"),
    ("require_analysis_template", "queries must be analysis templates"),
    ("forbid_seed_in_output", "the audience must not include the users of the seed"),
)
NUMBERS = (
    ("max_retention_days", int, "DAYS", "longest retention of an ML input channel"),
    ("max_workers", int, "COUNT", "largest number of workers of a query"),
    ("max_epsilon", float, "EPSILON", "largest epsilon of synthetic data"),
    ("max_membership_inference_attack_score", float, "SCORE", "largest score that synthetic data may have"),
)
LISTS = (
    ("required_tags", "--required-tag", "KEY", "tag that every taggable resource must have"),
    ("shared_audience_metrics", "--shared-audience-metric", "ALL|NONE", "metrics that may be shared"),
    ("allowed_worker_types", "--allowed-worker-type", "TYPE", "worker type that queries may use"),
    (
        "allowed_principals",
        "--allowed-principal",
        "ACCOUNT|ARN",
        "principal that a resource policy may allow",
    ),
)


def add_to(groups: Any) -> None:
    """Add the command to a parser."""
    parser: argparse.ArgumentParser = groups.add_parser(
        "check",
        help="check templates against AWS's limits and your policy, offline",
        description="Check a synthesized app or a template against AWS's limits for Clean Rooms ML and "
        "your organization's policy. Needs neither the CDK nor AWS.",
        epilog="Example: cleanrooms-ml check cdk.out --format sarif --output findings.sarif. Exit code: 0 no "
        "violations, 1 violations, 2 nothing was checked. Warnings do not change it.",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="a cloud assembly or a template in JSON or YAML (default: cdk.out)",
    )
    parser.add_argument("--format", choices=FORMATS, default=FORMATS[0], help="format of the result (default: table)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the result to a file")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (default: cleanrooms-ml.toml next to PATH or above)"
    )
    where.add_argument("--no-config", action="store_true", help="use no settings file")
    parser.add_argument(
        "--acknowledgements",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="accept what the app acknowledges with a reason, as cdk synth does (default: yes)",
    )
    parser.add_argument("--strict", action="store_true", help="count warnings as violations")
    policy = parser.add_argument_group("policy", "Each takes precedence over the same setting of the file.")
    for setting, text in SWITCHES:
        policy.add_argument(_option(setting), action=argparse.BooleanOptionalAction, default=None, help=text)
    for setting, kind, name, text in NUMBERS:
        policy.add_argument(_option(setting), type=kind, metavar=name, help=text)
    for setting, option, name, text in LISTS:
        policy.add_argument(
            option, action="append", dest=setting, metavar=name, help=f"{text}; repeat it for more than one"
        )
    parser.set_defaults(run=run, takes_extra=False)


def _option(setting: str) -> str:
    return f"--{setting.replace('_', '-')}"


def run(options: argparse.Namespace) -> int:
    """Check, write the result and return the exit code."""
    from cleanrooms_ml_policy.reading import UnreadableTemplate
    from cleanrooms_ml_policy.visible import visible

    from .errors import BadInput

    try:
        return _run(options)
    except (BadInput, UnreadableTemplate) as error:
        print(f"cleanrooms-ml: {visible(str(error))}", file=sys.stderr)
    except BrokenPipeError:
        raise
    except Exception as error:
        # Neither the exit code of violations nor that of a clean app. The error may quote a template.
        print("".join(traceback.format_tb(error.__traceback__)), end="", file=sys.stderr)
        problem = visible(f"{type(error).__name__}: {error}")
        print(f"cleanrooms-ml: cdk-cleanrooms-ml has a fault: {problem}; nothing was checked", file=sys.stderr)
    return BAD_INPUT


def _run(options: argparse.Namespace) -> int:
    from cleanrooms_ml_policy import check_file

    from ..output import ReaderGone, closed_pipe_ends
    from . import settings, source
    from .report import Report, counted

    overrides = {
        name: value
        for name in (entry[0] for entry in (*SWITCHES, *NUMBERS, *LISTS))
        if (value := getattr(options, name)) is not None
    }
    checked: dict[Path, list[Checked]] = {}
    files: dict[Path, None] = {}
    for path in options.paths or [Path("cdk.out")]:
        found = source.templates(path)
        file = None if options.no_config else options.config or settings.find(path)
        if file:
            files[file] = None
        policy = settings.policy(file, overrides)
        for one in found:
            # Each template is checked once, whichever paths lead to it.
            if one.path.resolve() not in checked:
                results = check_file(one.path, policy, advice=True, load=source.load)
                checked[one.path.resolve()] = [
                    one.metadata.applied_to(result, is_nested=result.path != one.path, accept=options.acknowledgements)
                    for result in results
                ]
    report = Report(tuple(result for some in checked.values() for result in some), tuple(files))
    # The exit code is about the templates, and stays so if the reader of the report closes the pipe.
    with suppress(ReaderGone), closed_pipe_ends():
        _write(options, report)
    if report.violation_count:
        return VIOLATIONS
    if options.strict and report.warning_count:
        counts = "counts as a violation" if report.warning_count == 1 else "count as violations"
        warnings = counted(report.warning_count, "warning")
        print(f"cleanrooms-ml: exit code 1, because with --strict {warnings} {counts}", file=sys.stderr)
        return VIOLATIONS
    return CLEAN


def _write(options: argparse.Namespace, report: Report) -> None:
    from cleanrooms_ml_policy.visible import visible

    from .errors import BadInput

    # A lone surrogate of a file name is not UTF-8.
    text = _format(options.format, report).encode(errors="replace").decode()
    if options.output is None:
        # Redirected output may have an encoding with fewer characters than a terminal.
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, errors="replace").decode(encoding))
        return
    try:
        options.output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{options.output}: cannot be written: {error.strerror}") from None
    print(f"{report.summary}; see {visible(str(options.output))}")


def _format(name: str, report: Report) -> str:
    """The report in a format; each is imported only when it is used."""
    if name == "sarif":
        from .sarif import as_sarif

        return as_sarif(report)
    if name == "junit":
        from .junit import as_junit

        return as_junit(report)
    from .formats import as_json, as_table, as_text

    return {"table": as_table, "text": as_text, "json": as_json}[name](report)
