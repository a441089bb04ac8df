"""Requests to real servers on this machine: what comes, what is refused and why, and that nothing hangs."""

from __future__ import annotations

import contextlib
import gzip
import ipaddress
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, get_args

import httpcore
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.ingest.fetch import USER_AGENT, Answer, Fetcher, FetchError, Politeness, Reason
from pipeline.ingest.network import Address, is_public

Play = bytes | Callable[[socket.socket], None]
QUICK = Politeness(
    private=True, max_bytes=100_000, seconds=3.0, connect_seconds=2.0, host_delay=0.0, retries=0, back_off=0.001
)
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def reply(body: bytes = b"news", status: str = "200 OK", *headers: str) -> bytes:
    """Return a whole answer."""
    head = "\r\n".join([f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"])
    return head.encode("latin-1") + b"\r\n\r\n" + body


def moved(location: str, status: str = "302 Found") -> bytes:
    """Return a redirect."""
    return reply(b"", status, f"Location: {location}")


class Site:
    """A server that plays an answer for each path: bytes, or a function of the connection; the last one repeats."""

    def __init__(self, secure: ssl.SSLContext | None = None) -> None:
        self.plays: dict[str, list[Play]] = {"/robots.txt": [NOT_FOUND]}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.connections = 0
        self.closing = threading.Event()
        site = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                site.connections += 1
                with contextlib.suppress(OSError):
                    site.answer(secure.wrap_socket(self.request, server_side=True) if secure else self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 50

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def url(self, path: str = "/feed", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def play(self, *plays: Play, path: str = "/feed") -> str:
        """Set what comes for a path; return its URL."""
        self.plays[path] = list(plays)
        return self.url(path)

    def answer(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head and (data := connection.recv(65_536)):
            head += data
        first, *lines = head.decode("latin-1").split("\r\n")
        path = first.split(" ")[1]
        self.asked.append(path)
        self.headers.append({name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)})
        plays = self.plays.get(path, [NOT_FOUND])
        play = plays.pop(0) if len(plays) > 1 else plays[0]
        if callable(play):
            play(connection)
        else:
            connection.sendall(play)
        connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve on a free port of 127.0.0.1."""
    served = Site()
    yield served
    served.close()


class Clock:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.waits = 1_000.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def get(url: str, politeness: Politeness = QUICK, **how: Any) -> Answer:
    """Ask once, without robots.txt."""
    with Fetcher(politeness) as fetcher:
        return fetcher.get(url, robots=False, **how)


def failure(url: str, politeness: Politeness = QUICK, **how: Any) -> FetchError:
    """Ask for what does not come; return why."""
    with pytest.raises(FetchError) as caught:
        get(url, politeness, **how)
    assert caught.value.url == url
    assert caught.value.reason in get_args(Reason)
    return caught.value


def named(*addresses: str) -> Callable[..., list[Any]]:
    """Return a resolver that knows every name by the same addresses."""
    return lambda host, port, **how: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]


def test_answer_holds_what_the_header_says(site: Site) -> None:
    """The body, its type and charset, and both validators come with the answer; we say who we are."""
    url = site.play(
        reply(
            b"<rss/>",
            "200 OK",
            "Content-Type: Application/RSS+XML; Charset=ISO-8859-1",
            'ETag: W/"7"',
            "Last-Modified: Mon, 01 Jun 2026 10:00:00 GMT",
        )
    )
    assert get(f" {url}#top\n", accept="application/rss+xml") == Answer(
        url, 200, b"<rss/>", "application/rss+xml", "iso-8859-1", 'W/"7"', "Mon, 01 Jun 2026 10:00:00 GMT"
    )
    sent = site.headers[0]
    assert sent["user-agent"] == USER_AGENT
    assert sent["accept"] == "application/rss+xml"
    assert sent["accept-encoding"] == "gzip, deflate"
    assert sent["host"] == f"127.0.0.1:{site.port}"
    assert "if-none-match" not in sent and "if-modified-since" not in sent and "cookie" not in sent


def test_contact_is_named(site: Site) -> None:
    """Site owners see whom to write to; a contact that no header can hold is refused at once."""
    get(site.play(reply()), replace(QUICK, contact="desk@news.example"))
    assert site.headers[0]["user-agent"] == "Communique/0.1 (+news research; desk@news.example)"
    with pytest.raises(ValueError, match="contact"):
        Fetcher(replace(QUICK, contact="desk\r\nX-Evil: 1"))


@pytest.mark.parametrize("repeated", [True, False])
def test_unchanged_page_is_an_answer_without_content(site: Site, repeated: bool) -> None:
    """Validators are sent back; 304 comes with them, whether or not the server repeats them."""
    url = site.play(reply(b"", "304 Not Modified", *(['ETag: "8"'] if repeated else [])))
    answer = get(url, etag='"7"', last_modified="Mon, 01 Jun 2026 10:00:00 GMT")
    assert (answer.status, answer.content, answer.etag) == (304, b"", '"8"' if repeated else '"7"')
    assert answer.last_modified == "Mon, 01 Jun 2026 10:00:00 GMT"
    assert site.headers[0]["if-none-match"] == '"7"'
    assert site.headers[0]["if-modified-since"] == "Mon, 01 Jun 2026 10:00:00 GMT"


def test_not_modified_that_nobody_asked_for_is_refused(site: Site) -> None:
    """Without validators there is nothing at hand that 304 could mean."""
    assert failure(site.play(reply(b"", "304 Not Modified"))).reason == "http_status"


@pytest.mark.parametrize("validator", ['"7"\r\nX-Evil: 1', "é", "\x00", "x" * 5_000, " "])
def test_validator_that_cannot_be_sent_is_left_out(site: Site, validator: str) -> None:
    """What was stored of a hostile header never becomes another header; the page comes as if new."""
    assert get(site.play(reply()), etag=validator, last_modified=validator).content == b"news"
    assert not {"if-none-match", "if-modified-since", "x-evil"} & set(site.headers[0])


@pytest.mark.parametrize(
    ("status", "reason", "permanent", "asked"),
    [
        ("404 Not Found", "not_found", False, 1),
        ("410 Gone", "gone", True, 1),
        ("401 Unauthorized", "refused", False, 1),
        ("403 Forbidden", "refused", False, 1),
        ("451 Unavailable For Legal Reasons", "refused", False, 1),
        ("429 Too Many Requests", "busy", False, 3),
        ("503 Service Unavailable", "busy", False, 3),
        ("500 Internal Server Error", "server_error", False, 3),
        ("502 Bad Gateway", "server_error", False, 3),
        ("504 Gateway Timeout", "server_error", False, 3),
        ("501 Not Implemented", "server_error", False, 1),
        ("204 No Content", "http_status", False, 1),
        ("206 Partial Content", "http_status", False, 1),
        ("302 Found", "http_status", False, 1),
        ("418 I'm a teapot", "http_status", False, 1),
    ],
)
def test_status_has_its_reason(site: Site, status: str, reason: str, permanent: bool, asked: int) -> None:
    """Each status that is no answer has its code, and is asked for again only where that may help."""
    error = failure(site.play(reply(b"", status)), replace(QUICK, retries=2))
    assert (error.reason, error.status, error.permanent) == (reason, int(status[:3]), permanent)
    assert len(site.asked) == asked
    assert type(error.detail) is str and status[:3] in str(error)


def test_server_that_recovers_is_asked_again(site: Site) -> None:
    """500, a reset connection and an answer: the answer comes, after waits that double, with jitter."""
    clock = Clock()
    url = site.play(reply(b"", "500 Internal Server Error"), reset, reply())
    with Fetcher(replace(QUICK, retries=3, back_off=1.0), sleep=clock.sleep, clock=clock, random=Random(1)) as fetcher:
        assert fetcher.get(url, robots=False).content == b"news"
    first, second = clock.waits
    assert 1.0 <= first <= 1.5 and 2.0 <= second <= 3.0 and second != 2 * first


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("Retry-After: 7", 7.0),
        ("Date: Mon, 01 Jun 2026 10:00:00 GMT\r\nRetry-After: Mon, 01 Jun 2026 10:00:09 GMT", 9.0),
        ("Date: Mon, 01 Jun 2026 10:00:00 GMT\r\nRetry-After: Mon, 01 Jun 2026 09:00:00 GMT", 1.0),
        ("Retry-After: soon", 1.0),
        ("Retry-After: -3", 1.0),
        ("Retry-After: \xb2", 1.0),
    ],
)
def test_retry_after_is_honoured(site: Site, header: str, wait: float) -> None:
    """A number or a date is waited for, once; what is neither, or is over, leaves the usual wait."""
    clock = Clock()
    url = site.play(reply(b"", "429 Too Many Requests", header), reply())
    with Fetcher(replace(QUICK, retries=1, back_off=1.0), sleep=clock.sleep, clock=clock) as fetcher:
        assert fetcher.get(url, robots=False).content == b"news"
    assert wait <= sum(clock.waits) <= max(wait, 1.5)


def test_long_retry_after_is_not_waited_for_and_holds_for_the_host(site: Site) -> None:
    """The error says how long; until then nothing else is asked of the host, and then it is."""
    clock = Clock()
    url = site.play(reply(b"", "503 Service Unavailable", "Retry-After: 120"), reply())
    other = site.play(reply(), path="/other")
    with Fetcher(replace(QUICK, retries=3), sleep=clock.sleep, clock=clock) as fetcher:
        for wanted in (url, other):
            with pytest.raises(FetchError) as caught:
                fetcher.get(wanted, robots=False)
            assert (caught.value.reason, caught.value.retry_after, clock.waits) == ("busy", 120.0, [])
        assert site.asked == ["/feed"]
        clock.now += 121
        assert fetcher.get(other, robots=False).content == b"news"


def test_retry_after_has_a_bound(site: Site) -> None:
    """No host can silence us for longer than a day."""
    url = site.play(reply(b"", "429 Too Many Requests", f"Retry-After: {'9' * 400}"))
    assert failure(url).retry_after == 86_400.0


# Redirects


@pytest.mark.parametrize(
    ("codes", "lasting"),
    [
        (["301 Moved Permanently", "308 Permanent Redirect"], True),
        (["302 Found", "303 See Other", "307 Temporary Redirect"], False),
        (["301 Moved Permanently", "302 Found"], False),
        (["301 Moved Permanently"] * 5, True),
    ],
)
def test_redirects_are_followed(site: Site, codes: list[str], lasting: bool) -> None:
    """The answer names the last URL, and tells whether the move is for good; validators go all the way."""
    for number, code in enumerate(codes):
        site.play(moved(f"/{number + 1}", code), path=f"/{number}")
    last = site.play(reply(), path=f"/{len(codes)}")
    answer = get(site.url("/0"), etag='"7"')
    assert (answer.url, answer.permanent_url) == (last, last if lasting else None)
    assert site.headers[-1]["if-none-match"] == '"7"'


def test_too_many_redirects_are_refused(site: Site) -> None:
    """The sixth redirect is not followed."""
    for number in range(9):
        site.play(moved(f"/{number + 1}"), path=f"/{number}")
    assert failure(site.url("/0")).reason == "too_many_redirects"
    assert site.asked == [f"/{number}" for number in range(6)]


@pytest.mark.parametrize("location", ["/feed", "/feed#again", "", "#", "/way", "//127.0.0.1:PORT/x/../feed"])
def test_redirect_loop_is_refused(site: Site, location: str) -> None:
    """Back to where we were, by whatever way, ends it."""
    url = site.play(moved(location.replace("PORT", str(site.port))))
    site.play(moved("/feed"), path="/way")
    assert failure(url, replace(QUICK, redirects=50)).reason == "redirect_loop"
    assert len(site.asked) <= 2


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", "forbidden_scheme"),
        ("FILE:/etc/passwd", "forbidden_scheme"),
        ("ftp://127.0.0.1/feed", "forbidden_scheme"),
        ("data:text/plain,news", "forbidden_scheme"),
        ("gopher://127.0.0.1:70/_x", "forbidden_scheme"),
        ("javascript:alert(1)", "forbidden_scheme"),
        ("http://169.254.169.254/latest/meta-data/", "forbidden_address"),
        ("http://[::ffff:169.254.169.254]/", "forbidden_address"),
        ("http://10.0.0.1/", "forbidden_address"),
        ("http://user:secret@127.0.0.1/", "bad_url"),
        ("//user@127.0.0.1/", "bad_url"),
        ("http://[::1/", "bad_url"),
        ("http://127.0.0.1:99999/", "bad_url"),
        ("http://127.0.0.1:0/", "bad_url"),
        ("http:///feed", "redirect_loop"),  # read as a path of the same host, as urllib does
        ("http://\xe9\xe9 \xff/", "bad_url"),
        ("/" + "x" * 9_000, "bad_url"),
    ],
)
def test_redirect_out_of_the_web_is_refused(site: Site, location: str, reason: str) -> None:
    """A server may not send us to a file, to other protocols, or into the network that we stand in."""
    site.play(moved(location))
    with (
        Fetcher(QUICK, allowed=lambda address: address.is_loopback or is_public(address)) as fetcher,
        pytest.raises(FetchError) as caught,
    ):
        fetcher.get(site.url(), robots=False)
    assert (caught.value.reason, caught.value.permanent) == (reason, False)
    assert "secret" not in str(caught.value)
    assert site.connections == 1


def test_gone_behind_a_passing_redirect_is_not_for_good(site: Site) -> None:
    """The redirect may point elsewhere tomorrow; a permanent one may not."""
    site.play(reply(b"", "410 Gone"), path="/old")
    assert not failure(site.play(moved("/old"))).permanent
    assert failure(site.play(moved("/old", "301 Moved Permanently"))).permanent


# Bodies


def bare_deflate(data: bytes) -> bytes:
    """Pack without a header."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def test_packed_bodies_are_unpacked(site: Site) -> None:
    """gzip, deflate with and without its header, members in a row, padding, layers; an inner archive stays packed."""
    text = b"The minister said so. " * 100
    for coding, body, unpacked in [
        ("gzip", gzip.compress(text, mtime=0), text),
        ("x-gzip", gzip.compress(text, mtime=0), text),
        ("GZip", gzip.compress(text[:500], mtime=0) + gzip.compress(text[500:], mtime=0), text),
        ("gzip", gzip.compress(text, mtime=0) + bytes(512), text),
        ("deflate", zlib.compress(text), text),
        ("deflate", bare_deflate(text), text),
        *(("deflate", bare_deflate(bytes(size)), bytes(size)) for size in range(65_534, 65_544)),
        ("deflate, gzip", gzip.compress(zlib.compress(text), mtime=0), text),
        ("gzip", gzip.compress(gzip.compress(text, mtime=0)), gzip.compress(text, mtime=0)),
        ("identity", text, text),
        ("gzip", b"", b""),
    ]:
        assert get(site.play(reply(body, "200 OK", f"Content-Encoding: {coding}"))).content == unpacked, coding


def chunks(*parts: bytes) -> bytes:
    """Return a body in chunks."""
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts if part) + b"0\r\n\r\n"


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: %b\r\n\r\n"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(st.binary(max_size=2_000), st.binary(min_size=1, max_size=9).map(lambda part: part * 9_000)),
    coding=st.sampled_from(["gzip", "deflate", "bare"]),
    members=st.integers(1, 3),
    size=st.integers(1, 3_000),
)
def test_unpacking_gives_back_what_was_packed(site: Site, data: bytes, coding: str, members: int, size: int) -> None:
    """However a body is packed and cut into parts, the same bytes come out."""
    if coding == "gzip":
        step = len(data) // members + 1
        packed = b"".join(
            gzip.compress(data[start : start + step], mtime=0) for start in range(0, len(data) or 1, step)
        )
    else:
        packed = zlib.compress(data) if coding == "deflate" else bare_deflate(data)
    parts = [packed[start : start + size] for start in range(0, len(packed), size)]
    url = site.play((CHUNKED % (b"gzip" if coding == "gzip" else b"deflate")) + chunks(*parts))
    assert get(url).content == data


EMPTY_BLOCKS = b"\x00\x00\x00\xff\xff"  # a deflated block of nothing


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(bytes(100_000_000), mtime=0)),
        ("deflate", zlib.compress(bytes(100_000_000))),
        ("gzip, gzip", gzip.compress(gzip.compress(bytes(100_000_000), mtime=0), mtime=0)),
        ("gzip", gzip.compress(bytes(60_000), mtime=0) * 2),
        ("deflate", EMPTY_BLOCKS * 30_000),
        ("deflate, gzip", gzip.compress(EMPTY_BLOCKS * 5_000_000, mtime=0)),
        ("identity", b"x" * 100_001),
    ],
    ids=["gzip", "deflate", "nested", "members", "nothing", "nested nothing", "plain"],
)
def test_bomb_is_refused_without_being_unpacked(site: Site, coding: str, body: bytes) -> None:
    """Some kilobytes that unpack to a hundred megabytes end at the limit and never stand in memory."""
    url = site.play(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\n\r\n" % coding.encode() + body  # no length: counted as it comes
    )
    tracemalloc.start()
    try:
        assert failure(url).reason == "too_large"
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


def test_limit_is_exact(site: Site) -> None:
    """A body of as many bytes as allowed comes whole."""
    assert len(get(site.play(reply(b"x" * 100_000))).content) == 100_000
    assert (
        len(get(site.play(reply(gzip.compress(b"x" * 100_000, mtime=0), "200 OK", "Content-Encoding: gzip"))).content)
        == 1e5
    )
    assert failure(site.play(reply(gzip.compress(b"x" * 100_001, mtime=0), "200 OK", "Content-Encoding: gzip"))).reason


def test_declared_length_is_believed(site: Site) -> None:
    """A body that says it is too large is not read at all."""

    def declare(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n")
        site.closing.wait(5)

    began = time.monotonic()
    assert failure(site.play(declare)).reason == "too_large"
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"<rss>this is not packed</rss>"),
        ("gzip", gzip.compress(b"news" * 500, mtime=0)[:-12]),
        ("gzip", gzip.compress(b"news" * 500, mtime=0)[:-4] + b"\x00\x00\x00\x00"),
        ("gzip", b"\x1f"),
        ("deflate", zlib.compress(b"news" * 500)[:-6]),
        ("br", b"\x0b\x01\x80news\x03"),
        ("zstd", b"news"),
        ("\xff\x00"[:1], b"news"),
        ("gzip, gzip, gzip", gzip.compress(gzip.compress(gzip.compress(b"news", mtime=0), mtime=0), mtime=0)),
    ],
)
def test_broken_packing_has_its_reason(site: Site, coding: str, body: bytes) -> None:
    """What does not unpack to its end, or was packed in a way that was not asked for, is no news."""
    assert failure(site.play(reply(body, "200 OK", f"Content-Encoding: {coding}"))).reason == "bad_encoding"


def reset(connection: socket.socket) -> None:
    """Break a connection without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


@pytest.mark.parametrize(
    "play",
    [
        reset,
        b"",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 banana\r\n\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\nnews",
        b"HTTP/1.1 200 OK\r\nA: \x00\r\n\r\nnews",
        b"HTTP/1.1 200 OK\r\n: empty name\r\n\r\nnews",
        b"HTTP/1.1 200 OK\r\nA: " + b"x" * 300_000,
        b"HTTP/1.1 200 OK\r\n" + b"A: x\r\n" * 60_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nnews!",
        b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nnews",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\nnews",
        b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nnews",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnews\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnewsXX0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffffffff\r\nnews",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnews\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nnews",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
    ],
)
def test_broken_http_has_its_reason(site: Site, play: Play) -> None:
    """Resets, other protocols, garbage in the header, wrong lengths and broken chunks: no usable connection."""
    assert failure(site.play(play)).reason == "unreachable"


def test_body_longer_than_its_length_is_cut(site: Site) -> None:
    """What follows the declared length belongs to nothing."""
    assert get(site.play(reply() + b" and more")).content == b"news"


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [b"Content-Type", b"ETag", b"Location", b"Retry-After", b"Date", b"Content-Encoding", b"Set-Cookie"]
            ),
            st.one_of(
                st.binary(max_size=40),
                st.text(max_size=30).map(lambda text: text.encode("utf-8", "replace")),
                st.from_regex(rb"\A[a-z]{1,9}/[a-z]{1,9}; ?charset[*]?[0-9]?[*]?=.{0,30}\Z"),
            ),
        ),
        max_size=4,
    ),
    st.sampled_from([b"200 OK", b"302 Found", b"503 Busy", b"304 Not Modified", b"299 \xff"]),
    st.binary(max_size=60),
)
def test_no_header_raises_anything_else(
    site: Site, headers: list[tuple[bytes, bytes]], status: bytes, body: bytes
) -> None:
    """Whatever stands in the headers that we read, it ends in an answer or in a reason."""
    lines = b"".join(b"%b: %b\r\n" % header for header in headers)
    url = site.play(b"HTTP/1.1 %b\r\n%bConnection: close\r\n\r\n%b" % (status, lines, body))
    try:
        answer = get(url, replace(QUICK, redirects=1, seconds=1.0), etag='"7"')
    except FetchError as error:
        assert error.reason in get_args(Reason)
    else:
        assert answer.status in (200, 304) and str(answer).isprintable()


# Time


def drip(head: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    """Return a play that sends a little again and again, for ever."""

    def play(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(drop)
            time.sleep(0.02)

    return play


def flood(connection: socket.socket) -> None:
    """Send a body without an end, as fast as it goes."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65_536)


def silence(connection: socket.socket) -> None:
    """Say nothing until the other side leaves."""
    connection.settimeout(10)
    connection.recv(1)


@pytest.mark.parametrize(
    ("play", "reason"),
    [
        (silence, "too_slow"),
        (drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x"), "too_slow"),
        (drip(b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n", b"x"), "too_slow"),
        (drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), "too_slow"),
        (drip(b"HTTP/1.1 200 OK\r\nA: ", b"x"), "too_slow"),
        (drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "too_slow"),
        (drip(CHUNKED % b"gzip" + chunks(gzip.compress(b"news", mtime=0))[:-5], b"1\r\n\x00\r\n"), "too_slow"),
        (drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"A: x\r\n"), "too_slow"),
        (flood, "too_large"),
    ],
    ids=["silence", "body", "length", "chunks", "header", "continue", "padding", "trailer", "flood"],
)
def test_every_request_ends(site: Site, play: Play, reason: str) -> None:
    """A server that is silent, drips or never stops is left at the deadline or at the limit."""
    began = time.monotonic()
    assert failure(site.play(play), replace(QUICK, seconds=0.3)).reason == reason
    assert time.monotonic() - began < 2


def test_silence_ends_before_the_deadline_and_is_asked_again(site: Site) -> None:
    """No byte for a while is a time-out of its own, and worth another try; a body that drips is not."""
    url = site.play(silence, reply())
    assert get(url, replace(QUICK, read_seconds=0.2, retries=1)).content == b"news"
    assert failure(site.play(drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x")), replace(QUICK, seconds=0.2, retries=3)).reason
    assert len(site.asked) == 3


def test_deadline_counts_all_redirects(site: Site) -> None:
    """Redirects that each come in time do not add up to more than the deadline."""

    def late(connection: socket.socket) -> None:
        time.sleep(0.15)
        connection.sendall(moved(f"/{len(site.asked)}"))

    for number in range(40):
        site.play(late, path=f"/{number}")
    assert failure(site.url("/0"), replace(QUICK, seconds=0.4, redirects=30)).reason == "too_slow"
    assert len(site.asked) <= 4


def test_name_server_that_never_answers_is_left() -> None:
    """The look-up of a name has a time-out too."""
    forever = threading.Event()
    with (
        Fetcher(replace(QUICK, connect_seconds=0.2), resolve=lambda *what, **how: forever.wait(10)) as fetcher,
        pytest.raises(FetchError) as caught,
    ):
        fetcher.get("http://news.example/", robots=False)
    forever.set()
    assert caught.value.reason == "too_slow"


@pytest.mark.parametrize(("code", "tries"), [(socket.EAI_NONAME, 1), (socket.EAI_AGAIN, 3)])
def test_unknown_name_has_its_reason(code: int, tries: int) -> None:
    """A name that is not there is not looked up again; one whose server is in trouble is."""
    looked = []

    def resolve(*what: Any, **how: Any) -> Any:
        looked.append(what)
        raise socket.gaierror(code, "no")

    with Fetcher(replace(QUICK, retries=2), resolve=resolve) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get("http://news.example/", robots=False)
    assert (caught.value.reason, len(looked)) == ("unreachable", tries)


def test_nobody_listens() -> None:
    """A port without a server is unreachable."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert failure(f"http://127.0.0.1:{port}/").reason == "unreachable"


# Where we may go


@pytest.fixture(scope="module")
def guarded() -> Fetcher:
    """Return a fetcher that keeps out of private networks."""
    return Fetcher(replace(QUICK, private=False))


STRANGE = ["LOCALHOST.", "localhost。", "１２７.0.0.1", "127.0.0.１"]  # what they lead to depends on the resolver


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "LocalHost", "[::1]", "0.0.0.0", "2130706433", "0x7f000001", "127.1", "017700000001",
        "127.255.255.254", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        "169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1",
        "100.100.100.200", "192.0.0.192", "168.63.129.16", "198.18.0.1", "224.0.0.1", "[ff02::1]", "240.0.0.1",
        "255.255.255.255", *STRANGE,
    ],
)  # fmt: skip
@pytest.mark.parametrize("robots", [True, False])
def test_own_network_is_refused_without_a_connection(site: Site, guarded: Fetcher, host: str, robots: bool) -> None:
    """However an address of this machine or its network is written, no packet is sent there."""
    with pytest.raises(FetchError) as caught:
        guarded.get(f"http://{host}:{site.port}/feed", robots=robots)
    assert caught.value.reason == "forbidden_address" or host in STRANGE
    assert site.connections == 0


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("93.184.215.14", "127.0.0.1"), ("fd00::1",), ("0.0.0.0",)])
def test_name_that_leads_home_is_refused(site: Site, addresses: tuple[str, ...]) -> None:
    """One address that is not public makes a name suspect; it may be set right tomorrow, so it is not for good."""
    with Fetcher(replace(QUICK, private=False), resolve=named(*addresses)) as fetcher:
        with pytest.raises(FetchError) as caught:
            fetcher.get(site.url(host="news.example"))
        assert (caught.value.reason, caught.value.permanent) == ("forbidden_address", False)
        with pytest.raises(FetchError) as caught:
            fetcher.get("http://192.168.0.1/")
        assert not (caught.value.permanent)
    assert site.connections == 0


def test_name_cannot_change_between_check_and_connection(site: Site) -> None:
    """A name is looked up once a connection, and the connection goes to just that address, under its name."""
    looked: list[str] = []

    def rebind(host: str, port: int, **how: Any) -> Any:
        looked.append(host)
        return named("127.0.0.1" if len(looked) == 1 else "10.0.0.1")(host, port)

    def allowed(address: Address) -> bool:
        return address == ipaddress.ip_address("127.0.0.1")

    url = site.play(reply()).replace("127.0.0.1", "news.example")
    with Fetcher(QUICK, resolve=rebind, allowed=allowed) as fetcher:
        assert fetcher.get(url, robots=False).content == b"news"
        assert looked == ["news.example"] and site.headers[0]["host"] == f"news.example:{site.port}"
        with pytest.raises(FetchError, match=r"10\.0\.0\.1"):
            fetcher.get(url, robots=False)
    assert site.connections == 1


def test_next_address_is_tried(site: Site) -> None:
    """A name with an address where nobody listens is reached at its other one."""
    site.play(reply())
    with Fetcher(QUICK, resolve=named("127.0.0.2", "127.0.0.1")) as fetcher:
        assert fetcher.get(site.url(host="news.example"), robots=False).content == b"news"


def test_host_is_named_as_it_was_written(site: Site) -> None:
    """An IPv6 address keeps its brackets in the header."""
    site.play(reply())
    with Fetcher(QUICK, resolve=named("127.0.0.1")) as fetcher:
        fetcher.get(site.url(host="[2a00::1]"), robots=False)
    assert site.headers[0]["host"] == f"[2a00::1]:{site.port}"


def test_environment_proxies_are_ignored(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would look names up behind the guard's back."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert get(site.play(reply())).content == b"news"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("93.184.215.14", True), ("2606:2800:21f:cb07::1", True), ("2a00:1450::1", True),
        ("172.15.0.1", True), ("172.32.0.1", True), ("100.63.0.1", True), ("100.128.0.1", True),
        ("::ffff:8.8.8.8", False), ("64:ff9b::808:808", False), ("64:ff9b:1::1", False), ("2002:808:808::", False),
        ("2001:0:808:808::", False), ("2001:db8::1", False), ("3fff::1", False), ("5f00::1", False), ("fec0::1", False),
        ("100::1", False), ("::8.8.8.8", False), ("fe80::1%eth0", False), ("192.88.99.1", False), ("0.1.2.3", False),
        ("203.0.113.7", False), ("ff0e::1", False),
    ],
)  # fmt: skip
def test_public_addresses(address: str, public: bool) -> None:
    """What IANA reserves for anything but the public internet is not public, nor what embeds another address."""
    assert is_public(ipaddress.ip_address(address)) is public


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "bad_url"),
        ("news", "bad_url"),
        ("//news.example/", "bad_url"),
        ("http:", "bad_url"),
        ("http://", "bad_url"),
        ("http:///x", "bad_url"),
        ("http://[::1", "bad_url"),
        ("http://[zz]/", "bad_url"),
        ("http://news.example:port/", "bad_url"),
        ("http://news.example:-1/", "bad_url"),
        ("http://news.example:70000/", "bad_url"),
        ("http://news.example/\x00", "bad_url"),
        ("http://news.example/a\r\nHost: evil", "bad_url"),
        ("http://user:secret@news.example/", "bad_url"),
        ("http://\u2028.example/", "bad_url"),
        ("http://" + "a" * 70 + ".example/", "bad_url"),
        ("http://a..example/", "bad_url"),
        ("http://xn--\xff.example/", "bad_url"),
        ("http://\ud800/", "bad_url"),
        ("http://news.example/" + "a" * 8_000, "bad_url"),
        ("file:///etc/passwd", "forbidden_scheme"),
        ("ftp://news.example/", "forbidden_scheme"),
        ("data:text/html,news", "forbidden_scheme"),
        ("mailto:desk@news.example", "forbidden_scheme"),
        ("ws://news.example/", "forbidden_scheme"),
    ],
)
def test_what_is_no_url_of_the_web(url: str, reason: str) -> None:
    """Even where private addresses are allowed, only http and https to a host are asked."""
    with Fetcher(QUICK) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get(url, robots=False)
    assert caught.value.reason == reason
    assert "secret" not in str(caught.value) and str(caught.value).isprintable()


@pytest.fixture
def homing(monkeypatch: pytest.MonkeyPatch) -> tuple[Fetcher, list[Any]]:
    """Return a fetcher for which every name leads to this machine, and the connections that were begun."""
    reached: list[Any] = []
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda *what, **how: reached.append(what))
    clock = Clock()
    return Fetcher(sleep=clock.sleep, clock=clock, resolve=named("127.0.0.1")), reached


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(),
        st.text().map("http://".__add__),
        st.text(alphabet="htps:/@[]%.#?\\0127f-xn é。\x00\r\n\ud800").map("http://".__add__),
        st.ip_addresses().map(lambda address: f"http://[{address}]/" if address.version == 6 else f"http://{address}/"),
        st.from_regex(r"\Ahttps?://[^/]{1,20}(:[0-9]{1,6})?(/.{0,10})?\Z"),
    ),
    st.booleans(),
)
def test_no_string_raises_anything_else(homing: tuple[Fetcher, list[Any]], url: str, robots: bool) -> None:
    """Whatever is given as a URL, where every name leads to this machine, ends in a reason and in no connection."""
    fetcher, reached = homing
    with pytest.raises(FetchError) as caught:
        fetcher.get(url, robots=robots)
    assert caught.value.reason in ("bad_url", "forbidden_scheme", "forbidden_address")
    assert not reached and str(caught.value).isprintable()


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for news.example, with its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command, to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=news.example", "-addext", "subjectAltName=DNS:news.example",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@pytest.fixture
def secure_site(certificate: Path) -> Iterator[Site]:
    """Serve over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    served = Site(context)
    yield served
    served.close()


def test_tls_is_checked_against_the_name(secure_site: Site, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate must be trusted and be the name's, though the connection goes to an address."""
    secure_site.play(reply(gzip.compress(b"news", mtime=0), "200 OK", "Content-Encoding: gzip"))
    url = secure_site.url(host="news.example", scheme="https")
    with Fetcher(replace(QUICK, retries=3), resolve=named("127.0.0.1")) as fetcher:
        with pytest.raises(FetchError, match="certificate") as caught:
            fetcher.get(url, robots=False)
        assert caught.value.reason == "unreachable"
    assert secure_site.connections == 1  # a certificate is not asked for again
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    with Fetcher(QUICK, resolve=named("127.0.0.1")) as fetcher:
        assert fetcher.get(url, robots=False).content == b"news"
        with pytest.raises(FetchError, match="certificate"):
            fetcher.get(url.replace("news.example", "other.example"), robots=False)


def test_tls_that_never_begins_is_left(site: Site) -> None:
    """A server that does not speak TLS, or keeps silent, costs no more than the time to connect."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    def serve(play: Callable[[socket.socket], None]) -> FetchError:
        site.answer = play  # type: ignore[method-assign]
        return failure(site.url(scheme="https"), replace(QUICK, connect_seconds=0.3))

    assert serve(talk).reason == "unreachable"
    assert serve(lambda connection: connection.recv(65_536) and silence(connection)).reason == "too_slow"


# robots.txt


def test_robots_is_asked_once_and_heeded(site: Site) -> None:
    """Rules for us go before those for all, hold for each path, and are kept for a day of the clock."""
    clock = Clock()
    rules = "\ufeffUser-agent: Communique\nDisallow: /private\n\nUser-agent: *\nDisallow: /\n"
    site.play(reply(rules.encode()), path="/robots.txt")
    site.play(reply(), path="/private/page")
    url = site.play(reply())
    with Fetcher(QUICK, sleep=clock.sleep, clock=clock) as fetcher:
        assert fetcher.get(url).content == b"news"
        with pytest.raises(FetchError) as caught:
            fetcher.get(site.url("/private/page"))
        assert (caught.value.reason, caught.value.permanent) == ("robots", False)
        assert fetcher.get(site.url("/private/page"), robots=False).content == b"news"
        clock.now += 86_300
        fetcher.get(url)
        assert site.asked.count("/robots.txt") == 1
        clock.now += 200
        fetcher.get(url)
        assert site.asked.count("/robots.txt") == 2


@pytest.mark.parametrize(
    "play",
    [
        NOT_FOUND,
        reply(b"", "403 Forbidden"),
        reply(b"", "410 Gone"),
        reply(b"", "204 No Content"),
        reply(b""),
        moved("/robots.txt"),
        reply(b"\xff\xfe\x00 <html>no rules here"),
        reply(b"User-agent: another\nDisallow: /\n"),
        reply(b"User-agent: *\nDisallow: /other\n"),
    ],
)
def test_site_without_rules_allows_all(site: Site, play: Play) -> None:
    """No robots.txt, one that may not be read, one in a loop, and one that says nothing to us."""
    site.play(play, path="/robots.txt")
    with Fetcher(QUICK) as fetcher:
        assert fetcher.get(site.play(reply())).content == b"news"


@pytest.mark.parametrize(
    ("play", "reason"),
    [
        (reply(b"", "500 Internal Server Error"), "robots"),
        (reply(b"", "503 Service Unavailable"), "robots"),
        (reply(b"", "429 Too Many Requests"), "busy"),
        (reset, "unreachable"),
        (silence, "too_slow"),
        (reply(b"news", "200 OK", "Content-Encoding: gzip"), "bad_encoding"),
        (moved("file:///etc/passwd"), "forbidden_scheme"),
        (moved("http://169.254.169.254/"), "forbidden_address"),
    ],
)
def test_rules_that_cannot_be_read_disallow_all_for_now(site: Site, play: Play, reason: str) -> None:
    """The page is not asked for; the rules are not asked for again at once, but later they are."""
    clock = Clock()
    site.play(play, reply(b"User-agent: *\nAllow: /\n"), path="/robots.txt")
    url = site.play(reply())
    with Fetcher(
        replace(QUICK, read_seconds=0.2), sleep=clock.sleep, clock=clock, allowed=lambda address: address.is_loopback
    ) as fetcher:
        for _ in range(2):
            with pytest.raises(FetchError, match=r"robots\.txt") as caught:
                fetcher.get(url)
            assert (caught.value.reason, caught.value.url, caught.value.permanent) == (reason, url, False)
        assert site.asked == ["/robots.txt"]
        clock.now += 601
        assert fetcher.get(url).content == b"news"


def test_rules_are_retried_but_not_squared(site: Site) -> None:
    """A robots.txt that fails is asked for as often as a page, and not once more for each try of the page."""
    site.play(reply(b"", "500 Internal Server Error"), path="/robots.txt")
    with Fetcher(replace(QUICK, retries=2)) as fetcher, pytest.raises(FetchError):
        fetcher.get(site.play(reply()))
    assert site.asked == ["/robots.txt"] * 3


def test_huge_rules_are_cut(site: Site) -> None:
    """Half a megabyte is read and heeded, whole lines of it; what follows is not."""
    begin, end = b"User-agent: *\nDisallow: /first\n#", b"\nDisallow: /feed"
    filled = begin + b"-" * (500_000 - len(begin) - len(end)) + end
    site.play(reply(filled + b"-other\nDisallow: /last\n" + b"# filling\n" * 400_000), path="/robots.txt")
    for path in ("/first", "/last", "/feed"):
        site.play(reply(), path=path)
    with Fetcher(QUICK) as fetcher:
        with pytest.raises(FetchError, match="disallows"):
            fetcher.get(site.url("/first"))
        assert fetcher.get(site.url("/last")).content == fetcher.get(site.url("/feed")).content == b"news"


def test_rules_are_no_bomb(site: Site) -> None:
    """Thousands of robots times thousands of rules stay small; ours, among them, are heeded."""
    names = ("User-Agent: ", "useragent ", " user agent :", "USER AGENT\t")
    robots = [f"{names[number % len(names)]}r{number}" for number in range(3_000)]
    rules = ["User-agent: communique"] + [f"Disallow: /{number}*a" for number in range(3_000)]
    site.play(reply("\n".join([*robots, *rules, "Disallow: /private"]).encode()), path="/robots.txt")
    site.play(reply(), path="/public")
    tracemalloc.start()
    try:
        with Fetcher(QUICK) as fetcher:
            assert fetcher.get(site.url("/public")).content == b"news"
            with pytest.raises(FetchError, match="disallows"):
                fetcher.get(site.url("/private"))
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_each_hop_is_asked_about(site: Site) -> None:
    """A redirect to a host whose rules disallow it is not followed."""
    other = Site()
    try:
        other.play(reply(b"User-agent: *\nDisallow: /page\n"), path="/robots.txt")
        site.play(moved(other.url("/page")))
        with Fetcher(QUICK) as fetcher, pytest.raises(FetchError, match="disallows") as caught:
            fetcher.get(site.url())
        assert caught.value.reason == "robots" and caught.value.url == site.url()
        assert other.asked == ["/robots.txt"]
    finally:
        other.close()


# Politeness


def test_host_delay_is_kept(site: Site) -> None:
    """Two requests to a host lie so far apart, robots.txt and redirects included; other hosts are not delayed."""
    clock = Clock()
    site.play(moved("/feed"), path="/old")
    site.play(reply())
    with Fetcher(replace(QUICK, host_delay=2.0), sleep=clock.sleep, clock=clock, resolve=named("127.0.0.1")) as fetcher:
        fetcher.get(site.url("/old", host="a.example"))
        assert clock.waits == [2.0, 2.0]
        fetcher.get(site.url(host="b.example"), robots=False)
        assert clock.waits == [2.0, 2.0]
        clock.now += 1.5
        fetcher.get(site.url(host="a.example"))
        assert clock.waits == [2.0, 2.0, 0.5]


@pytest.mark.parametrize(
    ("stated", "wait"), [("7.5", 7.5), ("0.1", 1.0), ("3600", 60.0), ("-4", 1.0), ("inf", 1.0), ("soon", 1.0)]
)
def test_crawl_delay_is_honoured(site: Site, stated: str, wait: float) -> None:
    """A site may ask for longer delays than ours, up to a minute; nonsense is passed over."""
    clock = Clock()
    site.play(reply(f"User-agent: *\nCrawl-delay: {stated}\n".encode()), path="/robots.txt")
    with Fetcher(replace(QUICK, host_delay=1.0), sleep=clock.sleep, clock=clock) as fetcher:
        fetcher.get(site.play(reply()))
        fetcher.get(site.url())
    assert clock.waits == [wait, wait]


def test_one_request_at_a_time_for_a_host(site: Site) -> None:
    """Threads that want pages of one host wait for each other; its rules are asked for once."""
    inside, most = [], []

    def watch(connection: socket.socket) -> None:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.03)
        inside.pop()
        connection.sendall(reply())

    url = site.play(watch)
    with Fetcher(QUICK) as fetcher, ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda number: fetcher.get(url), range(6)))
    assert [answer.content for answer in answers] == [b"news"] * 6
    assert max(most) == 1 and site.asked.count("/robots.txt") == 1


def test_hosts_do_not_wait_for_each_other(site: Site) -> None:
    """Threads that want pages of several hosts are served at once."""
    together = threading.Barrier(4, timeout=2)

    def meet(connection: socket.socket) -> None:
        together.wait()
        connection.sendall(reply())

    site.play(meet)
    urls = [site.url(host=f"{name}.example") for name in "abcd"]
    with Fetcher(QUICK, resolve=named("127.0.0.1")) as fetcher, ThreadPoolExecutor(4) as threads:
        assert [answer.content for answer in threads.map(fetcher.get, urls)] == [b"news"] * 4


def test_cookies_are_not_kept(site: Site) -> None:
    """What a site sets is not sent back to it."""
    url = site.play(reply(b"news", "200 OK", "Set-Cookie: id=7"))
    with Fetcher(QUICK) as fetcher:
        fetcher.get(url)
        fetcher.get(url)
    assert all("cookie" not in headers for headers in site.headers)


def test_default_is_polite() -> None:
    """With nothing set, we name ourselves, keep out of private networks, wait, and hold no more than 20 MB."""
    politeness = Politeness()
    assert not politeness.private and politeness.host_delay >= 1 and politeness.max_bytes == 20_000_000
    assert re.fullmatch(r"Communique/[\d.]+ \(.+\)", USER_AGENT)
