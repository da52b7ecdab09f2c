"""Begins a new resource: writes its spec, its construct, its test and its example, and enters it in the lists.

    python -m tools.resource.scaffold IdMappingTable --service cleanrooms --create CreateIdMappingTable \\
        --get GetIdMappingTable --list ListIdMappingTables --update UpdateIdMappingTable \\
        --delete DeleteIdMappingTable

What botocore's model of the service knows is filled in: members, names, statuses, the form of the ARN. What it does not
know is marked by a comment that begins with "Look:". docs/adding-a-resource.md goes on from there.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from cleanrooms_ml_cli.sandbox.emulator.native.types import NATIVE_TYPES

from .. import ROOT
from . import construct_text, example_text, lists, spec_text, tests_text
from .resource import Resource

_QUOTES = '"""'
_ROLES = ("create", "get", "list", "update", "delete", "cancel")


def write(one: Resource, root: Path) -> list[Path]:
    """Writes the files, enters the resource in the lists, and returns the paths below the root.

    Raises:
        SystemExit: There is one already.
    """
    files = {
        Path("custom_resources/cleanrooms_ml_handlers/resources") / f"{one.stem}.py": spec_text.spec(one),
        Path("constructs/cdk_cleanrooms_ml") / f"{one.stem}.py": construct_text.construct(one),
        Path("tests/synth") / f"test_{one.stem}.py": tests_text.test(one),
        Path("examples/resources") / f"{one.stem}.py": example_text.example(one),
    }
    for path in files:
        if (root / path).exists():
            raise SystemExit(f"{path} is there already; nothing was written")
    for path, text in files.items():
        (root / path).write_text(text, encoding="utf-8")
    return [*files, *lists.enter(one, root)]


def tidy(paths: list[Path], root: Path) -> None:
    """Sorts and formats what was written."""
    ruff = str(Path(sys.executable).with_name("ruff"))
    names = [str(path) for path in paths]
    for command in (["format"], ["check", "--fix", "--exit-zero"], ["format"]):
        subprocess.run([ruff, *command, "--quiet", *names], cwd=root, check=True)


def next_steps(one: Resource, paths: list[Path], root: Path) -> Iterator[str]:
    """What is left to do by hand."""
    for native in (f"AWS::{prefix}::{one.kind}" for prefix in ("CleanRooms", "CleanRoomsML")):
        if native in NATIVE_TYPES:
            yield f"CloudFormation has {native} already: for a user, that type is the better choice"
    yield "`make model`, which stores the operations that the spec names"
    kinds = "cli/cleanrooms_ml_cli/sandbox/emulator/kinds/"
    how = f'replace its Kind(name="{one.kind}", ...)' if one.is_emulated else "add it"
    arguments = ", ".join((one.constant, *_kind(one)))
    yield (
        f"{kinds}: {how}, so that the spec names its operations:\n"
        f"    from cleanrooms_ml_handlers.resources.{one.stem} import {one.constant}\n"
        f"    from .kind import of_spec\n"
        f"    of_spec({arguments})"
    )
    if one.has_key:
        yield "its `keys`: from the user guide again, since a test compares them with `key_actions` of the spec"
    for path in paths:
        lines = (root / path).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            if "Look:" in line:
                yield f"{path}:{number}: {' '.join(_said(line, lines[number:]))}"


def _said(line: str, after: list[str]) -> Iterator[str]:
    """What a line asks to look at, with the comment that goes on behind it."""
    yield line.partition("Look:")[2].strip().removesuffix(_QUOTES)
    if line.lstrip().startswith("#"):
        yield from (
            more.strip().removeprefix("# ")
            for more in takewhile(lambda each: each.lstrip().startswith("# ") and "Look:" not in each, after)
        )


def _kind(one: Resource) -> Iterator[str]:
    """The arguments with which the sandbox describes it."""
    if one.arn_field:
        yield f'arn_path="{one.path.replace("*", "{membershipIdentifier}")}"'
    if one.id_field:
        yield f'id_field="{one.id_field}"'
    if one.has_key:
        yield "keys=(...)"
    if one.waits:
        yield "runs=True"


def main() -> int:
    """Begins one resource."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", help="the API's name of the resource")
    parser.add_argument("--service", default="cleanroomsml", help="the service's name in boto3 (default: %(default)s)")
    parser.add_argument("--create", required=True, help="the operation that creates one")
    for role in _ROLES[1:]:
        parser.add_argument(f"--{role}", help="an operation, where the API has one")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout to write into")
    given = parser.parse_args()
    operations = {role: operation for role in _ROLES if (operation := getattr(given, role))}
    one = Resource(given.kind, operations, given.service)
    paths = write(one, given.root)
    tidy(paths, given.root)
    for path in paths:
        print(f"wrote {path}")
    print("next:")
    for step in next_steps(one, paths, given.root):
        print(f"- {step}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
