"""A real S3 server for the tests, on a port of this machine, that can be told to fail."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import uvicorn
from nanio.app import build_app
from nanio.auth.credentials import StaticCredentialResolver
from nanio.config import Settings

KEY, SECRET, BUCKET = "a-key", "a-secret-of-some-length", "news"


@dataclass
class Server:
    """An S3 server with one bucket: what was asked of it, and what it is to do wrong."""

    port: int
    folder: Path
    asked: list[tuple[str, str]] = field(default_factory=list)  # method and key, in order, of what was answered
    trouble: Callable[[str, str], str] = lambda *_: ""  # method, key -> "", "500", "hang", "cut"
    over: bool = False

    @property
    def address(self) -> str:
        """Return the address of a folder in the bucket."""
        return self.of_bucket(BUCKET)

    def of_bucket(self, bucket: str) -> str:
        """Return the address of a folder in a bucket."""
        return f"s3://{bucket}/desk?endpoint_override=127.0.0.1:{self.port}&scheme=http&region=eu-west-1"

    def stored(self) -> dict[str, bytes]:
        """Return the objects below the address, by name, without what the server keeps beside them or has half."""
        root = self.folder / BUCKET / "desk"
        found = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
        return {name: path.read_bytes() for name, path in found.items() if "nanio" not in name and ".tmp." not in name}

    def written(self) -> list[str]:
        """Return the names that were written, in order, without those by which pyarrow marks a folder."""
        return [name for method, name in self.asked if method == "PUT" and not name.endswith("/")]


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """Run a server that keeps its objects in a folder."""
    app = build_app(Settings(data_dir=folder, credentials=StaticCredentialResolver({KEY: SECRET})))
    (folder / BUCKET).mkdir(parents=True)
    state = Server(0, folder)

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        method, name = scope["method"], unquote(scope["path"]).removeprefix(f"/{BUCKET}/desk").lstrip("/")
        trouble = state.trouble(method, name)
        if trouble == "hang":
            while not state.over:
                await asyncio.sleep(0.05)
            return
        if trouble == "500":
            await send({"type": "http.response.start", "status": 500, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        state.asked.append((method, name))
        await app(scope, receive, _cut(send) if trouble == "cut" else send)

    started = uvicorn.Server(uvicorn.Config(answer, host="127.0.0.1", port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=started.run, daemon=True)
    thread.start()
    while not started.started:
        time.sleep(0.01)
    state.port = started.servers[0].sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        state.over = True
        started.force_exit = started.should_exit = True
        thread.join(timeout=10)


def _cut(send: Any) -> Any:
    """Return a sender that breaks off in the middle of a body."""

    async def cut(message: Any) -> None:
        if message["type"] == "http.response.body" and message.get("body"):
            await send({**message, "body": message["body"][: len(message["body"]) // 2], "more_body": True})
            raise ConnectionResetError
        await send(message)

    return cut
