"""What a web page may do to a sandbox: nothing. Each attack here once worked."""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import json
import os
import stat
import urllib.parse
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.control import call
from cleanrooms_ml_cli.sandbox.environment import PAGE_PATH
from tests.waiting import HANGS_AFTER_SECONDS

EVIL = "https://evil.example"
FORM = "application/x-www-form-urlencoded"
CREATE_QUEUE = urllib.parse.urlencode({"Action": "CreateQueue", "QueueName": "by-the-page", "Version": "2012-11-05"})


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def request(sandbox: Sandbox, method: str, path: str, headers: Mapping[str, str], body: str = "") -> Answer:
    """A request with just these headers, as a browser chooses them."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=HANGS_AFTER_SECONDS)
    with contextlib.closing(connection):
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            connection.putheader(name, value)
        connection.endheaders(body.encode())
        with connection.getresponse() as response:
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, named, response.read())


def queues(sandbox: Sandbox) -> list[str]:
    return list(sandbox.client("sqs").list_queues().get("QueueUrls", []))


# What a browser says of a page that must not get in.
FOREIGN = [
    {"Origin": EVIL},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://localhost"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Host": "evil.example"},
    {"Host": "evil.example:80"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Host": "localhost.evil.example"},
    {"Host": "evillocalhost"},
    {"Host": "bucket.s3.localhost.evil.example"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_form_of_another_site_creates_nothing(sandbox: Sandbox, headers: dict[str, str]) -> None:
    response = request(sandbox, "POST", "/", {"Content-Type": FORM, **headers}, CREATE_QUEUE)

    assert response.status == 403
    assert json.loads(response.body)["message"]
    assert response.headers.get("access-control-allow-origin") is None
    assert queues(sandbox) == []


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_an_image_of_another_site_creates_nothing(sandbox: Sandbox, headers: dict[str, str]) -> None:
    """A request of the query protocol works as a GET, too."""
    assert request(sandbox, "GET", f"/?{CREATE_QUEUE}", headers).status == 403
    assert queues(sandbox) == []


@pytest.mark.parametrize("query", [CREATE_QUEUE, CREATE_QUEUE.replace("Action", "%41ction"), f"x=1&{CREATE_QUEUE}"])
def test_a_link_in_a_mail_creates_nothing(sandbox: Sandbox, query: str) -> None:
    """Browsers name no site for it, nor for what an address that somebody typed redirects to."""
    navigation = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}

    assert request(sandbox, "GET", f"/?{query}", navigation).status == 403
    assert queues(sandbox) == []


def test_a_page_that_signs_with_the_public_test_keys_creates_nothing(sandbox: Sandbox) -> None:
    unsigned = AWSRequest("POST", f"{sandbox.endpoint}/", {"Content-Type": FORM}, CREATE_QUEUE)
    SigV4Auth(Credentials("test", "test"), "sqs", "us-east-1").add_auth(unsigned)
    signed = dict(unsigned.headers.items())

    assert request(sandbox, "POST", "/", {**signed, "Origin": EVIL}, CREATE_QUEUE).status == 403
    assert queues(sandbox) == []
    # The same request of a program works.
    assert request(sandbox, "POST", "/", signed, CREATE_QUEUE).status == 200
    sandbox.client("sqs").delete_queue(QueueUrl=queues(sandbox)[0])


@pytest.mark.parametrize("name", ["Origin", "Sec-Fetch-Site", "Content-Type"])
def test_a_header_that_comes_twice_hides_no_other_site(sandbox: Sandbox, name: str) -> None:
    own = {"Origin": f"http://127.0.0.1:{sandbox.port}", "Sec-Fetch-Site": "same-origin", "Content-Type": FORM}
    foreign = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"}[name]

    response = request(sandbox, "POST", "/", {name.upper(): foreign, **own}, CREATE_QUEUE)

    assert response.status == 403
    assert queues(sandbox) == []


def test_a_preflight_of_another_site_allows_nothing(sandbox: Sandbox) -> None:
    asked = {"Origin": EVIL, "Access-Control-Request-Method": "PUT"}

    response = request(sandbox, "OPTIONS", "/bucket", asked)

    assert response.status == 403
    assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/", "/_ministack/health", "/_cleanroomsml/sandbox", "/2015-03-31/functions"])
def test_no_answer_lets_every_page_read_it(sandbox: Sandbox, path: str) -> None:
    response = request(sandbox, "GET", path, {})

    assert response.status < 500
    assert response.headers.get("access-control-allow-origin") != "*"


@pytest.mark.parametrize("path", ["/_cleanroomsml/reset", "/_cleanroomsml/faults", "/_ministack/reset"])
@pytest.mark.parametrize("content_type", [None, "text/plain", FORM, "multipart/form-data; boundary=x"])
def test_the_control_endpoints_take_json_alone(sandbox: Sandbox, path: str, content_type: str | None) -> None:
    """Without that a page could send what it likes to them: text needs no preflight."""
    sandbox.emulator.seed("AudienceModel", name="kept")
    fault = '{"operation": "CreateMLInputChannel", "kind": "lost_reply"}'

    response = request(sandbox, "POST", path, {"Content-Type": content_type} if content_type else {}, fault)

    assert response.status == 415
    assert "Content-Type: application/json" in json.loads(response.body)["error"]
    assert sandbox.emulator.records()
    assert call(sandbox.endpoint, "GET", "/_cleanroomsml/faults") == {"faults": []}


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_the_control_endpoints_answer_no_other_site(sandbox: Sandbox, headers: dict[str, str]) -> None:
    sandbox.emulator.seed("AudienceModel", name="kept")

    assert request(sandbox, "GET", "/_cleanroomsml/journal?raw=true", headers).status == 403
    given = {"Content-Type": "application/json", **headers}
    assert request(sandbox, "POST", "/_cleanroomsml/reset", given, "{}").status == 403
    assert sandbox.emulator.records()


@pytest.mark.parametrize("headers", [{"Origin": EVIL}, {"Host": "evil.example"}], ids=str)
def test_a_websocket_of_another_site_is_not_opened(sandbox: Sandbox, headers: dict[str, str]) -> None:
    key = base64.b64encode(os.urandom(16)).decode()
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}

    assert request(sandbox, "GET", "/_aws/execute-api/x/y", {**upgrade, **headers}).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "none"},
        {"Host": "localhost"},
        {"Host": "LOCALHOST:4566"},
        {"Host": "[::1]:4566"},
        {"Host": "bucket.s3.localhost:4566"},
        {"Host": "id.execute-api.localhost"},
        {"Host": "localhost:4566", "Origin": "http://localhost:4566", "Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
def test_programs_and_its_own_pages_get_in(sandbox: Sandbox, headers: dict[str, str]) -> None:
    assert request(sandbox, "GET", "/_cleanroomsml/sandbox", headers).status == 200


def test_a_bucket_can_be_a_host(sandbox: Sandbox) -> None:
    sandbox.client("s3").create_bucket(Bucket="pictures")
    sandbox.client("s3").put_object(Bucket="pictures", Key="key", Body=b"body")

    response = request(sandbox, "GET", "/key", {"Host": f"pictures.s3.localhost:{sandbox.port}"})

    assert (response.status, response.body) == (200, b"body")


def test_functions_get_none_of_the_shells_secrets(sandbox: Sandbox) -> None:
    """Neither in their environment nor in that of the process that started them."""
    client = sandbox.client("lambda")
    client.create_function(
        FunctionName="environments",
        Runtime="python3.13",
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/any",
        Code={"ZipFile": _archive(_ENVIRONMENTS)},
    )

    seen = json.load(client.invoke(FunctionName="environments")["Payload"])

    assert "PATH" in seen
    assert "secret of the shell" not in json.dumps(seen)


_ENVIRONMENTS = """
import os, pathlib

def handler(event, context):
    seen = dict(os.environ)
    for process in (os.getpid(), os.getppid()):
        environment = pathlib.Path(f"/proc/{process}/environ")
        if environment.exists():
            seen[str(process)] = environment.read_text(errors="replace")
    return seen
"""


def _archive(source: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("index.py", source)
    return archive.getvalue()


def test_no_other_user_can_read_its_files(sandbox: Sandbox) -> None:
    assert stat.S_IMODE(sandbox.folder.stat().st_mode) == 0o700
    others = 0o077
    open_to_others = [
        path for path in sandbox.folder.rglob("*") if not path.is_symlink() and path.stat().st_mode & others
    ]
    assert open_to_others == []
    assert (sandbox.folder / "state.json").is_file()


@pytest.mark.parametrize("key", ["page.html", "_ministack/page.html", "_localstack/page.html"])
@pytest.mark.parametrize("host", ["127.0.0.1", "stored.s3.localhost"])
def test_a_stored_page_has_an_origin_of_its_own(sandbox: Sandbox, host: str, key: str) -> None:
    """Results that somebody else wrote may be HTML: a browser that shows them gives them the sandbox's address."""
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="stored")
    s3.put_object(Bucket="stored", Key=key, Body=b"<script>0</script>", ContentType="text/html")
    path = f"/{key}" if host.startswith("stored") else f"/stored/{key}"

    response = request(sandbox, "GET", path, {"Host": f"{host}:{sandbox.port}"})

    # To some of these paths MiniStack answers itself.
    assert response.body == b"<script>0</script>" or response.headers["content-type"] == "application/json"
    words = response.headers["content-security-policy"].split()
    assert words[0] == "sandbox"
    assert "allow-same-origin" not in words


def test_the_sandboxs_own_page_keeps_its_policy(sandbox: Sandbox) -> None:
    assert "sandbox" not in request(sandbox, "GET", PAGE_PATH, {}).headers["content-security-policy"].split()
