"""A newer library on an unchanged app, really deployed: new code, new settings, and not a single mutating call."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_handlers.shared_names import RESOURCE_TYPE_PREFIX
from cleanrooms_ml_simulator.sandbox.assembly import BUCKET, Assembly, Template, synthesized
from cleanrooms_ml_simulator.sandbox.deployment import Deployment, prepared

from .app import build

DURATIONS = {verb: {"MLInputChannel": 1.0, "AudienceGenerationJob": 1.0} for verb in ("create", "delete")}
NEW_KEY = "another-version-of-the-functions.zip"


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return synthesized(tmp_path_factory.mktemp("assembly"), build)


@pytest.fixture(scope="module")
def sandbox(assembly: Assembly, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with prepared(tmp_path_factory.mktemp("sandboxes"), assembly, durations=DURATIONS) as started:
        yield started


def with_new_code(template: Template) -> Template:
    """The template with other code, as any newer version has."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"]["Code"]["S3Key"] = NEW_KEY
    return template


def with_new_settings(template: Template) -> Template:
    """The template with a setting that had its default before."""
    for resource in template["Resources"].values():
        if resource["Type"].startswith(RESOURCE_TYPE_PREFIX):
            resource["Properties"].setdefault("Settings", {})["TimeoutSeconds"] = 3000
    return template


def test_an_upgrade_has_no_mutating_call(sandbox: Sandbox, assembly: Assembly) -> None:
    (body,) = (body for key, body in assembly.objects.items() if key.endswith(".zip"))
    sandbox.client("s3").put_object(Bucket=BUCKET, Key=NEW_KEY, Body=body)
    stack = Deployment(sandbox, "Upgraded")
    assert stack.deploy(assembly.template) == "CREATE_COMPLETE", stack.reasons()
    held = {record["arn"]: record["status"] for record in sandbox.emulator.records(seeded=False)}
    assert sorted(held.values()) == ["ACTIVE"] * 3
    last = sandbox.emulator.journal()[-1]["number"]

    assert stack.deploy(with_new_code(assembly.copy())) == "UPDATE_COMPLETE", stack.reasons()
    assert sandbox.emulator.journal(since=last) == []

    template = with_new_settings(with_new_code(assembly.copy()))
    assert stack.deploy(template) == "UPDATE_COMPLETE", stack.reasons()
    calls = {entry["operation"] for entry in sandbox.emulator.journal(since=last)}
    assert calls
    assert not [call for call in calls if not call.startswith(("Get", "List"))]
    assert {record["arn"]: record["status"] for record in sandbox.emulator.records(seeded=False)} == held
    assert stack.delete() == "DELETE_COMPLETE", stack.reasons()
