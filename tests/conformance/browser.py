"""A headless Chromium through its DevTools pipe: what the tests of the page need, without a driver or a library."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_FLAGS = ("--headless=new", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe")
_KEYS: dict[str, dict[str, Any]] = {
    "Enter": {"windowsVirtualKeyCode": 13, "text": "\r"},
    "Escape": {"windowsVirtualKeyCode": 27},
    "ArrowDown": {"windowsVirtualKeyCode": 40},
    "ArrowUp": {"windowsVirtualKeyCode": 38},
    "Tab": {"windowsVirtualKeyCode": 9},
}


def find() -> str | None:
    """The browser to use: `GENTCP_CHROMIUM`, or one on the PATH; None when there is none."""
    named = os.environ.get("GENTCP_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


class BrowserError(Exception):
    """The browser refused a command, or is gone."""


class Browser:
    """One page.  `complaints` has what it wrote to its console as an error or a warning, and what it could not load."""

    def __init__(self, to: BinaryIO, back: BinaryIO) -> None:
        self._to, self._back = to, back
        self._number = 0
        self._session = ""
        self._events: list[dict[str, Any]] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    @property
    def complaints(self) -> list[str]:
        """Errors and warnings since the last `open`."""
        self.run("0")  # events arrive before the answer
        return [text for text in map(_complaint, self._events) if text]

    def open(
        self, address: str, *, width: int = 1280, height: int = 900, dark: bool = False, scripts: bool = True
    ) -> None:
        """Load an address in a window of this size, and wait until it has loaded."""
        self._events.clear()
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        self._call("Emulation.setScriptExecutionDisabled", value=not scripts)
        # Otherwise an address that differs in its fragment only would not load anything.
        self._call("Page.navigate", url="about:blank")
        self._wait("Page.loadEventFired")
        self._call("Page.navigate", url=address)
        self._wait("Page.loadEventFired")

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression, a promise's when it is one.  Raises BrowserError when it throws."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def press(self, *keys: str) -> None:
        """Press and release keys: one character each, or a name of `_KEYS`."""
        for key in keys:
            details: dict[str, Any] = _KEYS.get(key, {"text": key})
            self._call("Input.dispatchKeyEvent", type="keyDown", key=key, **details)
            self._call("Input.dispatchKeyEvent", type="keyUp", key=key)
        self.settle()

    def settle(self) -> None:
        """Wait until the page has drawn what was done to it, and with it sent its events."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")

    def close(self) -> None:
        """Ask the browser to end."""
        self._session = ""
        self._call("Browser.close")

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        number, session = self._number, {"sessionId": self._session} if self._session else {}
        self._to.write(json.dumps({"id": number, "method": method, "params": params, **session}).encode() + b"\0")
        self._to.flush()
        while (message := self._read()).get("id") != number:
            self._events.append(message)
        if "error" in message:
            raise BrowserError(f"{method}: {message['error']}")
        found: dict[str, Any] = message["result"]
        return found

    def _wait(self, event: str) -> None:
        while not any(each.get("method") == event for each in self._events):
            self._events.append(self._read())
        self._events = [each for each in self._events if each.get("method") != event]

    def _read(self) -> dict[str, Any]:
        text = bytearray()
        while (byte := self._back.read(1)) != b"\0":
            if not byte:
                raise BrowserError("the browser is gone")
            text += byte
        found: dict[str, Any] = json.loads(text)
        return found


@contextmanager
def chromium(command: str, folder: Path) -> Generator[Browser]:
    """A browser with its profile in `folder`, ended afterwards."""
    # The pipe's descriptors are 3 and 4 by definition; a shell puts them there.
    to_read, to_write = os.pipe()
    back_read, back_write = os.pipe()
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    script = f'exec "$@" 3<&{to_read} 4>&{back_write}'
    arguments = ["bash", "-c", script, "bash", command, *_FLAGS, *sandbox, f"--user-data-dir={folder}"]
    process = subprocess.Popen(arguments, pass_fds=(to_read, back_write), stderr=subprocess.DEVNULL)
    os.close(to_read)
    os.close(back_write)
    try:
        with os.fdopen(to_write, "wb") as to, os.fdopen(back_read, "rb") as back:
            browser = Browser(to, back)
            yield browser
            browser.close()
            process.wait(10)
    finally:
        process.kill()
        process.wait()


def _complaint(event: dict[str, Any]) -> str:
    params = event.get("params", {})
    match event.get("method"):
        case "Runtime.exceptionThrown":
            return str(params["exceptionDetails"])
        case "Runtime.consoleAPICalled" if params["type"] in {"error", "warning", "assert"}:
            return str(params["args"])
        case "Log.entryAdded" if params["entry"]["level"] in {"error", "warning"}:
            return str(params["entry"]["text"])
        case "Network.loadingFailed":
            return str(params["errorText"])
        case _:
            return ""
