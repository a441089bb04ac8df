"""A headless Chromium for tests, driven through chromedriver's own protocol (W3C WebDriver)."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(what: str, seconds: float, done: Callable[[], bool], pause: float = 0.5) -> None:
    """Ask again and again until something holds; fail after some seconds."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"after {seconds:.0f} s there was still no {what}"
        time.sleep(pause)


class Browser:
    """One window."""

    def __init__(self, address: str, width: int) -> None:
        self._address = address
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--window-size={width},900"]
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": {"binary": CHROMIUM, "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        self._session = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._address}{path}", data, kind, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from error

    def open(self, file: Path) -> None:
        """Open a file and wait until the page says that it is drawn."""
        self._send("POST", f"/session/{self._session}/url", {"url": file.resolve().as_uri()})
        said = "document.querySelector('[role=alert]')?.textContent"
        told = f"return {said} ?? document.documentElement.dataset.ready ?? ''"
        wait("page that is drawn or says why not", 30, lambda: self.run(told) != "", 0.1)
        assert self.run(told) == "yes", self.run(told)

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page and return what it returns."""
        return self._send("POST", f"/session/{self._session}/execute/sync", {"script": script, "args": list(arguments)})

    def run_async(self, script: str, *arguments: Any) -> Any:
        """Run a script that calls its last argument with the result, and return that."""
        body = {"script": script, "args": list(arguments)}
        return self._send("POST", f"/session/{self._session}/execute/async", body)

    def complaints(self) -> list[str]:
        """Return the errors in the page's console."""
        entries = self._send("POST", f"/session/{self._session}/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def close(self) -> None:
        """Close the window."""
        self._send("DELETE", f"/session/{self._session}")


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextmanager
def browser(width: int = 1280) -> Iterator[Browser]:
    """Start a browser; a test that needs one is skipped where there is none."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("needs Chromium and chromedriver: apt-get install chromium chromium-driver")
    port = free_port()
    driver = subprocess.Popen([DRIVER, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait("chromedriver", 20, lambda: _listens(port), 0.1)
        window = Browser(f"http://127.0.0.1:{port}", width)
        try:
            yield window
        finally:
            window.close()
    finally:
        driver.terminate()
        try:
            driver.wait(10)
        except subprocess.TimeoutExpired:  # seen once, on a machine with more to do than it could
            driver.kill()
            driver.wait()
