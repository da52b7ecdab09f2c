"""``cleanrooms-ml check PATH …``: its options, and its exit code."""

from __future__ import annotations

import argparse
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cleanrooms_ml_policy.files import Checked

    from .report import Report

CLEAN, VIOLATIONS, BAD_INPUT = 0, 1, 2
FORMATS = ("table", "json", "sarif", "junit")

# Options that name a setting: the setting, the option, its kind, and what it says.
SWITCHES = (
    ("require_encryption_key", "data at rest needs a KMS key"),
    ("require_analysis_template", "queries have to be analysis templates"),
    ("forbid_seed_in_output", "no users of the seed in the audience"),
)
NUMBERS = (
    ("max_retention_days", int, "DAYS", "longest retention of an ML input channel"),
    ("max_workers", int, "COUNT", "most workers of a query"),
    ("max_epsilon", float, "EPSILON", "largest epsilon of synthetic data"),
    ("max_membership_inference_attack_score", float, "SCORE", "largest score that synthetic data may allow"),
)
LISTS = (
    ("required_tags", "--required-tag", "KEY", "tag that every resource needs"),
    ("shared_audience_metrics", "--shared-audience-metric", "ALL|NONE", "metrics that may be shared"),
    ("allowed_worker_types", "--allowed-worker-type", "TYPE", "type of workers that queries may use"),
    ("allowed_principals", "--allowed-principal", "ACCOUNT|ARN", "who may be let in by a resource policy"),
)


def add_to(groups: Any) -> None:
    """Add the command to a parser."""
    parser: argparse.ArgumentParser = groups.add_parser(
        "check",
        help="check templates against AWS's limits and your policy, offline",
        description="Check what an app was synthesized to, or a template, against AWS's limits for Clean Rooms ML and "
        "your organisation's policy. Needs neither the CDK nor AWS.",
        epilog="Exit code: 0 clean, 1 violations, 2 bad input. Warnings are advice, and change no exit code.",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="a cloud assembly or a template in JSON or YAML (default: cdk.out)",
    )
    parser.add_argument("--format", choices=FORMATS, default=FORMATS[0], help="how to write the result")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the result there")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (default: cleanrooms-ml.toml beside PATH or above)"
    )
    where.add_argument("--no-config", action="store_true", help="use no file of settings")
    parser.add_argument(
        "--acknowledgements",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="accept what the app acknowledges with a reason, as cdk synth does (default: yes)",
    )
    parser.add_argument("--strict", action="store_true", help="let warnings count as violations")
    policy = parser.add_argument_group("policy", "Each goes before the same setting of the file.")
    for setting, text in SWITCHES:
        policy.add_argument(_option(setting), action=argparse.BooleanOptionalAction, default=None, help=text)
    for setting, kind, name, text in NUMBERS:
        policy.add_argument(_option(setting), type=kind, metavar=name, help=text)
    for setting, option, name, text in LISTS:
        policy.add_argument(
            option, action="append", dest=setting, metavar=name, help=f"{text}; may be given more than once"
        )
    parser.set_defaults(run=run, takes_extra=False)


def _option(setting: str) -> str:
    return f"--{setting.replace('_', '-')}"


def run(options: argparse.Namespace) -> int:
    """Check, and write the result."""
    from cleanrooms_ml_policy.reading import UnreadableTemplate

    from .errors import BadInput

    try:
        return _run(options)
    except (BadInput, UnreadableTemplate) as error:
        print(f"cleanrooms-ml: {error}", file=sys.stderr)
    except Exception as error:
        # Not the exit code of violations, and never that of a clean app.
        traceback.print_exc()
        print(f"cleanrooms-ml: cdk-cleanrooms-ml has a fault: {error}; nothing was checked", file=sys.stderr)
    return BAD_INPUT


def _run(options: argparse.Namespace) -> int:
    from cleanrooms_ml_policy import check_file

    from . import settings, source
    from .report import Report

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
            # A template that two paths lead to is checked once.
            if one.path.resolve() not in checked:
                results = check_file(one.path, policy, advice=True, load=source.load)
                checked[one.path.resolve()] = [
                    one.metadata.told(result, is_nested=result.path != one.path, accept=options.acknowledgements)
                    for result in results
                ]
    report = Report(tuple(result for some in checked.values() for result in some), tuple(files))
    _write(options, report)
    count = report.violation_count + (report.warning_count if options.strict else 0)
    return VIOLATIONS if count else CLEAN


def _write(options: argparse.Namespace, report: Report) -> None:
    from .errors import BadInput

    # Half a character pair, which a template may hold, is no UTF-8.
    text = _format(options.format, report).encode(errors="replace").decode()
    if options.output is None:
        # Redirected output may have a narrower encoding than a terminal; what it lacks is no reason to say nothing.
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, errors="replace").decode(encoding))
        return
    try:
        options.output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{options.output}: cannot be written: {error.strerror}") from None
    print(f"{report.summary}; see {options.output}")


def _format(name: str, report: Report) -> str:
    """The report in a format; each is imported only when it is wanted."""
    if name == "sarif":
        from .sarif import as_sarif

        return as_sarif(report)
    if name == "junit":
        from .junit import as_junit

        return as_junit(report)
    from .formats import as_json, as_table

    return as_json(report) if name == "json" else as_table(report)
