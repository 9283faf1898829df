"""A real browser, headless Chromium, spoken to over a pipe by the DevTools protocol: pages are opened, clicked and looked at.

It has no network but loopback: whatever a page asks for outside of itself fails, and is one of the page's troubles.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import time
import zlib
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
    "--disable-extensions", "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--window-size=1200,900", "--remote-debugging-pipe", "--lang=en",
)  # fmt: skip
SECONDS = 30.0
"""For one act: a busy machine starts a browser slowly."""


def browser_program() -> str | None:
    """Where a Chromium is, if there is one."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Trouble(Exception):
    """The browser did not do what it was asked."""


class Browser:
    """One process; `close` ends it."""

    def __init__(self, program: str, directory: Path) -> None:
        read_asked, self._ask = os.pipe()
        self._told, write_told = os.pipe()
        words = " ".join(f"'{word}'" for word in (program, *FLAGS, f"--user-data-dir={directory}", "about:blank"))
        with open(directory / "browser.log", "wb") as log:
            self._process = subprocess.Popen(
                ["bash", "-c", f"exec {words} 3<&{read_asked} 4>&{write_told}"], pass_fds=(read_asked, write_told),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        os.close(read_asked)
        os.close(write_told)
        self._ids = itertools.count(1)
        self._buffer = b""
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its result; events that come meanwhile are kept."""
        number = next(self._ids)
        message = {"id": number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self._ask, json.dumps(message).encode() + b"\0")
        while (told := self._next()).get("id") != number:
            self.events.append(told)
        if "error" in told:
            raise Trouble(f"{method}: {told['error']}")
        return told["result"]

    def wait(self, method: str, session: str) -> None:
        """Wait for an event of a page."""
        while not any(each.get("method") == method and each.get("sessionId") == session for each in self.events):
            self.events.append(self._next())

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + SECONDS
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._told], [], [], max(0.0, until - time.monotonic()))
            part = os.read(self._told, 1 << 20) if ready else b""
            if not part:
                raise Trouble("the browser says nothing")
            self._buffer += part
        line, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(line)

    def open(self, url: str, *, width: int = 1200, height: int = 900) -> Page:
        """Open a page and wait until it is loaded."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable", session)
        self.ask("Emulation.setDeviceMetricsOverride", session, width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Page.navigate", session, url=url)
        self.wait("Page.loadEventFired", session)
        return Page(self, session)

    def close(self) -> None:
        """End the process."""
        os.close(self._ask)
        os.close(self._told)
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Page:
    """One open page."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session

    def run(self, script: str) -> Any:
        """Evaluate an expression in the page; gives its value."""
        told = self._browser.ask("Runtime.evaluate", self._session, expression=script, returnByValue=True, userGesture=True)
        if "exceptionDetails" in told:
            raise Trouble(str(told["exceptionDetails"]))
        return told["result"].get("value")

    def go(self, url: str) -> None:
        """Go to another place in this page, and wait until it is loaded."""
        self._browser.events = [each for each in self._browser.events if each.get("method") != "Page.loadEventFired"]
        self._browser.ask("Page.navigate", self._session, url=url)
        self._browser.wait("Page.loadEventFired", self._session)

    def resize(self, width: int, height: int = 900) -> None:
        """Give it another size; a narrow one is a phone."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self._browser.ask("Emulation.setDeviceMetricsOverride", self._session, **size)

    def seen(self) -> str:
        """The text that a reader sees: what is hidden is not in it."""
        return self.run("document.body.innerText")

    def shot(self, path: Path) -> float:
        """Take a picture; gives the part of its bytes that are not the commonest one, which is 0 for a blank page."""
        data = base64.b64decode(self._browser.ask("Page.captureScreenshot", self._session, format="png")["data"])
        path.write_bytes(data)
        pixels = zlib.decompress(_idat(data))
        return 1 - max(pixels.count(bytes([value])) for value in range(256)) / len(pixels)

    @property
    def troubles(self) -> list[str]:
        """Errors of the console, exceptions, requests that failed or went out of the page's own place."""
        self.run("1")  # what was told before this is in the events now
        return [text for each in self._browser.events if each.get("sessionId") == self._session and (text := _trouble(each))]


def _trouble(event: dict[str, Any]) -> str:
    method, params = event.get("method"), event.get("params", {})
    if method == "Runtime.exceptionThrown":
        return str(params["exceptionDetails"])
    if method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
        return str(params["args"])
    if method == "Log.entryAdded" and params["entry"]["level"] == "error":
        return str(params["entry"])
    if method == "Network.requestWillBeSent" and not params["request"]["url"].startswith(("file:", "data:", "about:", "http://127.0.0.1")):
        return f"asks for {params['request']['url']}"
    return ""


def _idat(png: bytes) -> bytes:
    parts, at = [], 8
    while at < len(png):
        size, kind = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        parts += [png[at + 8 : at + 8 + size]] if kind == b"IDAT" else []
        at += 12 + size
    return b"".join(parts)
