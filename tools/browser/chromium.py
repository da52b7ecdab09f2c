"""Chromium over its debugging pipe: pages are loaded, clicked, typed into, read and photographed.

It needs Chromium or Chrome in PATH (Debian: `apt-get install chromium`), and no package: the protocol is JSON over two
pipes, which the browser has as its file descriptors 3 and 4.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")

_END = b"\0"
_SECONDS = 60.0
_CHUNK = 65536


class BrowserError(Exception):
    """There is no browser, or it did not do what it was asked to."""


def find_browser() -> str:
    """The program of a browser.

    Raises:
        BrowserError: None is installed.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise BrowserError(f"no browser; one of {', '.join(BROWSERS)} is needed")
    return found


class Page:
    """One page in a browser.

    Attributes:
        complaints: What the page wrote to its console as an error, refusals of its policy included.
    """

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._rest = b""
        self._count = 0
        self._session = ""
        self.complaints: list[str] = []
        target = self._send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._send(f"{domain}.enable")

    def open(self, address: str) -> None:
        """Load an address, and wait until that is done."""
        failed = self._send("Page.navigate", url=address).get("errorText")
        if failed:
            raise BrowserError(f"{address}: {failed}")
        self.wait_until("location.href !== 'about:blank' && document.readyState === 'complete'")

    def value(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited.

        Raises:
            BrowserError: It throws.
        """
        answer = self._send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if problem := answer.get("exceptionDetails"):
            raise BrowserError(f"{expression}: {problem.get('exception', {}).get('description', problem['text'])}")
        return answer["result"].get("value")

    def wait_until(self, expression: str, seconds: float = 20.0) -> None:
        """Wait until an expression is true.

        Raises:
            BrowserError: It never was.
        """
        until = time.monotonic() + seconds
        while not self.value(expression):
            if time.monotonic() > until:
                raise BrowserError(f"not within {seconds:g} seconds: {expression}")
            time.sleep(0.05)

    def click(self, selector: str) -> None:
        """Click the middle of an element with the mouse, as a user does."""
        x, y = self.value(
            f"(() => {{ const it = document.querySelector({json.dumps(selector)});"
            "it.scrollIntoView({block: 'center'});"
            "const box = it.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def write(self, selector: str, text: str) -> None:
        """Type a text into a field."""
        self.value(f"document.querySelector({json.dumps(selector)}).focus()")
        self._send("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press and release a key, such as Tab or Enter."""
        codes = {"Tab": 9, "Enter": 13}
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self._send("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=codes[key], **text)

    def look(self, *, width: int = 1440, height: int = 900, dark: bool = False) -> None:
        """Set the size of the window, and whether the user prefers dark."""
        self._send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._send("Emulation.setEmulatedMedia", features=[feature])

    def photograph(self, path: Path) -> None:
        """Write what the window shows as PNG."""
        path.write_bytes(base64.b64decode(self._send("Page.captureScreenshot", format="png")["data"]))

    def _send(self, method: str, **params: Any) -> dict[str, Any]:
        self._count += 1
        number = self._count
        session = {"sessionId": self._session} if self._session else {}
        message = json.dumps({"id": number, "method": method, "params": params, **session}).encode() + _END
        while message:
            message = message[os.write(self._to, message) :]
        while True:
            answer = self._receive()
            if answer.get("id") == number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def _note(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        if event.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}".strip())
        elif event.get("method") == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))

    def _receive(self) -> dict[str, Any]:
        while _END not in self._rest:
            chunk = os.read(self._from, _CHUNK)
            if not chunk:
                raise BrowserError("the browser has ended")
            self._rest += chunk
        message, _, self._rest = self._rest.partition(_END)
        answer: dict[str, Any] = json.loads(message)
        return answer


@contextlib.contextmanager
def browsing(*options: str) -> Iterator[Page]:
    """A browser with an empty profile; its page.

    Raises:
        BrowserError: No browser is installed.
    """
    program = find_browser()
    ours_in, theirs_out = os.pipe()
    theirs_in, ours_out = os.pipe()

    # The shell puts the pipes where the browser expects them, without code of this process after its fork.
    line = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-proxy-server", "--remote-debugging-pipe"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        place = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        process = subprocess.Popen(
            ["/bin/sh", "-c", place, "sh", *line, f"--user-data-dir={profile}", *options],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            os.close(theirs_in)
            os.close(theirs_out)
            yield Page(ours_out, ours_in)
        finally:
            os.close(ours_out)
            os.close(ours_in)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()
            process.wait(_SECONDS)
