"""A page of another origin in a real browser, which tries to use a sandbox: `python -m tools.security.browser_attack`.

It needs Chromium (Debian: `apt-get install chromium`). The page sends forms, fetches and images to the sandbox, and is
loaded a second time from a name that leads to the sandbox's own address, as a name does that was rebound. Each attack
that takes effect or can read an answer is printed, and the exit code is 1.
"""

from __future__ import annotations

import contextlib
import html
import http.server
import json
import subprocess
import sys
import tempfile
import threading
import urllib.parse
from collections.abc import Iterator

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.control import call

from ..browser.chromium import BrowserError, find_browser

REBOUND = "rebound.example"
_SECONDS = 60

# Fetches note what they can read in the page's title, forms are sent into frames.
_PAGE = """<!doctype html><title>read:</title><body><script>
const sandbox = %(endpoint)s, queue = (name) => "Action=CreateQueue&Version=2012-11-05&QueueName=" + name;
const form = "application/x-www-form-urlencoded";
const read = (what) => async (response) => {
  const text = await response.text();
  if (response.ok && text) document.title += " " + what;
};
const tries = [
  fetch(sandbox + "/_cleanroomsml/journal").then(read("journal")),
  fetch(sandbox + "/_ministack/health").then(read("health")),
  fetch(sandbox + "/?" + queue("get")).then(read("get")),
  fetch(sandbox + "/", {method: "POST", body: queue("fetch"), headers: {"Content-Type": form}}).then(read("fetch")),
  fetch(sandbox + "/", {method: "POST", body: queue("blind"), headers: {"Content-Type": form}, mode: "no-cors"}),
  fetch(sandbox + "/_cleanroomsml/faults", {method: "POST", mode: "no-cors",
    body: JSON.stringify({operation: "CreateMLInputChannel", kind: "lost_reply"})}),
  fetch(sandbox + "/_cleanroomsml/faults", {method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({operation: "CreateMLInputChannel", kind: "lost_reply"})}).then(read("preflighted")),
  fetch(sandbox + "/?" + queue("head"), {method: "HEAD", mode: "no-cors"}),
  fetch(sandbox + "/by-options", {method: "PUT"}).then(read("put")),
  fetch(sandbox + "/_cleanroomsml/journal", {targetAddressSpace: "loopback"}).then(read("private-network")),
  fetch("/redirected", {method: "POST", body: queue("redirected"), headers: {"Content-Type": form}, mode: "no-cors"}),
  fetch(sandbox + "/_cleanroomsml/journal", {credentials: "include", cache: "force-cache"}).then(read("cached")),
  new Promise((resolve) => {
    const socket = new WebSocket(sandbox.replace("http", "ws") + "/");
    socket.onopen = () => { document.title += " websocket"; resolve(); };
    socket.onerror = resolve;
  }),
];
navigator.sendBeacon(sandbox + "/", new Blob([queue("beacon")], {type: form}));
const parts = new FormData();
for (const pair of new URLSearchParams(queue("multipart"))) parts.append(...pair);
tries.push(fetch(sandbox + "/", {method: "POST", body: parts, mode: "no-cors"}));
for (const [tag, name] of [["script", "src"], ["link", "href"], ["audio", "src"], ["iframe", "src"]]) {
  const element = document.createElement(tag);
  if (tag === "link") element.rel = "stylesheet";
  element[name] = sandbox + "/?" + queue(tag);
  document.body.append(element);
}
new Image().src = sandbox + "/?" + queue("image");
const frame = document.createElement("iframe");
frame.name = "frame";
document.body.append(frame);
const sent = document.createElement("form");
sent.method = "POST"; sent.target = "frame"; sent.action = sandbox + "/";
for (const pair of new URLSearchParams(queue("form"))) {
  const field = document.createElement("input");
  [field.name, field.value] = pair;
  sent.append(field);
}
document.body.append(sent);
sent.submit();
Promise.allSettled(tries).then(() => setTimeout(() => { document.body.dataset.done = "1"; }, 1500));
</script>"""


def main() -> int:
    """Print what the page could do; 1 if anything, 2 without a browser."""
    try:
        browser = find_browser()
    except BrowserError as error:
        print(error, file=sys.stderr)
        return 2
    with Sandbox.start() as sandbox:
        attacks = (attacks_of_a_page, attacks_of_a_rebound_name, attacks_of_a_stored_page)
        found = [what for attack in attacks for what in attack(browser, sandbox)]
    for what in found:
        print(f"worked: {what}")
    print(f"{len(found)} attacks worked")
    return 1 if found else 0


def attacks_of_a_page(browser: str, sandbox: Sandbox) -> Iterator[str]:
    """What a page of another origin could do."""
    with served(_PAGE % {"endpoint": json.dumps(sandbox.endpoint)}, sandbox.endpoint) as address:
        yield from _what_worked(loaded(browser, address), sandbox)


def attacks_of_a_stored_page(browser: str, sandbox: Sandbox) -> Iterator[str]:
    """What a page could do that lies in a bucket of the sandbox, for example in results that somebody else wrote."""
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="stored")
    for host in ("127.0.0.1", "stored.s3.localhost"):
        endpoint = f"http://{host}:{sandbox.port}"
        page = (_PAGE % {"endpoint": json.dumps(endpoint)}).encode()
        s3.put_object(Bucket="stored", Key="page.html", Body=page, ContentType="text/html")
        path = "page.html" if host.startswith("stored") else "stored/page.html"
        shown = loaded(browser, f"{endpoint}/{path}")
        if "<script>" not in shown:
            yield f"nothing: {host} did not serve the page"
        yield from _what_worked(shown, sandbox)


def _what_worked(shown: str, sandbox: Sandbox) -> Iterator[str]:
    title = html.unescape(shown).partition("<title>read:")[2].partition("</title>")[0]
    yield from (f"the page read the answer to {what}" for what in title.split())
    for url in sandbox.client("sqs").list_queues().get("QueueUrls", []):
        yield f"the page created the queue {url.rsplit('/', 1)[-1]}"
        sandbox.client("sqs").delete_queue(QueueUrl=url)
    if "by-options" in [bucket["Name"] for bucket in sandbox.client("s3").list_buckets()["Buckets"]]:
        yield "the page created a bucket"
    if call(sandbox.endpoint, "GET", "/_cleanroomsml/faults")["faults"]:
        yield "the page added a fault"


def attacks_of_a_rebound_name(browser: str, sandbox: Sandbox) -> Iterator[str]:
    """What a page could read whose name leads to the sandbox, so that the browser takes both for one site."""
    address = f"http://{REBOUND}:{sandbox.port}/_cleanroomsml/sandbox"
    shown = loaded(browser, address, f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1")
    if '"ministack"' in html.unescape(shown):
        yield "the page of a rebound name read who the sandbox is"


def loaded(browser: str, address: str, *options: str) -> str:
    """The page at an address as it is in the browser after its scripts."""
    with tempfile.TemporaryDirectory() as profile:
        line = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", *options]
        line += ["--no-proxy-server", "--timeout=8000", "--virtual-time-budget=15000", "--dump-dom", address]
        return subprocess.run(line, capture_output=True, text=True, timeout=_SECONDS, check=False).stdout


@contextlib.contextmanager
def served(page: str, sandbox: str) -> Iterator[str]:
    """A server of another origin with one page, which sends every POST on to the sandbox; its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.send_response(307)
            self.send_header("Location", f"{sandbox}/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield urllib.parse.urlunsplit(("http", f"localhost:{server.server_port}", "/", "", ""))
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    sys.exit(main())
