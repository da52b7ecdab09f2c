"""The sandbox's page in a real browser: `python -m tools.browser.sandbox_page [--photographs FOLDER]`.

It needs Chromium (Debian: `apt-get install chromium`). Runs move, buttons are clicked, forms are typed into, and names
that are HTML stay text. Each step is printed; the first one that fails ends it with exit code 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.config import Config

from cleanrooms_ml_cli.sandbox import Sandbox

from .chromium import BrowserError, Page, browsing

HTML = "<img src=x onerror=\"document.body.dataset.hacked='1'\">"

_TRUST = {"Effect": "Allow", "Principal": {"Service": "cleanrooms-ml.amazonaws.com"}, "Action": "sts:AssumeRole"}
_RUN_SECONDS = 1800.0
_WINDOWS = {"light": (1440, 1000, False), "dark": (1440, 1000, True), "narrow": (420, 1100, False)}


class Channels:
    """Creates ML input channels in a sandbox, as an app does."""

    def __init__(self, sandbox: Sandbox) -> None:
        once = Config(proxies={}, retries={"total_max_attempts": 1})
        self._service = sandbox.client("cleanroomsml", config=once)
        trust = json.dumps({"Version": "2012-10-17", "Statement": [_TRUST]})
        role = sandbox.client("iam").create_role(RoleName="query", AssumeRolePolicyDocument=trust)
        self._role = role["Role"]["Arn"]
        self._association: str = sandbox.emulator.seed(kind="ConfiguredModelAlgorithmAssociation", name="churn")["arn"]

    def create(self, name: str) -> str:
        """Start a run; the ARN of the channel."""
        query = {"sqlParameters": {"queryString": "SELECT 1 FROM sales"}}
        created: dict[str, Any] = self._service.create_ml_input_channel(
            membershipIdentifier=self._association.split("/")[1],
            configuredModelAlgorithmAssociations=[self._association],
            name=name,
            retentionInDays=30,
            inputChannel={"roleArn": self._role, "dataSource": {"protectedQueryInputParameters": query}},
            tags={HTML: HTML},
        )
        return str(created["mlInputChannelArn"])


def main() -> int:
    """Try the page; 1 if something is not as it should be, 2 without a browser."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", type=Path, help="folder for what the page looks like")
    options = parser.parse_args()
    try:
        with Sandbox.start(durations={"create": {"MLInputChannel": _RUN_SECONDS}}) as sandbox, browsing() as page:
            _try(page, sandbox)
            if options.photographs:
                _photograph(page, options.photographs)
    except BrowserError as error:
        print(error, file=sys.stderr)
        return 2 if "needed" in str(error) else 1
    return 0


def _try(page: Page, sandbox: Sandbox) -> None:
    channels = Channels(sandbox)
    page.look()
    page.open(sandbox.page)
    page.wait_until("document.querySelector('#link').textContent === 'live'")
    for step in (_runs_move, _html_stays_text, _clock_runs_ahead, _call_fails, _run_fails, _kinds_filter, _keyboard):
        step(page, sandbox, channels)
        print(f"works: {step.__name__.strip('_').replace('_', ' ')}")
    if page.complaints or page.value(
        "performance.getEntriesByType('resource').some(it => !it.name.startsWith(origin))"
    ):
        raise BrowserError(f"the page complains or loads from elsewhere: {page.complaints}")
    print("works: no complaint of the browser, nothing from elsewhere")


def _runs_move(page: Page, sandbox: Sandbox, channels: Channels) -> None:
    channels.create("sales")
    # The clock moves by order, so that no status is over before it was seen.
    for seconds, status, least in (
        (0.0, "CREATE_PENDING", 0),
        (_RUN_SECONDS / 2, "CREATE_IN_PROGRESS", 50),
        (_RUN_SECONDS / 2, "ACTIVE", 100),
    ):
        sandbox.emulator.advance(seconds)
        page.wait_until(f"document.querySelector('#runs li .badge')?.textContent === '{status}'")
        share = page.value("+document.querySelector('#runs li .meter').getAttribute('aria-valuenow')")
        if not least <= share < least + 50:
            raise BrowserError(f"the run is shown as {status} with {share} %")


def _html_stays_text(page: Page, sandbox: Sandbox, channels: Channels) -> None:
    channels.create(HTML)
    _shows(page, "#records", HTML)
    page.click("#records li:first-child summary")
    page.wait_until("document.querySelector('#records details').open")
    if page.value("document.querySelectorAll('img').length") or page.value("document.body.dataset.hacked"):
        raise BrowserError("a name became an element")


def _clock_runs_ahead(page: Page, sandbox: Sandbox, channels: Channels) -> None:
    page.click("#advance button")
    page.wait_until("document.querySelector('#ahead').textContent.startsWith('1 h')")
    page.wait_until("document.querySelector('#runs .badge').textContent === 'ACTIVE'")


def _call_fails(page: Page, sandbox: Sandbox, channels: Channels) -> None:
    page.write("#operation", "CreateMLInputChannel")
    page.press("Enter")
    _shows(page, "#faults", "next call of CreateMLInputChannel: error")
    _raises(lambda: channels.create("refused"), "InternalServiceException")
    _shows(page, "#journal li:first-child", "InternalServiceException")
    page.click("#fail button")
    page.wait_until("document.querySelector('#faults').childElementCount === 1")
    page.click("#clear")
    page.wait_until("document.querySelector('#faults').childElementCount === 0")
    if sandbox.emulator.journal("CreateMLInputChannel")[-1]["tookEffect"]:
        raise BrowserError("the call took effect")


def _run_fails(page: Page, sandbox: Sandbox, channels: Channels) -> None:
    page.value("document.querySelector('#kind').value = 'MLInputChannel'")
    page.click("#order button")
    _shows(page, "#news", "The next ML input channel fails")
    channels.create("fails")
    sandbox.emulator.advance(_RUN_SECONDS)
    _shows(page, "#runs li:first-child", "Ordered in the sandbox")


def _kinds_filter(page: Page, sandbox: Sandbox, channels: Channels) -> None:
    kinds = "[...document.querySelectorAll('nav button')].map(it => it.firstChild.textContent)"
    missing = {"Training dataset", "ML input channel", "Configured audience model policy", "Collaboration"} - set(
        page.value(kinds)
    )
    if missing:
        raise BrowserError(f"there is no {missing}")
    page.value(
        "[...document.querySelectorAll('nav button')].find(it => it.textContent.startsWith('Membership')).click()"
    )
    page.wait_until("document.querySelector('#resources-title').textContent === 'Membership'")
    page.wait_until("document.querySelectorAll('#records li').length === 1")


def _keyboard(page: Page, sandbox: Sandbox, channels: Channels) -> None:
    """What is focused is visible, and stays focused while the page goes on."""
    page.value("document.activeElement.blur()")
    for _ in range(5):
        page.press("Tab")
    focused = "document.activeElement.textContent"
    before, ahead = page.value(focused), "document.querySelector('#ahead').textContent"
    shown = page.value(ahead)
    sandbox.emulator.advance(60)
    page.wait_until(f"{ahead} !== {json.dumps(shown)}")
    if page.value(focused) != before or page.value("getComputedStyle(document.activeElement).outlineStyle") != "solid":
        raise BrowserError("the focus was lost or cannot be seen")


def _shows(page: Page, selector: str, text: str) -> None:
    page.wait_until(f"document.querySelector({json.dumps(selector)})?.textContent.includes({json.dumps(text)})")


def _raises(call: Callable[[], object], code: str) -> None:
    try:
        call()
    except Exception as error:
        if code in str(error):
            return
        raise
    raise BrowserError(f"the call did not fail with {code}")


def _photograph(page: Page, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (width, height, dark) in _WINDOWS.items():
        page.look(width=width, height=height, dark=dark)
        page.value("scrollTo(0, 0)")
        time.sleep(1.2)
        page.photograph(folder / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
