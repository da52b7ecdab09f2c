"""From nothing to a deployed app: the starter, the CDK CLI, and what an app takes for granted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.sandbox import CDK_VERSION, Prerequisite, Sandbox, SandboxError, assumed, toolchain
from cleanrooms_ml_cli.sandbox.assembly import stacks
from cleanrooms_ml_cli.sandbox.assumed import Assumed, Owner, owner_of

from .command_line import run
from .test_toolchain import bare, put

__all__ = ["bare"]

OTHER = "111122223333"
MEMBERSHIP = "a1b2c3d4-5678-90ab-cdef-111111111111"
OWNER = Owner("000000000000", "eu-west-2")
ASSOCIATION_PATH = f"membership/{MEMBERSHIP}/configured-model-algorithm-association/a1b2"


def arn(path: str, account: str = OTHER, region: str = "us-east-1", service: str = "cleanrooms-ml") -> str:
    return f"arn:aws:{service}:{region}:{account}:{path}"


def write(
    folder: Path, *properties: dict[str, Any], environment: str = "aws://unknown-account/unknown-region", of: str = ""
) -> Path:
    """An assembly with one stack, written by hand."""
    folder.mkdir(parents=True, exist_ok=True)
    stack = {"type": "aws:cloudformation:stack", "environment": environment}
    artifacts = {"Stack": {**stack, "properties": {"templateFile": "t.json"}}}
    (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": artifacts}))
    resources = {
        f"R{index}": {"Type": of or "Custom::CleanRoomsML-MLInputChannel", "Properties": given}
        for index, given in enumerate(properties)
    }
    (folder / "t.json").write_text(json.dumps({"Resources": resources}))
    return folder


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"audienceModelArn": arn("audience-model/a1")}, [("AudienceModel", arn("audience-model/a1"))]),
        ({"associations": [arn(ASSOCIATION_PATH)]}, [("ConfiguredModelAlgorithmAssociation", arn(ASSOCIATION_PATH))]),
        (
            {"arn": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, arn("audience-model/a1")[7:]]]}},
            [("AudienceModel", arn("audience-model/a1"))],
        ),
        (
            {
                "arn": {
                    "Fn::Sub": "arn:${AWS::Partition}:cleanrooms-ml:${AWS::Region}:${AWS::AccountId}:audience-model/a"
                }
            },
            [("AudienceModel", arn("audience-model/a", OWNER.account, OWNER.region))],
        ),
        ({"membershipIdentifier": MEMBERSHIP}, [("Membership", MEMBERSHIP)]),
        ({"CollaborationIdentifier": MEMBERSHIP}, [("Collaboration", MEMBERSHIP)]),
        ({"dataSource": {"s3Uri": "s3://of-the-user/seeds/seed.jsonl"}}, [("Bucket", "of-the-user")]),
        ({"ImageUri": f"{OTHER}.dkr.ecr.us-east-1.amazonaws.com/team/model:1"}, [("Repository", "team/model")]),
        ({"GlueDataSource": {"DatabaseName": "shop", "TableName": "sales"}}, [("Table", "shop.sales")]),
        ({"arn": arn(f"membership/{MEMBERSHIP}/analysistemplate/a1", service="cleanrooms")}, ["AnalysisTemplate"]),
        # What a stack itself creates, and what is no name of a resource.
        ({"arn": {"Fn::GetAtt": ["Model", "Arn"]}, "membershipIdentifier": {"Ref": "Membership"}}, []),
        ({"arn": {"Fn::Join": ["", ["arn:aws:cleanrooms-ml:", {"Ref": "X"}]]}}, []),
        ({"arn": arn("audience-model/*"), "roleArn": f"arn:aws:iam::{OTHER}:role/r", "uri": "s3://Not_A_Bucket"}, []),
    ],
)
def test_what_an_app_takes_for_granted_is_read_from_its_templates(
    tmp_path: Path, properties: dict[str, Any], expected: list[Any]
) -> None:
    found = assumed.assumed(stacks(write(tmp_path, properties, properties)), OWNER)

    assert [
        (thing.kind, thing.name) if isinstance(which, tuple) else thing.kind
        for thing, which in zip(found, expected, strict=True)
    ] == expected


@pytest.mark.parametrize("type_name", ["AWS::IAM::Policy", "AWS::S3::Bucket", "Custom::Other"])
def test_other_resources_take_nothing_for_granted(tmp_path: Path, type_name: str) -> None:
    folder = write(tmp_path, {"Resource": arn("audience-model/a1"), "uri": "s3://of-the-user"}, of=type_name)

    assert assumed.assumed(stacks(folder), OWNER) == []


def test_stacks_of_a_stage_are_read_too(tmp_path: Path) -> None:
    write(tmp_path / "assembly-Stage", {"membershipIdentifier": MEMBERSHIP})
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Stage"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"Stage": stage}}))

    (thing,) = assumed.assumed(stacks(tmp_path), OWNER)

    assert thing == Assumed("Membership", MEMBERSHIP, OWNER.account, OWNER.region)


@pytest.mark.parametrize(
    ("properties", "environment", "given", "owner"),
    [
        ({}, "", (None, None), Owner("000000000000", "us-east-1")),
        ({"a": arn("audience-model/a1", region="eu-west-2")}, "", (None, None), Owner(OTHER, "eu-west-2")),
        ({"a": arn("audience-model/a1")}, "", ("444455556666", "eu-west-2"), Owner("444455556666", "eu-west-2")),
        (
            {"a": arn("audience-model/a1")},
            "aws://444455556666/eu-west-2",
            (None, None),
            Owner("444455556666", "eu-west-2"),
        ),
        # Two accounts: none of them is the app's for sure. A model that is shared says nothing.
        ({"a": arn("audience-model/a"), "b": arn("audience-model/b", "444455556666")}, "", (None, None), None),
        ({"a": arn("configured-audience-model/a")}, "", (None, None), None),
    ],
)
def test_the_account_and_the_region_are_those_that_the_app_names(
    tmp_path: Path, properties: dict[str, Any], environment: str, given: tuple[str | None, str | None], owner: Owner
) -> None:
    folder = write(tmp_path, properties, **({"environment": environment} if environment else {}))

    assert owner_of(folder, *given) == (owner or Owner("000000000000", "us-east-1"))


@pytest.mark.parametrize("region", ["eu-west-2", None])
def test_what_an_app_names_in_another_region_is_refused_before_the_deployment(
    sandbox: Sandbox, tmp_path: Path, region: str | None
) -> None:
    # Without --region the app is where its ARNs are, if all agree.
    others = [] if region else [{"arn": arn("audience-model/b2", region="eu-west-1")}]
    assembly = write(tmp_path / "cdk.out", {"arn": arn("audience-model/a1")}, *others)
    chosen = ["--region", region] if region else []

    done = run("sandbox", "deploy", "--name", sandbox.name, "--app", str(assembly), *chosen, cwd=tmp_path)

    assert done.returncode == 2
    there = region or "us-east-1"
    wrong = arn("audience-model/a1") if region else arn("audience-model/b2", region="eu-west-1")
    assert f"{wrong} is in {wrong.split(':')[3]}, and the app in {there}; the service uses nothing of" in done.stderr
    assert ("or leave --region eu-west-2 out" in done.stderr) is bool(region)


def test_each_thing_is_seeded_once(sandbox: Sandbox, tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {"associations": [arn(ASSOCIATION_PATH, region="eu-west-2")], "membershipIdentifier": MEMBERSHIP},
        {"s3Uri": "s3://of-the-user/x", "imageUri": f"{OTHER}.dkr.ecr.eu-west-2.amazonaws.com/team/model:1"},
        {"databaseName": "shop", "tableName": "sales"},
        {"databaseName": "shop", "tableName": "customers"},
    )
    owner = owner_of(folder, None, None)
    there = sandbox.as_account(OTHER).in_region("eu-west-2")

    lines = list(assumed.seed(sandbox, folder, owner))

    assert lines == [
        f"seeded ConfiguredModelAlgorithmAssociation {arn(ASSOCIATION_PATH, region='eu-west-2')}",
        "seeded Bucket of-the-user",
        "seeded Repository team/model",
        "seeded Table shop.sales",
        "seeded Table shop.customers",
    ]
    association = there.client("cleanroomsml").get_configured_model_algorithm_association(
        configuredModelAlgorithmAssociationArn=arn(ASSOCIATION_PATH, region="eu-west-2"),
        membershipIdentifier=MEMBERSHIP,
    )
    assert association["membershipIdentifier"] == MEMBERSHIP
    assert [bucket["Name"] for bucket in there.client("s3").list_buckets()["Buckets"]] == ["of-the-user"]
    assert len(there.client("glue").get_tables(DatabaseName="shop")["TableList"]) == 2
    assert list(assumed.seed(sandbox, folder, owner)) == []


def test_no_seed_leaves_it_to_the_user(sandbox: Sandbox, tmp_path: Path) -> None:
    joined = {"CollaborationIdentifier": MEMBERSHIP, "QueryLogStatus": "DISABLED"}
    folder = write(tmp_path / "out", joined, of="AWS::CleanRooms::Membership")

    done = run("sandbox", "deploy", "--name", sandbox.name, "--app", str(folder), "--no-seed", cwd=tmp_path)

    assert done.returncode == 1
    assert "seeded" not in done.stderr
    said = " ".join((done.stdout + done.stderr).split())
    assert "HandlerErrorCode: NotFound" in said


def test_the_starter_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app.py").write_text("mine")

    assert main(["sandbox", "init", str(tmp_path)]) == 2

    assert "has app.py already; name another folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["app.py"]
    assert (tmp_path / "app.py").read_text() == "mine"


def test_the_starter_names_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()

    assert main(["sandbox", "init", str(tmp_path / "file" / "app")]) == 2

    assert "cannot be written: Not a directory" in capsys.readouterr().err


NPM = """#!/bin/sh
[ "$1" = ci ] || exit 1
while [ "$1" != --prefix ]; do shift; done
[ -n "$NPM_FAILS" ] && { echo no network >&2; exit 1; }
/bin/mkdir -p "$2/node_modules/.bin"
echo "#!/bin/sh" > "$2/node_modules/.bin/cdk"
/bin/chmod +x "$2/node_modules/.bin/cdk"
/bin/cp "$2/package-lock.json" "$2/asked"
"""


@pytest.fixture
def npm(bare: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with Node and an npm that installs a stand-in, without the CLI."""
    put(bare / "bin" / "node")
    put(bare / "bin" / "npm")
    (bare / "bin" / "npm").write_text(NPM)
    monkeypatch.setenv("CLEANROOMS_ML_SANDBOX_HOME", str(bare / "home"))
    return bare


def test_the_pinned_cli_is_installed_once_if_there_is_none(npm: Path) -> None:
    assert not toolchain.has_cdk(npm / "app")

    toolchain.install_cdk()
    toolchain.install_cdk()  # as another process at the same time

    assert toolchain.has_cdk(npm / "app")
    installed = Path(toolchain.find_cdk(npm / "app"))
    assert installed.is_relative_to(npm / "home")
    locked = json.loads((installed.parents[2] / "asked").read_text())["packages"]["node_modules/aws-cdk"]
    assert locked["version"] == CDK_VERSION
    assert locked["integrity"]
    assert len(list((npm / "home" / ".tools").iterdir())) == 1
    # The project's own comes first, once it has one.
    put(npm / "app" / "node_modules" / ".bin" / "cdk")
    assert toolchain.find_cdk(npm / "app") == str(npm / "app" / "node_modules" / ".bin" / "cdk")


def test_an_installation_that_fails_says_what_npm_said(npm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NPM_FAILS", "1")

    with pytest.raises(SandboxError, match=r"npm cannot install the CDK CLI; install it with(.|\n)*no network"):
        toolchain.install_cdk()

    assert not list((npm / "home" / ".tools").iterdir())


def test_without_npm_the_message_says_what_to_install(bare: Path) -> None:
    put(bare / "bin" / "node")

    with pytest.raises(Prerequisite, match=r"npm to install it; install it with: npm install"):
        toolchain.install_cdk()
