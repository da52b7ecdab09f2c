"""Deployments that cannot succeed: the stack rolls back by itself, with the service's words, and leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox import CdkResult, Sandbox

from .conftest import App, started

# Only what never ends takes as long.
LIMIT_SECONDS = 1200
# What is in the stack, and words of the reason.
BAD_INPUT: Mapping[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {
    "NameClash": ({"name": "taken"}, ("ConflictException", "taken", "not this stack's")),
    "FailedQuery": (
        {"query": "SELECT a FROM no_such_table"},
        ("CREATE_FAILED", "TABLE_NOT_FOUND", "table no_such_table does not exist"),
    ),
    "UntrustedRole": (
        {"untrusted_role": True},
        ("AccessDeniedException", "cannot be assumed by cleanrooms-ml.amazonaws.com"),
    ),
}


@dataclass(frozen=True)
class Attempts:
    """Deployments side by side, because one of them takes two minutes to give up: new roles take time to act."""

    sandbox: Sandbox
    apps: Mapping[str, App]
    ends: Mapping[str, Future[CdkResult]]


@pytest.fixture(scope="module")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attempts]:
    """Deployments of bad input in a sandbox of their own."""
    with started() as sandbox, ThreadPoolExecutor() as pool:
        take_name(sandbox, "taken")
        apps = {
            name: App(sandbox, tmp_path_factory.mktemp(name), name).synthesize(**case)
            for name, (case, _) in BAD_INPUT.items()
        }
        ends = {name: pool.submit(app.cdk, "deploy") for name, app in apps.items()}
        yield Attempts(sandbox, apps, ends)


def take_name(sandbox: Sandbox, name: str) -> None:
    """Someone else's channel, created by hand."""
    (association,) = [
        record for record in sandbox.emulator.records() if record["kind"] == "ConfiguredModelAlgorithmAssociation"
    ]
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cleanrooms-ml.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = sandbox.client("iam").create_role(RoleName="someone-else", AssumeRolePolicyDocument=json.dumps(trust))
    sandbox.client("cleanroomsml").create_ml_input_channel(
        membershipIdentifier=association["data"]["membershipIdentifier"],
        configuredModelAlgorithmAssociations=[association["arn"]],
        inputChannel={
            "roleArn": role["Role"]["Arn"],
            "dataSource": {"protectedQueryInputParameters": {"sqlParameters": {"queryString": "SELECT 1"}}},
        },
        name=name,
        retentionInDays=30,
    )


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_rolls_back_with_the_reason(name: str, attempts: Attempts) -> None:
    deployed = attempts.apps[name].deployed
    result = attempts.ends[name].result(timeout=LIMIT_SECONDS)
    assert not result.ok
    assert deployed.status() == "ROLLBACK_COMPLETE"
    _, words = BAD_INPUT[name]
    for word in words:
        assert any(word in reason for reason in deployed.reasons()), deployed.reasons()
        assert word in " ".join(result.output.split())


def test_bad_input_leaves_nothing_but_the_channel_that_had_the_name(attempts: Attempts) -> None:
    for end in attempts.ends.values():
        end.result(timeout=LIMIT_SECONDS)
    created = [record for record in attempts.sandbox.emulator.records() if not record["seeded"]]
    (theirs,) = [record for record in created if record["name"] == "taken"]
    assert theirs["status"] == "ACTIVE"
    assert theirs["tags"] == {}
    assert {record["status"] for record in created if record is not theirs} <= {"INACTIVE"}
