"""Asking the web for one feed or page: politely, within bounds, and nowhere but the public web.

What to ask for is the feeds' business, reading what comes is the readers'; this module knows HTTP, and nothing of news.
It is the only door to the network for addresses that a feed or a page names, for they may be written by anybody:

- **Where to.** Only http and https. Each connection, of each redirect too, is made to an address that was looked up and
  checked just before, so no name can point elsewhere between the check and the connection. Environment proxies are
  ignored: a proxy looks names up itself, behind the guard's back. What the operator trusts (`SSL_CERT_FILE`) is heeded.
- **How much.** Bytes are counted unpacked, while they come; a request ends at its deadline whatever the server does.
- **How politely.** robots.txt (RFC 9309), one request at a time for each host, delays, back-off, Retry-After.
- **One connection a request.** At one request a second, a kept connection gains little and can carry one answer's rest
  into the next; closing it leaves no state but the hosts' delays and rules. Cookies are neither kept nor sent.
"""

from __future__ import annotations

import io
import math
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import cached_property
from random import Random
from types import TracebackType
from typing import Any, Literal, Self

import httpcore
import httpx
from protego import Protego

from pipeline.ingest.network import Address, Budget, ForbiddenAddressError, GuardedNetwork, is_public
from pipeline.ingest.unpack import TooLargeError, Unpacker, through

_PRODUCT = "Communique"
USER_AGENT = f"{_PRODUCT}/0.1 (+news research; see the project's README)"

Reason = Literal[
    "bad_url",  # no URL of the web, or one with a name and password in it
    "forbidden_scheme",  # neither http nor https
    "forbidden_address",  # it leads to an address that is not public
    "robots",  # robots.txt disallows it, or cannot be read for now
    "too_large",  # more bytes than allowed, unpacked
    "too_slow",  # no connection, no answer or no end of it in time
    "too_many_redirects",
    "redirect_loop",
    "not_found",  # 404
    "gone",  # 410
    "refused",  # 401, 403, 451
    "busy",  # 429, 503
    "server_error",  # any other 5xx
    "http_status",  # any other status
    "unreachable",  # no such name, no connection, broken TLS or HTTP, a body cut short
    "bad_encoding",  # its compression is broken or was not asked for
]

_REASONS: dict[int, Reason] = {
    401: "refused", 403: "refused", 404: "not_found", 410: "gone", 429: "busy", 451: "refused", 503: "busy",
}  # fmt: skip
_PASSING = frozenset({429, 500, 502, 503, 504})  # statuses that are worth another try
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LASTING = frozenset({301, 308})  # redirects that are for good
_MOST_URL = 8_000  # characters; servers need not take longer ones (RFC 9110, 4.1)
_MOST_VALIDATOR = 1_000  # characters of an ETag or Last-Modified that is kept and sent back
_MOST_LAYERS = 2  # encodings on top of each other
_ROBOTS_BYTES = 500_000  # RFC 9309, 2.5, asks for 500 KiB at least
_ROBOTS_SECONDS = 86_400.0  # how long rules hold: RFC 9309, 2.4
_ROBOTS_RETRY_SECONDS = 600.0  # how long a robots.txt that cannot be read is not asked for again
_ROBOTS_KEPT = 4_000_000  # characters of robots.txt kept, of all hosts together
_NO_ROBOTS = frozenset({"not_found", "gone", "refused", "http_status", "too_many_redirects", "redirect_loop"})
_MOST_CRAWL_DELAY = 60.0
_MOST_QUIET = 86_400.0  # seconds; no host may silence us for longer than this
_USER_AGENT_LINE = re.compile(r"\s*user[-\s]*agent[:\s]+([^#]*)", re.IGNORECASE)
_CREDENTIALS = re.compile(r"//[^/?#]*@")

@dataclass(frozen=True, slots=True)
class Politeness:
    """How requests are made; times in seconds."""

    private: bool = False  # whether addresses that are not public may be asked
    contact: str = ""  # an address or URL by which site owners reach the operator; part of the User-Agent
    max_bytes: int = 20_000_000  # of a body, unpacked
    seconds: float = 30.0  # all of one request: connections, redirects, body; waiting for a host's turn is not counted
    connect_seconds: float = 10.0
    host_delay: float = 1.0  # least time between the end of a request and the next one to the same host
    retries: int = 3
    back_off: float = 1.0  # before the first retry; doubles, and up to half as much again is added by chance
    most_wait: float = 60.0  # a longer Retry-After is not waited for
    redirects: int = 5
    read_seconds: float = 15.0  # the longest silence


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent: a body (status 200), or word that nothing changed (status 304, no content)."""

    url: str  # after redirects, without fragment
    status: int
    content: bytes  # unpacked
    content_type: str | None  # in lower case, without parameters
    charset: str | None  # from the header
    etag: str | None
    last_modified: str | None
    permanent_url: str | None = None  # the new address, where every redirect on the way is for good


class FetchError(Exception):
    """Nothing usable came.

    Attributes:
        url: what was asked for, as it was given.
        reason: a short code, one of `Reason`.
        detail: what happened, in words.
        status: the status of the answer, if there was one.
        retry_after: seconds that the server asks to wait, if it does.
        permanent: asking again is useless.
    """

    def __init__(
        self,
        url: str,
        reason: Reason,
        detail: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        permanent: bool = False,
    ) -> None:
        super().__init__(detail)
        self.url, self.reason, self.detail = url, reason, detail
        self.status, self.retry_after, self.permanent = status, retry_after, permanent

    def __str__(self) -> str:
        return f"{_shown(self.url)}: {self.detail} ({self.reason})"


class _PassingError(FetchError):
    """A failure that may be over the next time: a busy server, a lost connection, a time-out."""


def _shown(url: str) -> str:
    """Return a URL for messages: short, printable, without password."""
    text = _CREDENTIALS.sub("//…@", url)
    return "".join(character if character.isprintable() else "\ufffd" for character in text[:200])


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked for, beside the URL."""

    headers: tuple[tuple[str, str], ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    max_bytes: int = 0
    cut: bool = False  # whether a body that is too long is cut, not refused
    robots: bool = True

    @property
    def conditional(self) -> bool:
        return bool(self.etag or self.last_modified)


class _Trail:
    """The way of one request: what was asked for, and where redirects led."""

    def __init__(self, asked: str, budget: Budget) -> None:
        self.asked, self.budget = asked, budget
        self.lasting = True  # whether every redirect so far is for good
        self._seen: set[str] = set()
        self.at = self._step(asked.strip())

    @property
    def redirects(self) -> int:
        return len(self._seen) - 1

    def follow(self, location: str, status: int) -> None:
        """Go where a redirect points to."""
        if status not in _LASTING:
            self.lasting = False
        try:
            following = str(self.at.join(location.strip()))
        except (httpx.InvalidURL, ValueError) as error:
            raise self.error("bad_url", f"it redirects to what is no URL: {_shown(location)}", status) from error
        self.at = self._step(following)

    def _step(self, text: str) -> httpx.URL:
        """Read a URL that is to be asked next."""
        shown = _shown(text)
        if len(text) > _MOST_URL:
            raise self.error("bad_url", f"more than {_MOST_URL:,} characters", permanent=True)
        try:
            url = httpx.URL(text).copy_with(fragment=None)
        except (httpx.InvalidURL, ValueError) as error:
            raise self.error("bad_url", f"{shown} is no URL: {error}", permanent=True) from error
        if not url.scheme:
            raise self.error("bad_url", f"{shown} has no scheme; http:// or https:// is missing", permanent=True)
        if url.scheme not in ("http", "https"):
            raise self.error("forbidden_scheme", f"{shown} is neither http nor https", permanent=True)
        if not url.raw_host:
            raise self.error("bad_url", f"{shown} names no host", permanent=True)
        if url.userinfo:
            raise self.error("bad_url", "a name or password in a URL is not sent", permanent=True)
        if url.port is not None and not 0 < url.port < 65_536:
            raise self.error("bad_url", f"there is no port {url.port}", permanent=True)
        if str(url) in self._seen:
            raise self.error("redirect_loop", f"redirects lead back to {shown}")
        self._seen.add(str(url))
        return url

    def error(
        self,
        reason: Reason,
        detail: str,
        status: int | None = None,
        *,
        retry_after: float | None = None,
        permanent: bool = False,
        passing: bool = False,
    ) -> FetchError:
        """Return an error of this request. None is permanent behind a redirect that is not."""
        where = f"redirected to {_shown(str(self.at))}: " if len(self._seen) > 1 else ""
        kind = _PassingError if passing else FetchError
        return kind(
            self.asked,
            reason,
            where + detail,
            status=status,
            retry_after=retry_after,
            permanent=permanent and self.lasting,
        )


@dataclass(slots=True)
class _Reply:
    """The answer to one request of a trail."""

    status: int
    headers: httpx.Headers
    content: bytes = b""


@dataclass(slots=True)
class _Host:
    """What is remembered of a host. `turn` is held during a request, `reading` while its robots.txt is asked for."""

    delay: float
    turn: threading.Lock = field(default_factory=threading.Lock)
    reading: threading.Lock = field(default_factory=threading.Lock)
    last: float = -math.inf  # the end of the last request
    quiet_until: float = -math.inf  # by its Retry-After


@dataclass(frozen=True, slots=True)
class _Rules:
    """A robots.txt: what it says, or why that is not known."""

    until: float
    parsed: Protego
    size: int = 1_000
    failure: FetchError | None = None

    @property
    def delay(self) -> float:
        return min(self.parsed.crawl_delay(_PRODUCT) or 0.0, _MOST_CRAWL_DELAY)


class Fetcher:
    """Asks for URLs. Several threads may use one; a host is asked by one of them at a time.

    Args:
        politeness: limits, delays and the operator's contact.
        sleep: waits for so many seconds.
        clock: a monotonic clock, in seconds.
        random: for the jitter of the back-off.
        resolve: looks names up, as `socket.getaddrinfo` does.
        allowed: tells whether an address may be asked; by default, whether it is public (or any, with `private`).

    Raises:
        ValueError: the contact cannot stand in a header.
    """

    def __init__(
        self,
        politeness: Politeness | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        random: Random | None = None,
        resolve: Callable[..., Any] = socket.getaddrinfo,
        allowed: Callable[[Address], bool] | None = None,
    ) -> None:
        self._politeness = politeness or Politeness()
        self._sleep, self._clock, self._random, self._resolve = sleep, clock, random or Random(), resolve
        self._allowed = allowed or ((lambda address: True) if self._politeness.private else is_public)
        self._user_agent = _user_agent(self._politeness.contact)
        self._hosts: dict[bytes, _Host] = {}
        self._rules: dict[str, _Rules] = {}
        self._books = threading.Lock()  # held for a look into the two above, never while waiting

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """What is trusted; read when https is first asked for, as it takes a while."""
        return httpx.create_ssl_context()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._books:
            self._hosts.clear()
            self._rules.clear()

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str | None = None,
        robots: bool = True,
    ) -> Answer:
        """Ask for a URL.

        Args:
            url: what to ask for; blanks around it and its fragment are left out.
            etag, last_modified: of the answer that is at hand; then an unchanged one comes as status 304.
            accept: the media types wanted, as in the header Accept.
            robots: whether robots.txt is heeded.

        Returns:
            The answer. One of status 304 repeats the validators given where the server does not.

        Raises:
            FetchError: nothing usable came, for whatever reason.
        """
        wish = _Wish(
            headers=(("Accept", _sendable(accept) or "*/*"),),
            etag=_sendable(etag),
            last_modified=_sendable(last_modified),
            max_bytes=self._politeness.max_bytes,
            robots=robots,
        )
        return self._persist(url, wish)

    def _persist(self, url: str, wish: _Wish) -> Answer:
        """Ask until an answer comes, or it is no use to go on."""
        tries = 0
        while True:
            try:
                return self._follow(url, wish)
            except _PassingError as error:
                wait = self._politeness.back_off * 2**tries * (1 + self._random.random() / 2)
                wait = max(min(wait, self._politeness.most_wait), error.retry_after or 0.0)
                if tries >= self._politeness.retries or wait > self._politeness.most_wait:
                    raise
            self._sleep(wait)
            tries += 1

    def _follow(self, url: str, wish: _Wish) -> Answer:
        """Ask once, and go where redirects point to."""
        trail = _Trail(url, Budget(self._politeness.seconds, self._clock))
        while True:
            if wish.robots:
                self._heed_robots(trail)
            with self._turn(trail):
                reply = self._exchange(trail, wish)
            if reply.status not in _REDIRECTS:
                return _answer(reply, trail, wish)
            if trail.redirects >= self._politeness.redirects:
                detail = f"more than {self._politeness.redirects} redirects"
                raise trail.error("too_many_redirects", detail, reply.status)
            trail.follow(reply.headers["location"], reply.status)

    def _host(self, url: httpx.URL) -> _Host:
        with self._books:
            return self._hosts.setdefault(url.raw_host, _Host(self._politeness.host_delay))

    @contextmanager
    def _turn(self, trail: _Trail) -> Iterator[None]:
        """Wait until the host may be asked, and keep others from asking it meanwhile."""
        host = self._host(trail.at)
        with host.turn:
            now = self._clock()
            quiet = host.quiet_until - now
            if quiet > self._politeness.most_wait:
                raise trail.error("busy", f"the host asked not to be asked for {quiet:.0f} s", retry_after=quiet)
            wait = max(quiet, host.last + host.delay - now)
            if wait > 0:
                self._sleep(wait)
            try:
                yield
            except FetchError as error:
                if error.retry_after is not None:
                    host.quiet_until = self._clock() + error.retry_after
                raise
            finally:
                host.last = self._clock()

    def _exchange(self, trail: _Trail, wish: _Wish) -> _Reply:
        """Make one request on a connection of its own."""
        url = trail.at
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        headers = [("Host", url.netloc.decode("ascii")), ("User-Agent", self._user_agent), *wish.headers]
        headers += [("Accept-Encoding", "gzip, deflate"), ("Connection", "close")]
        if wish.etag:
            headers.append(("If-None-Match", wish.etag))
        if wish.last_modified:
            headers.append(("If-Modified-Since", wish.last_modified))
        silence = self._politeness.read_seconds
        timeouts = {"connect": self._politeness.connect_seconds, "read": silence, "write": silence}
        connection = httpcore.HTTPConnection(
            target.origin,
            ssl_context=self._tls if url.scheme == "https" else None,
            network_backend=GuardedNetwork(trail.budget, self._allowed, self._resolve),
        )
        try:
            with (
                trail.budget.running(),
                connection,
                connection.stream("GET", target, headers=headers, extensions={"timeout": timeouts}) as response,
            ):
                return self._reply(response, trail, wish)
        except ForbiddenAddressError as error:
            detail = f"{error}, which is not public"
            raise trail.error("forbidden_address", detail, permanent=error.literal) from error
        except httpcore.TimeoutException as error:
            raise trail.error("too_slow", f"no answer in time ({_words(error)})", passing=True) from error
        except socket.gaierror as error:
            passing = error.errno == socket.EAI_AGAIN
            raise trail.error("unreachable", f"the name is not found ({_words(error)})", passing=passing) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            passing = not isinstance(error.__cause__, ssl.SSLCertVerificationError)
            raise trail.error("unreachable", f"the connection failed ({_words(error)})", passing=passing) from error
        except ValueError as error:  # a name that the resolver, IDNA or TLS cannot take
            raise trail.error("bad_url", f"the host cannot be asked ({_words(error)})") from error

    def _reply(self, response: httpcore.Response, trail: _Trail, wish: _Wish) -> _Reply:
        """Read what came, as far as it is wanted."""
        reply = _Reply(response.status, httpx.Headers(response.headers))
        status = reply.status
        if (status in _REDIRECTS and "location" in reply.headers) or (status == 304 and wish.conditional):
            return reply
        if status != 200:
            passing = status in _PASSING
            raise trail.error(
                _REASONS.get(status, "server_error" if 500 <= status < 600 else "http_status"),
                f"the server answers {status}",
                status,
                retry_after=_retry_after(reply.headers) if passing else None,
                permanent=status == 410,
                passing=passing,
            )
        try:
            reply.content = _body(response, reply.headers, wish)
        except TooLargeError as error:
            raise trail.error("too_large", f"more than {wish.max_bytes:,} bytes", status) from error
        except zlib.error as error:
            raise trail.error("bad_encoding", f"the body cannot be unpacked ({_words(error)})", status) from error
        except httpcore.TimeoutException as error:  # no passing failure: a body that drips drips again
            raise trail.error("too_slow", f"the body does not come in time ({_words(error)})", status) from error
        return reply

    def _heed_robots(self, trail: _Trail) -> None:
        """Make sure that robots.txt allows what is to be asked next; heed its Crawl-delay."""
        origin = f"{trail.at.scheme}://{trail.at.netloc.decode('ascii')}"
        host = self._host(trail.at)
        with host.reading:
            with self._books:
                rules = self._rules.get(origin)
            if rules is None or rules.until <= self._clock():
                rules = self._read_robots(f"{origin}/robots.txt")
                self._keep(origin, rules)
        if rules.failure is not None:
            why = rules.failure
            detail = f"its robots.txt cannot be read for now: {why.detail}"
            raise trail.error(
                why.reason, detail, why.status, retry_after=why.retry_after, permanent=why.permanent
            )
        if not rules.parsed.can_fetch(str(trail.at), _PRODUCT):
            raise trail.error("robots", "its robots.txt disallows it")
        host.delay = max(self._politeness.host_delay, rules.delay)

    def _read_robots(self, url: str) -> _Rules:
        """Ask for a robots.txt, by RFC 9309, 2.3.1: none allows all, one that cannot be read disallows all for now."""
        everything = Protego.parse("")
        try:
            content = self._persist(url, _Wish(max_bytes=_ROBOTS_BYTES, cut=True, robots=False)).content
        except FetchError as error:
            if error.reason in _NO_ROBOTS:
                return _Rules(self._clock() + _ROBOTS_SECONDS, everything)
            failure = FetchError(  # the same without its traceback, which would keep the connection in memory
                url,
                "robots" if (error.status or 0) >= 500 else error.reason,
                error.detail,
                status=error.status,
                retry_after=error.retry_after,
                permanent=error.permanent,
            )
            wait = max(_ROBOTS_RETRY_SECONDS, error.retry_after or 0.0)
            return _Rules(self._clock() + wait, everything, failure=failure)
        return _Rules(self._clock() + _ROBOTS_SECONDS, Protego.parse(_for_us(content)), max(len(content), 1_000))

    def _keep(self, origin: str, rules: _Rules) -> None:
        """Remember rules; forget the oldest where all of them grow too many."""
        with self._books:
            self._rules.pop(origin, None)
            self._rules[origin] = rules
            size = sum(kept.size for kept in self._rules.values())
            while size > _ROBOTS_KEPT:
                size -= self._rules.pop(next(iter(self._rules))).size


def _user_agent(contact: str) -> str:
    if not contact.strip():
        return USER_AGENT
    if not (contact.isascii() and contact.isprintable()) or "(" in contact or ")" in contact:
        raise ValueError(f"the contact {contact!r} cannot stand in a User-Agent; give an address or URL in ASCII")
    return f"{_PRODUCT}/0.1 (+news research; {contact.strip()})"


def _for_us(content: bytes) -> str:
    """Return a robots.txt with all other robots under one name.

    Each robot of a group gets its own list of the group's rules, so that thousands of both in half a megabyte would
    fill the memory. The last line of a file that was cut is left out.
    """
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    if len(content) >= _ROBOTS_BYTES:
        del lines[-1:]
    for number, line in enumerate(lines):
        agent = _USER_AGENT_LINE.match(line)
        if agent and (name := agent[1].strip().strip("*").lower()) and name not in _PRODUCT.lower():
            lines[number] = "User-agent: another-robot"
    return "\n".join(lines)


def _body(response: httpcore.Response, headers: httpx.Headers, wish: _Wish) -> bytes:
    """Read and unpack a body, within the limit of bytes and the deadline.

    Raises:
        TooLargeError: it is larger, packed or unpacked.
        zlib.error: it cannot be unpacked.
        httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError: the connection failed.
    """
    limit = wish.max_bytes
    declared = headers.get("content-length", "")
    if not wish.cut and declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise TooLargeError
    encodings = [name.lower() for name in headers.get_list("content-encoding", split_commas=True)]
    encodings = [name for name in encodings if name not in ("", "identity")]
    if not set(encodings) <= {"gzip", "x-gzip", "deflate"}:
        raise zlib.error(f"the encoding {_shown(', '.join(encodings))} was not asked for")
    if len(encodings) > _MOST_LAYERS:
        raise zlib.error(f"packed {len(encodings)} times")
    layers = [Unpacker(limit) for _ in encodings]
    body, packed = io.BytesIO(), 0
    try:
        for part in response.iter_stream():
            packed += len(part)
            for piece in through(layers, part):
                body.write(piece)
            if packed > limit:
                raise TooLargeError
    except TooLargeError:
        if not wish.cut:
            raise
        return body.getvalue()[:limit]
    for layer in layers:
        layer.finish()
    return body.getvalue()


def _answer(reply: _Reply, trail: _Trail, wish: _Wish) -> Answer:
    content_type, charset = _content_type(reply.headers.get("content-type", ""))
    etag, last_modified = _sendable(reply.headers.get("etag")), _sendable(reply.headers.get("last-modified"))
    if reply.status == 304:
        etag, last_modified = etag or wish.etag, last_modified or wish.last_modified
    moved = str(trail.at) if trail.redirects and trail.lasting else None
    return Answer(str(trail.at), reply.status, reply.content, content_type, charset, etag, last_modified, moved)


def _content_type(value: str) -> tuple[str | None, str | None]:
    """Return the media type and the charset of a Content-Type, each None where it says none."""
    if "/" not in value:
        return None, None
    message = Message()
    message["content-type"] = value
    return message.get_content_type(), message.get_content_charset()


def _sendable(value: str | None) -> str | None:
    """Return a header's value if it can be sent as it is, else None: then the request is made without."""
    text = (value or "").strip()
    return text if 0 < len(text) <= _MOST_VALIDATOR and text.isascii() and text.isprintable() else None


def _retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds to wait by Retry-After: a number, or a date, which is reckoned from the server's own clock."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:10]), _MOST_QUIET))
    then = _instant(text)
    if then is None:
        return None
    now = _instant(headers.get("date", "")) or datetime.now(UTC)
    return min(max((then - now).total_seconds(), 0.0), _MOST_QUIET)


def _instant(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _words(error: BaseException) -> str:
    return _shown(str(error)) or type(error).__name__
