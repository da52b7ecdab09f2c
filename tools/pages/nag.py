"""What cdk-nag finds in an app, with the reason for each finding or the way to remove it."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
import cdk_nag

from cleanrooms_ml_handlers.resources import SPECS

from .. import ROOT

PACKS = ("AwsSolutionsChecks", "NIST80053R5Checks", "HIPAASecurityChecks", "PCIDSS321Checks")
AWS_SOLUTIONS = "AwsSolutions"

# Services other than Clean Rooms and Clean Rooms ML that the permissions of the specs name.
_OTHER_SERVICES = {
    each.resource.split(":")[0]
    for spec in SPECS
    for permissions in spec.permissions.values()
    for each in permissions
    if not each.resource.startswith(("cleanrooms:", "cleanrooms-ml:", "*"))
}
# Why a permission has a wildcard: by the finding, and by where it is.
NO_RESOURCE = "no resource-level permissions"
GENERATED = "known at deployment only"
WILDCARDS = (
    (r"Resource::\*", r"/MachineRole$", NO_RESOURCE, "delivery of the state machine's logs, and X-Ray"),
    (r"Resource::\*", r"/WorkerPolicy$", NO_RESOURCE, "lists of Clean Rooms ML"),
    (
        r"Resource::arn:.*:cleanrooms:.*\*",
        r"/TrainingData/Role/",
        GENERATED,
        "data of other members that a query reads",
    ),
    (r"Resource::<\w+\.Arn>/.*\*", r"/Lookalike/Role/", GENERATED, "audiences below the prefix"),
    (r"Resource::arn:.*:states:.*:execution:.*", r"/WorkerPolicy$", GENERATED, "executions of the state machine"),
    (r"Resource::arn:.*:cleanrooms(-ml)?:.*\*", r"/WorkerPolicy$", GENERATED, "resources of Clean Rooms"),
    (
        r"Resource::arn:.*:role/cleanrooms-ml/.*<AWS::StackName>/\*",
        r"/WorkerPolicy$",
        GENERATED,
        "roles of this stack",
    ),
    *(
        (rf"Resource::arn:.*:{service}:.*\*", r"/WorkerPolicy$", GENERATED, f"resources of {service} in a request")
        for service in sorted(_OTHER_SERVICES)
    ),
)

# What takes other findings away, by the rule without its pack, and by where it is.
WAYS_OUT = (
    (r"S3.*", r"/(Audiences|AccessLogs)/", "options of `s3.Bucket`, which app.py creates"),
    (r"LambdaInsideVPC", r"/CleanRoomsMLProvider/", "`vpc=` of `CleanRoomsMLProvider`"),
    (r"CloudWatchLogGroupEncrypted", r"/CleanRoomsMLProvider/", "`log_encryption=` of `CleanRoomsMLProvider`"),
    (r"LambdaConcurrency", r"/CleanRoomsMLProvider/", "`reserved_concurrent_executions=` of `CleanRoomsMLProvider`"),
    (r"LambdaDLQ", r"/CleanRoomsMLProvider/", "`dead_letter_queue=` of `CleanRoomsMLProvider`"),
    (r"IAMNoInlinePolicy", r"/(Lookalike|Audience|TrainingData)/Role/", "`role=` of the construct"),
    (
        r"IAMNoInlinePolicy",
        r"/CleanRoomsMLProvider/",
        "no option: acknowledge it; an inline policy is deleted with its role",
    ),
)


@dataclass(frozen=True, order=True)
class Nag:
    """A finding of cdk-nag.

    Attributes:
        pack: The rules' pack.
        rule: The rule's id in the pack.
        detail: What of a policy it is about; empty for most rules.
        path: The construct.
    """

    pack: str
    rule: str
    detail: str
    path: str


@contextmanager
def _every_app_has(packs: tuple[str, ...]) -> Iterator[list[Path]]:
    synth, folders = cdk.App.synth, []

    def with_packs(app: cdk.App) -> None:
        folders.append(Path(app.outdir))
        cdk.Validations.of(app).add_plugins(*(getattr(cdk_nag, pack)(app) for pack in packs))
        try:
            synth(app)
        except RuntimeError as error:
            # That there are findings, as the report says too.
            if "ValidationFailed" not in str(error):
                raise

    cdk.App.synth = with_packs  # type: ignore[method-assign,assignment]
    try:
        yield folders
    finally:
        cdk.App.synth = synth  # type: ignore[method-assign]


def nags(app: Path = ROOT / "app.py", packs: tuple[str, ...] = PACKS) -> list[Nag]:
    """What cdk-nag finds in an app.

    Args:
        app: The app's file.
        packs: Names of packs.
    """
    with _every_app_has(packs) as folders:
        runpy.run_path(str(app), run_name="__main__")
    return [nag for folder in folders for nag in reported(folder)]


def reported(assembly: Path) -> list[Nag]:
    """What cdk-nag says in the validation report of an assembly."""
    report = assembly / "validation-report.json"
    return sorted(_nags(json.loads(report.read_text()))) if report.is_file() else []


def _nags(report: dict[str, list[dict[str, list[dict[str, list[dict[str, str]]]]]]]) -> Iterator[Nag]:
    for pack in report["pluginReports"]:
        name = str(pack["pluginName"])
        for violation in pack["violations"]:
            rule = re.fullmatch(rf"{re.escape(name)}-(\w+)(?:\[(.*)\])?", str(violation["ruleName"]))
            for where in violation["violatingConstructs"] if rule else ():
                assert rule
                yield Nag(name, rule[1], rule[2] or "", where["constructPath"])


def explained(nag: Nag) -> tuple[str, str]:
    """Why a wildcard is there, and its purpose.

    Raises:
        LookupError: Nobody explained it.
    """
    for detail, path, kind, what in WILDCARDS:
        if re.fullmatch(detail, nag.detail) and re.search(path, nag.path):
            return kind, what
    raise LookupError(f"{nag} has no explanation; add one to WILDCARDS in tools/pages/nag.py")


def way_out(nag: Nag) -> str:
    """What removes a finding.

    Raises:
        LookupError: Nobody said.
    """
    for rule, path, text in WAYS_OUT:
        if re.fullmatch(rule, nag.rule) and re.search(path, nag.path):
            return text
    raise LookupError(f"{nag} has no remedy; add one to WAYS_OUT in tools/pages/nag.py")
