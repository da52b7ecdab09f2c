"""The sandbox's page: what is sent, and what its script shows of the control endpoint.

`python -m tools.browser.sandbox_page` tries it in a real browser.
"""

from __future__ import annotations

import base64
import hashlib
import html.parser
import http.client
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.sandbox import Sandbox, page
from cleanrooms_ml_cli.sandbox.control import call
from cleanrooms_ml_cli.sandbox.environment import PAGE_PATH
from cleanrooms_ml_handlers.resources import SPECS
from tests.waiting import HANGS_AFTER_SECONDS

FOLDER = Path(page.__file__).parent
HTML = '<img src=x onerror="alert(1)">'

# The parts of the script without a document, in Node: the arguments are an expression of theirs and its value.
_HARNESS = "const given = JSON.parse(process.argv[1]); console.log(JSON.stringify({expression}));"


def shown(expression: str, given: Any) -> Any:
    """The value of an expression of `view.js`, in which `given` is what the test says."""
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    assert node is not None
    script = (FOLDER / "view.js").read_text() + _HARNESS.replace("{expression}", expression)
    line = [node, "--input-type=module", "--eval", script, "--", json.dumps(given)]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=HANGS_AFTER_SECONDS)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def control(sandbox: Sandbox, path: str) -> Any:
    return call(sandbox.endpoint, "GET", f"/_cleanroomsml/{path}")


def get(sandbox: Sandbox, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=HANGS_AFTER_SECONDS)
    try:
        connection.request(method, PAGE_PATH, headers={name.replace("_", "-"): it for name, it in headers.items()})
        with connection.getresponse() as response:
            return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read().decode()
    finally:
        connection.close()


class Elements(html.parser.HTMLParser):
    """The elements of a page with their attributes, and the text of its styles and scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"style": [], "script": []}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag in self.inside:
            self.inside[tag].append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem in self.inside:
            self.inside[self.cdata_elem][-1] += data


def test_the_page_is_one_document_that_loads_nothing(sandbox: Sandbox) -> None:
    status, headers, text = get(sandbox)
    elements = Elements(text)

    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    for _, attributes in elements.found:
        assert attributes.keys().isdisjoint({"src", "action"})
        assert (attributes.get("href") or "#").startswith(("#", "data:"))
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    # What its script asks for is the sandbox's own.
    assert re.findall(r"https?://[^\"'` ]*", text) == ["http://www.w3.org/2000/svg"]


def test_its_policy_allows_its_own_script_and_nothing_else(sandbox: Sandbox) -> None:
    _, headers, text = get(sandbox)
    policy = dict(directive.split(" ", 1) for directive in headers["content-security-policy"].split("; "))
    (_, script), (styles,) = (Elements(text).inside[tag] for tag in ("script", "style"))

    def hash_of(content: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == hash_of(script)
    assert policy["style-src"] == hash_of(styles)
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"
    # Nothing but text can be written into the page, whatever the script tries.
    assert policy["require-trusted-types-for"] == "'script'"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Sec_Fetch_Site": "cross-site"}],
    ids=str,
)
def test_a_page_of_another_site_does_not_get_it(sandbox: Sandbox, headers: dict[str, str]) -> None:
    assert get(sandbox, **headers)[0] == 403


def test_it_can_be_asked_for_without_being_sent(sandbox: Sandbox) -> None:
    status, headers, text = get(sandbox, "HEAD")

    assert (status, text) == (200, "")
    assert int(headers["content-length"]) == len(get(sandbox)[2].encode())


def test_it_knows_every_kind_operation_and_fault() -> None:
    facts = json.loads(Elements(page.document()).inside["script"][0])
    own, around = facts["groups"]

    assert {spec.kind for spec in SPECS if spec.service == "cleanroomsml"} <= set(own["kinds"])
    assert {"TrainingDataset", "ConfiguredModelAlgorithm", "ConfiguredModelAlgorithmAssociation"} <= set(own["kinds"])
    assert {"Collaboration", "Membership", "ConfiguredTable", "ProtectedQuery"} <= set(around["kinds"])
    assert {"*", "CreateMLInputChannel", "CreateCollaboration"} <= set(facts["operations"])
    assert {"error", "hold"} <= set(facts["faultKinds"])
    assert {"MLInputChannel", "ProtectedQuery"} <= set(facts["runKinds"])


@pytest.fixture
def run(sandbox: Sandbox) -> Iterator[str]:
    """The ARN of a run in the middle: a model that takes 100,000 seconds, 40,000 of which are over."""
    sandbox.emulator.reset()
    sandbox.emulator.set_durations(create={"AudienceModel": 100_000.0})
    ml = sandbox.client("cleanroomsml")
    dataset = sandbox.emulator.seed(kind="TrainingDataset", name="watched films")["arn"]
    started = ml.create_audience_model(name="lookalike", trainingDatasetArn=dataset, tags={"team": HTML})
    sandbox.emulator.advance(40_000)
    yield started["audienceModelArn"]
    sandbox.emulator.reset()


def test_a_run_is_shown_with_its_share_and_its_end(sandbox: Sandbox, run: str) -> None:
    given = {"records": control(sandbox, "records")["records"], "overview": control(sandbox, "overview")}
    view = "runsView(given.records, given.overview)"
    (before,) = shown(view, given)
    sandbox.emulator.advance(70_000)
    given = {"records": control(sandbox, "records")["records"], "overview": control(sandbox, "overview")}
    (after,) = shown(view, given)

    assert (before["key"], before["title"], before["kind"]) == (run, "lookalike", "Audience model")
    assert (before["status"], before["tone"], before["busy"]) == ("CREATE_IN_PROGRESS", "busy", True)
    # The sandbox's clock goes on between the calls.
    assert 40 <= before["percent"] < 42
    assert re.fullmatch(r"16 h( \d+ min)? left", before["note"])
    assert (after["status"], after["tone"], after["percent"], after["busy"]) == ("ACTIVE", "ok", 100, False)
    assert after["note"].endswith(" ago")


def test_what_a_screen_reader_hears_is_what_changed(sandbox: Sandbox, run: str) -> None:
    records = control(sandbox, "records")["records"]
    statuses = {record["arn"]: record["status"] for record in records}
    sandbox.emulator.advance(70_000)
    later = control(sandbox, "records")["records"]
    news = "newsOf(new Map(Object.entries(given.before)), given.after)"

    assert shown(news, {"before": statuses, "after": later}) == "Audience model lookalike is ACTIVE"
    assert shown(news, {"before": statuses, "after": records}) == ""


def test_resources_are_counted_filtered_and_searched(sandbox: Sandbox, run: str) -> None:
    records = control(sandbox, "records")["records"]
    groups = [{"title": "all", "kinds": ["AudienceModel", "TrainedModel", "TrainingDataset"]}]
    (group,) = shown("kindsView(given.groups, given.records)", {"groups": groups, "records": records})
    rows = "recordsView(given.records, given.kind, given.search).map((row) => [row.title, row.tags, row.canExpire])"
    model = ["lookalike", [f"team = {HTML}"], False]

    assert [(kind["label"], kind["count"], kind["busy"]) for kind in group["kinds"]] == [
        ("Audience model", 1, True),
        ("Trained model", 0, False),
        ("Training dataset", 1, False),
    ]
    assert shown(rows, {"records": records, "kind": "AudienceModel", "search": ""}) == [model]
    assert [row[0] for row in shown(rows, {"records": records, "kind": "", "search": "FILMS"})] == ["watched films"]
    assert shown(rows, {"records": records, "kind": "TrainedModel", "search": ""}) == []


def test_the_journal_is_continued_and_forgets_what_the_sandbox_forgot(sandbox: Sandbox, run: str) -> None:
    first = control(sandbox, "journal")["entries"]
    numbers = control(sandbox, "overview")["journal"]
    known = first[:-1]
    continued = "journalOf(given.known, given.news, given.numbers).map((entry) => entry.number)"

    assert shown(continued, {"known": known, "news": first, "numbers": numbers}) == [it["number"] for it in first]
    sandbox.emulator.clear_journal()
    numbers = control(sandbox, "overview")["journal"]
    assert numbers == {"first": first[-1]["number"] + 1, "last": first[-1]["number"]}
    assert shown(continued, {"known": first, "news": [], "numbers": numbers}) == []


def test_the_journal_shows_errors_and_changes(sandbox: Sandbox, run: str) -> None:
    sandbox.emulator.add_fault("GetAudienceModel", error_code="ThrottlingException")
    sandbox.emulator.add_fault("ListAudienceModels", kind="drop_before")
    for operation in ("get_audience_model", "list_audience_models"):
        client = sandbox.client("cleanroomsml")
        getattr(client, operation)(**({"audienceModelArn": run} if operation.startswith("get") else {}))
    entries = control(sandbox, "journal")["entries"]
    rows = shown("journalView(given, false).map((row) => [row.operation, row.result, row.tone])", entries)
    changes = shown("journalView(given, true).map((row) => row.operation)", entries)

    assert ["GetAudienceModel", "ThrottlingException", "bad"] in rows
    assert ["ListAudienceModels", "DroppedConnection", "bad"] in rows
    assert rows[-1] == ["CreateAudienceModel", "200", "ok"]
    assert changes == ["CreateAudienceModel"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (5400, "1 h 30 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_a_time_is_short(seconds: float, text: str) -> None:
    assert shown("span(given)", seconds) == text


def test_open_prints_the_address_and_opens_the_browser(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {shlex.quote(str(opened))}\n')
    browser.chmod(0o755)
    line = [sys.executable, "-m", "cleanrooms_ml_cli", "sandbox", "open", "--name", sandbox.name]
    monkeypatch.setenv("BROWSER", str(browser))

    assert main(["sandbox", "open", "--name", sandbox.name, "--no-browser"]) == 0
    assert capsys.readouterr().out == f"{sandbox.page}\n"
    assert not opened.exists()
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=HANGS_AFTER_SECONDS)
    assert (done.returncode, done.stdout) == (0, f"{sandbox.page}\n"), done.stderr
    assert opened.read_text() == f"{sandbox.page}\n"


def test_open_without_a_sandbox_says_how_to_start_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "open", "--name", "nowhere"]) == 2
    assert capsys.readouterr().err.startswith('cleanrooms-ml: no sandbox "nowhere" is running; ')
