"""A publisher for tests: a real web server on this machine with a feed, an ETag, and a page an article."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

FILLER = (
    "Officials said the plan had been prepared for months and would now go to the committee. "
    "The ministry declined to give further details before the meeting next week, which is open to the press. "
)


@dataclass
class Article:
    """An article; `page` replaces what its page shows, `status` what it answers with."""

    number: int
    text: str
    day: str = "2025-03-01"
    full: bool = False  # whether the feed holds all of it
    status: int = 200
    page: str | None = None
    guid: str | None = None

    @property
    def title(self) -> str:
        return f"Article number {self.number}"

    def html(self, address: str) -> str:
        """Return its page."""
        if self.page is not None:
            return self.page
        paragraphs = "".join(f"<p>{escape(line)}</p>" for line in self.text.split("\n"))
        return (
            f"<html lang='en'><head><title>{self.title}</title><link rel=canonical href='{address}'>"
            f"<meta property='article:published_time' content='{self.day}T08:00:00Z'></head>"
            f"<body><nav><a href='/'>Home</a></nav><article><h1>{self.title}</h1>{paragraphs}</article></body></html>"
        )


@dataclass
class Newsroom:
    """The server's state: what it publishes, and what it was asked for."""

    articles: list[Article] = field(default_factory=list)
    feed_status: int = 200
    body: bytes | None = None  # what the feed's address gives in place of the feed
    robots: str | None = None
    asked: list[str] = field(default_factory=list)
    conditional: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def publish(self, *texts: str, **more: Any) -> None:
        """Publish articles, the newest last."""
        for text in texts:
            self.articles.append(Article(len(self.articles) + 1, text, **more))

    def feed(self) -> bytes:
        """Return the feed, the newest first."""
        items = []
        for one in reversed(self.articles):
            address = f"{self.url}/{one.number}"
            content = f"<content:encoded>{escape(one.html(address))}</content:encoded>" if one.full else ""
            digest = sha256(one.text.encode()).hexdigest()[:8]
            items.append(
                f"<item><title>{one.title}</title><link>{address}?utm_source=rss</link>"
                f"<guid>{one.guid or address}</guid><pubDate>{one.day}T08:00:00Z</pubDate>"
                f"<description>Teaser {digest}</description>{content}</item>"
            )
        head = "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>News</title>"
        return f"{head}{''.join(items)}</channel></rss>".encode()

    def answer(self, path: str, headers: Any) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body for a path."""
        path = path.split("?", maxsplit=1)[0]
        self.asked.append(path)
        if path == "/robots.txt":
            return (404, {}, b"") if self.robots is None else (200, {}, self.robots.encode())
        if path == "/feed":
            body = self.feed() if self.body is None else self.body
            etag = f'"{sha256(body).hexdigest()[:12]}"'
            if headers.get("If-None-Match"):
                self.conditional.append(headers["If-None-Match"])
            if self.feed_status != 200:
                return self.feed_status, {}, b"trouble"
            if headers.get("If-None-Match") == etag:
                return 304, {"ETag": etag}, b""
            return 200, {"ETag": etag, "Content-Type": "application/rss+xml"}, body
        for one in self.articles:
            if path == f"/{one.number}":
                return one.status, {"Content-Type": "text/html; charset=utf-8"}, one.html(self.url + path).encode()
        return 404, {}, b""


@contextmanager
def newsroom() -> Iterator[Newsroom]:
    """Start a publisher."""
    room = Newsroom()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = room.answer(self.path, self.headers)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    room.port = server.server_address[1]
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield room
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: Any

    def __call__(self) -> Any:
        return self.now
