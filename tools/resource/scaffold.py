"""Writes the three files of a new resource: its spec, its construct and its test.

    python -m tools.resource.scaffold TrainingDataset --create CreateTrainingDataset --get GetTrainingDataset \\
        --list ListTrainingDatasets --delete DeleteTrainingDataset

What the service model knows is filled in: members, statuses, the form of the ARN. What it does not know is guessed and
marked by a comment that begins with "Look:". Then list the spec in resources/__init__.py.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cleanrooms_ml_handlers.model import ServiceModel, service_model
from cleanrooms_ml_handlers.spec import STATUSES_OF_A_CANCELABLE_RUN, STATUSES_OF_A_JOB

from .. import ROOT

_PHASES = {status: phase.name for status, phase in {**STATUSES_OF_A_JOB, **STATUSES_OF_A_CANCELABLE_RUN}.items()}
# Formatting breaks lists, so that only texts may be longer.
_LINE = 180
_SAMPLES = {"boolean": "True", "integer": "1", "long": "1", "double": "0.5", "float": "0.5"}
_PYTHON = {"boolean": "bool", "integer": "int", "long": "int", "double": "float", "float": "float", "string": "str"}


class Resource:
    """What the service model knows of a resource.

    Args:
        kind: The API's name of the resource.
        operations: API operations by what they do: create, get, list, delete and the like.
        service: The service's name in boto3.
    """

    def __init__(self, kind: str, operations: dict[str, str], service: str = "cleanroomsml") -> None:
        self.kind, self.operations, self.service = kind, operations, service
        self.model: ServiceModel = service_model(service)
        for operation in operations.values():
            if operation not in self.model.operations:
                raise SystemExit(f"{service} has no operation {operation}")
        self.stem = snake(kind)
        self.constant = self.stem.upper()
        self.arn_field = kind[0].lower() + kind[1:] + "Arn"
        for name in self._output("create"):
            if name.endswith("Arn"):
                self.arn_field = name
        self.members = self.model.input_members(operations["create"])
        shape = self.model.operations[operations["create"]].input
        self.required = [name for name in self.model.shapes[shape or ""].get("required", ()) if name != "name"]

    def _output(self, role: str) -> dict[str, str]:
        output = self.model.operations[self.operations[role]].output if role in self.operations else None
        return dict(self.model.members(output)) if output else {}

    @property
    def statuses(self) -> tuple[str, ...]:
        """Every status that the get operation may show."""
        shape = self._output("get").get("status")
        return self.model.enum(shape) if shape else ()

    @property
    def list_field(self) -> str:
        """The member of the list operation's answer with the summaries."""
        members = self._output("list")
        return next((name for name, shape in members.items() if self.model.shapes[shape]["type"] == "list"), "")

    def type_of(self, member: str) -> str:
        """The type of a member, as Python writes it."""
        kind = self.model.shapes[self.members[member]]["type"]
        if kind in _PYTHON:
            return _PYTHON[kind]
        return "Sequence[Any]" if kind == "list" else "Mapping[str, Any]"

    def sample(self, shape: str) -> str:
        """A value within the limits of a shape, as Python writes it."""
        definition = self.model.shapes[shape]
        kind = definition["type"]
        if kind == "structure":
            members = self.model.members(shape)
            return "{" + ", ".join(f'"{n}": {self.sample(members[n])}' for n in definition.get("required", ())) + "}"
        if kind == "list":
            return f"[{self.sample(definition['member']['shape'])}]"
        if kind == "map":
            return "{}"
        if kind == "timestamp":
            return '"2026-01-31T12:00:00Z"'
        if "enum" in definition:
            return f'"{definition["enum"][0]}"'
        if kind == "string":
            return f'"{_text(definition)}"'
        return str(max(definition.get("min", 1), 1)) if kind in ("integer", "long") else _SAMPLES[kind]


def _text(shape: Mapping[str, Any]) -> str:
    pattern, uuid = str(shape.get("pattern", "")), "11111111-2222-4333-8444-555555555555"
    arn = re.match(r"arn:aws\[-a-z\]\*:([a-z-]+):", pattern)
    if arn:
        region = "" if arn[1] == "iam" else "us-east-1"
        resource = re.sub(r"\[0-9a-f\]\{8\}.*?\{12\}", uuid, pattern.split("{12}:", 1)[1])
        return f"arn:aws:{arn[1]}:{region}:111122223333:" + re.sub(r"/(\[[^]]*\]|\.)\+$", "/one", resource)
    if "{8}-" in pattern:
        return uuid
    if pattern.startswith("[0-9]{12}"):
        return "111122223333"
    if pattern.startswith("s3://"):
        return "s3://bucket/key"
    return "a" * max(int(shape.get("min", 1)), 1)


def snake(name: str) -> str:
    """A name as files have it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def spec(one: Resource) -> str:
    """The spec's file."""
    resource = snake(one.kind).replace("_", "-")
    roles = "".join(f'    {role}="{operation}",\n' for role, operation in one.operations.items())
    phases = "".join(
        f'        "{status}": Phase.{_PHASES.get(status, "PENDING")},'
        f"{'' if status in _PHASES else '  # Look: what does it mean?'}\n"
        for status in one.statuses
    )
    statuses = f"    statuses={{\n{phases}    }},\n" if phases else ""
    own = {role: "_OWN" if role not in ("create", "list") else '"*"' for role in one.operations}
    permissions = ", ".join(f'"{operation}": {own[role]}' for role, operation in one.operations.items())
    waits = any(_PHASES.get(status) == "PENDING" for status in one.statuses)
    names = ["ID", *(["Phase"] if phases else []), "ResourceSpec", "arn_pattern"]
    listing = f'    list_field="{one.list_field}",\n' if one.list_field else ""
    running = '    long_running=True,\n    retry_hint="change run_id",\n    attributes={"Status": "status"},\n'
    return f'''"""{one.kind}: Look: say what it is."""

from __future__ import annotations

from ..permissions import authorized, tagging
from ..spec import {", ".join(names)}

_OWN = "cleanrooms-ml:own:{resource}/*"

{one.constant} = ResourceSpec(
    kind="{one.kind}",
{roles}    arn_field="{one.arn_field}",
    id_parts=("{one.arn_field}",),
    id_pattern=f"(?P<{one.arn_field}>{{arn_pattern(f'{resource}/{{ID}}')}})",
{listing}{statuses}{running if waits else ""}    # Look: on which resources does AWS authorize each?
    permissions={{
        **authorized({{{permissions}}}),
        **tagging(_OWN),
    }},
)
'''


def construct(one: Resource) -> str:
    """The construct's file."""
    optional = [n for n in one.members if n not in (*one.required, "name", "tags")]
    types = [one.type_of(name) for name in (*one.required, *optional)]
    arguments = "".join(f"        {snake(n)}: {one.type_of(n)},\n" for n in one.required)
    arguments += "".join(f"        {snake(n)}: {one.type_of(n)} | None = None,\n" for n in optional)
    request = "".join(f'                "{n}": {snake(n)},\n' for n in (*one.required, *optional))
    said = "".join(f"        {snake(n)}: Look: say what it is.\n" for n in (*one.required, *optional))
    collections = ["Mapping", *(["Sequence"] if any(t.startswith("Sequence") for t in types) else [])]
    typing = "from typing import Any\n" if any("Any" in each for each in types) else ""
    waits = any(_PHASES.get(status) == "PENDING" for status in one.statuses)
    base, module = ("CleanRoomsMLRun", "_run") if waits else ("CleanRoomsMLResource", "_custom_resource")
    return f'''"""{one.kind}: Look: say what it is."""

from __future__ import annotations

from collections.abc import {", ".join(collections)}
{typing}
from aws_cdk import RemovalPolicy
from constructs import Construct

from cleanrooms_ml_handlers.resources.{one.stem} import {one.constant}

from .{module} import {base}


class {one.kind}({base}):
    """Look: say what it is, what happens and how long it takes.

    Args:
        scope: Scope in which to define this construct.
        id: Construct ID.
{said}        {one.stem}_name: Its name. Default: generated.
        tags: Tags, in addition to those of ``Tags.of``. Default: none.
        removal_policy: What becomes of it when it leaves the stack or is replaced. Default: DESTROY.

    Source: Clean Rooms ML API, {one.operations["create"]}.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
{arguments}        {one.stem}_name: str | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        super().__init__(scope, id, spec={one.constant}, tags=tags)
        self._deploy(
            {{
                "name": {one.stem}_name,
{request}            }},
            removal_policy=removal_policy,
        )

    @property
    def {one.stem}_arn(self) -> str:
        """Its ARN."""
        return self._attribute("Arn")

    @property
    def {one.stem}_name(self) -> str:
        """Its name."""
        return self._attribute("Name")
'''


def test(one: Resource) -> str:
    """The test's file."""
    given = "".join(f"        {snake(n)}={one.sample(one.members[n])},\n" for n in one.required)
    expected = "".join(f'        "{n}": {one.sample(one.members[n])},\n' for n in one.required)
    long = "# ruff: noqa: E501\n" if any(len(line) > _LINE for line in given.splitlines()) else ""
    return f'''"""{one.kind}: what is rendered."""
{long}
from __future__ import annotations

import aws_cdk as cdk

from cdk_cleanrooms_ml.{one.stem} import {one.kind}


def test_it_is_the_request_in_the_apis_words() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    one = {one.kind}(
        stack,
        "One",
{given}    )
    resources = cdk.assertions.Template.from_stack(stack).to_json()["Resources"]
    (resource,) = (each for each in resources.values() if each["Type"] == "Custom::CleanRoomsML-{one.kind}")
    properties = {{key: value for key, value in resource["Properties"].items() if not key.startswith("Service")}}
    assert properties == {{
{expected}    }}
    assert stack.resolve(one.{one.stem}_arn)["Fn::GetAtt"][1] == "Arn"
'''


def write(one: Resource, root: Path) -> list[Path]:
    """Writes the files and returns their paths.

    Raises:
        SystemExit: There is one already.
    """
    files = {
        root / "custom_resources" / "cleanrooms_ml_handlers" / "resources" / f"{one.stem}.py": spec(one),
        root / "constructs" / "cdk_cleanrooms_ml" / f"{one.stem}.py": construct(one),
        root / "tests" / "synth" / f"test_{one.stem}.py": test(one),
    }
    for path in files:
        if path.exists():
            raise SystemExit(f"{path.relative_to(root)} is there already; nothing was written")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)


def main() -> int:
    """Write the files of one resource."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", help="the API's name of the resource")
    parser.add_argument("--create", required=True, help="the operation that creates one")
    for role in ("get", "list", "update", "delete", "cancel"):
        parser.add_argument(f"--{role}", help="an operation, where the API has one")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout to write into")
    given = parser.parse_args()
    roles = ("create", "get", "list", "update", "delete", "cancel")
    operations = {role: operation for role in roles if (operation := getattr(given, role))}
    one = Resource(given.kind, operations)
    for path in write(one, given.root):
        print(f"wrote {path.relative_to(given.root)}")
    print(f"now list {one.constant} in resources/__init__.py, and {one.kind} in cdk_cleanrooms_ml/__init__.py")
    return 0


if __name__ == "__main__":
    sys.exit(main())
