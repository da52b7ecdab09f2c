"""The scaffold writes a resource that works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cleanrooms_ml_handlers.resources import SPECS as KINDS_OF_SPECS

from ... import ROOT
from .. import scaffold, spec_text
from ..lists import CONSTRUCTS, FACTS, PAGES, SPECS
from ..request import whole_model
from ..resource import Resource
from ..writing import snake

RUFF = Path(sys.executable).with_name("ruff")
KIND, CREATE = "IdNamespaceAssociation", "CreateIdNamespaceAssociation"
GET, UPDATE = "GetIdNamespaceAssociation", "UpdateIdNamespaceAssociation"
# As if these operations were of kinds that nobody has described yet.
RUN = ["NewAudienceModel", "--create", "CreateAudienceModel", "--get", "GetAudienceModel"]
RUN += ["--list", "ListAudienceModels", "--delete", "DeleteAudienceModel"]
NESTED = ["NewTrainedModel", "--create", "CreateTrainedModel", "--get", "GetTrainedModel"]
NESTED += ["--list", "ListTrainedModels", "--delete", "DeleteTrainedModelOutput", "--cancel", "CancelTrainedModel"]
WRITTEN = 4


def _undescribed() -> Iterator[dict[str, str]]:
    """Resources of AWS Clean Rooms that have neither spec nor construct: the operations of each, by their purpose."""
    operations = whole_model("cleanrooms").operations
    described = {operation for spec in KINDS_OF_SPECS for operation in spec.operations}
    for create in sorted(set(operations) - described):
        kind = create.removeprefix("Create")
        one = {verb.lower(): f"{verb}{kind}" for verb in ("Create", "Get", "Update", "Delete")}
        one["list"] = f"List{kind}s"
        construct = ROOT / "constructs" / "cdk_cleanrooms_ml" / f"{snake(kind)}.py"
        if set(one.values()) <= operations.keys() and not construct.exists():
            yield {"kind": kind, **one}


OTHER = next(_undescribed(), {})
OTHER_RUN = [OTHER.get("kind", ""), "--service", "cleanrooms"]
OTHER_RUN += [word for role, name in OTHER.items() if role != "kind" for word in (f"--{role}", name)]
NONE_LEFT = pytest.mark.skipif(not OTHER, reason="every resource of AWS Clean Rooms is described")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy to write into."""
    root = tmp_path_factory.mktemp("checkout")
    for folder in ("constructs", "custom_resources", "cli", "simulator", "tests/synth", "tools", "examples/resources"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "tests" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def run(command: list[str], cwd: Path) -> str:
    """Runs a command that has to work."""
    paths = os.pathsep.join(str(cwd / each) for each in ("constructs", "custom_resources", "cli", "simulator", "."))
    environment = {**os.environ, "PYTHONPATH": paths, "CDK_VALIDATION": "false"}
    ran = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.parametrize(
    "given", [RUN, NESTED, pytest.param(OTHER_RUN, marks=NONE_LEFT)], ids=["model", "nested", "other service"]
)
def test_what_the_scaffold_writes_is_clean_and_passes_its_test(checkout: Path, given: list[str]) -> None:
    printed = run([sys.executable, "-m", "tools.resource.scaffold", *given], checkout)
    written = re.findall(r"wrote (\S+)", printed)
    assert written[WRITTEN:] == [str(path) for path in (SPECS, CONSTRUCTS, PAGES, FACTS)]
    run([str(RUFF), "format", "--check", *written], checkout)
    run([str(RUFF), "check", *written], checkout)
    run([sys.executable, "-m", "tools.model.reduce_model"], checkout)
    (test,) = (path for path in written if "/test_" in path)
    (example,) = (path for path in written if path.startswith("examples/"))
    run([sys.executable, example], checkout)
    assert "1 passed" in run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test], checkout)
    # What is left to be looked at is listed, each with its line.
    left = re.findall(r"^- (\S+):(\d+): ", printed, re.MULTILINE)
    assert left
    for path, number in left:
        assert "Look:" in (checkout / path).read_text(encoding="utf-8").splitlines()[int(number) - 1]


@NONE_LEFT
def test_a_kind_of_another_service_is_stored_and_described(checkout: Path) -> None:
    """After the scaffold of `OTHER`: it needs no second service and no second run of the model's reduction."""
    command = "from cleanrooms_ml_handlers.resources import SPECS as s; from cleanrooms_ml_handlers.model import "
    command += "service_model as m; one = s[-1]; print(one.kind, one.signing_name, one.is_taggable, one.arn_resource, "
    command += "set(one.operations) <= set(m(one.service).operations), one.permissions[one.get][0].actions)"
    printed = run([sys.executable, "-c", command], checkout)
    segment = OTHER["kind"].lower()
    kind = f"{OTHER['kind']} cleanrooms True membership/*/{segment}/*"
    assert printed.strip() == f"{kind} True ('cleanrooms:{OTHER['get']}',)"


@pytest.mark.parametrize(("kind", "native"), [(KIND, f"AWS::CleanRooms::{KIND}"), ("CollaborationChangeRequest", "")])
def test_a_kind_that_cloudformation_has_already_is_announced(kind: str, native: str) -> None:
    one = Resource(kind, {"create": f"Create{kind}", "get": f"Get{kind}"}, "cleanrooms")
    said = re.findall(r"CloudFormation has (\S+)", "\n".join(scaffold.next_steps(one, [], ROOT)))
    assert said == ([native] if native else [])


def test_nothing_is_overwritten() -> None:
    operations = {"create": "CreateMLInputChannel", "get": "GetMLInputChannel"}
    with pytest.raises(SystemExit, match=r"ml_input_channel\.py is there already; nothing was written"):
        scaffold.write(Resource("MLInputChannel", operations), ROOT)


def test_unknown_operations_are_named_together_with_the_nearest_ones() -> None:
    with pytest.raises(SystemExit) as caught:
        Resource("IdMappingTable", {"create": "CreateIdMapingTable", "get": "GetTea"}, "cleanrooms")
    message = str(caught.value)
    assert "cleanrooms has no operation CreateIdMapingTable (did you mean CreateIdMappingTable?); GetTea. " in message
    assert "raise the pin in requirements-sandbox.txt and run `make model`" in message


@pytest.mark.parametrize(
    ("kind", "service", "operations", "message"),
    [
        (KIND, "cleanrooms-ml", {"create": CREATE}, "service cleanrooms-ml: .* write --service cleanroomsml$"),
        (KIND, "CleanRooms", {"create": CREATE}, "service CleanRooms: .* write --service cleanrooms$"),
        (KIND, "cleanroomsml", {"create": CREATE, "get": GET}, "but cleanrooms has: write --service cleanrooms$"),
        (KIND, "cleanrooms", {"create": UPDATE}, f"^--create {UPDATE}: write --update {UPDATE}, "),
        (KIND, "cleanrooms", {"create": CREATE, "update": CREATE}, f"^--update {CREATE}: write --create {CREATE}, "),
        (KIND, "cleanrooms", {"create": CREATE, "list": GET}, f"^--list {GET}: write --get {GET}, "),
        (KIND, "cleanrooms", {"create": CREATE.lower()}, f"did you mean {CREATE}"),
        (KIND, "cleanrooms", {"create": f"{CREATE}s"}, f"did you mean {CREATE}"),
        ("idNamespaceAssociation", "cleanrooms", {"create": CREATE}, f": {KIND}$"),
        ("id_namespace_association", "cleanrooms", {"create": CREATE}, f": {KIND}$"),
        ("IDNamespaceAssociation", "cleanrooms", {"create": CREATE}, f": {KIND}$"),
        ("IdNamespaceAssociations", "cleanrooms", {"create": CREATE}, f": {KIND}$"),
        ("../outside", "cleanrooms", {"create": CREATE}, f": {KIND}$"),
        ("", "cleanrooms", {"create": CREATE}, f": {KIND}$"),
    ],
)
def test_what_is_written_in_another_way_than_the_api_does_is_refused_with_what_to_write(
    kind: str, service: str, operations: dict[str, str], message: str
) -> None:
    with pytest.raises(SystemExit, match=message):
        Resource(kind, operations, service)


def test_an_unknown_service_is_named_with_all_places_where_to_add_it() -> None:
    with pytest.raises(SystemExit) as caught:
        Resource("Bucket", {"create": "CreateBucket"}, "s3")
    message = str(caught.value)
    assert message.startswith("service s3: the library stores no model of it; it knows cleanroomsml, cleanrooms. ")
    names = re.findall(r"([A-Z_]+) in (\S+\.py)", message)
    assert [name for name, _ in names] == ["BESIDE_THE_SPECS", "REFERENCES", "SERVICES"]
    for name, path in names:
        assert re.search(rf"^{name}\b", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), path


def test_every_status_of_a_scaffolded_kind_is_classified() -> None:
    one = Resource("TrainedModel", {"create": "CreateTrainedModel", "get": "GetTrainedModel"})
    text = spec_text.spec(one)
    assert "what does it mean" not in text
    assert text.count("Phase.") == len(one.statuses)


def _operations(kind: str) -> dict[str, str]:
    return {**{verb.lower(): f"{verb}{kind}" for verb in ("Create", "Get", "Update", "Delete")}, "list": f"List{kind}s"}


def _comments(one: Resource) -> str:
    return " ".join(re.findall(r"^ *# (.*)", spec_text.spec(one), re.MULTILINE))


def test_the_draft_of_permissions_says_what_the_sandbox_authorizes_beside_the_resource_itself() -> None:
    operations = {"create": CREATE, "get": GET, "update": UPDATE}
    text = _comments(Resource(KIND, operations, "cleanrooms"))
    assert f"The sandbox authorizes {CREATE}, {GET}, {UPDATE} on {KIND} and Membership." in text


def test_the_draft_of_permissions_says_which_other_actions_the_sandbox_asks_for() -> None:
    one = Resource("IdMappingTable", _operations("IdMappingTable"), "cleanrooms")
    said = (
        "The sandbox also asks for entityresolution:AddPolicyStatement and entityresolution:GetIdMappingWorkflow "
        "(CreateIdMappingTable); entityresolution:DeletePolicyStatement (DeleteIdMappingTable)."
    )
    assert said in _comments(one)
    operations = {"create": "CreateTrainedModel", "get": "GetTrainedModel"}
    said = "The sandbox also asks for cleanrooms:PassMembership (CreateTrainedModel, GetTrainedModel)."
    assert said in _comments(Resource("NewTrainedModel", operations))


def test_the_list_of_what_is_left_has_the_whole_of_each_comment(tmp_path: Path) -> None:
    one = Resource("IdMappingTable", _operations("IdMappingTable"), "cleanrooms")
    (tmp_path / "spec.py").write_text(spec_text.spec(one))
    steps = "\n".join(scaffold.next_steps(one, [Path("spec.py")], tmp_path))
    assert "other actions does each need? The sandbox authorizes CreateIdMappingTable, " in steps
    assert "entityresolution:DeletePolicyStatement (DeleteIdMappingTable).\n" in f"{steps}\n"


@pytest.mark.parametrize(
    ("kind", "of_membership", "of_itself"),
    [
        ("IdMappingTable", {"Create", "Get", "List", "Update", "Delete"}, set()),
        ("AnalysisTemplate", {"Create", "List"}, {"Get", "Update", "Delete"}),
    ],
)
def test_the_draft_of_permissions_has_the_membership_where_the_sandbox_authorizes_on_it(
    kind: str, of_membership: set[str], of_itself: set[str]
) -> None:
    text = spec_text.spec(Resource(kind, _operations(kind), "cleanrooms"))
    drafted = dict(re.findall(rf'"(Create|Get|List|Update|Delete){kind}s?": (\w+)', text))
    assert drafted == dict.fromkeys(of_membership, "_IN_MEMBERSHIP") | dict.fromkeys(of_itself, "_OWN")
    assert "_OWN = " in text
    assert "_IN_MEMBERSHIP = " in text


def test_what_only_the_user_guide_says_of_keys_is_not_drafted() -> None:
    """A draft that equals what the sandbox has, or that both are copied from, would be compared with itself."""
    one = Resource("IdMappingTable", _operations("IdMappingTable"), "cleanrooms")
    assert "key_actions=()," in spec_text.spec(one)
    steps = "\n".join(scaffold.next_steps(one, [], ROOT))
    assert "keys=(...)" in steps
    assert "KEY_ACTIONS" not in steps


def test_only_a_text_that_may_be_empty_is_drafted_as_cleared_by_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Resource("IdMappingTable", _operations("IdMappingTable"), "cleanrooms")
    assert 'cleared={"description": ""}' in spec_text.spec(one)
    monkeypatch.setattr(Resource, "may_be_empty", lambda *_: False)
    text = spec_text.spec(one)
    assert "cleared=" not in text
    assert '"description", "kmsKeyArn"' in text


def test_the_page_about_new_resources_shows_code_that_exists() -> None:
    page = (ROOT / "docs" / "adding-a-resource.md").read_text(encoding="utf-8")
    sources = [
        ROOT / folder / f"{stem}.py"
        for folder in ("custom_resources/cleanrooms_ml_handlers/resources", "constructs/cdk_cleanrooms_ml")
        for stem in ("audience_export_job", "configured_audience_model_association")
    ]
    sources += sorted((ROOT / "cli/cleanrooms_ml_cli/sandbox/emulator/kinds").glob("*.py"))
    sources += [ROOT / FACTS]
    code = {line.strip() for path in sources for line in path.read_text(encoding="utf-8").splitlines()}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        shown = {line.strip() for line in block.splitlines() if line.strip() and not line.strip().startswith("#")}
        assert shown <= code, shown - code
